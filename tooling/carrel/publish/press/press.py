"""One page of the stage at a time as a file of the site: what MkDocs' `build` writes, byte for byte.

It is MkDocs' own machinery, driven page by page: its navigation, its environment of templates, its context, the
plugin's events. MkDocs holds all pages and what they say at once, and renders all of them each time.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urljoin

from mkdocs.commands import build as mkdocs_build
from mkdocs.structure.files import File, Files, InclusionLevel, set_exclusions
from mkdocs.structure.nav import get_navigation

from carrel.publish.press.frame import Frames
from carrel.publish.press.note_page import ADDRESSES, NotePage, day_of, on_site, place_of, target_of
from carrel.publish.render.markdown import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from carrel.publish.plugin import CarrelPlugin
    from carrel.publish.staging.staged import PagesReady, Staged, StagedPage


@dataclass(frozen=True, slots=True)
class Pressed:
    """A page as it stands on the site.

    `targets` are the places that its addresses lead to, whether something is there or not; `trouble` is why it could
    not be laid out, as (path of the note, why).
    """

    data: bytes
    targets: tuple[str, ...]
    trouble: tuple[str, str] | None


class Press:
    """Presses the pages of a stage, with a configuration that `mkdocs_settings` has prepared for it.

    `places` are all files that the site holds, search index and the like apart: what an address may lead to;
    `templates` are files that `write_templates` writes.
    """

    def __init__(self, config: MkDocsConfig, staged: Staged, env: Environment) -> None:
        self.config, self.pages, self._env = config, staged.pages, env
        plugin = cast("CarrelPlugin", config.plugins["carrel"])
        self._targets: dict[str, None] = {}
        self._trouble: list[tuple[str, str]] = []
        self._folders = config.docs_dir, config.site_dir  # settings are slow to ask for
        self._told = {name: config.get(name) for name in ADDRESSES}
        self._renderer = Renderer(self._resolve)
        files = Files([self._file(path) for path in sorted((*staged.assets, *staged.files), key=_as_walked)])
        files.add_files_from_theme(cast("Environment", _ThemeFiles(config)), config)
        set_exclusions(files, config)
        self.files = [file for file in files if file.inclusion.is_included()]  # type: ignore[no-untyped-call]
        self.places = frozenset((*map(place_of, staged.pages), *(file.dest_uri for file in files)))
        self.templates = frozenset(_templates(config, staged.pages))
        in_nav = [self._page(path) for path in _named(config.nav) if path in staged.pages]
        self.nav = get_navigation(Files([*(page.file for page in in_nav), *files]), config)
        config.plugins.on_nav(self.nav, config=config, files=files)
        self._in_nav = {page.file.src_uri: page for page in in_nav}
        self._frames = Frames(config, self.nav, env, plugin.scripts, self._whole)

    def page(self, path: str) -> Pressed:
        """The page of the stage at `path`, pressed."""
        self._targets, self._trouble = {}, []
        page = self._in_nav.get(path) or self._page(path)
        page.read_source(self.config)
        page.render(self.config, None)
        html = self._frames.render(page)
        page.markdown = page.content = None  # pages of the navigation stay
        data = html.encode("utf-8", errors="xmlcharrefreplace")
        return Pressed(data, tuple(self._targets), self._trouble[0] if self._trouble else None)

    def hear(self, ready: PagesReady) -> list[str]:
        """Know pages that stand in the stage anew, before it is whole; which ones are to be pressed anew."""
        before = self.pages
        self.pages = {**before, **ready.pages}
        self.places = self.places.union(map(place_of, ready.paths))
        changed = [path for path in ready.changed if path not in before or before[path] != self.pages[path]]
        for path in changed:
            if path in self._in_nav:
                self._in_nav[path].take(self.pages[path])
        return changed

    def write_templates(self) -> None:
        """Write what the theme has beside pages: the page for what is not found, the sitemap."""
        listed = cast("Files", _listed(self.config, self.pages))
        for name in sorted(self.templates & self.config.theme.static_templates):
            mkdocs_build._build_theme_template(name, self._env, listed, self.config, self.nav)

    def _whole(self, page: Page) -> str:
        page.active = True
        try:
            context = mkdocs_build.get_context(self.nav, [], self.config, page)
            html = self._env.get_template("main.html").render(context)
            return self.config.plugins.on_post_page(html, page=page, config=self.config)
        finally:
            page.active = False

    def _file(self, path: str) -> File:
        return File(path, *self._folders, use_directory_urls=False)

    def _page(self, path: str) -> NotePage:
        file = self._file(path)
        file.inclusion = InclusionLevel.NOT_IN_NAV
        return NotePage(self.pages[path], self._renderer, self._report, file, self._told)

    def _report(self, path: str, trouble: str) -> None:
        self._trouble.append((path, trouble))

    def _resolve(self, path: str, address: str) -> str | None:
        if address.startswith("#"):  # as most addresses do: those of a page's own headings
            return address
        target = target_of(path, address)
        if target:
            self._targets[target] = None
        return on_site(path, address, target, self.pages, self.places)


class _ThemeFiles:
    """The names of a theme's files, as MkDocs asks an environment for them. It takes none from hidden folders, in one
    of which Material has 14,000 icons: they are not walked through."""

    def __init__(self, config: MkDocsConfig) -> None:
        self._dirs = config.theme.dirs

    def list_templates(self, filter_func: Callable[[str], bool]) -> list[str]:
        found: set[str] = set()
        for folder in self._dirs:
            for place, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if not name.startswith(".")]
                within = "" if (at := os.path.relpath(place, folder)) == "." else f"{at.replace(os.sep, '/')}/"
                found.update(f"{within}{name}" for name in names)
        return sorted(filter(filter_func, found))


def _named(nav: object) -> Iterator[str]:
    """The paths in a navigation of mkdocs.yml, each once."""
    seen: dict[str, None] = {}
    rest = [nav]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            seen[PurePath(one.lstrip("/")).as_posix()] = None
        elif isinstance(one, (list, dict)):
            rest += one.values() if isinstance(one, dict) else one
    yield from seen


def _as_walked(path: str) -> tuple[tuple[bool, bool, str], ...]:
    """The order in which MkDocs finds files: those of a folder first, its index before all, then its folders."""
    *folders, name = path.split("/")
    is_index = posixpath.splitext(name)[0] in ("index", "README")
    return (*((True, True, folder) for folder in folders), (False, not is_index, name))


def _templates(config: MkDocsConfig, pages: Mapping[str, StagedPage]) -> Iterator[str]:
    """The files that the theme's own templates write: pages take their places, other files do not."""
    for name in config.theme.static_templates:
        if f"{name.removesuffix('.html')}.md" not in pages:
            yield name
            if name == "sitemap.xml":
                yield f"{name}.gz"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page as far as a sitemap asks for it, and the file that it is asked for by."""

    update_date: str
    canonical_url: str | None
    abs_url: None = None
    is_link: bool = False

    @property
    def page(self) -> _Entry:
        return self


class _Listed(list[_Entry]):
    """All pages, in the order of MkDocs."""

    def documentation_pages(self) -> _Listed:
        return self


def _listed(config: MkDocsConfig, pages: Mapping[str, StagedPage]) -> _Listed:
    if not config.site_url:  # the sitemap is empty, and packed under the latest day
        return _Listed([_Entry(max(map(day_of, pages.values())), None)])
    base = config.site_url.rstrip("/") + "/"
    paths = sorted(pages, key=_as_walked)
    return _Listed(_Entry(day_of(pages[path]), urljoin(base, quote(place_of(path)))) for path in paths)
