"""The day by which something is to be settled, as people write it: what has no year is still to come."""

from __future__ import annotations

import re
from datetime import date, timedelta

from carrel.core.dates import parse_period
from carrel.errors import DateNotUnderstood, UsageError

_LENGTH = r"(?:in )?(an?|\d{1,6}|[a-z]{3,5}) (day|week|fortnight|month|quarter|year)s?"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HINT = "try 2026-12-01, 'in two weeks', friday, 'end of month' or december"


def due_day(text: str, today: date) -> date:
    """The last day of what `text` names, today or later. Raises `DateNotUnderstood`, or `UsageError` for the past.

    >>> friday = date(2026, 11, 20)
    >>> [str(due_day(text, friday)) for text in ("in two weeks", "a month", "monday", "december", "end of month")]
    ['2026-12-04', '2026-12-20', '2026-11-23', '2026-12-31', '2026-11-30']
    """
    words = " ".join(text.lower().split())
    words = re.sub(r"^(?:by|on|until|before) (?:the )?", "", words)
    if len(words) < 3:
        raise DateNotUnderstood(text, _HINT)  # the library takes "a" for a month
    try:
        day = _length(words, today) or _weekday(words, today) or _named(words, today)
    except DateNotUnderstood as error:
        raise DateNotUnderstood(text, _HINT) from error
    if day < today:
        raise UsageError(f"{text!r} is {day}, which is past", f"a prediction is of what is to come; {_HINT}")
    return day


def _length(words: str, today: date) -> date | None:
    """So many days, weeks, months … from today."""
    found = re.fullmatch(_LENGTH, words)
    if found is None or found[1] in ("this", "next", "last", "past"):
        return None
    count = "one" if found[1] in ("a", "an") else found[1]
    try:
        return parse_period(f"next {count} {found[2]}s", today)[1] + timedelta(days=1)
    except OverflowError as error:
        raise DateNotUnderstood(words) from error


def _weekday(words: str, today: date) -> date | None:
    """The next day of that name."""
    number = next((number for number, name in enumerate(_WEEKDAYS) if words in (name, name[:3])), None)
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1) if number is not None else None


def _named(words: str, today: date) -> date:
    """The end of a day, week, month … that is named; of a date without its year, the next one."""
    edge = re.fullmatch(r"(?:the )?end of (?:the )?(week|month|quarter|year)", words)
    if edge:
        words = f"this {edge[1]}"
    words = re.sub(r"^in (?=[a-z])", "", words)
    day = parse_period(words, today)[1]
    if day < today and not re.search(r"\d{4}|last|past|ago|yesterday", words):
        dated = (parse_period(f"{words} {year}", today)[1] for year in (today.year, today.year + 1))
        return next((later for later in dated if later >= today), day)
    return day
