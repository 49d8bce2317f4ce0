"""Dates as people write them: days by the grammar of `spoken`, times of the day by `dateparser`.

Nothing here reads the clock: `today` and `now` are given, once per command.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from carrel.core.period import Period
from carrel.core.spoken import counted, over, spoken
from carrel.errors import DateNotUnderstood

_CLOCK = r"(?:(.{0,60}) )?([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?"
_AM_PM = r"(?:(.{0,60}) )?(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))? ?([ap])\.?m\.?"
_AGO = r"(?:(\d{1,6}) ?|([a-z]{1,8}) )(h|hours?|m|min(?:ute)?s?) ago"
# A time that is none, or a second one; not 3:30pm, which has its own way, and not 18.11.2026.
_STRAY_CLOCK = re.compile(r"(?<![\d.])\d+[:.]\d+(?![\d.])(?!\s*[ap]\.?m)", re.IGNORECASE)
# What the library would take for another day without a word: days in numbers, and words that it passes over.
_MISREAD = r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d|\d/\d|\b(?:about|after|before|by|from(?! now)|since|until)\b"
_LASTS = r"(?!(?:in|last|past|next|this) ).{0,60}?(?:\d ?|\b)(?:h|hours?|min(?:ute)?s?)"  # how long, but not when


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
    if (period := _in_days(words, today)) is not None:
        return period
    if _iso_moment(text, None):
        return parse_period(words[:10], today)
    # The second is for the library, to which "tomorrow noon", said at noon, is no time of the day.
    day = _in_words(words, datetime.combine(today, time(12, 0, 1))).date()
    return day, day


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
    words = " ".join((text.replace("T", " ") if re.match(r"\s*\d{4}-\d", text) else text).split())
    rest, clock = _clocked(words)
    if _STRAY_CLOCK.search(rest):
        raise DateNotUnderstood(text)
    if clock is not None:
        moment = datetime.combine(parse_day(rest, now.date()) if rest else now.date(), clock)
        is_over = rest or words[-1].isdigit() or moment <= now.replace(tzinfo=None)
        return moment if is_over else moment - timedelta(days=1)  # 3pm alone, in the morning, is yesterday's
    if (past := _ago(words, now)) is not None:
        return past.replace(second=0, microsecond=0, tzinfo=None)
    if (period := _in_days(words, now.date())) is not None:
        return datetime.combine(period[0], now.time().replace(second=0, microsecond=0))
    return _in_words(words, now).replace(second=0, microsecond=0, tzinfo=None)


def _clocked(words: str) -> tuple[str, time | None]:
    """The words before the time with which they end, and that time."""
    words = re.sub(r"\bnoon$", "12 pm", words, flags=re.IGNORECASE)
    if found := re.fullmatch(_CLOCK, words):
        clock = time(int(found[2]), int(found[3]))
    elif found := re.fullmatch(_AM_PM, words, re.IGNORECASE):
        clock = time(int(found[2]) % 12 + (12 if found[4].lower() == "p" else 0), int(found[3] or 0))
    else:
        return words, None
    return re.sub(r" ?\bat$", "", found[1] or "", flags=re.IGNORECASE), clock


def _ago(words: str, now: datetime) -> datetime | None:
    """So many hours or minutes ago, which `3m` are here; where days are asked for, they are months."""
    found = re.fullmatch(_AGO, words.lower())
    count = counted(found[1] or found[2]) if found else 0
    if not found or not count:
        return None
    try:
        return now - (timedelta(hours=count) if found[3].startswith("h") else timedelta(minutes=count))
    except OverflowError as error:
        raise DateNotUnderstood(words) from error


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


def _in_days(words: str, today: date) -> Period | None:
    """The days that the words name; nothing where they name none, or a time of the day."""
    try:
        period = spoken(words, today, ahead=False)
        if period is None and over(words, today):
            raise DateNotUnderstood(words, f"did you mean '{words} ago'?")
    except (ValueError, OverflowError) as error:
        raise DateNotUnderstood(words) from error
    return period


def _in_words(words: str, now: datetime) -> datetime:
    """A moment in words, by `dateparser`: "1 hour 5 minutes ago", "this morning". Raises `DateNotUnderstood`.

    The library also takes "after friday" for a Friday, and a Monday for the Tuesday that it is. So it is asked for
    times of the day alone.
    """
    if re.fullmatch(_LASTS, words.lower()):
        raise DateNotUnderstood(words, f"did you mean '{words} ago'?")
    if len(words) > 60 or not re.search(r"[a-zA-Z]", words) or re.search(_MISREAD, words.lower()):
        raise DateNotUnderstood(words)
    import warnings

    from dateparser.date import DateDataParser

    settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "past", "RETURN_TIME_AS_PERIOD": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its notes to its own developers are not for ours
        try:
            found = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
        except (ValueError, OverflowError) as error:  # of "999999999 days ago", a day before the calendar begins
            raise DateNotUnderstood(words) from error
    if found is None or found.date_obj is None or found.period not in ("time", "part_of_day"):
        raise DateNotUnderstood(words)
    return found.date_obj
