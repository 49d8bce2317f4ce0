"""What stands in a note's text: links, citations, tags, headings, block ids, comments, code.

One pass from left to right over the characters that can begin something, so that code inside a comment, a
comment inside code and a tag inside math are what they are. Time is linear in the text: nothing is searched
twice, and a search that found no end remembers it. The dialect is CommonMark with Obsidian's wikilinks, tags,
block ids and `%%` comments, and pandoc's citations and math.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from urllib.parse import unquote

from carrel.core.names import heading_slug
from carrel.core.note import Citation, Heading, Link, LinkForm, Markup, Tag

# Every alternative begins with a literal character: the engine then skips plain prose at C speed.
_TOKEN = re.compile(
    r"\\[^\n]|`+|~~~+|\$\$?|<!--|%%+|!\[\[|\[\[|!\[|\[|\]\(|\]:|\]|@|#+|\^|\n(?:=+|-+)[ \t]*(?=\n|\Z)|\n(?: {4}|\t)"
)
_WIKI = re.compile(r"([^\[\]\n|#]*)(?:#([^\[\]\n|]*))?(?:\|([^\[\]\n]*))?\]\]")
_DESTINATION = re.compile(
    r"\][(:][ \t]*(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))"
    r"(?:[ \t\n]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*(\)?)"
)
_ELSEWHERE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|/|#?\Z)")
_CITATION_KEY = re.compile(r"@(?:\{([^{}\s]{1,200})\}|([\w][\w:.#$%&+?<>~/-]{0,200}))")
_TAG = re.compile(r"#([^\W\d_][\w/-]*)")
_BLOCK_ID = re.compile(r"\^([A-Za-z0-9-]+)[ \t]*(?=\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_LINE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*")
_MARKED = re.compile(r"[\[*_`]")
_FENCE_LINE = re.compile(r"\n[ \t>]*(`{3,}|~{3,})[ \t]*(?=\n|\Z)")
_TICKS = re.compile(r"`+")
_LIST_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
# Characters of a link's label and of a citation's locator: what is longer is prose in which a bracket was lost.
_LABEL_LENGTH = 1000
_LOCATOR_LENGTH = 200
_BEFORE_TAG = " \t\n([,;>"
_BEFORE_CITATION = " \t\n([;-*_>\"'—–"


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
    text = re.sub(r"!?\[\[([^\[\]\n|]*)(?:\|([^\[\]\n]*))?\]\]", lambda link: link[2] or link[1], text)
    text = re.sub(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)", r"\1", text)
    text = re.sub(r"(?<![\w\\])(\*{1,3}|_{1,3})(?=\S)([^*_\n]+)(?<=\S)\1(?!\w)", r"\2", text)
    return re.sub(r"`+", "", text).strip()


class _Scanner:
    def __init__(self, body: str, first_line: int) -> None:
        self.body = body
        self.links: list[Link] = []
        self.citations: list[Citation] = []
        self.tags: list[Tag] = []
        self.headings: list[Heading] = []
        self.blocks: dict[str, int] = {}
        self.comments: list[tuple[int, int]] = []
        self.code: list[tuple[int, int]] = []
        self._slugs: dict[str, int] = {}  # anchor -> how often one like it came after
        self._line, self._counted = first_line, 0
        self._paragraphs: list[int] | None = None
        self._endless: set[str] = set()  # closers known not to come any more
        self._ticks: dict[str, list[int]] = {}  # runs of backticks in the paragraph that ends at _ticks_limit
        self._ticks_limit = -1
        self._newlines: list[int] = []
        self._brackets: list[int] = []  # open `[`, for labels and citation groups
        self._cited: list[Citation] = []  # citations since the outermost open bracket
        self._bracket_limit = 0
        self._linked = 0  # an open `[` before here holds a link already, and links hold no links
        self._block_end = -1  # where the last block of code ended
        self._listed = (0, False)  # up to where it is known whether a list is open

    def scan(self) -> Markup:
        body, position = self.body, 0
        while (token := _TOKEN.search(body, position)) is not None:
            position = self._handle(token[0], token.start(), token.end())
        self.citations += self._cited
        self.citations.sort(key=lambda citation: citation.start)
        self.links.sort(key=lambda link: link.start)
        return Markup(
            tuple(self.links), tuple(self.citations), tuple(self.tags), tuple(self.headings),
            self.blocks, tuple(self.comments), tuple(self.code),
        )  # fmt: skip

    def _handle(self, token: str, start: int, end: int) -> int:
        """Deal with the token at `start`; where to go on."""
        match token[0]:
            case "\\":
                return end
            case "`" | "~":
                return self._code(token, start, end)
            case "$":
                return self._math(token, start, end)
            case "<":
                return self._comment(start, "-->", end)
            case "%":
                return self._comment(start, "%%", end) if token == "%%" else end
            case "[" | "!":
                return self._open(token, start, end)
            case "]":
                return self._close(token, start, end)
            case "@":
                return self._citation(start)
            case "#":
                return self._hash(token, start, end)
            case "^":
                return self._block_id(start, end)
            case _:  # a line end, and what only a line's start can be
                return self._line_start(token, start, end)

    # --- places -----------------------------------------------------------------------------------------------

    def _line_of(self, offset: int) -> int:
        """The line of `offset`; most offsets are asked in ascending order, so newlines are counted once."""
        if offset >= self._counted:
            self._line += self.body.count("\n", self._counted, offset)
            self._counted = offset
            return self._line
        if self._counted - offset < 1000:
            return self._line - self.body.count("\n", offset, self._counted)
        if not self._newlines:
            self._newlines = [found.start() for found in re.finditer("\n", self.body)]
        return self._line - (bisect_left(self._newlines, self._counted) - bisect_left(self._newlines, offset))

    def _paragraph_end(self, offset: int) -> int:
        """Where the paragraph around `offset` ends: inline code and math do not cross a blank line."""
        if self._paragraphs is None:
            self._paragraphs = [blank.start() for blank in _BLANK_LINE.finditer(self.body)]
        index = bisect_right(self._paragraphs, offset)
        return self._paragraphs[index] if index < len(self._paragraphs) else len(self.body)

    def _line_end(self, offset: int) -> int:
        end = self.body.find("\n", offset)
        return len(self.body) if end < 0 else end

    def _begins_line(self, offset: int) -> bool:
        """Whether only indentation, `>` and list markers stand before `offset` on its line."""
        near = max(0, offset - 200)  # no one indents so far; keeps this linear on one endless line
        line = self.body.rfind("\n", near, offset) + 1
        if near and not line:
            return False
        return _LINE_PREFIX.fullmatch(self.body, line, offset) is not None

    def _find(self, closer: str, offset: int) -> int:
        """Where `closer` is next, or -1; once it was not found it is not looked for again."""
        if closer in self._endless:
            return -1
        found = self.body.find(closer, offset)
        if found < 0:
            self._endless.add(closer)
        return found

    # --- code, math, comments ---------------------------------------------------------------------------------

    def _code(self, token: str, start: int, end: int) -> int:
        if len(token) >= 3 and self._begins_line(start):
            line_end = self._line_end(end)
            if token[0] == "~" or "`" not in self.body[end:line_end]:
                return self._fence(token, start, line_end)
        return self._inline_code(token, start, end) if token[0] == "`" else end

    def _fence(self, token: str, start: int, line_end: int) -> int:
        """A fenced block ends at a fence of its own kind that is at least as long, or with the note."""
        for closing in _FENCE_LINE.finditer(self.body, line_end):
            if closing[1].startswith(token):
                return self._block_of_code(start, closing.end())
        return self._block_of_code(start, len(self.body))

    def _block_of_code(self, start: int, stop: int) -> int:
        self.code.append((start, stop))
        self._block_end = stop
        return stop

    def _inline_code(self, token: str, start: int, end: int) -> int:
        limit = self._paragraph_end(end)
        if limit != self._ticks_limit:
            self._ticks, self._ticks_limit = {}, limit
            for run in _TICKS.finditer(self.body, end, limit):
                self._ticks.setdefault(run[0], []).append(run.start())
        closing = self._ticks.get(token, ())
        index = bisect_left(closing, end)
        if index == len(closing):
            return end
        stop = closing[index] + len(token)
        self.code.append((start, stop))
        return stop

    def _math(self, token: str, start: int, end: int) -> int:
        """`$$…$$` within a paragraph; `$…$` when it opens before and closes after a non-blank (pandoc's rule)."""
        limit = self._paragraph_end(end)
        close = self.body.find(token, end, limit) if token == "$$" else self._dollar(end, limit)
        if close < 0:
            return end
        self.code.append((start, close + len(token)))
        return close + len(token)

    def _dollar(self, start: int, limit: int) -> int:
        close = self.body.find("$", start, limit)
        while close > 0 and self.body[close - 1] == "\\":
            close = self.body.find("$", close + 1, limit)
        if close < 0 or self.body[start].isspace() or self.body[close - 1].isspace():
            return -1
        return -1 if self.body[close + 1 : close + 2].isdigit() or close == start else close

    def _comment(self, start: int, closer: str, end: int) -> int:
        close = self._find(closer, end)
        if close < 0:
            if closer == "%%":
                return end
            close = len(self.body)  # as a browser reads it: the rest of the note
        stop = min(close + len(closer), len(self.body))
        self.comments.append((start, stop))
        return stop

    # --- brackets: links, citation groups ---------------------------------------------------------------------

    def _open(self, token: str, start: int, end: int) -> int:
        if token.endswith("[["):
            if (link := _WIKI.match(self.body, end)) is not None:
                target, fragment, label = (part.strip() for part in link.groups(""))
                # In a table the bar must be escaped, `[[a\|b]]`: the backslash belongs to neither side.
                target, fragment = target.removesuffix("\\").rstrip(), fragment.removesuffix("\\").rstrip()
                if target or fragment:
                    line, stop = self._line_of(start), link.end()
                    self.links.append(Link(target, fragment, label, token[0] == "!", LinkForm.WIKI, line, start, stop))
                    return stop
            return end - 1
        if start >= self._bracket_limit:  # brackets do not reach over a blank line
            self._flush()
            self._bracket_limit = self._paragraph_end(start)
        self._brackets.append(start)
        return end

    def _flush(self) -> None:
        self.citations += self._cited
        self._cited.clear()
        self._brackets.clear()

    def _close(self, token: str, start: int, end: int) -> int:
        if start >= self._bracket_limit:
            self._flush()
        if not self._brackets:
            return end
        opened = self._brackets.pop()
        if token == "](" or (token == "]:" and self._begins_line(opened)):
            form = LinkForm.INLINE if token == "](" else LinkForm.DEFINITION
            place = _DESTINATION.match(self.body, start)
            if place is not None and self._leads(place, opened, form):
                self._destination(place, opened, form)
                return place.end()
        if self._cited:
            self._group(opened, start)
        return start + 1

    def _leads(self, place: re.Match[str], opened: int, form: LinkForm) -> bool:
        """Whether it is a link: closed and with no link inside, or a definition that has its line to itself."""
        if place.start() - opened > _LABEL_LENGTH:
            return False
        if form is LinkForm.DEFINITION:  # `[^1]: …` is a footnote
            return self.body[place.end() : place.end() + 1] in ("", "\n") and self.body[opened + 1] != "^"
        return bool(place[3]) and (opened >= self._linked or self.body[opened] == "!")

    def _destination(self, place: re.Match[str], opened: int, form: LinkForm) -> None:
        embed = self.body[opened] == "!"
        if not embed:
            self._linked = opened
        written = place[1] if place[1] is not None else place[2]
        if _ELSEWHERE.match(written):
            return
        target, _, fragment = written.partition("#")
        label = self.body[opened + 1 + embed : place.start()]
        line = self._line_of(opened)
        self.links.append(Link(unquote(target), unquote(fragment), label, embed, form, line, opened, place.end()))

    def _group(self, opened: int, closed: int) -> None:
        """Give the citations inside a closed bracket their group and what follows each key as its locator."""
        stop = closed
        while self._cited and self._cited[-1].start > opened:
            cited = self._cited.pop()
            after = self.body[cited.end : min(stop, cited.end + _LOCATOR_LENGTH)]
            locator = after.partition(";")[0].strip().lstrip(",").strip()
            group = (opened, closed + 1)
            self.citations.append(
                Citation(cited.key, locator, cited.suppress_author, cited.line, cited.start, cited.end, group)
            )
            stop = cited.start

    def _citation(self, start: int) -> int:
        key = _CITATION_KEY.match(self.body, start)
        if key is None or (start and self.body[start - 1] not in _BEFORE_CITATION):
            return start + 1
        name, end = (key[1], key.end()) if key[1] else (key[2].rstrip(":.#$%&+?<>~/-"), 0)
        end = end or start + 1 + len(name)
        before = self.body[max(0, start - 2) : start]
        suppressed = before == "-" or (before[1:] == "-" and before[0] in "[ \n;")
        if start and self.body[start - 1] == "-" and not suppressed:
            return end
        begin = start - suppressed
        cited = Citation(name, "", suppressed, self._line_of(begin), begin, end)
        (self._cited if self._brackets and start < self._bracket_limit else self.citations).append(cited)
        return end

    # --- what a line begins with ------------------------------------------------------------------------------

    def _block_id(self, start: int, end: int) -> int:
        block = _BLOCK_ID.match(self.body, start)
        if block is not None and (start == 0 or self.body[start - 1] in " \t\n"):
            self.blocks.setdefault(block[1], self.body.rfind("\n", 0, start) + 1)
        return end

    def _hash(self, token: str, start: int, end: int) -> int:
        line = self.body.rfind("\n", max(0, start - 4), start) + 1
        at_start = (line > 0 or start < 4) and not self.body[line:start].strip(" ")
        if at_start and len(token) <= 6 and self.body[end : end + 1] in ("", " ", "\t", "\n"):
            self._heading(len(token), self.body[end : self._line_end(end)], line)
            return end
        if len(token) == 1 and (start == 0 or self.body[start - 1] in _BEFORE_TAG):
            tag = _TAG.match(self.body, start)
            if tag is not None:
                name = tag[1].rstrip("/-")
                self.tags.append(Tag(name, self._line_of(start), start, start + 1 + len(name)))
                return tag.end()
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
        self.headings.append(Heading(level, text, slug, self._line_of(start), start))

    def _line_start(self, token: str, start: int, end: int) -> int:
        if token[1] in "=-":
            before = self.body.rfind("\n", 0, start) + 1
            title = self.body[before:start]
            if start != self._block_end and self._is_paragraph(title, before):
                self._heading(1 if token[1] == "=" else 2, title, before)
            return end
        return self._indented(start, end)

    def _is_paragraph(self, line: str, start: int) -> bool:
        """Whether a line can be a heading's text: no other block, and not the end of something that began above."""
        first = line.lstrip()[:1]
        if not first or first in "#>|<" or len(line) >= 500 or _LIST_ITEM.match(line):
            return False
        for spans in (self.code, self.comments):
            index = bisect_left(spans, (start, 0))
            if index and spans[index - 1][1] > start:
                return False
        return True

    def _indented(self, start: int, end: int) -> int:
        """Indented code: after a blank line, and not what belongs to an item of a list."""
        blank = self.body.rfind("\n", 0, start) + 1 if start else 0
        if self.body[blank:start].strip() or self._in_list(blank):
            return end
        stop = start
        for line in re.compile(r"\n(?: {4}|\t)[^\n]*|\n[ \t]*(?=\n)").finditer(self.body, start):
            if line.start() != stop:
                break
            stop = line.end()
        last = start + len(self.body[start:stop].rstrip())
        if last > end:
            self.code.append((start + 1, last))
            self._block_end = last
        return stop  # past the blank lines, so that each is looked at once

    def _in_list(self, offset: int) -> bool:
        """Whether the last line before `offset` that is not indented opened a list item."""
        known, answer = self._listed
        position = offset
        while position > known:
            line = self.body.rfind("\n", 0, position - 1) + 1
            text = self.body[line:position]
            if _LIST_ITEM.match(text):
                answer = True
                break
            if text.strip() and not text.startswith((" ", "\t")):
                answer = False
                break
            position = line
        self._listed = (offset, answer)
        return answer
