"""MkDocs as a library: the configuration that a knowledge base has for it, and what it logs while it works."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from carrel.core.frontmatter_edit import quote
from carrel.errors import BuildFailed, CarrelError
from carrel.publish.press.configuration import distrust
from carrel.publish.staging import tree
from carrel.store.scaffold import skeleton

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.store.knowledge_base import KnowledgeBase


#: What MkDocs logs to.
LOGGER = logging.getLogger("mkdocs")


def load(kb: KnowledgeBase, *, strict: bool) -> MkDocsConfig:
    """The configuration as mkdocs.yml has it. Raises `BuildFailed`, and whatever MkDocs raises."""
    from mkdocs.config import load_config

    distrust(config_file(kb))
    config = load_config(config_file=str(config_file(kb)), strict=strict or None)
    if "carrel" not in config.plugins:
        raise BuildFailed("mkdocs.yml does not list the plugin that reads the notes", "add `- carrel` below `plugins:`")
    return config


def config_file(kb: KnowledgeBase) -> Path:
    """The knowledge base's mkdocs.yml; for one without, what `carrel init` would write, kept in the cache."""
    for name in ("mkdocs.yml", "mkdocs.yaml"):
        if (kb.root / name).is_file():
            return kb.root / name
    own = {
        "site_name": kb.config.site_title or kb.root.name,
        "docs_dir": str(kb.cache_dir / "empty"),
        "site_dir": str(kb.root / "site" / "public"),
    }
    lines = [line for line in skeleton("mkdocs.yml").splitlines() if line.partition(":")[0] not in own]
    lines += [f"{key}: {quote(value)}" for key, value in own.items()]
    tree.make_private(kb.cache_dir / "empty")
    place = kb.cache_dir / "mkdocs.yml"
    place.write_text("\n".join(lines) + "\n", "utf-8")
    return place


class Heard(logging.Handler):
    """What MkDocs logs while it works: warnings, and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.remarks: list[str] = []
        self.errors: list[str] = []

    def reason(self, error: BaseException) -> str:
        """Why a build ended: what was logged says more than the exception, which often only says that it ended."""
        return (self.errors or self.remarks or [str(error)])[-1]

    def emit(self, record: logging.LogRecord) -> None:
        (self.errors if record.levelno >= logging.ERROR else self.remarks).append(record.getMessage())


@contextmanager
def listening(hint: str = "") -> Iterator[Heard]:
    """Hear what MkDocs logs; nothing of it goes to stderr. Whatever it raises becomes `BuildFailed`, with this hint."""
    # Material announces its end of life on stderr unless it is told that one knows.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    level, propagate = LOGGER.level, LOGGER.propagate
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False
    try:
        with hearing() as heard:
            yield heard
    except CarrelError:
        raise
    except (Exception, SystemExit) as error:  # MkDocs, its themes and plugins raise whatever they like
        raise BuildFailed(f"the site was not built: {heard.reason(error)}", hint) from error
    finally:
        LOGGER.setLevel(level)
        LOGGER.propagate = propagate


@contextmanager
def hearing() -> Iterator[Heard]:
    """Hear what MkDocs logs within the block."""
    heard = Heard()
    LOGGER.addHandler(heard)
    try:
        yield heard
    finally:
        LOGGER.removeHandler(heard)


def run(config: MkDocsConfig, command: Literal["build", "serve"]) -> None:
    """Build as `mkdocs build` and `mkdocs serve` do, into the folder of the configuration."""
    from mkdocs.commands.build import build

    config.plugins.on_startup(command=command, dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
