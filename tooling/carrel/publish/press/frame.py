"""What a theme writes around a page's text, asked for once for all pages that differ in nothing else.

The pages of a folder have the same header, navigation and footer. So the template is rendered for a page that is not
there, with marks in the place of its words, and each page puts its own words in the place of the marks: the same
bytes at a tenth of the time. It is left to the template whenever there is doubt: for pages of the navigation; when
the template asks for something that we do not foresee, or does anything to a mark but show it; and when the first
page that was rendered both ways is not the same.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from jinja2 import TemplateNotFound
from mkdocs.commands.build import get_context
from mkdocs.structure.toc import AnchorLink, TableOfContents, get_toc

from carrel.publish.render import theme
from carrel.publish.render.policy import policy, put_in

if TYPE_CHECKING:
    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

#: Pages of a kind that are rendered by the template before its frame is worth making.
_FIRST = 3
#: Tables of contents that are remembered.
_KNOWN = 100
#: What a template may ask a page's metadata for, besides what no page of ours has.
_WORDS = ("title", "description", "author")
_MARK = re.compile("(\x02<h1&[A-Z][a-z]{1,15}+>\x03)")
#: A heading's title, anchor and level, and the headings below it.
_Heading: TypeAlias = "tuple[str, str, int, tuple[_Heading, ...]]"
#: Folder of the page, and which of its words there are: those of `_WORDS`, and whether it has headings.
_Kind = tuple[str, tuple[bool, ...], bool]


def _mark(name: str) -> str:
    """A mark in a template's output. Whatever a template would do to a text, escape or shorten it, breaks it.

    Like every text of ours, it has a top heading: Material gives one to those that have none.
    """
    return f"\x02<h1&{name.capitalize()}>\x03"


#: The marks that a page has something for.
_FILLED = frozenset(map(_mark, ("contents", "policy", "loads", "content", "place", "canonical", *_WORDS)))


class Frames:
    """Renders pages by frames where it can, and by `whole`, the template, where it cannot."""

    def __init__(
        self,
        config: MkDocsConfig,
        nav: Navigation,
        env: Environment,
        scripts: re.Pattern[str],
        whole: Callable[[Page], str],
    ) -> None:
        self._config, self._nav, self._env, self._scripts, self._whole = config, nav, env, scripts, whole
        self._by_template = {id(page) for page in nav.pages}
        self._frames: dict[_Kind, _Frame | None] = {}
        self._seen: dict[_Kind, int] = {}
        self._contents: _Contents | None = None

    def render(self, page: Page) -> str:
        """The page as a file of the site."""
        kind = None if id(page) in self._by_template else _kind(page)
        if kind is None:
            return self._whole(page)
        if kind in self._frames:
            frame = self._frames[kind]
            return self._whole(page) if frame is None else frame.around(page)
        self._seen[kind] = self._seen.get(kind, 0) + 1
        text = self._whole(page)
        if self._seen[kind] == _FIRST:
            frame = self._made(kind)
            self._frames[kind] = frame if frame is not None and frame.around(page) == text else None
        return text

    def _made(self, kind: _Kind) -> _Frame | None:
        try:
            if self._contents is None:
                self._contents = _Contents(self._config, self._nav, self._env)
            page: Any = _Foreseen(kind, canonical=bool(self._config.site_url))
            html = self._env.get_template("main.html").render(get_context(self._nav, [], self._config, page))
            contents = self._contents.of(page)
        except (_Unforeseen, TemplateNotFound):
            return None
        if kind[2] and html.count(contents) == 1:
            html = html.replace(contents, _mark("contents"))
        html = put_in(html, _mark("policy")).replace("</head>", _mark("loads") + "</head>", 1)
        pieces = _MARK.split(html)
        if "\x02" in "".join(pieces[::2]) or not _FILLED.issuperset(pieces[1::2]):
            return None
        return _Frame(pieces, self._contents, self._scripts)


class _Frame:
    def __init__(self, pieces: list[str], contents: _Contents, scripts: re.Pattern[str]) -> None:
        self._pieces, self._contents = pieces, contents
        written = "".join(pieces[::2])
        self._policies = [policy(written, scripts, styled=styled) for styled in (False, True)]

    def around(self, page: Page) -> str:
        """The page with its own words in the places of the marks."""
        content = page.content or ""
        words = {
            _mark("contents"): self._contents.of(page),
            _mark("policy"): self._policies[theme.DIAGRAM in content],
            _mark("loads"): theme.loads(content, page.url),
            _mark("content"): content,
            _mark("place"): next((item.url[1:] for item in page.toc), ""),
            _mark("canonical"): page.canonical_url or "",
            **{_mark(name): str(page.meta.get(name, "")) for name in _WORDS},
        }
        return "".join(words[piece] if number % 2 else piece for number, piece in enumerate(self._pieces))


class _Told(NamedTuple):
    """What of a page its table of contents is made from."""

    toc: TableOfContents


class _Contents:
    """A page's table of contents, by the theme's own template for it.

    Pages of a kind often have the same one below their titles, which it does not show: a theme that did would be told
    an empty one, and its frames would be found out by the first page that is rendered both ways.
    """

    def __init__(self, config: MkDocsConfig, nav: Navigation, env: Environment) -> None:
        context = get_context(nav, [], config, None, ".")
        self._template = env.get_template("partials/toc.html")
        self._known: dict[tuple[_Heading, ...], str] = {}
        self._words = {"config": config, "lang": env.get_template("partials/language.html").make_module(dict(context))}

    def of(self, page: Page) -> str:
        toc = list(page.toc)
        if toc and toc[0].level == 1:
            toc[0] = copy(toc[0])
            toc[0].title = toc[0].id = ""
        headings = _headings(toc)
        contents = self._known.get(headings)
        if contents is None:
            contents = self._template.render(self._words, page=_Told(TableOfContents(toc)))
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[headings] = contents
        return contents


def _headings(toc: Iterable[AnchorLink]) -> tuple[_Heading, ...]:
    return tuple([(link.title, link.id, link.level, _headings(link.children)) for link in toc])


def _kind(page: Page) -> _Kind | None:
    """What a page has in common with others of its frame; None if it has something of its own."""
    if not page.meta.get("title") or "hide" in page.meta or "<h1" not in (page.content or "") or page.edit_url:
        return None
    if any("\\" in item.url for item in page.toc):  # MkDocs turns it, and says so
        return None
    words = tuple(bool(page.meta.get(name)) for name in _WORDS)
    return posixpath.dirname(page.url), words, any(True for _ in page.toc)


class _Unforeseen(Exception):
    """The template asks for what we do not know that it is the same for all pages."""


class _Foreseen:
    """A page that is not there: marks for what pages differ in."""

    def __init__(self, kind: _Kind, *, canonical: bool) -> None:
        folder, words, has_headings = kind
        self.url = posixpath.join(folder, _mark("url") + ".html")  # for links from its folder; not to be shown
        self.meta = _Metadata({name: _mark(name) for name, there in zip(_WORDS, words, strict=True) if there})
        self.title = self.meta["title"]
        self.content = _mark("content")
        self.canonical_url = _mark("canonical") if canonical else None
        inner = {"name": _mark("inner"), "id": _mark("inner"), "level": 2, "children": []}
        outer = {"name": _mark("outer"), "id": _mark("place"), "level": 1, "children": [inner]}
        self.toc = get_toc([outer] if has_headings else [])  # type: ignore[list-item]  # MkDocs' name for such dicts
        self.previous_page = self.next_page = self.parent = self.edit_url = None
        self.ancestors: list[object] = []
        self.active, self.is_homepage = True, False

    def __getattr__(self, name: str) -> object:
        raise _Unforeseen(name)


class _Metadata(dict[str, str]):
    """Metadata of a page that is not there; pages may have tags."""

    def __getitem__(self, key: str) -> str:
        if key == "tags":
            raise _Unforeseen(key)
        return super().__getitem__(key)
