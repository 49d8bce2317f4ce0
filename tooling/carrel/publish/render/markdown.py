"""Markdown of the stage to HTML that is safe to show: Python-Markdown, then an allow-list of tags and attributes.

What the notes say is never trusted: no script, style, frame or handler survives, no address but http, https,
mailto and files of the site, and nothing that a browser would fetch from another host by itself.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from html import escape, unescape
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from carrel.core.names import heading_slug
from carrel.publish.render.callouts import Callouts
from carrel.publish.render.cleaner import ELSEWHERE, cleaner
from carrel.publish.render.figures import laid_out
from carrel.publish.render.footnotes import Footnotes
from carrel.publish.render.mathematics import ARITHMATEX, Mathematics
from carrel.publish.render.quick_blocks import QuickBlocks
from carrel.publish.render.quick_markdown import Contents, Quick

if TYPE_CHECKING:
    from types import FrameType

#: Given a page's path and a relative address in it, the address on the site, or None when nothing is there.
Resolve = Callable[[str, str], "str | None"]

#: Seconds of CPU that one page may take; ordinary notes need milliseconds.
MAX_SECONDS = 10.0
#: Characters that one page may have; a browser is no place for more.
MAX_CHARACTERS = 4_000_000

EXTENSIONS = (
    "tables",
    "footnotes",
    "admonition",
    "sane_lists",
    "pymdownx.arithmatex",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.magiclink",
    "pymdownx.mark",
    "pymdownx.quotes",
    "pymdownx.saneheaders",
    "pymdownx.superfences",
    "pymdownx.tasklist",
    "pymdownx.tilde",
)


def _diagram(source: str, *_: object, **__: object) -> str:
    """A diagram is its text, until the theme draws it."""
    return f'<pre class="carrel-diagram"><code>{escape(source)}</code></pre>'


_CONTENTS: dict[str, Any] = {
    "permalink": "¶",
    "permalink_title": "Link to this place",
    "slugify": lambda text, _: heading_slug(unescape(text)),
}
_CONFIGURATION: dict[str, dict[str, Any]] = {
    "tables": {"use_align_attribute": True},  # a style attribute could fetch something
    "pymdownx.arithmatex": ARITHMATEX,
    "pymdownx.highlight": {"linenums_style": "pymdownx-inline"},  # numbers are no part of what is copied
    "pymdownx.quotes": {"callouts": True},
    "pymdownx.superfences": {
        "custom_fences": [{"name": "mermaid", "class": "carrel-diagram", "format": _diagram}],
        "relaxed_headers": True,  # what follows the language may be anything, as in ```md foo.md
    },
    # `~100 and ~200` and `x^2 + y^2` are prose in a note, not subscripts and superscripts
    "pymdownx.tilde": {"subscript": False},
}
_ANCHOR = re.compile(r" ?\{: #([^\s{}]+) \}$")
_LEFT_OVER = re.compile(r" \{: #[^\s{}<>]+ \}(?=\s*(?:\n|<|$))")
_COUNT = re.compile(r"<small>([\d,]+(?: of [\d,]+)?)</small>\s*+\Z")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as HTML. `toc` are Python-Markdown's tokens; `trouble` says why the text stands as it was written."""

    html: str
    toc: tuple[dict[str, Any], ...]
    trouble: str = ""


class Renderer:
    """Renders pages one after another with one Markdown instance. `resolve` knows the files of the site."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    def render(self, path: str, text: str) -> Rendered:
        """The page `path` with the Markdown `text`. Text that Python-Markdown cannot take is shown as it is."""
        markdown = _markdown()
        markdown.reset()
        html, trouble = as_html(markdown.convert, text)
        if trouble:
            _markdown.cache_clear()  # it was left in the middle of a page
            return Rendered(html, (), trouble)
        toc = tuple(safe_tokens(getattr(markdown, "toc_tokens", [])))
        return Rendered(self.clean(path, html), toc)

    def clean(self, path: str, html: str) -> str:
        """`html` without what could run, fetch from elsewhere, or take the place of the theme's own elements."""
        return laid_out(cleaner().clean(html, partial(self._resolve, path)))


class Dialect(Extension):
    """What a page's Markdown means, all of it. It also reads the anchors that staging wrote, and shows an image of
    another host as a link to it.
    """

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        own = (Mathematics(), Callouts(), Footnotes(), Quick(), QuickBlocks())
        md.registerExtensions([Contents(**_CONTENTS), *EXTENSIONS, *own], _CONFIGURATION)
        md.treeprocessors.register(_Anchors(md), "carrel-anchors", 6)  # before `toc`, after inline text
        md.treeprocessors.register(_ForeignImages(md), "carrel-images", 6)


class _Anchors(Treeprocessor):
    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                last = element[-1] if len(element) else None
                text = element.text if last is None else last.tail
                anchor = _ANCHOR.search((text or "").rstrip())
                if anchor is None:
                    continue
                element.set("id", anchor[1])
                if last is None:
                    element.text = (text or "")[: anchor.start()]
                else:
                    last.tail = (text or "")[: anchor.start()]


class _ForeignImages(Treeprocessor):
    def run(self, root: Element) -> None:
        for element in root.iter("img"):
            source = element.get("src", "")
            if ELSEWHERE.match(source) or source.startswith("//"):
                text = element.get("alt") or source
                element.tag, element.text = "a", text
                element.attrib = {"href": source}


@cache
def _markdown() -> Markdown:
    return Markdown(extensions=[Dialect()])


def as_html(convert: Callable[[str], str], text: str) -> tuple[str, str]:
    """`text` as HTML that nobody has cleaned yet, and "" or why it stands there as it was written.

    `convert` is a Python-Markdown's that knows the `Dialect`.
    """
    trouble = _foreseen(text)
    if not trouble:
        try:
            with _limited(MAX_SECONDS):
                html = convert(text)
            return _LEFT_OVER.sub("", html) if "{: #" in html else html, ""
        except RecursionError:
            trouble = "nested too deeply"
        except _TooSlow:
            trouble = "takes too long to lay out"
    return f'<pre class="carrel-as-written">{escape(text)}</pre>', trouble


def safe_tokens(tokens: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The table of contents with names that are text and nothing else: Material puts them into the page as they are.

    How many there are of what a heading names stands in the heading alone.
    """
    for token in tokens:
        name = _ANCHOR.sub("", token["name"].rstrip())
        if count := _COUNT.search(token["html"]):
            name = name.removesuffix(count[1]).rstrip()
        name = escape(unescape(re.sub(r"<[^<>]*>", "", name)))
        yield {**token, "name": name, "children": list(safe_tokens(token["children"]))}


def _foreseen(text: str) -> str:
    """Why Python-Markdown would take minutes for `text`, or "". Unclosed brackets cost it their square."""
    if len(text) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS:,} characters"
    if text.count("[") - text.count("]") > 1000 or text.count("](") - text.count(")") > 500:
        return "holds too many unclosed brackets"
    if text.count("<") > 1000 and len(re.findall(r"<[a-zA-Z/!]", text)) - text.count(">") > 1000:
        return "holds too many unclosed tags"
    if text.count("\n[^") + text.count("^[") > 2000:
        return "holds too many footnotes"
    return ""


class _TooSlow(Exception):
    """The page used up its time."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Let the block use so many seconds of CPU. Signals reach the main thread only; elsewhere there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
