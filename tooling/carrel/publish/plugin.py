"""The MkDocs plugin: `plugins: [carrel]` makes plain `mkdocs build` and `mkdocs serve` work.

It stages before MkDocs looks at any file, so MkDocs never sees a note that the audience may not; it renders the
staged pages itself; and it keeps them out of the navigation, whose cost grows with the square of its pages.
Nothing else imports MkDocs, except `build` to start it.
"""

from __future__ import annotations

import logging
import os
import posixpath
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from markupsafe import escape
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import clean_directory

from carrel.core.note import Visibility
from carrel.errors import CarrelError, SiteLeaks
from carrel.publish import swap, theme
from carrel.publish.edition import HOME, PAPERS
from carrel.publish.finish import finish
from carrel.publish.gate import is_private
from carrel.publish.layout import StagedPage
from carrel.publish.policy import with_policy
from carrel.publish.render import Renderer
from carrel.publish.stage import Staged, Today, request, stage
from carrel.store.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import File

    from carrel.publish.hidden import Mention

    _Report = Callable[[str, str], None]

log = logging.getLogger("mkdocs.plugins.carrel")

_AUDIENCES = tuple(visibility.value for visibility in Visibility)


class CarrelConfig(Config):  # type: ignore[no-untyped-call]  # MkDocs' __init_subclass__ has no types
    """The plugin's options in mkdocs.yml."""

    #: Who the site is for; the knowledge base's `site.audience` when it is not said here.
    audience = config_options.Optional(config_options.Choice(_AUDIENCES))


class CarrelPlugin(BasePlugin[CarrelConfig]):  # type: ignore[no-untyped-call]  # nor has this one's
    """Routes MkDocs' events to staging and rendering. `staged` is what the last build stood on."""

    staged: Staged
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
            self._kb, audience, today = request.get() or self._from(config)
            self._audience = audience
            swap.check(Path(config.site_dir), self._kb)  # MkDocs is about to empty it
            self.staged = stage(self._kb, audience, self._kb.cache_dir / f"stage-{audience}", today)
        except CarrelError as error:
            raise PluginError(f"carrel: {error.message}") from error
        self.as_written = []
        config.docs_dir = str(self.staged.root)
        # Pages open from disk as well as from a server, wherever the site is put.
        config.use_directory_urls = False
        if config.nav is None:
            config.nav = [{str(escape(title)): path} for title, path in self.staged.nav]
        if self._kb.config.site_title:
            config.site_name = escape(self._kb.config.site_title)
        _without_search(config)
        _dress(config)
        self._scripts = theme.scripts_in(config.theme.dirs)
        if request.get() is None:  # whoever asked Carrel to build is told by Carrel
            for unresolved in self.staged.unresolved:
                log.info("%s", unresolved)
        if self._server is not None:
            self._watch(self._server, config)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Give each staged page its place outside the navigation, and a page that renders it."""
        pages = {path: files.src_uris[path] for path in self.staged.pages}
        known = {file.dest_uri for file in files}

        def resolve(path: str, address: str) -> str | None:
            """An address in the stage as an address on the site; None when no file is there."""
            target, mark, fragment = address.partition("#")
            if not target:
                return address
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target)))
            if (file := pages.get(place)) is not None:
                return file.url_relative_to(pages[path]) + mark + fragment
            return address if place in known else None

        renderer = Renderer(resolve)
        for path, file in pages.items():
            file.inclusion = InclusionLevel.NOT_IN_NAV
            _NotePage(self.staged.pages[path], renderer, self._report, file, config)
        return files

    def _report(self, path: str, trouble: str) -> None:
        self.as_written.append((path, trouble))
        log.info("%s is shown as it was written: it %s", path, trouble)

    @event_priority(-100)  # after every plugin that changes the page
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Load what the page needs, and say to the browser what it may do."""
        content = page.content or ""
        whole = theme.with_parts(output, content, page.url)
        return with_policy(whole, content, self._scripts, styled=theme.DIAGRAM in content)

    @event_priority(-100)
    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """The same for the pages that no note stands behind, such as the one for what is not found."""
        is_page = template_name.endswith(".html")
        return with_policy(output_content, "", self._scripts) if is_page else output_content

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


class _NotePage(Page):
    """A staged page. What it says of itself and how it is rendered is ours, whatever MkDocs would read in it."""

    def __init__(
        self, staged: StagedPage, renderer: Renderer, report: _Report, file: File, config: MkDocsConfig
    ) -> None:
        self._staged, self._renderer, self._report = staged, renderer, report
        # Material puts titles, descriptions and tags into the page as they are. Home is called Home in the navigation.
        super().__init__("Home" if staged.path == HOME else escape(staged.title), file, config)
        when = staged.meta.get("date")
        self.update_date = str(when) if when else _NO_DAY  # of the sitemap: the day of a build is no one's business

    def read_source(self, config: MkDocsConfig) -> None:
        """Take the text and the metadata from staging; the front matter of the staged file is for other builders."""
        del config
        self.markdown = self._staged.text
        self.meta = {} if self._staged.path == HOME else {"title": escape(self._staged.title)}
        if self._staged.path == PAPERS:
            self.meta["hide"] = ["toc"]  # room for the table
        for key, name in (("description", "description"), ("authors", "author")):
            if value := self._staged.meta.get(key):
                self.meta[name] = escape(value if isinstance(value, str) else ", ".join(map(str, _listed(value))))
        if tags := self._staged.meta.get("tags"):
            self.meta["tags"] = [escape(str(tag)) for tag in _listed(tags)]

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """The page's HTML, safe to show."""
        del config, files
        rendered = self._renderer.render(self._staged.path, self.markdown or "")
        if rendered.trouble:
            self._report(self._staged.source or self._staged.path, rendered.trouble)
        self.content = rendered.html
        self.toc = get_toc(list(rendered.toc))  # type: ignore[arg-type]  # MkDocs' name for the same dicts
        self.present_anchor_ids = set()


#: The sitemap's date of a page without one; MkDocs compares such dates, so it must have some.
_NO_DAY = "1980-01-01"


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _without_search(config: MkDocsConfig) -> None:
    """Take MkDocs' own search, which mkdocs.yml may list, out of the build: its index is loaded by every page."""
    plugins = config.plugins
    for name in ("search", "material/search"):
        if (plugin := plugins.pop(name, None)) is not None:
            for event, methods in plugins.events.items():
                # a new list: that of the event which runs now is being walked through
                plugins.events[event] = [one for one in methods if getattr(one, "__self__", None) is not plugin]
    # what MkDocs' plugin has added by now for its own themes; Material's adds nothing
    config.extra_javascript = [script for script in config.extra_javascript if str(script) != "search/main.js"]
    config.theme.dirs[:] = [folder for folder in config.theme.dirs if not folder.endswith("contrib/search/templates")]


def _dress(config: MkDocsConfig) -> None:
    """Our style under Material's, and no request to another host: what mkdocs.yml says otherwise stays."""
    folder = str(theme.theme_folder())
    if folder not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, folder)
    config.extra_css[:0] = [style for style in theme.STYLESHEETS if style not in config.extra_css]
    config.extra_javascript += [script for script in theme.SCRIPTS if script not in config.extra_javascript]
    if config.theme.name != "material":
        return
    settings: Any = config.theme
    settings["font"] = False
    config.mdx_configs.setdefault("toc", {}).setdefault("title", "On this page")
    if "palette" not in config.theme:
        settings["palette"] = [dict(choice) for choice in theme.PALETTE]
    if not config.theme["features"]:
        settings["features"] = list(theme.FEATURES)
