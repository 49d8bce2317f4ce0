"""A staged page as MkDocs and its themes know pages."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from markupsafe import escape
from mkdocs.exceptions import BuildError
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from carrel.errors import CarrelError
from carrel.publish.edition.places import HOME
from carrel.publish.render.told import told

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files

    from carrel.publish.render.markdown import Renderer
    from carrel.publish.staging.staged import StagedPage

#: The sitemap's date of a page without one; MkDocs compares such dates, so it must have some.
_NO_DAY = "1980-01-01"
#: The settings that MkDocs makes a page of.
ADDRESSES = ("site_url", "repo_url", "edit_uri", "edit_uri_template")
#: Told of a page that could not be laid out: its path, and why.
Report = Callable[[str, str], None]


class NotePage(Page):
    """A staged page. What it says of itself and how it is rendered is ours, whatever MkDocs would read in it."""

    def __init__(
        self, staged: StagedPage, renderer: Renderer, report: Report, file: File, settings: Mapping[str, object]
    ) -> None:
        self._renderer, self._report = renderer, report
        # Material puts titles, descriptions and tags into the page as they are. Home is called Home in the navigation.
        super().__init__("Home" if staged.path == HOME else escape(staged.title), file, settings)  # type: ignore[arg-type]
        self.take(staged)

    def take(self, staged: StagedPage) -> None:
        """Show this, under the title that the navigation has for it."""
        self._staged = staged
        self.update_date = day_of(staged)
        self.meta = {
            key: escape(value) if isinstance(value, str) else [escape(one) for one in value]
            for key, value in told(staged).items()
        }

    def read_source(self, config: MkDocsConfig) -> None:
        """Take the text from staging; the front matter of the staged file is for other builders."""
        del config
        try:
            self.markdown = self._staged.text
        except CarrelError as error:
            raise BuildError(f"carrel: {error.message}") from error

    def render(self, config: MkDocsConfig, files: Files | None) -> None:
        """The page's HTML, safe to show."""
        del config, files
        rendered = self._renderer.render(self._staged.path, self.markdown or "")
        if rendered.trouble:
            self._report(self._staged.source or self._staged.path, rendered.trouble)
        self.content = rendered.html
        self.toc = get_toc(list(rendered.toc))  # type: ignore[arg-type]  # MkDocs' name for the same dicts
        self.present_anchor_ids = set()


def day_of(staged: StagedPage) -> str:
    """The day of a page in the sitemap: the note's own; the day of a build is no one's business."""
    when = staged.meta.get("date")
    return str(when) if when else _NO_DAY


def place_of(path: str) -> str:
    """Where a page of the stage stands on the site."""
    return path.removesuffix(".md") + ".html"


def path_of(place: str) -> str:
    """The page of the stage that stands there on the site, if one does."""
    return place.removesuffix(".html") + ".md"


def target_of(path: str, address: str) -> str:
    """The path in the stage that an address in the page `path` leads to, "" for a place in that page itself."""
    target = address.partition("#")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))) if target else ""


def on_site(path: str, address: str, target: str, pages: Container[str], places: Container[str]) -> str | None:
    """An address in the stage as an address on the site; None when no file is there.

    `target` is where it leads to, `pages` those of the stage, and `places` what else is on the site.
    """
    if not target:
        return address
    if target in pages:
        _, mark, fragment = address.partition("#")
        return get_relative_url(quote(place_of(target)), quote(place_of(path))) + mark + fragment
    return address if target in places else None
