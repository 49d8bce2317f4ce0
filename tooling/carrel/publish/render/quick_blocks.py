"""Python-Markdown's search for kinds of blocks, without the patterns that a block cannot match.

Each block is searched by the pattern of each kind, at every letter, and nearly all are paragraphs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown import Extension
from markdown.preprocessors import NormalizeWhitespace
from markdown.util import ETX, STX

if TYPE_CHECKING:
    from markdown import Markdown

#: By the name of a kind: where it has its pattern, and of which strings a block must hold one, so that it can match.
#: A block is taken as one behind a new line.
KINDS = {
    "admonition": ("RE", ("\n!!!",)),
    "details": ("START", ("\n???",)),
    "hashheader": ("RE", ("\n#",)),
    "setextheader": ("RE", ("\n=", "\n-")),
    "quote": ("RE", (">",)),
    "footnote": ("RE", ("[^",)),
    "reference": ("RE", ("]:",)),
}
#: What is changed in a text before anything else is.
_UNUSUAL = ("\t", "\r", " \n", STX, ETX)


class QuickBlocks(Extension):
    """Makes a Python-Markdown skip what cannot match. It is to be registered after all others."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        md.preprocessors.register(_Whitespace(md), "normalize_whitespace", 30)  # in the place of its own
        for name, (attribute, needs) in KINDS.items():
            kind = md.parser.blockprocessors[name]
            setattr(kind, attribute, _Sought(getattr(kind, attribute), needs))


class _Whitespace(NormalizeWhitespace):
    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join([*lines, ""])
        return super().run(lines) if any(one in text for one in _UNUSUAL) else [*lines, "", ""]


class _Sought:
    """A pattern as a kind of blocks asks it. It is asked twice of a block that matches: the answer is kept."""

    def __init__(self, pattern: re.Pattern[str], needs: tuple[str, ...]) -> None:
        self._pattern, self._needs = pattern, needs
        self._last: tuple[str, re.Match[str] | None] = "", None

    def search(self, text: str) -> re.Match[str] | None:
        if text is not self._last[0]:
            self._last = text, self._pattern.search(text) if self._is_worth_it(text) else None
        return self._last[1]

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(text) if self._is_worth_it(text) else None

    def __getattr__(self, name: str) -> object:
        return getattr(self._pattern, name)

    def _is_worth_it(self, text: str) -> bool:
        said = f"\n{text}"
        return any(need in said for need in self._needs)
