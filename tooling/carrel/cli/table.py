"""Columns for the terminal: aligned by what a character takes there, and cut to its width."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

GAP = "  "
#: A column is not made narrower than this to make room.
NARROWEST = 8


def width(text: str) -> int:
    """The columns that `text` takes on a terminal: two for a Chinese character, none for an accent put on top.

    >>> width("Überblick"), width("概要"), width("e\u0301")
    (9, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, room: int) -> str:
    """`text`, ending in … where it is wider than `room` columns.

    >>> cut("Toy Models", 10), cut("Toy Models", 6), cut("概要概要", 6)
    ('Toy Models', 'Toy M…', '概要…')
    """
    if width(text) <= room:
        return text
    used, kept = 0, []
    for character in text:
        used += _columns(character)
        if used > room - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def table(rows: Sequence[Sequence[str]], room: int = 0) -> list[str]:
    """Rows of equally many cells as aligned lines, cut to `room` columns if that is not 0: the widest cells give way.

    >>> table([["a", "Toy Models"], ["bcd", "概要"]])
    ['a    Toy Models', 'bcd  概要']
    >>> table([["key", "1999", "A title that is far too long"]], 24)
    ['key  1999  A title that…']
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    over = sum(widths) + len(GAP) * (len(widths) - 1) - room if room else 0
    while over > 0 and max(widths) > NARROWEST:
        widest = widths.index(max(widths))
        second = max([NARROWEST, *(one for one in widths if one < widths[widest])])
        less = min(over, max(1, widths[widest] - second))
        widths[widest] -= less
        over -= less
    lines = []
    for row in rows:
        cells = [cut(cell, room_) for cell, room_ in zip(row, widths, strict=True)]
        padded = [cell + " " * (room_ - width(cell)) for cell, room_ in zip(cells, widths, strict=True)]
        lines.append(GAP.join(padded).rstrip())
    return lines
