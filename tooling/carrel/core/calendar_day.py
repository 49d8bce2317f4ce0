"""Weekdays, days of a month, months and years as a calendar writes them, in any order; weeks and quarters by number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from carrel.core.period import Period, each_year, later, month, nearest, quarter, single, week, whole

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def numbered(words: Sequence[str], today: date, ahead: bool) -> Period | None:
    """A week or a quarter by its number; without a year, the nearest."""
    joined = " ".join(words)
    found = re.fullmatch(r"(?:(\d{4}) )?(?:(q)|w(?:eek )?)(\d\d?)(?: (\d{4}))?", joined)
    if found is None or (found[1] and found[4]):
        return None
    number, year = int(found[3]), found[1] or found[4]
    if found[2] and not 1 <= number <= 4:
        return None
    make = quarter if found[2] else week
    if year:
        return make(int(year), number)
    return nearest(each_year(lambda each: make(each, number), today), today, ahead=ahead)


def calendar_day(words: Sequence[str], today: date, ahead: bool, *, beyond: bool = False) -> Period | None:
    """A weekday, a day of a month, a month or a year, in any order. Raises `ValueError` for what no day is."""
    named: dict[str, int] = {}
    for word in words:
        kind, number = _kind(word)
        if not kind:
            return None
        if kind in named:
            raise ValueError(words)
        named[kind] = number
    weekday = named.pop("weekday", -1)
    period: Period | None = None
    match named:
        case {"year": year, "month": number, "day": day}:
            period = single(date(year, number, day))
        case {"month": number, "day": day}:
            period = nearest(each_year(lambda each: single(date(each, number, day)), today), today, ahead=ahead)
        case {"year": year, "month": number}:
            period = month(year, number)
        case {"month": number}:
            period = nearest(each_year(lambda each: month(each, number), today), today, ahead=ahead, beyond=beyond)
        case {"day": day} if len(named) == 1 and not any(word.isdecimal() for word in words):
            period = _day_of_month(day, today, ahead)
        case {} if weekday >= 0 and len(words) == 1:
            monday = whole("week", 0, today)[0]
            days = (single(monday + timedelta(days=weekday + 7 * each)) for each in (-2, -1, 0, 1))
            return nearest(days, today, ahead=ahead, beyond=True)
    if period is None or (weekday >= 0 and (period[0] != period[1] or period[0].weekday() != weekday)):
        raise ValueError(words)
    return period


def _kind(word: str) -> tuple[str, int]:
    """Whether a word is a weekday, a month, a year or a day of a month, and which."""
    if (number := place(word, WEEKDAYS)) >= 0:
        return "weekday", number
    if (number := place(word, MONTH_NAMES)) >= 0:
        return "month", number + 1
    if found := re.fullmatch(r"(\d{4})|(\d{1,2})(?:st|nd|rd|th)?", word):
        return ("year", int(found[1])) if found[1] else ("day", int(found[2]))
    return "", 0


def place(word: str, names: Sequence[str]) -> int:
    """Which of the names a word is, in full or short: `tue`, `tues`, `sept`; -1 for none."""
    return next((at for at, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), -1)


def _day_of_month(day: int, today: date, ahead: bool) -> Period | None:
    """The nearest such day of any month: the 31st is in December when November's 30 days are on."""
    first = today.replace(day=1)
    months = (later(first, each) for each in range(-2, 3))
    days = (single(each.replace(day=day)) for each in months if 1 <= day <= month(each.year, each.month)[1].day)
    return nearest(days, today, ahead=ahead)
