"""The MkDocs plugin: `plugins: [carrel]` makes plain `mkdocs build` and `mkdocs serve` work.

It stages before MkDocs looks at any file, so MkDocs never sees a note that the audience may not; it renders the
staged pages itself; and it keeps them out of the navigation, whose cost grows with the square of its pages.
Nothing else imports MkDocs, except `build` to start it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.utils import clean_directory

from carrel.core.note import Visibility
from carrel.errors import CarrelError, SiteLeaks
from carrel.publish import swap
from carrel.publish.finish import finish
from carrel.publish.gate.check import is_private
from carrel.publish.press import mkdocs_settings
from carrel.publish.press.note_page import NotePage, on_site, target_of
from carrel.publish.render import theme
from carrel.publish.render.markdown import Renderer
from carrel.publish.render.policy import with_policy
from carrel.publish.staging.stage import Today, request, stage
from carrel.publish.staging.staged import Staged
from carrel.store.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.pages import Page

    from carrel.publish.gate.hidden import Mention

log = logging.getLogger("mkdocs.plugins.carrel")

_AUDIENCES = tuple(visibility.value for visibility in Visibility)


class CarrelConfig(Config):  # type: ignore[no-untyped-call]  # MkDocs' __init_subclass__ has no types
    """The plugin's options in mkdocs.yml."""

    #: Who the site is for; the knowledge base's `site.audience` when it is not said here.
    audience = config_options.Optional(config_options.Choice(_AUDIENCES))


class CarrelPlugin(BasePlugin[CarrelConfig]):  # type: ignore[no-untyped-call]  # nor has this one's
    """Routes MkDocs' events to staging and rendering. `staged` is what the last build stood on."""

    staged: Staged
    #: The scripts that the theme writes into pages.
    scripts: re.Pattern[str]
    #: Notes whose Markdown could not be laid out, as (path, why).
    as_written: list[tuple[str, str]]
    #: Shared notes that name hidden ones in their own words, as the gate found them.
    mentions: tuple[Mention, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._watched: set[str] = set()
        self._server: LiveReloadServer | None = None
        self._serving = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Stay the same object over the rebuilds of `mkdocs serve`; MkDocs drops plugins without this event."""
        self._serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Stage, and point MkDocs at the stage."""
        try:
            kb, audience, today = request.get() or self._from(config)
            if not self._serving:
                swap.check(Path(config.site_dir), kb)  # MkDocs is about to empty it
            self.take(config, kb, audience, stage(kb, audience, kb.cache_dir / f"stage-{audience}", today))
        except CarrelError as error:
            raise PluginError(f"carrel: {error.message}") from error
        if request.get() is None:  # whoever asked Carrel to build is told by Carrel
            for unresolved in self.staged.unresolved:
                log.info("%s", unresolved.told(named=is_private(True, os.environ)))
        if self._server is not None:
            self._watch(self._server, config)
        return config

    def take(self, config: MkDocsConfig, kb: KnowledgeBase, audience: Visibility, staged: Staged) -> None:
        """Build from what was staged."""
        self._kb, self._audience, self.staged = kb, audience, staged
        self.as_written = []
        mkdocs_settings.prepare(config, kb)
        mkdocs_settings.point_at(config, staged)
        self.scripts = theme.scripts_in(config.theme.dirs)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Give each staged page its place outside the navigation, and a page that renders it."""
        pages = {path: files.src_uris[path] for path in self.staged.pages}
        known = {file.dest_uri for file in files}

        def resolve(path: str, address: str) -> str | None:
            return on_site(path, address, target_of(path, address), pages, known)

        renderer = Renderer(resolve)
        for path, file in pages.items():
            file.inclusion = InclusionLevel.NOT_IN_NAV
            NotePage(self.staged.pages[path], renderer, self._report, file, config)
        return files

    def _report(self, path: str, trouble: str) -> None:
        self.as_written.append((path, trouble))
        log.info("%s is shown as it was written: it %s", path, trouble)

    @event_priority(-100)  # after every plugin that changes the page
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Load what the page needs, and say to the browser what it may do."""
        content = page.content or ""
        whole = theme.with_parts(output, content, page.url)
        return with_policy(whole, content, self.scripts, styled=theme.DIAGRAM in content)

    @event_priority(-100)
    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """The same for the pages that no note stands behind, such as the one for what is not found."""
        is_page = template_name.endswith(".html")
        return with_policy(output_content, "", self.scripts) if is_page else output_content

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Make the folder a site; one with a leak is emptied, when it is not Carrel that built it."""
        site, themes = Path(config.site_dir), map(Path, config.theme.dirs)
        try:
            self.mentions = finish(self._kb, self._audience, self.staged, site, themes, served=self._serving)
        except SiteLeaks as leaks:
            if request.get() is not None:
                raise  # the site is in a folder that goes with it
            clean_directory(str(site))
            for leak in leaks.told if is_private(sys.stderr.isatty(), os.environ) else leaks.places:
                log.error("%s", leak)
            raise PluginError(f"carrel: {leaks.message}; {leaks.hint}") from leaks
        except CarrelError as error:
            raise PluginError(f"carrel: {error.message}") from error
        if request.get() is None and self.mentions:
            log.info("%d shared notes name notes that are not; `carrel build` tells which", len(self.mentions))

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]
    ) -> LiveReloadServer:
        """Watch what the site is made from. The stage is written by every build, so it must not start one."""
        server.unwatch(config.docs_dir)
        self._server = server
        self._watch(server, config)
        return server

    def _watch(self, server: LiveReloadServer, config: MkDocsConfig) -> None:
        """Watch the folders of the notes. In a vault, where notes lie everywhere, not its `.git` and the like."""
        root = self._kb.root
        wanted = {str(folder): True for folder in (*self._kb.folders(), root / "site" / "pages", theme.theme_folder())}
        if wanted.pop(str(root), False):
            wanted[str(root)] = False
            skipped = (Path(config.site_dir), root / "site", root / "node_modules")
            with os.scandir(root) as entries:
                inside = [entry.path for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
            wanted.update((path, True) for path in inside if Path(path) not in skipped)
        for path, recursive in wanted.items():
            if path not in self._watched and Path(path).is_dir():
                self._watched.add(path)
                server.watch(path, recursive=recursive)

    def _from(self, config: MkDocsConfig) -> tuple[KnowledgeBase, Visibility, Today]:
        """What plain `mkdocs build` is for: the knowledge base around mkdocs.yml, for the audience that is set."""
        start = Path(config.config_file_path).parent if config.config_file_path else Path.cwd()
        kb = KnowledgeBase.open(start)
        return kb, Visibility(self.config.audience or kb.config.site_audience), date.today
