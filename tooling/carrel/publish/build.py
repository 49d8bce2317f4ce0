"""Building and serving the site with MkDocs as a library.

A build goes into a folder beside the site and changes places with it when it is whole, so a build that fails or
is killed leaves the old site as it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carrel.core.frontmatter_edit import quote
from carrel.errors import BuildFailed, CarrelError

if TYPE_CHECKING:
    from carrel.core.note import Visibility
    from carrel.publish.rewrite import Unresolved
    from carrel.store.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Built:
    """A site that was built: where, how many pages, what leads nowhere, what could not be laid out, how long it took.

    `troubles` are (path, why) of notes that are shown as they were written.
    """

    site_dir: Path
    pages: int
    unresolved: tuple[Unresolved, ...]
    troubles: tuple[tuple[str, str], ...]
    seconds: float


def build_site(kb: KnowledgeBase, audience: Visibility, *, strict: bool = False) -> Built:
    """Build the site for `audience` into the `site_dir` of mkdocs.yml, `site/public` by default.

    With `strict`, a warning of MkDocs or of another plugin is a failure. Raises `BuildFailed`; the old site stays.
    """
    started = time.monotonic()
    with _quiet() as heard:
        try:
            config = _load(kb, audience, strict=strict)
            site = Path(config.site_dir)
            _see_that_it_is_a_site(site)
            with _beside(site) as fresh:
                config.site_dir = str(fresh)
                plugin = config.plugins["carrel"]
                _build(config)
                _change_places(fresh, site)
        except CarrelError:
            raise
        except (Exception, SystemExit) as error:  # MkDocs' own, its plugins' and its themes': of every type there is
            raise BuildFailed(f"the site was not built: {heard.last or error}", "the old site is still there") from error
    staged = plugin.staged
    return Built(site, len(staged.pages), staged.unresolved, tuple(plugin.troubles), time.monotonic() - started)


def serve_site(kb: KnowledgeBase, audience: Visibility, address: str = "127.0.0.1:8000") -> None:
    """Serve the site at `address` (host:port), built again whenever a note changes, until interrupted.

    MkDocs' own log says what happens. Raises `BuildFailed` when the site cannot be built or the address is taken.
    """
    from mkdocs.commands.serve import serve

    with _quiet(level=logging.INFO) as heard:
        try:
            serve(config_file=str(_config_file(kb)), dev_addr=address, plugins=_plugins(kb, audience))
        except OSError as error:
            raise BuildFailed(f"{address}: {error.strerror or error}", "choose another with --address") from error
        except (Exception, SystemExit) as error:  # as above
            raise BuildFailed(f"the site was not built: {heard.last or error}") from error
