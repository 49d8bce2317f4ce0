"""Spans of days, each its first and its last day: weeks, months, quarters, years, and days written in numbers."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from carrel.errors import DateNotUnderstood

Period = tuple[date, date]
#: How many months the longer units have.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
# Texts: to compile these takes time that most commands, which never ask, would rather spare.
_ISO = r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?"
_YEAR_FIRST = r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})"
_DOTTED = r"(\d{1,2})\.(\d{1,2})\.(\d{4})?"
_DASHED = r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})|(\d{1,2})/(\d{1,2})"
_MONTH = r"(\d{4})/(\d{1,2})|(\d{1,2})[/.](\d{4})"
_LEAP = 2000
_REACH = 8  # years: so far apart may two 29ths of February be, about a 1900


def single(day: date) -> Period:
    """A day alone."""
    return day, day


def month(year: int, number: int) -> Period:
    """A month. Raises `ValueError` for none."""
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def quarter(year: int, number: int) -> Period:
    """A quarter of a year, 1 to 4."""
    return date(year, 3 * number - 2, 1), month(year, 3 * number)[1]


def week(year: int, number: int) -> Period:
    """A week of the ISO calendar, Monday to Sunday. Raises `ValueError` for one that the year does not have."""
    monday = date.fromisocalendar(year, number, 1)
    return monday, monday + timedelta(days=6)


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    year, number = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = month(year, number + 1)[1]
    return last.replace(day=min(day.day, last.day))


def whole(unit: str, offset: int, today: date) -> Period:
    """This day, week, weekend, month, quarter or year, or one so many before or after it."""
    if unit == "day":
        return single(today + timedelta(days=offset))
    if unit in ("week", "weekend"):
        monday = today + timedelta(days=7 * offset - today.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    size = MONTHS[unit]
    first = later(today.replace(day=1), offset * size - (today.month - 1) % size)
    return first, later(first, size) - timedelta(days=1)


def each_year(make: Callable[[int], Period], today: date) -> Iterator[Period]:
    """What there is in each of the years around today, in order: not all have a 29th of February or a week 53."""
    for year in range(today.year - _REACH, today.year + _REACH + 1):
        try:
            yield make(year)
        except ValueError:
            continue


def nearest(periods: Iterator[Period], today: date, *, ahead: bool, beyond: bool = False) -> Period | None:
    """Of periods in order the first that is not over, or the last that has begun; `beyond`: without today's own."""
    if ahead:
        return next((each for each in periods if (each[0] > today if beyond else each[1] >= today)), None)
    begun = [each for each in periods if (each[1] < today if beyond else each[0] <= today)]
    return begun[-1] if begun else None


def in_numbers(text: str, today: date, *, ahead: bool) -> Period | None:
    """A day, month or year that is written in numbers; nothing for other text.

    With dots the day comes first. With slashes or dashes it may be either, and what could be two days raises
    `DateNotUnderstood`. Raises `ValueError` for a day that no calendar has.

    >>> saturday = date(2026, 11, 21)
    >>> [str(day) for day in in_numbers("2026-11", saturday, ahead=False)]
    ['2026-11-01', '2026-11-30']
    >>> [str(in_numbers(text, saturday, ahead=True)[0]) for text in ("1.2.2027", "24.12.", "12/25/2026", "2027/2/1")]
    ['2027-02-01', '2026-12-24', '2026-12-25', '2027-02-01']
    """
    if not text[:1].isdecimal():
        return None
    if found := re.fullmatch(_ISO, text):
        return _iso(found)
    if found := re.fullmatch(_YEAR_FIRST, text):
        return single(date(int(found[1]), int(found[3]), int(found[4])))
    if found := re.fullmatch(_MONTH, text):
        return month(int(found[1] or found[4]), int(found[2] or found[3]))
    if found := re.fullmatch(_DOTTED, text):
        return _dated(int(found[1]), int(found[2]), found[3], today, ahead=ahead)
    if found := re.fullmatch(_DASHED, text):
        one, other = int(found[1] or found[5]), int(found[3] or found[6])
        return _either(text, one, other, found[4], today, ahead=ahead)
    return None


def _iso(found: re.Match[str]) -> Period:
    year, number, day = (int(part) if part else 0 for part in found.groups())
    if found[3]:
        return single(date(year, number, day))
    return month(year, number) if found[2] else (date(year, 1, 1), date(year, 12, 31))


def _dated(day: int, number: int, year: str | None, today: date, *, ahead: bool) -> Period | None:
    """A day of a month: without its year, the nearest. Raises `ValueError` for one that there never is."""
    if year:
        return single(date(int(year), number, day))
    date(_LEAP, number, day)
    return nearest(each_year(lambda each: single(date(each, number, day)), today), today, ahead=ahead)


def _either(text: str, one: int, other: int, year: str | None, today: date, *, ahead: bool) -> Period | None:
    """The one day that two numbers are, whichever of them is the month."""
    days: list[Period] = []
    for day, number in {(one, other): 0, (other, one): 0}:
        try:
            found = _dated(day, number, year, today, ahead=ahead)
        except ValueError:
            continue
        days += [found] if found else []
    if len(days) == 2:
        raise DateNotUnderstood(text, f"which is the month? write {days[0][0]} or {days[1][0]}")
    if not days:
        raise ValueError(text)
    return days[0]
