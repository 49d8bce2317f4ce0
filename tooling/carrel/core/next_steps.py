"""What a note says is to be done next: the points of its section Next, and its `next:: …` lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.core.parse import parse_note
from carrel.core.section import section_points

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note

_LINE = re.compile(r"^(?:[-*] )?next::(?!\S)([^\n]*)", re.MULTILINE | re.IGNORECASE)


def next_steps(note: Note) -> Iterator[tuple[Entry | None, str]]:
    """Each step on one line, with the entry that says it; None where it is said outside of all entries.

    >>> day = parse_note("notes/2026-11-20.md", b"## 14:32 Loss spikes\\n\\nnext:: try a smaller step\\n")
    >>> [(entry.title, step) for entry, step in next_steps(day)]
    [('Loss spikes', 'try a smaller step')]
    """
    if "next" not in note.body.lower():
        return
    if not note.entries:
        yield from ((None, step) for step in _steps(note))
        return
    for entry in note.entries:
        if "next" in entry.text.lower():
            yield from ((entry, step) for step in _steps(parse_note("", entry.text.encode())))


def _steps(note: Note) -> Iterator[str]:
    lines = (" ".join(found[1].split()) for found in _LINE.finditer(note.body))
    points = (point for point in section_points(note, "Next") if not _LINE.match(point))
    yield from dict.fromkeys(step for step in (*lines, *points) if step)
