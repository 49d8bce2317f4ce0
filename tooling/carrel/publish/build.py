"""Building and serving the site with MkDocs as a library.

A build goes into a folder beside the site and changes places with it when it is whole, so a build that fails or
is killed leaves the old site as it was.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from carrel.core.frontmatter_edit import quote
from carrel.errors import BuildFailed, CarrelError, UsageError
from carrel.publish import swap, tree
from carrel.publish.configuration import distrust
from carrel.publish.stage import Today, requested
from carrel.publish.style import style_of
from carrel.store.scaffold import skeleton

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from carrel.core.note import Visibility
    from carrel.publish.hidden import Mention
    from carrel.publish.passage import Unresolved
    from carrel.publish.plugin import CarrelPlugin
    from carrel.store.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Built:
    """A site that was built: where, how many pages, what leads nowhere, and how long it took.

    `as_written` are (path, why) of notes that no builder could lay out; `remarks` are MkDocs' warnings; `mentions` are
    notes of the site that name hidden ones in their own words.
    """

    site_dir: Path
    pages: int
    unresolved: tuple[Unresolved, ...]
    as_written: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    mentions: tuple[Mention, ...]
    seconds: float


def build_site(kb: KnowledgeBase, audience: Visibility, *, strict: bool = False, today: Today = date.today) -> Built:
    """Build the site for `audience` into the `site_dir` of mkdocs.yml, `site/public` by default.

    With `strict`, a warning of MkDocs or of another plugin is a failure. Raises `BuildFailed`, `ConfigInvalid`, and
    `SiteLeaks` where the site holds what is hidden; the old site stays.
    """
    started = time.monotonic()
    style_of(kb)
    with _listening(logging.CRITICAL) as heard, requested(kb, audience, today):
        try:
            config = _load(kb, strict=strict)
            site = swap.check(Path(config.site_dir), kb)
            with swap.beside(site) as fresh:
                config.site_dir = str(fresh)
                _run(config)
                swap.carry_over(site, fresh)
                swap.exchange(fresh, site)
        except CarrelError:
            raise
        except (Exception, SystemExit) as error:  # MkDocs, its themes and plugins raise whatever they like
            raise BuildFailed(
                f"the site was not built: {heard.reason(error)}", "the site that was there is as it was"
            ) from error
    plugin = cast("CarrelPlugin", config.plugins["carrel"])
    return Built(
        site,
        len(plugin.staged.pages),
        plugin.staged.unresolved,
        tuple(plugin.as_written),
        tuple(heard.remarks),
        plugin.mentions,
        time.monotonic() - started,
    )


def serve_site(
    kb: KnowledgeBase, audience: Visibility, address: str = "127.0.0.1:8000", today: Today = date.today
) -> None:
    """Serve the site at `address` (host:port), built again whenever a note changes, until interrupted.

    MkDocs says on stderr what it does. Raises `BuildFailed`, also when the address is taken, and `UsageError`.
    """
    from mkdocs.commands.serve import serve

    _check_address(address)
    style_of(kb)
    with _listening(logging.INFO) as heard, requested(kb, audience, today):
        try:
            distrust(_config_file(kb))
            serve(config_file=str(_config_file(kb)), dev_addr=address)
        except CarrelError:
            raise
        except (Exception, SystemExit) as error:  # as above
            raise BuildFailed(f"the site was not built: {heard.reason(error)}") from error


def _check_address(address: str) -> None:
    """Say what is wrong with an address before anything is built. Raises `BuildFailed`, `UsageError`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"{address}: no address to serve at", "say host:port, as in 127.0.0.1:8000")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
            listening.bind(place)
    except OSError as error:
        raise BuildFailed(f"{address}: {error.strerror}", "choose another address") from error


def _load(kb: KnowledgeBase, *, strict: bool) -> MkDocsConfig:
    from mkdocs.config import load_config

    distrust(_config_file(kb))
    config = load_config(config_file=str(_config_file(kb)), strict=strict or None)
    if "carrel" not in config.plugins:
        raise BuildFailed("mkdocs.yml does not list the plugin that reads the notes", "add `- carrel` below `plugins:`")
    return config


def _run(config: MkDocsConfig) -> None:
    from mkdocs.commands.build import build

    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


def _config_file(kb: KnowledgeBase) -> Path:
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


class _Heard(logging.Handler):
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
def _listening(show: int) -> Iterator[_Heard]:
    """Hear what MkDocs logs; what is at least as important as `show` also goes to stderr."""
    # Material announces its end of life on stderr unless it is told that one knows.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    logger, heard, shown = logging.getLogger("mkdocs"), _Heard(), logging.StreamHandler()
    shown.setLevel(show)
    shown.setFormatter(logging.Formatter("%(message)s"))
    level, propagate = logger.level, logger.propagate
    logger.setLevel(min(show, logging.WARNING))
    logger.propagate = False
    logger.addHandler(heard)
    logger.addHandler(shown)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.removeHandler(shown)
        logger.setLevel(level)
        logger.propagate = propagate
