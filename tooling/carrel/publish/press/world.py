"""What a page depends on beside the stage, in one key: Carrel itself, other packages, configuration and theme."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

_PACKAGES = (
    "mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions", "Pygments", "Jinja2", "MarkupSafe", "nh3", "PyYAML",
)  # fmt: skip
#: Settings that say where files are, or what is to be done with the site: no page shows them.
_ELSEWHERE = frozenset({"site_dir", "docs_dir", "plugins", "config_file_path", "dev_addr", "watch", "theme", "strict"})
_ADDRESS = re.compile(r" at 0x[0-9a-f]{1,16}+")


def world(config: MkDocsConfig, nav: Navigation) -> bytes:
    """The key of everything that pages of one configuration have in common. Another key: another page."""
    settings = {str(key): _plain(value) for key, value in config.items() if key not in _ELSEWHERE}
    theme = [_plain(dict(config.theme)), *map(str, config.theme.dirs)]
    templates = [
        _digest(sorted(Path(folder).rglob("*.html"))) for folder in config.theme.dirs if not is_packaged(folder)
    ]
    text = json.dumps([program(), settings, theme, templates, str(nav)], sort_keys=True)
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


@cache
def program() -> str:
    """Which Carrel this is, to the letter of its sources, and on which Python and packages it runs."""
    sources = sorted(Path(__file__).resolve().parents[2].rglob("*.py"))
    return " ".join((_digest(sources), sys.version, *map(_version, _PACKAGES)))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _digest(files: Sequence[Path]) -> str:
    digest = blake2b(digest_size=16)
    for place in files:
        data = place.read_bytes()
        digest.update(f"{place} {len(data)}\n".encode("utf-8", "replace"))
        digest.update(data)
    return digest.hexdigest()


def is_packaged(folder: str) -> bool:
    """Whether a folder of a theme came with a package, whose version tells what is in it."""
    return "site-packages" in Path(folder).parts or "dist-packages" in Path(folder).parts


def _plain(value: object) -> object:
    """A setting as JSON can write it, the same in every process."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _ADDRESS.sub("", repr(value))
