"""A calendar for the terminal: a column for each week, and for each day a mark that says how much was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import click

from carrel.core.heat import level, weeks

#: Weeks that the calendar shows, that of today among them: a year, and narrow enough for any terminal.
SHOWN_WEEKS = 53
#: A day of each shade, and its colour (of the 256 of a terminal) where there are any.
MARKS, COLOURS = ".:-=+*#", (None, 65, 65, 71, 71, 77, 83)


def heat_map(activity: Mapping[date, int], first: date, today: date) -> Iterator[str]:
    """The last year, or less, with a column for each week and a mark for each day, coloured: to be printed by click."""
    mondays = weeks(first, today)[-SHOWN_WEEKS:]
    yield f"     {_months(mondays)}".rstrip()
    for number in range(7):
        days = (monday + timedelta(days=number) for monday in mondays)
        marks = "".join(_mark(activity.get(day, 0)) if first <= day <= today else " " for day in days)
        yield f"{mondays[0] + timedelta(days=number):%a}  {marks.rstrip()}"


def _mark(written: int) -> str:
    shade = level(written)
    return click.style(MARKS[shade], fg=COLOURS[shade], dim=not shade)


def _months(mondays: list[date]) -> str:
    """The names of months above the weeks in which they begin."""
    sundays = [monday + timedelta(days=6) for monday in mondays]
    begin = [column for column, sunday in enumerate(sundays) if sunday.day <= 7]
    if not begin or begin[0] > 3:  # there is room for the month that it begins in
        begin.insert(0, 0)
    said = ""
    for column in begin:
        said = f"{said:<{column}}{sundays[column]:%b} "
    return said
