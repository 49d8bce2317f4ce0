"""Experiments, questions and ideas in tables: how old each is, and room for the name that a person types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from carrel.cli.output import count
from carrel.cli.table import GAP, cut, width

#: What is said last in a row is not cut below this to make room for a long name.
_LAST = 16


def age(day: date | None, today: date) -> str:
    """The days since a day, "today" for none, the day itself where it is still to come.

    >>> age(date(2026, 11, 3), date(2026, 11, 20)), age(date(2026, 11, 20), date(2026, 11, 20))
    ('17 days', 'today')
    """
    if day is None or day > today:
        return str(day or "")
    return count((today - day).days, "day") if day < today else "today"


def last_cut(rows: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """The rows of a table with their last cells cut first where they are wider than `room`, if that is not 0.

    >>> last_cut([["seed-sweep", "Do probes transfer between models"]], 30)
    [['seed-sweep', 'Do probes transfe…']]
    """
    others = sum(max(map(width, column)) + len(GAP) for column in [*zip(*rows, strict=True)][:-1])
    return [[*row[:-1], cut(row[-1], max(_LAST, room - others)) if room else row[-1]] for row in rows]
