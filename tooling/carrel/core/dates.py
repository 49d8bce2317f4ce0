"""Dates as people write them: ISO days, months, years and weeks here, everything in words by `dateparser`.

Nothing here reads the clock: `today` and `now` are given, once per command.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta, tzinfo

from carrel.errors import DateNotUnderstood

_ISO = re.compile(r"(\d{4})(?:-(?:(\d{1,2})(?:-(\d{1,2}))?|[Ww](\d{1,2})))?")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?")
# A time that is none, or a second one; not 3:30pm, which has its own way, and not 18.11.2026.
_STRAY_CLOCK = re.compile(r"(?<![\d.])\d+[:.]\d+(?![\d.])(?!\s*[ap]\.?m)", re.IGNORECASE)
# What the library takes for a month or a day of this one.
_BARE_NUMBER = re.compile(r"^[+-]? ?\d+$|(?<!\d )\b(?:year|month|week|day) \d+$", re.IGNORECASE)
_DAY_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def parse_period(text: str, today: date) -> tuple[date, date]:
    """The first and the last day, both inclusive, of what `text` names. Raises `DateNotUnderstood`.

    A range is written `from..to`, open at either end.

    >>> friday = date(2026, 11, 20)
    >>> [str(day) for day in parse_period("2026-11", friday)]
    ['2026-11-01', '2026-11-30']
    >>> [str(day) for day in parse_period("2026-W47", friday)]
    ['2026-11-16', '2026-11-22']
    >>> [str(day) for day in parse_period("last week", friday)]
    ['2026-11-09', '2026-11-15']
    >>> [str(day) for day in parse_period("2026-10..yesterday", friday)]
    ['2026-10-01', '2026-11-19']
    """
    words = " ".join(text.split())
    if ".." in words:
        first, _, last = words.partition("..")
        if ".." in last:
            raise DateNotUnderstood(text)
        begin = parse_period(first, today)[0] if first.strip() else date.min
        end = parse_period(last, today)[1] if last.strip() else date.max
        if end < begin:
            raise DateNotUnderstood(text)
        return begin, end
    iso = _ISO.fullmatch(words)
    try:
        return _iso_period(iso) if iso else _named_period(words, today)
    except (ValueError, OverflowError) as error:
        raise DateNotUnderstood(text) from error


def parse_day(text: str, today: date) -> date:
    """The one day that `text` names, or the first day of a longer period. Raises `DateNotUnderstood`.

    >>> parse_day("last tuesday", date(2026, 11, 20))
    datetime.date(2026, 11, 17)
    """
    return parse_period(text, today)[0]


def parse_moment(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The minute that `text` names: a time of today, a day (at the present time), or both.

    A time that is written with its zone is told in `zone`, or the machine's own. Raises `DateNotUnderstood`.

    >>> now = datetime(2026, 11, 20, 15, 4)
    >>> str(parse_moment("9:30", now)), str(parse_moment("yesterday 18:00", now)), str(parse_moment("2026-11-18", now))
    ('2026-11-20 09:30:00', '2026-11-19 18:00:00', '2026-11-18 15:04:00')
    """
    if (written := _iso_moment(text, zone)) is not None:
        return written
    words = text.replace("T", " ").split() if re.match(r"\d{4}-\d", text.strip()) else text.split()
    clock = now.time().replace(second=0, microsecond=0)
    if words and (found := _CLOCK.fullmatch(words[-1])) is not None:
        clock = time(int(found[1]), int(found[2]))
        words = words[:-1]
        if words and words[-1].lower() == "at":
            words = words[:-1]
    rest = " ".join(words)
    if not rest:
        if not text.strip():
            raise DateNotUnderstood(text)
        return datetime.combine(now.date(), clock)
    if _STRAY_CLOCK.search(rest):
        raise DateNotUnderstood(text)
    if _ISO.fullmatch(rest) or rest.lower() in _DAY_WORDS or found is not None:
        return datetime.combine(parse_day(rest, now.date()), clock)
    moment, period = _in_words(rest, now, future=False)
    if period in ("time", "part_of_day"):  # "2 hours ago", "noon", "this morning"
        return moment.replace(second=0, microsecond=0, tzinfo=None)
    return datetime.combine(moment.date(), clock)


def _iso_moment(text: str, zone: tzinfo | None) -> datetime | None:
    """`2026-11-18T10:00:00Z` and its like; nothing when `text` is not written so."""
    if not re.match(r"\s*\d{4}-\d\d-\d\d[T ]\d", text):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment.astimezone(zone) if moment.tzinfo else moment).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None  # written in another way, or no time at all: the words decide
    except OverflowError as error:
        raise DateNotUnderstood(text) from error


def _iso_period(iso: re.Match[str]) -> tuple[date, date]:
    year, month, day, week = (int(part) if part else 0 for part in iso.groups())
    if iso[4]:
        monday = date.fromisocalendar(year, week, 1)
        return monday, monday + timedelta(days=6)
    if iso[3]:
        only = date(year, month, day)
        return only, only
    if iso[2]:
        return _month(year, month)
    return date(year, 1, 1), date(year, 12, 31)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _named_period(words: str, today: date) -> tuple[date, date]:
    offset = _DAY_WORDS.get(words.lower())
    if offset is not None:  # the words of every day cost no import
        only = today + timedelta(days=offset)
        return only, only
    future = words.lower().startswith(("next ", "in "))
    moment, period = _in_words(words, datetime.combine(today, time(12)), future=future)
    day = moment.date()
    counted = re.fullmatch(r"in .*|.* ago", words.lower()) is not None  # "2 weeks ago" is a day, "last week" is a week
    span = next((unit for unit in ("week", "month", "year") if words.lower().endswith(unit)), period)
    if span == "week" and not counted:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if span == "month" and not counted:
        return _month(day.year, day.month)
    if span == "quarter":
        month = day.month - (day.month - 1) % 3
        return date(day.year, month, 1), _month(day.year, month + 2)[1]
    if span == "year" and not counted:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day


def _in_words(words: str, now: datetime, *, future: bool) -> tuple[datetime, str]:
    """A moment in words and how long a time it names ("time", "day", "week", …, "year"), by `dateparser`."""
    if len(words) > 60 or _BARE_NUMBER.search(words):
        raise DateNotUnderstood(words)
    import warnings

    from dateparser.date import DateDataParser

    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future" if future else "past",
        "RETURN_TIME_AS_PERIOD": True,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its notes to its own developers are not for ours
        try:
            found = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
        except (ValueError, OverflowError) as error:  # of "999999999 days ago", a day before the calendar begins
            raise DateNotUnderstood(words) from error
    if found is None or found.date_obj is None:
        raise DateNotUnderstood(words)
    return found.date_obj, found.period or "day"
