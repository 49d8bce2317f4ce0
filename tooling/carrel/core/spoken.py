"""Days as people name them in English: "the 15th", "friday next week", "end of november", "in two weeks".

One grammar, for days to come and for days gone by. What it does not know it leaves alone, all of it: no word of a text
is passed over but "the", "of" and "on".
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from carrel.core.calendar_day import MONTH_NAMES, WEEKDAYS, calendar_day, numbered, place
from carrel.core.period import MONTHS, Period, in_numbers, later, month, nearest, single, whole

_LONGEST = 80  # characters
_DAY_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{word: number for number, word in enumerate(_COUNTED, 1)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **{"a": 1, "an": 1},
}
_LONGER = {**MONTHS, "decade": 120}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_LETTERS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_WHICH = {"last": -1, "this": 0, "next": 1}
_WHOLE = ("weekend", "week", *MONTHS)
_OF_THIS = r" of (?:the )?(week|month|quarter|year)\b"
_FILLED = frozenset(("the", "of", "on"))
_SAID = {"previous": "last", "coming": "next", "upcoming": "next", "beginning": "start"}
_ENDS = {"eod": "day", "eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}


def spoken(text: str, today: date, *, ahead: bool) -> Period | None:
    """The first and the last day of what `text` names; nothing for other text.

    What has no year is the next one that is not over when `ahead`, else the last that has begun; a weekday is never
    today. Raises `DateNotUnderstood` for numbers that may be two days, `ValueError` or `OverflowError` for what no
    calendar has: week 54, a Monday that is a Tuesday.

    >>> saturday = date(2026, 11, 21)
    >>> [str(spoken("the 15th", saturday, ahead=ahead)[0]) for ahead in (True, False)]
    ['2026-12-15', '2026-11-15']
    """
    written = in_numbers(text.strip(), today, ahead=ahead)  # first: searches ask for them by the thousand
    return written or _read(_tokens(text), today, ahead)


def over(text: str, today: date) -> date | None:
    """The day on which a length of time that begins today is over; nothing for other text.

    >>> str(over("two weeks", date(2026, 11, 21)))
    '2026-12-05'
    """
    period = _after(today, _tokens(text))
    return period and period[0]


def names_an_end(text: str) -> bool:
    """Whether `text` names the end of something: "before the end of November" is on its last day, too."""
    return not {"end", *_ENDS}.isdisjoint(_tokens(text))


def _tokens(text: str) -> list[str]:
    """The words that count: `end-of-month` and `1-dec-2026` are three, as `next week's` is two."""
    if len(text) > _LONGEST:
        return []
    words = text.lower().replace("\u2019", "'").replace(",", " ")
    words = " ".join(re.sub(r"(?<=[a-z])-(?=\w)|(?<=\d)-(?=[a-z])", " ", words).split())
    parted = re.sub(_OF_THIS, r" this \1", words).split()  # "15 of the month" is no 15 months
    plain = (word if word.count(".") > 1 else word.removesuffix("'s").removesuffix(".") for word in parted)
    return [_SAID.get(word, word) for word in plain if word not in _FILLED]


def _read(words: list[str], today: date, ahead: bool) -> Period | None:
    match words:
        case [word] if word in _DAY_WORDS:
            return single(today + timedelta(days=_DAY_WORDS[word]))
        case ["day", "after", "tomorrow"]:
            return single(today + timedelta(days=2))
        case ["day", "before", "yesterday"]:
            return single(today - timedelta(days=2))
        case [word] if word in _ENDS:
            return _read(["end", _ENDS[word]], today, ahead)
        case ["christmas", *rest]:
            return calendar_day(["25", "december", *rest], today, ahead)
        case ["new", "year", *rest]:
            return calendar_day(["1", "january", *rest], today, ahead)
        case [*length, "ago"]:
            return _after(today, length, -1)
        case [*length, "from", "now" | "today"] | ["in", *length] if period := _after(today, length):
            return period
        case ["in", *rest]:
            return _read(rest, today, ahead)
        case [*_, "from", _]:
            start = _read(words[-1:], today, ahead)
            return _after(start[0], words[:-2]) if start and start[0] == start[1] else None
        case [("start" | "end") as edge, *rest] | [*rest, "end" as edge]:
            return _edge(edge == "end", rest, today, ahead)
        case [("first" | "last") as edge, "day", *rest] if rest:
            return _edge(edge == "last", rest, today, ahead)
        case ["weekend"]:
            return nearest((whole("weekend", each, today) for each in (-1, 0, 1)), today, ahead=ahead)
        case [day, ("last" | "this" | "next") as which, "week"] | [("last" | "this" | "next") as which, "week", day]:
            number = place(day, WEEKDAYS)
            return single(whole("week", _WHICH[which], today)[0] + timedelta(days=number)) if number >= 0 else None
        case [day, ("last" | "this" | "next") as which, "month"]:
            first = whole("month", _WHICH[which], today)[0]
            return calendar_day([day, MONTH_NAMES[first.month - 1], str(first.year)], today, ahead)
        case ["past", "weekend"]:
            return whole("weekend", -1, today)
        case [("last" | "this" | "next") as which, unit] if unit in _WHOLE:
            return whole(unit, _WHICH[which], today)
        case ["next", *length] if period := _so_many("next", length, today):
            return period
        case [("last" | "past") as side, *length] if not ahead and (period := _so_many(side, length, today)):
            return period
        case [("last" | "this" | "next") as which, name]:
            return _which(which, name, today, ahead)
        case _:
            written = in_numbers(words[0], today, ahead=ahead) if len(words) == 1 else None
            return written or numbered(words, today, ahead) or calendar_day(words, today, ahead)


def _length(words: list[str]) -> tuple[int, int] | None:
    """How many months and days a length of time is: "two weeks", "1 month and 3 days", "10d"; more than none."""
    parts = [part for word in words if word != "and" for part in _parted(word)]
    if parts == ["half", "a", "year"]:
        return 6, 0
    if not parts or len(parts) % 2:
        return None
    months = days = 0
    for count, unit in zip(parts[::2], parts[1::2], strict=True):
        unit = unit.removesuffix("s")
        number = counted(count)
        if not number or (unit not in _LONGER and unit not in _DAYS):
            return None
        months += number * _LONGER.get(unit, 0)
        days += number * _DAYS.get(unit, 0)
    return months, days


def counted(word: str) -> int:
    """The number that a word is, `a` and `two` as well; 0 for none."""
    return _NUMBERS.get(word) or (int(word) if re.fullmatch(r"[0-9]{1,6}", word) else 0)


def _parted(word: str) -> list[str]:
    """`2w` in two, other words as they are."""
    return [word[:-1], _LETTERS[word[-1]]] if word[:-1].isdecimal() and word[-1] in _LETTERS else [word]


def _after(start: date, words: list[str], sign: int = 1) -> Period | None:
    """The day that is so much later, or earlier."""
    if (length := _length(words)) is None:
        return None
    return single(later(start, sign * length[0]) + timedelta(days=sign * length[1]))


def _so_many(side: str, words: list[str], today: date) -> Period | None:
    """So many days, weeks, months … that end today, or begin today: "past" alone is one of them."""
    if words == ["fortnight"] or (len(words) == 1 and side == "past"):
        words = ["one", *words]
    if side == "next":
        other = _after(today, words)
        return (today, other[0] - timedelta(days=1)) if other else None
    other = _after(today, words, -1)
    return (other[0] + timedelta(days=1), today) if other else None


def _edge(last: bool, words: list[str], today: date, ahead: bool) -> Period | None:
    """The first or the last day of a period; of a week, month … that is not said, of this one."""
    period = whole(words[0], 0, today) if len(words) == 1 and words[0] in ("day", *_WHOLE) else None
    period = period or _read(words, today, ahead)
    return single(period[last]) if period else None


def _which(which: str, name: str, today: date, ahead: bool) -> Period | None:
    """The weekday or month of that name before today, after it, or in this week or year."""
    if which != "this":
        return calendar_day([name], today, which == "next", beyond=True) if name.isalpha() else None
    if (number := place(name, WEEKDAYS)) >= 0:
        day = whole("week", 0, today)[0] + timedelta(days=number)
        return single(day + timedelta(days=7) if ahead and day < today else day)
    return month(today.year, number + 1) if (number := place(name, MONTH_NAMES)) >= 0 else None
