"""Sections that nobody has written in yet: on the site a template's headings without text would say nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.core.note import Note

#: What is no text: blanks, and the signs of a quotation or a list in which nothing stands.
_NOTHING = re.compile(r"[\s>*+-]*")


def empty_sections(note: Note) -> list[tuple[int, int]]:
    """The spans of sections that hold no text, from the heading on, as offsets in the body.

    Of a paper, every such section; of other notes those with a comment, which was there to be replaced: a heading
    alone may be all that its author had to say. Entries of the log stay, and so does a page's own title.
    """
    # A query block is no comment here: it becomes a table, which is more than nothing.
    comments = tuple(span for span in note.markup.comments if not note.body.startswith(("`", "~"), span[0]))
    if note.kind == "log" or not (comments or note.kind == "paper"):
        return []
    found = []
    below: list[tuple[int, int, bool, bool]] = []  # sections that follow: level, start, empty, commented
    end = len(note.body)
    for heading in reversed(note.markup.headings):
        stop = below[-1][1] if below else end
        start = _heading_end(note.body, heading.start)
        first, last = bisect_left(comments, (start, 0)), bisect_left(comments, (stop, 0))
        empty = _is_empty(note.body, start, stop, comments[first:last])
        commented = last > first
        while below and below[-1][0] > heading.level:
            _, _, inner_empty, inner_commented = below.pop()
            empty, commented = empty and inner_empty, commented or inner_commented
        if empty and heading.level > 1 and (commented or note.kind == "paper"):
            found.append((heading.start, below[-1][1] if below else end))
        below.append((heading.level, heading.start, empty, commented))
    return found[::-1]


def _is_empty(body: str, start: int, stop: int, comments: tuple[tuple[int, int], ...]) -> bool:
    """Whether nothing but `comments` stands between `start` and `stop`."""
    for begin, end in comments:
        if _NOTHING.fullmatch(body, start, max(start, begin)) is None:
            return False
        start = max(start, end)
    return _NOTHING.fullmatch(body, start, max(start, stop)) is not None


def _heading_end(body: str, start: int) -> int:
    """The end of a heading's line, or of the line under one that is underlined."""
    end = body.find("\n", start)
    if end >= 0 and not body[start:end].lstrip().startswith("#"):
        end = body.find("\n", end + 1)
    return len(body) if end < 0 else end
