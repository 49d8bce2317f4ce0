"""The day by which something is to be settled, as people write it: what has no year is still to come."""

from __future__ import annotations

import re
from datetime import date, timedelta

from carrel.core.spoken import names_an_end, over, spoken
from carrel.errors import DateNotUnderstood, UsageError

_LEAD = r"^(?:by|on or before|on|at|until|till|no later than) "
_LENGTH = r"((?:in the|within|within the) next )?(?:in |within )?(?:the )?(?:(?:next|coming|upcoming) )?(.{1,60})"
_HINT = "try 2026-12-01, 'in two weeks', friday, 'end of month' or december"


def due_day(text: str, today: date) -> date:
    """The last day of what `text` names, or the day before it; today or later.

    Raises `DateNotUnderstood`, or `UsageError` for the past. No library is asked: of what ours does not know, a guess
    would be a wrong day.

    >>> friday = date(2026, 11, 20)
    >>> [str(due_day(text, friday)) for text in ("in two weeks", "a month", "monday", "december", "end of month")]
    ['2026-12-04', '2026-12-20', '2026-11-23', '2026-12-31', '2026-11-30']
    >>> [str(due_day(text, friday)) for text in ("1 december", "the 15th", "before december", "within 10 days", "eoy")]
    ['2026-12-01', '2026-12-15', '2026-11-30', '2026-11-30', '2026-12-31']
    """
    words = re.sub(_LEAD, "", " ".join(text.lower().split()))
    try:
        day = _day_before(words.removeprefix("before "), today) if words.startswith("before ") else _last(words, today)
    except (ValueError, OverflowError) as error:
        raise DateNotUnderstood(text, _HINT) from error
    if day is None:
        raise DateNotUnderstood(text, _HINT)
    if day < today:
        raise UsageError(f"{text!r} is {day}, which is past", f"a prediction is of what is to come; {_HINT}")
    return day


def _last(words: str, today: date) -> date | None:
    """The last day of what the words name; of a length of time, the day on which it is over."""
    if found := re.fullmatch(_LENGTH, words):
        one = found[1] or found[2] == "fortnight"  # "within the next month": not the next of the calendar
        day = over(found[2], today) or (one and over(f"a {found[2]}", today))
        if day:
            return day
    period = spoken(words.removeprefix("within "), today, ahead=True)
    return period and period[1]


def _day_before(words: str, today: date) -> date | None:
    """The day before something begins; before the end of it is no later than its last."""
    period = spoken(words, today, ahead=True)
    return period and (period[1] if names_an_end(words) else period[0] - timedelta(days=1))
