"""Which values of a field are greater and which smaller: as numbers where a number is asked, else as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from carrel.core.dates import parse_period
from carrel.errors import DateNotUnderstood

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?![\w-])|\d{4}-\d\d-\d\dt\d")
_PERIOD = re.compile(r"\d{4}(?:-\d\d|-w\d\d)?")
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[-+]?\d++)?")
_QUANTITY = re.compile(rf"({_NUMBER.pattern})[ \xa0]?([a-z%]++)")
#: What each unit measures, and how much of that it is. In small letters, as all values are.
_UNITS = {
    "%": ("share", 0.01),
    **{name: ("time", seconds) for name, seconds in (("ms", 0.001), ("s", 1), ("min", 60), ("h", 3600), ("d", 86400))},
    **{name: ("size", 1000.0**power) for power, name in enumerate(("b", "kb", "mb", "gb", "tb"))},
    **{name: ("size", 1024.0**power) for power, name in enumerate(("kib", "mib", "gib", "tib"), 1)},
}


def comparison(operator: str, bound: str) -> Callable[[str], bool]:
    """Whether a value is `>`, `>=`, `<` or `<=` the bound. What begins with no number is neither side of a number.

    >>> at_least_4 = comparison(">=", "4")
    >>> [at_least_4(value) for value in ("4", "10", "3.5", "5 stars", "tbd")]
    [True, True, False, True, False]

    A bound with a unit has on its sides only what has a unit of that sort, and nothing else.

    >>> over_a_minute = comparison(">", "1min")
    >>> [over_a_minute(value) for value in ("90.0 s", "2 min", "1e5 ms", "12.3 s", "90", "2 gb", "90 s on two gpus")]
    [True, True, True, False, False, False, False]
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
    """Where a value stands when values are sorted: numbers by their size, with their unit if they have one, then text.

    >>> sorted(["b", "10", "9", "a"], key=rank), sorted(["2 min", "100.0 s", "12.3 s"], key=rank)
    (['9', '10', 'a', 'b'], ['12.3 s', '100.0 s', '2 min'])
    """
    if _NUMBER.fullmatch(value):
        return False, float(value), ""
    quantity = _quantity(value)
    return (False, quantity[1], "") if quantity else (True, 0.0, value)


def _order(value: str, bound: str) -> int | None:
    """-1, 0 or 1, None if they cannot be compared; a bound that is a value's beginning (a month, a year) equals it."""
    if _NUMBER.fullmatch(bound):
        found = _NUMBER.match(value)
        if found is None:
            return None
        number, limit = float(found.group()), float(bound)
        return (number > limit) - (number < limit)
    if (end := _quantity(bound)) is not None:
        quantity = _quantity(value)
        return (quantity[1] > end[1]) - (quantity[1] < end[1]) if quantity and quantity[0] == end[0] else None
    if value.startswith(bound):
        return 0
    return 1 if value > bound else -1


def _quantity(text: str) -> tuple[str, float] | None:
    """What a number with a unit measures, and how much it is; None for anything else.

    >>> _quantity("1.5 min"), _quantity("80%"), _quantity("5 stars")
    (('time', 90.0), ('share', 0.8), None)
    """
    found = _QUANTITY.fullmatch(text)
    unit = _UNITS.get(found[2]) if found else None
    return (unit[0], float(found[1]) * unit[1]) if found and unit else None
