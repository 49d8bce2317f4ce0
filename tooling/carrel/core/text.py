"""A body of text with the look-ups that a scan needs, each linear over the whole scan."""

from __future__ import annotations

import re
from bisect import bisect_left

_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_LINE_PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*")
_LIST_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")


class Text:
    """`body` (newlines as `\\n`) whose first line is the line `first_line` of its file."""

    def __init__(self, body: str, first_line: int = 1) -> None:
        self.body = body
        self._line, self._counted = first_line, 0
        self._paragraph = (0, 0)
        self._endless: set[str] = set()  # closers known not to come any more
        self._newlines: list[int] = []

    def line_of(self, offset: int) -> int:
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

    def paragraph_end(self, offset: int) -> int:
        """Where the paragraph around `offset` ends: inline code and math do not cross a blank line."""
        start, end = self._paragraph
        if not start <= offset < end:
            blank = _BLANK_LINE.search(self.body, offset + 1)
            end = blank.start() if blank is not None else len(self.body)
            self._paragraph = offset, end
        return end

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends."""
        end = self.body.find("\n", offset)
        return len(self.body) if end < 0 else end

    def begins_line(self, offset: int) -> bool:
        """Whether only indentation, `>` and list markers stand before `offset` on its line."""
        near = max(0, offset - 200)  # no one indents so far; keeps this linear on one endless line
        line = self.body.rfind("\n", near, offset) + 1
        if near and not line:
            return False
        return _LINE_PREFIX.fullmatch(self.body, line, offset) is not None

    def find(self, closer: str, offset: int) -> int:
        """Where `closer` is next, or -1; once it was not found it is not looked for again."""
        if closer in self._endless:
            return -1
        found = self.body.find(closer, offset)
        if found < 0:
            self._endless.add(closer)
        return found


def begins_item(line: str) -> bool:
    """Whether a line begins an item of a list.

    >>> begins_item("- one"), begins_item("  2. two"), begins_item("-none")
    (True, True, False)
    """
    return _LIST_ITEM.match(line) is not None
