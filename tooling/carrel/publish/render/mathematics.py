"""Mathematics within a line for Python-Markdown: `$…$`, `$$…$$`. What counts as such is what `core.opaque` says.

It stays text, marked with a class; the theme sets it in the reader's browser. Blocks, `\\(…\\)`, `\\[…\\]` and
environments are read by `pymdownx.arithmatex`, whose own reading of dollars takes `US$5 and US$10` for a formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

if TYPE_CHECKING:
    import re

    from markdown import Markdown

#: How arithmatex is to be configured beside it: it marks what it finds with the same class and dollars.
ARITHMATEX = {
    "generic": True,
    "inline_syntax": ["round"],
    "tex_inline_wrap": ["$", "$"],
    "tex_block_wrap": ["$$", "$$"],
}
_DISPLAYED = r"(?<![\\$])\$\$(?!\$)((?s:.)+?)\$\$"
# It opens before and closes after a non-blank, and no digit follows: those are amounts of money. But abstracts write
# `$\sim$3 times`.
_IN_LINE = r"(?<![\\$])\$(?:\\[a-zA-Z]+\$|(?![\s$])(?:\\(?s:.)|[^\\$])+?(?<!\s)\$(?!\d))"
# After code (190), before what a backslash escapes (180).
_PRIORITY = 189


class Mathematics(Extension):
    """Marks `$…$` and `$$…$$` as `<span class="arithmatex">`, with the text as it was written."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        md.inlinePatterns.register(_Dollars(_DISPLAYED, md), "carrel-displayed", _PRIORITY + 0.5)
        md.inlinePatterns.register(_Dollars(_IN_LINE, md), "carrel-in-line", _PRIORITY)


class _Dollars(InlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name; the base class returns less
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        del data
        element = Element("span", {"class": "arithmatex"})
        element.text = AtomicString(m[0])
        return element, m.start(), m.end()
