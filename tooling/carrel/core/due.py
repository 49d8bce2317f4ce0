"""The day by which something is to be settled, as people write it: what has no year is still to come."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from carrel.core.dates import parse_period
from carrel.errors import DateNotUnderstood, UsageError

_LENGTH = r"(?:in )?(an?|\d{1,6}|[a-z]{3,5}) (day|week|fortnight|month|quarter|year)s?"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATED = rf"(?:{_DAY} (?:of )?([a-z]{{3,9}})|([a-z]{{3,9}}) (?:the )?{_DAY})\.?(?:,? (\d{{4}}))?"
_HINT = "try 2026-12-01, 'in two weeks', friday, 'end of month' or december"


def due_day(text: str, today: date) -> date:
    """The last day of what `text` names, today or later. Raises `DateNotUnderstood`, or `UsageError` for the past.

    >>> friday = date(2026, 11, 20)
    >>> [str(due_day(text, friday)) for text in ("in two weeks", "a month", "monday", "december", "end of month")]
    ['2026-12-04', '2026-12-20', '2026-11-23', '2026-12-31', '2026-11-30']
    >>> [str(due_day(text, friday)) for text in ("1 december", "March 3rd", "the 2nd of Feb 2028")]
    ['2026-12-01', '2027-03-03', '2028-02-02']
    """
    words = " ".join(text.lower().split())
    words = re.sub(r"^(?:by|on|until|before) (?:the )?", "", words)
    if len(words) < 3:
        raise DateNotUnderstood(text, _HINT)  # the library takes "a" for a month
    try:
        day = _length(words, today) or _weekday(words, today) or _dated(words, today) or _named(words, today)
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


def _dated(words: str, today: date) -> date | None:
    """A day of a month in English, without the library, which takes longer to load than all else; no year: the next."""
    found = re.fullmatch(_DATED, words.removeprefix("the "))
    if found is None:
        return None
    name, day = found[2] or found[3], int(found[1] or found[4])
    month = next((number for number, one in enumerate(_MONTHS, 1) if name in (one, one[:3])), 0)
    years = (int(found[5]),) if found[5] else (today.year, today.year + 1)
    with suppress(ValueError):  # the 30th of February
        days = [date(year, month, day) for year in years]
        return next((one for one in days if one >= today), days[-1])
    return None


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
