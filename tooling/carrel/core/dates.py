"""Dates as people write them: ISO forms, "last week" and "last 3 days" here, other words by `dateparser`.

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
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: number for number, word in enumerate(_COUNTED, 1)}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
# Texts, for to compile these takes longer than most commands, which never ask, have to spare.
_COUNT = rf"(?:\d{{1,6}}|{'|'.join(_NUMBERS)})"
_UNIT = rf"(?:{'|'.join([*_DAYS, *_MONTHS])})"
_WHOLE = rf"(last|this|next) (weekend|week|{'|'.join(_MONTHS)})"
_SO_MANY = rf"(last|past|next) (?:({_COUNT}) )?({_UNIT})s?"
_EDGE = r"(start|beginning|end) of (.{1,40})"
_WEEK = r"week (\d\d?)(?:,? (?:of )?(\d{4}))?|(\d{4}),? week (\d\d?)"
_LENGTH = rf"(?:(?:an?|{_COUNT}) (?:hour|{_UNIT})s?(?:,? |,? and |$))+"  # how long, but not when
_WEEKDAY = r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_ONE_DAY = timedelta(days=1)


def parse_period(text: str, today: date) -> tuple[date, date]:
    """The first and the last day, both inclusive, of what `text` names. Raises `DateNotUnderstood`.

    A range is written `from..to`, open at either end. Today is one of the "last 3 days" and of the "past week", which
    is the last seven; "last week" is the one from Monday to Sunday before this.

    >>> friday = date(2026, 11, 20)
    >>> [str(day) for day in parse_period("2026-11", friday)]
    ['2026-11-01', '2026-11-30']
    >>> [str(day) for day in parse_period("2026-W47", friday)]
    ['2026-11-16', '2026-11-22']
    >>> [str(day) for day in parse_period("last week", friday)]
    ['2026-11-09', '2026-11-15']
    >>> [str(day) for day in parse_period("last 3 days", friday)]
    ['2026-11-18', '2026-11-20']
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
        return _week(year, week)
    if iso[3]:
        only = date(year, month, day)
        return only, only
    if iso[2]:
        return _month(year, month)
    return date(year, 1, 1), date(year, 12, 31)


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _week(year: int, week: int) -> tuple[date, date]:
    monday = date.fromisocalendar(year, week, 1)
    return monday, monday + timedelta(days=6)


def _named_period(words: str, today: date) -> tuple[date, date]:
    lower = words.lower().removeprefix("the ")
    for said, meant in (("previous ", "last "), ("coming ", "next "), ("past weekend", "last weekend")):
        lower = lower.replace(said, meant, 1) if lower.startswith(said) else lower
    offset = _DAY_WORDS.get(lower)
    if offset is not None:  # the words of every day cost no import
        only = today + timedelta(days=offset)
        return only, only
    if (found := re.fullmatch(_WHOLE, lower)) is not None:
        return _whole(found[2], ("last", "this", "next").index(found[1]) - 1, today)
    if (found := re.fullmatch(_SO_MANY, lower)) is not None:
        return _so_many(found, today)
    if (found := re.fullmatch(_WEEK, lower)) is not None:
        return _numbered_week(int(found[1] or found[4]), found[2] or found[3], today)
    if (found := re.fullmatch(_EDGE, lower)) is not None:
        first, last = parse_period(found[2], today)
        return (last, last) if found[1] == "end" else (first, first)
    if re.fullmatch(_LENGTH, lower):
        raise DateNotUnderstood(words, f"did you mean '{words} ago'?")
    try:
        return _other_period(lower, today)
    except DateNotUnderstood as error:
        raise DateNotUnderstood(words) from error  # as it was typed


def _whole(unit: str, offset: int, today: date) -> tuple[date, date]:
    """This week, weekend, month, quarter or year, or one before or after it."""
    if unit in ("week", "weekend"):
        monday = today + timedelta(days=7 * offset - today.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    size = _MONTHS[unit]
    first = _later(today.replace(day=1), offset * size - (today.month - 1) % size)
    return first, _later(first, size) - _ONE_DAY


def _so_many(found: re.Match[str], today: date) -> tuple[date, date]:
    """So many days, weeks, months … that end today, or begin today."""
    side, written, unit = found.groups()
    if not written and side != "past" and unit != "fortnight":
        raise DateNotUnderstood(found[0])  # "last day": of what?
    count = _NUMBERS.get(written) or int(written or 1)
    if not count:
        raise DateNotUnderstood(found[0])
    sign = 1 if side == "next" else -1
    if unit in _DAYS:
        other = today + timedelta(days=sign * count * _DAYS[unit])
    else:
        other = _later(today, sign * count * _MONTHS[unit])
    return (today, other - _ONE_DAY) if sign > 0 else (other + _ONE_DAY, today)


def _numbered_week(week: int, year: str | None, today: date) -> tuple[date, date]:
    """A week by its ISO number: without a year, the last that has begun."""
    if year:
        return _week(int(year), week)
    this_year, this_week, _ = today.isocalendar()
    return _week(this_year if week <= this_week else this_year - 1, week)


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _month(year, month + 1)[1]
    return last.replace(day=min(day.day, last.day))


def _other_period(words: str, today: date) -> tuple[date, date]:
    moment, period = _in_words(words, datetime.combine(today, time(12)), future=words.startswith(("next ", "in ")))
    day = moment.date()
    if words.endswith(" ago") or words.startswith("in "):  # "2 months ago" is a day
        return day, day
    return _whole(period, 0, day) if period in ("week", *_MONTHS) else (day, day)


def _in_words(words: str, now: datetime, *, future: bool) -> tuple[datetime, str]:
    """A moment in words and how long a time it names ("time", "day", "week", …, "year"), by `dateparser`."""
    if len(words) > 60 or _BARE_NUMBER.search(words) or words.lower() in _NUMBERS:
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
    if found.period in ("month", "year") and re.search(_WEEKDAY, words.lower()):
        raise DateNotUnderstood(words)  # "monday 99" is not all of 1999
    return found.date_obj, found.period or "day"
