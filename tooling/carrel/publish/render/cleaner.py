"""What of a page's HTML may stand on the site: an allow-list of tags, attributes and addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

#: Given a relative address, the one on the site, or None when nothing is there.
Resolve: TypeAlias = Callable[[str], "str | None"]

_TAGS = {
    "a", "abbr", "article", "aside", "audio", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup",
    "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "i", "img", "input", "ins", "kbd", "label", "li", "mark", "nav", "ol", "p", "pre", "q",
    "s", "samp", "section", "small", "source", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "video", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    # The search leaves out what is marked so.
    "*": {"class", "id", "title", "lang", "dir", "role", "aria-label", "aria-hidden", "data-search-exclude"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "loading"},
    "audio": {"src", "controls"},
    "video": {"src", "controls", "width", "height"},
    "source": {"src", "type"},
    "input": {"disabled", "checked"},
    "label": {"for"},
    "ol": {"start", "type", "reversed"},
    "li": {"value", "data-kind", "data-links"},  # what the theme draws around a note
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "details": {"open"},
    "span": {"data-linenos"},
    "blockquote": {"cite"},
}
#: An address on another host, or of a person.
ELSEWHERE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|\\")
_OURS = re.compile(r"__(?!codelineno|span)|md-")


class Cleaner:
    """The allow-list, made once: to make it takes as long as to clean a short page."""

    def __init__(self) -> None:
        import nh3

        self._resolve: Resolve = _nowhere
        self._allowed = nh3.Cleaner(
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            tag_attribute_values={"input": {"type": {"checkbox"}}},
            attribute_filter=self._kept,
            url_schemes={"http", "https", "mailto"},
            link_rel=None,
            strip_comments=True,
        )

    def clean(self, html: str, resolve: Resolve) -> str:
        """The HTML without what is not allowed. `resolve` says where a relative address leads, or None: nowhere."""
        self._resolve = resolve
        try:
            return self._allowed.clean(html)
        finally:
            self._resolve = _nowhere  # nothing that belongs to a build is held any longer

    def _kept(self, tag: str, attribute: str, value: str) -> str | None:
        """The value of an attribute as it may be shown; None if the attribute may not."""
        del tag
        if attribute == "class":
            # Material fetches a script from a CDN when it sees this class.
            return " ".join([word for word in value.split() if word != "mermaid" and not word.startswith("md-")])
        if attribute in ("href", "src", "cite"):
            if ELSEWHERE.match(value):
                return value if attribute == "href" else None
            return None if _SCHEME.match(value) else self._resolve(value)
        if attribute in ("id", "name", "for"):
            return None if _OURS.match(value) else value
        return value


def _nowhere(_address: str) -> str | None:
    return None


@cache
def cleaner() -> Cleaner:
    """The one of this process."""
    return Cleaner()
