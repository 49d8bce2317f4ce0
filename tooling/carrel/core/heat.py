"""How much was written on which days: how dark a day of a calendar is, and how many days came one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

#: How dark a day can be. The darkest has 32 entries and notes or more.
DARKEST = 6


class Run(NamedTuple):
    """Days on end, from `first` to `last`."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def level(count: int) -> int:
    """How dark a day is, 0 to 6: each level is twice the one before.

    >>> [level(count) for count in (0, 1, 2, 3, 4, 8, 16, 500)]
    [0, 1, 2, 2, 3, 4, 5, 6]
    """
    return min(count.bit_length(), DARKEST)


def longest_run(days: Iterable[date]) -> Run | None:
    """The most days on end, of two as long the later ones; None where there is no day.

    >>> print(*longest_run(date(2026, 11, day) for day in (1, 2, 5, 6, 9)))
    2026-11-05 2026-11-06
    """
    longest: Run | None = None
    run: Run | None = None
    for day in sorted(set(days)):
        run = Run(run.first, day) if run and day == run.last + timedelta(days=1) else Run(day, day)
        if longest is None or run.days >= longest.days:
            longest = run
    return longest


def weeks(first: date, last: date) -> list[date]:
    """The Mondays of the weeks from that of `first` to that of `last`.

    >>> [str(monday) for monday in weeks(date(2026, 11, 15), date(2026, 11, 20))]
    ['2026-11-09', '2026-11-16']
    """
    monday = first - timedelta(days=first.weekday())
    return [monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1)]
