"""Which values of a field are greater and which smaller: as numbers where a number is asked, else as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from carrel.core.dates import parse_period
from carrel.errors import DateNotUnderstood

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?![\w-])|\d{4}-\d\d-\d\dt\d")
_PERIOD = re.compile(r"\d{4}(?:-\d\d|-w\d\d)?")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")


def comparison(operator: str, bound: str) -> Callable[[str], bool]:
    """Whether a value is `>`, `>=`, `<` or `<=` the bound. What begins with no number is neither side of a number.

    >>> at_least_4 = comparison(">=", "4")
    >>> [at_least_4(value) for value in ("4", "10", "3.5", "5 stars", "tbd")]
    [True, True, False, True, False]
    """
    wanted = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}[operator]
    return lambda value: _order(value, bound) in wanted


def between(low: str, high: str) -> Callable[[str], bool]:
    """Whether a value lies between the two, both included; "" leaves an end open.

    >>> in_autumn = between("2026-09", "2026-11")
    >>> [in_autumn(day) for day in ("2026-08-31", "2026-09-01", "2026-11-30")]
    [False, True, True]
    """
    above, below = comparison(">=", low), comparison("<=", high)
    return lambda value: (not low or above(value)) and (not high or below(value))


def plainly_after(low: str, high: str) -> bool:
    """Whether nothing can lie between the two, because both are numbers or both are none and `low` is greater.

    >>> plainly_after("10", "9"), plainly_after("b", "a"), plainly_after("2026-11", "2026"), plainly_after("10", "a")
    (True, True, False, False)
    """
    numbers = [_NUMBER.fullmatch(end) is not None for end in (low, high)]
    return numbers[0] == numbers[1] and bool(low) and bool(high) and _order(low, high) == 1


def during(first: date, last: date) -> Callable[[str], bool]:
    """Whether a value is a day within a period, a time on such a day, or an ISO month, week or year that lies in it.

    >>> in_november = during(date(2026, 11, 1), date(2026, 11, 30))
    >>> days = ("2026-11-01", "2026-11-30t09:10", "2026-w47", "2026-12-01", "2026", "november")
    >>> [in_november(day) for day in days]
    [True, True, True, False, False, False]
    """
    low, high = first.isoformat(), last.isoformat()

    def fits(value: str) -> bool:
        if _DAY.match(value):
            return low <= value[:10] <= high
        if not _PERIOD.fullmatch(value):
            return False
        try:
            begin, end = parse_period(value, first)
        except DateNotUnderstood:
            return False
        return first <= begin and end <= last

    return fits


def rank(value: str) -> tuple[bool, float, str]:
    """Where a value stands when values are sorted: numbers by their size, then text.

    >>> sorted(["b", "10", "9", "a"], key=rank)
    ['9', '10', 'a', 'b']
    """
    number = _NUMBER.fullmatch(value)
    return (False, float(value), "") if number else (True, 0.0, value)


def _order(value: str, bound: str) -> int | None:
    """-1, 0 or 1, None if they cannot be compared; a bound that is a value's beginning (a month, a year) equals it."""
    if _NUMBER.fullmatch(bound):
        found = _NUMBER.match(value)
        if found is None:
            return None
        number, limit = float(found.group()), float(bound)
        return (number > limit) - (number < limit)
    if value.startswith(bound):
        return 0
    return 1 if value > bound else -1
