"""Python-Markdown without work that cannot find anything: the same page in two thirds of the time.

Its inline patterns are each searched for in every piece of text; most need a character that is not there. It reads
blocks of HTML tag by tag, to know where they end; those that staging wrote end before the next blank line. And it
looks for fences and placeholders where there are none, and writes a table of contents that nobody reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown import Extension
from markdown.extensions.toc import TocExtension, TocTreeprocessor
from markdown.postprocessors import RawHtmlPostprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor, UnescapeTreeprocessor
from markdown.util import HTML_PLACEHOLDER, STX, AtomicString

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown
    from markdown.extensions.toc import _TocToken

#: Of which strings a text must hold one, so that the pattern of that name can match at all. Others are always asked.
_NEEDS = {
    "backtick": ("`",),
    "arithmatex-inline": ("\\(",),
    "carrel-displayed": ("$$",),
    "carrel-in-line": ("$",),
    "escape": ("\\",),
    "carrel-footnote": ("^[",),
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


_FENCES = ("```", "~~~")
_ASIDE = HTML_PLACEHOLDER.partition("%")[0]


class Quick(Extension):
    """Makes a Python-Markdown skip what cannot match. It is to be registered after all others."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        # in the place of its own
        md.treeprocessors.register(_Inline(md), "inline", 20)
        md.treeprocessors.register(_Unescape(md), "unescape", 0)
        md.postprocessors.register(_PutBack(md), "raw_html", 30)
        md.preprocessors.register(_Fences(md, md.preprocessors["fenced_code_block"]), "fenced_code_block", 25)
        md.preprocessors.register(_OwnBlocks(md), "carrel-blocks", 21)  # before the HTML parser, after code
        md.block_level_elements = dict.fromkeys(md.block_level_elements)  # type: ignore[assignment]  # asked for often


class _Inline(InlineProcessor):
    """Python-Markdown's own, but for the question whether a pattern is worth a search.

    It overrides a private method. One that is called otherwise some day is not called, and pages take longer.
    """

    _needs: list[tuple[int, tuple[str, ...]]] | None = None

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        if isinstance(data, AtomicString):
            return data
        if self._needs is None:
            known = {self.inlinePatterns[name]: needs for name, needs in _NEEDS.items() if name in self.inlinePatterns}
            self._needs = [(index, known.get(one, ("",))) for index, one in enumerate(self.inlinePatterns)]
        start = 0
        for index, needs in self._needs[patternIndex:]:
            for need in needs:
                if need in data:
                    break
            else:
                continue
            matched = True
            while matched and any(need in data for need in needs):
                data, matched, start = self._InlineProcessor__applyPattern(  # type: ignore[attr-defined]
                    self.inlinePatterns[index], data, index, start
                )
            start = 0
        return data


class Contents(TocExtension):
    """Python-Markdown's own, but for the list of headings as HTML, which is written only where `[TOC]` stands."""

    class TreeProcessorClass(TocTreeprocessor):
        def build_toc_div(self, toc_list: list[_TocToken]) -> Element:
            lines: list[str] = self.md.lines  # type: ignore[attr-defined]  # the stubs do not know of it
            wanted = any(self.marker in line for line in lines)
            return super().build_toc_div(toc_list if wanted else [])


class _Unescape(UnescapeTreeprocessor):
    def unescape(self, text: str) -> str:
        return super().unescape(text) if STX in text else text


class _PutBack(RawHtmlPostprocessor):
    def run(self, text: str) -> str:
        return super().run(text) if _ASIDE in text else text


class _Fences(Preprocessor):
    """Looks for fences where there can be some, by the processor `own`."""

    def __init__(self, md: Markdown, own: Preprocessor) -> None:
        super().__init__(md)
        self._own = own

    def __getattr__(self, name: str) -> object:
        return getattr(self._own, name)  # its settings, which the library asks for

    def run(self, lines: list[str]) -> list[str]:
        return self._own.run(lines) if any(fence in line for line in lines for fence in _FENCES) else lines


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
