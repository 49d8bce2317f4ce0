"""Python-Markdown without work that cannot find anything: the same page in two thirds of the time.

Its inline patterns are each searched for in every piece of text; most need a character that is not there. And it
reads blocks of HTML tag by tag, to know where they end; those that staging wrote end before the next blank line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor
from markdown.util import AtomicString

if TYPE_CHECKING:
    from markdown import Markdown

#: Of which strings a text must hold one, so that the pattern of that name can match at all. Others are always asked.
_NEEDS = {
    "backtick": ("`",),
    "arithmatex-inline": ("\\(",),
    "carrel-displayed": ("$$",),
    "carrel-in-line": ("$",),
    "escape": ("\\",),
    "footnote": ("[^",),
    "reference": ("[",),
    "link": ("](",),
    "image_link": ("![",),
    "image_reference": ("![",),
    "short_reference": ("[",),
    "short_image_ref": ("![",),
    "autolink": ("<",),
    "automail": ("@",),
    "linebreak": ("  \n",),
    "html": ("<",),
    "magic-link": ("://", "w.", "W."),
    "magic-mail": ("@",),
    "entity": ("&",),
    "em_strong": ("*", "_"),
    "delimiter": ("=", "~"),
}
_OURS = tuple(f'<{tag} class="carrel-' for tag in ("div", "section", "nav", "ul", "ol", "dl", "p", "table"))


class Quick(Extension):
    """Makes a Python-Markdown skip what cannot match."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        md.treeprocessors.register(_Inline(md), "inline", 20)  # in the place of its own
        md.preprocessors.register(_OwnBlocks(md), "carrel-blocks", 21)  # before the HTML parser, after code


class _Inline(InlineProcessor):
    """Python-Markdown's own, but for the question whether a pattern is worth a search.

    It overrides a private method. One that is called otherwise some day is not called, and pages take longer.
    """

    _needs: list[tuple[str, ...]] | None = None

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        if isinstance(data, AtomicString):
            return data
        if self._needs is None:
            known = {self.inlinePatterns[name]: needs for name, needs in _NEEDS.items() if name in self.inlinePatterns}
            self._needs = [known.get(pattern, ("",)) for pattern in self.inlinePatterns]
        start = 0
        for index in range(patternIndex, len(self._needs)):
            first, *others = self._needs[index]
            matched = True
            while matched and (first in data or (others and any(one in data for one in others))):
                data, matched, start = self._InlineProcessor__applyPattern(  # type: ignore[attr-defined]
                    self.inlinePatterns[index], data, index, start
                )
            start = 0
        return data


class _OwnBlocks(Preprocessor):
    """Puts aside the HTML that staging wrote. Text that only looks like it is cleaned as everything else."""

    def run(self, lines: list[str]) -> list[str]:
        if not any(line.startswith(_OURS) for line in lines):
            return lines
        kept: list[str] = []
        number = 0
        while number < len(lines):
            end = number + 1
            if lines[number].startswith(_OURS) and (not kept or not kept[-1].strip()):
                while end < len(lines) and lines[end].strip():
                    end += 1
                tag = lines[number][1:].partition(" ")[0]
                if lines[end - 1].endswith(f"</{tag}>"):
                    kept.append(self.md.htmlStash.store("\n".join(lines[number:end])))
                    number = end
                    continue
            kept += lines[number:end]
            number = end
        return kept
