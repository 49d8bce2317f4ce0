"""What is not prose in a note: code in all its forms, mathematics, comments. Nothing is looked for inside them."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from carrel.core.text import begins_item

if TYPE_CHECKING:
    from carrel.core.text import Text

_FENCE_LINE = re.compile(r"\n[ \t>]*(`{3,}|~{3,})[ \t]*(?=\n|\Z)")
#: A marker of a table that Carrel made, whatever became of its blanks and capitals; 1 is the slash of a closing one.
MARKER = re.compile(r"<!--\s{0,9}(/?)\s{0,9}carrel\s{0,9}:\s{0,9}table\b", re.IGNORECASE)
_CLOSING = re.compile(r"<!--\s{0,9}/\s{0,9}carrel\s{0,9}:\s{0,9}table\s{0,9}-->", re.IGNORECASE)
_TICKS = re.compile(r"``*")  # not "`+": see markdown._TOKEN


class Opaque:
    """Finds where each of them ends. Every method is given where one may begin, and says where to go on."""

    def __init__(self, text: Text) -> None:
        self.text, self.body = text, text.body
        self.code_spans: list[tuple[int, int]] = []
        self.comment_spans: list[tuple[int, int]] = []
        self.has_tables = False  # whether a query block or a marker of a table was found
        self.block_end = -1  # where the last block of code ended
        self._ticks: dict[str, list[int]] = {}  # runs of backticks in the paragraph that ends at _ticks_limit
        self._ticks_limit = -1
        self._listed = (0, False)  # up to where it is known whether a list is open

    def covers(self, offset: int) -> bool:
        """Whether `offset` lies in code, math or a comment that was found already."""
        for spans in (self.code_spans, self.comment_spans):
            index = bisect_left(spans, (offset, 0))
            if index and spans[index - 1][1] > offset:
                return True
        return False

    def code(self, token: str, start: int, end: int) -> int:
        """A run of backticks or tildes, which is a fence, code within a line, or neither; or the whole of a code."""
        if token.strip(token[0]):  # it ends on its line, with the next backtick: nothing else is to be looked for
            self.code_spans.append((start, end))
            return end
        if len(token) >= 3 and self.text.begins_line(start):
            line_end = self.text.line_end(end)
            if token[0] == "~" or "`" not in self.body[end:line_end]:
                return self._fence(token, start, line_end)
        return self._inline_code(token, start, end) if token[0] == "`" else end

    def _fence(self, token: str, start: int, line_end: int) -> int:
        """A fenced block ends at a fence of its own kind that is at least as long, or with the note."""
        spans = self.code_spans
        if self.body[start + len(token) : line_end].strip() == "carrel":
            spans, self.has_tables = self.comment_spans, True
        for closing in _FENCE_LINE.finditer(self.body, line_end):
            if closing[1].startswith(token):
                return self._block_of_code(start, closing.end(), spans)
        return self._block_of_code(start, len(self.body), spans)

    def _block_of_code(self, start: int, stop: int, spans: list[tuple[int, int]]) -> int:
        spans.append((start, stop))
        self.block_end = stop
        return stop

    def _inline_code(self, token: str, start: int, end: int) -> int:
        limit = self.text.paragraph_end(end)
        run = _TICKS.search(self.body, end, limit)
        if run is None:
            return end
        stop = run.end() if run[0] == token else self._later_run(token, end, limit)
        if stop < 0:
            return end
        self.code_spans.append((start, stop))
        return stop

    def _later_run(self, token: str, offset: int, limit: int) -> int:
        """Where the next run like `token` ends, or -1. The paragraph's runs are noted, so that each is met once."""
        if limit != self._ticks_limit:
            self._ticks, self._ticks_limit = {}, limit
            for run in _TICKS.finditer(self.body, offset, limit):
                self._ticks.setdefault(run[0], []).append(run.start())
        closing = self._ticks.get(token, ())
        index = bisect_left(closing, offset)
        return closing[index] + len(token) if index < len(closing) else -1

    def math(self, token: str, start: int, end: int) -> int:
        """`$$…$$` within a paragraph; `$…$` when it opens before and closes after a non-blank (pandoc's rule)."""
        limit = self.text.paragraph_end(end)
        close = self.body.find(token, end, limit) if token == "$$" else self._dollar(end, limit)
        if close < 0:
            return end
        self.code_spans.append((start, close + len(token)))
        return close + len(token)

    def _dollar(self, start: int, limit: int) -> int:
        close = self.body.find("$", start, limit)
        while close > 0 and self.body[close - 1] == "\\":
            close = self.body.find("$", close + 1, limit)
        if close < 0 or self.body[start].isspace() or self.body[close - 1].isspace():
            return -1
        return -1 if self.body[close + 1 : close + 2].isdigit() or close == start else close

    def comment(self, start: int, closer: str, end: int) -> int:
        """`<!-- … -->`, or `%% … %%`; a table between Carrel's markers goes with them."""
        close = self.text.find(closer, end)
        if close < 0:
            if closer == "%%":
                return end
            close = len(self.body)  # as a browser reads it: the rest of the note
        stop = min(close + len(closer), len(self.body))
        marker = MARKER.match(self.body, start)
        if marker is not None:
            self.has_tables = True
            if not marker[1] and not is_whole_table(self.body[start:stop]):
                stop = self._table_end(stop)
        self.comment_spans.append((start, stop))
        return stop

    def _table_end(self, opened: int) -> int:
        """The next marker after an opening one must be its end, or it has none: `core.lost_tables` sees to the rows."""
        following = MARKER.search(self.body, opened)
        closing = _CLOSING.match(self.body, following.start()) if following else None
        return closing.end() if closing else opened

    def indented(self, start: int, end: int) -> int:
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
            self.code_spans.append((start + 1, last))
            self.block_end = last
        return stop  # past the blank lines, so that each is looked at once

    def _in_list(self, offset: int) -> bool:
        """Whether the last line before `offset` that is not indented opened a list item."""
        known, answer = self._listed
        position = offset
        while position > known:
            line = self.body.rfind("\n", 0, position - 1) + 1
            text = self.body[line:position]
            if begins_item(text):
                answer = True
                break
            if text.strip() and not text.startswith((" ", "\t")):
                answer = False
                break
            position = line
        self._listed = (offset, answer)
        return answer


def is_whole_table(text: str) -> bool:
    """Whether a comment is a table with both of its markers."""
    opening = MARKER.match(text)
    last = max(0, text.rfind("<!--"))
    return opening is not None and not opening[1] and _CLOSING.fullmatch(text, last) is not None
