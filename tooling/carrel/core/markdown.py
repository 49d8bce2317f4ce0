"""What stands in a note's text: links, citations, tags, headings, block ids, comments, code.

One pass from left to right over the characters that can begin something, so that code inside a comment, a
comment inside code and a tag inside math are what they are. Time is linear in the text: nothing is searched
twice, and a search that found no end remembers it. The dialect is CommonMark with Obsidian's wikilinks, tags,
block ids and `%%` comments, and pandoc's citations and math.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.brackets import CITATION, Brackets
from carrel.core.names import heading_slug
from carrel.core.note import Heading, Markup, Tag
from carrel.core.opaque import Opaque
from carrel.core.text import Text, begins_item

if TYPE_CHECKING:
    from collections.abc import Callable

# Every alternative begins with a literal character, "##*" and not "#+": the engine then passes over prose at C speed.
# Code between two backticks, a tag and a citation alone in its brackets are one token each, as they are so frequent.
_TOKEN = re.compile(
    r"\\[^\n]|`[^`\n]++`(?!`)|``*|~~~+|\$\$?|<!--|%%+|!\[\[?|"
    rf"\[{CITATION}\](?![(:])|\[\[?|\][(:]?|@|##*(?:[^\W\d_][\w/-]*+)?|\^|"
    r"\n(?:=+|-+)[ \t]*(?=\n|\Z)|\n(?: {4}|\t)"
)
# At the end of a line, or where the outcome of a prediction follows: links to a prediction outlast that.
_BLOCK_ID = re.compile(
    r"\^([A-Za-z0-9-]++)(?=[ \t]*+(?:\n|\Z)|[ \t]?(?:→|[-=]>)[ \t]?(?:yes|no|void|Yes|No|Void|YES|NO|VOID)\b)"
)
_MARKED = re.compile(r"[\[*_`]")
# As above, each begins with the characters that it can begin with. A function puts in what stays, since Python takes a
# pattern such as "\2" apart for every match.
_WIKILINK = re.compile(r"(?:!\[|\[)\[([^\[\]\n|]*)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"(?:!\[|\[)([^\[\]\n]*)\]\([^()\n]*\)")
_EMPHASIS = re.compile(r"([*_](?<![\w\\].)(?:(?<=\*)\*{0,2}|(?<=_)_{0,2}))(?=\S)([^*_\n]+)(?<=\S)\1(?!\w)")
_BEFORE_TAG = " \t\n([,;>"


def scan(body: str, first_line: int = 1) -> Markup:
    """Find the markup of `body` (newlines as `\\n`); `first_line` is the line of the file where it begins.

    >>> found = scan("See [[toy-models|Elhage]] and [@olah2020zoom, p. 3] #sae. `[[not this]]`")
    >>> [link.target for link in found.links], found.citations[0].locator, [tag.name for tag in found.tags]
    (['toy-models'], 'p. 3', ['sae'])
    """
    return _Scanner(body, first_line).scan()


def plain(text: str) -> str:
    """`text` of one line as it reads: no emphasis, code marks or links, only their labels.

    >>> plain("**Loss** of [[sae|the SAE]] with `k=3`, see [here](x.md)")
    'Loss of the SAE with k=3, see here'
    """
    if not _MARKED.search(text):
        return text.strip()
    if "[" in text:
        text = _WIKILINK.sub(lambda link: link[2] or link[1], text)
        text = _LINK.sub(lambda link: link[1], text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda marked: marked[2], text)
    return text.replace("`", "").strip()


class _Scanner:
    def __init__(self, body: str, first_line: int) -> None:
        self.body = body
        self.text = Text(body, first_line)
        self.opaque = Opaque(self.text)
        self.brackets = Brackets(self.text)
        self.tags: list[Tag] = []
        self.headings: list[Heading] = []
        self.blocks: dict[str, int] = {}
        self._slugs: dict[str, int] = {}  # anchor -> how often one like it came after

    def scan(self) -> Markup:
        opaque, brackets = self.opaque, self.brackets
        # Each deals with the token from `start` to `end`, and returns where to go on.
        handlers: dict[str, Callable[[str, int, int], int]] = {
            "\\": lambda _token, _start, end: end,
            "`": opaque.code, "~": opaque.code, "$": opaque.math, "<": self._comment, "%": self._comment,
            "[": brackets.open, "!": brackets.open, "]": brackets.close, "@": brackets.citation,
            "#": self._hash, "^": self._block_id, "\n": self._line_start,
        }  # fmt: skip
        position = 0
        while (token := _TOKEN.search(self.body, position)) is not None:
            written = token[0]
            position = handlers[written[0]](written, *token.span())
        links, citations = self.brackets.found()
        comments, code = tuple(self.opaque.comment_spans), tuple(self.opaque.code_spans)
        markup = Markup(links, citations, tuple(self.tags), tuple(self.headings), self.blocks, comments, code)
        if not opaque.has_tables:
            return markup
        from carrel.core.lost_tables import without_lost_tables  # few notes have tables

        return without_lost_tables(self.body, markup)

    def _comment(self, token: str, start: int, end: int) -> int:
        if token.startswith("%%%"):
            return end
        return self.opaque.comment(start, "%%" if token == "%%" else "-->", end)

    def _block_id(self, _: str, start: int, end: int) -> int:
        block = _BLOCK_ID.match(self.body, start)
        if block is not None and (start == 0 or self.body[start - 1] in " \t\n"):
            self.blocks.setdefault(block[1], self.body.rfind("\n", 0, start) + 1)
        return end

    def _hash(self, token: str, start: int, end: int) -> int:
        body = self.body
        before, line = body[start - 1 : start], start
        if token[-1] != "#":  # with a word behind it
            if before in _BEFORE_TAG and token[1] != "#":
                name = token[1:].rstrip("/-")
                self.tags.append(Tag(name, self.text.line_of(start), start, start + 1 + len(name)))
            return end
        if before == " ":  # a heading may be indented by three blanks
            line = body.rfind("\n", max(0, start - 4), start) + 1
            at_start = (line > 0 or start < 4) and not body[line:start].strip(" ")
        else:
            at_start = before in ("", "\n")
        if at_start and len(token) <= 6 and body[end : end + 1] in ("", " ", "\t", "\n"):
            self._heading(len(token), body[end : self.text.line_end(end)], line)
        return end

    def _heading(self, level: int, text: str, start: int) -> None:
        text = text.strip()
        if text.endswith("#"):
            text = re.sub(r"(?:^|[ \t])#+$", "", text)
        if "^" in text:
            text = re.sub(r"[ \t]\^[A-Za-z0-9-]+$", "", text)
        text = plain(text)
        slug = first = heading_slug(text)
        while slug in self._slugs:
            self._slugs[first] += 1
            slug = f"{first}-{self._slugs[first]}"
        self._slugs[slug] = 0
        self.headings.append(Heading(level, text, slug, self.text.line_of(start), start))

    def _line_start(self, token: str, start: int, end: int) -> int:
        if token[1] in "=-":
            before = self.body.rfind("\n", 0, start) + 1
            title = self.body[before:start]
            if start != self.opaque.block_end and self._is_paragraph(title, before):
                self._heading(1 if token[1] == "=" else 2, title, before)
            return end
        return self.opaque.indented(start, end)

    def _is_paragraph(self, line: str, start: int) -> bool:
        """Whether a line can be a heading's text: no other block, and not the end of something that began above."""
        first = line.lstrip()[:1]
        if not first or first in "#>|<" or len(line) >= 500 or begins_item(line):
            return False
        return not self.opaque.covers(start)
