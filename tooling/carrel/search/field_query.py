"""What `key:value` asks: a test of a field, days, a part of a note, or one of the words of `has:` and `is:`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from carrel.core.dates import parse_period
from carrel.core.note import KINDS
from carrel.errors import DateNotUnderstood
from carrel.search.analysis import fold
from carrel.search.fields import DAYS, HAS, STATES, field_name, key, part_name
from carrel.search.fuzzy import nearest
from carrel.search.tree import (
    Between,
    Compare,
    Dated,
    During,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Orphan,
    Phrase,
    Prefix,
    Present,
    Query,
    Test,
    Text,
    Within,
    Word,
)
from carrel.search.values import plainly_after

#: What `is:` can be asked for, and the field that knows.
IS = {
    **dict.fromkeys(("entry", "open", "queued", "skimmed", "read", "summarised", "reproduced", *STATES), "is"),
    **dict.fromkeys(("private", "lab", "public"), "visibility"),
    **dict.fromkeys(KINDS, "kind"),
}

_COMPARE = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_FUZZY = re.compile(r"(.+)~([12]?)", re.DOTALL)
_YEAR = re.compile(r"\d{4}")
_ISO = re.compile(r"\d{4}-(?:\d{1,2}(?:-\d{1,2})?|[Ww]\d{1,2})")
# Words that make a date: alone, only beside others, and those that stand beside them.
_ALONE_WORDS = (
    "today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday january february march april may"
    " june july august september october november december"
    " mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec"
    " eod eow eom eoq eoy"
)
_UNITS = "hour hours day days week weeks weekend fortnight fortnights month months quarter quarters year years"
_BESIDE = (
    "last this next past previous coming ago start beginning end in of the on a an from now and"
    " one two three four five six seven eight nine ten"
)
_ALONE = frozenset(_ALONE_WORDS.split())
_DATING = _ALONE.union(_UNITS.split())
_DATE_WORDS = _DATING.union(_BESIDE.split())
_DATE_NUMBER = re.compile(r"\d{1,4}(?:st|nd|rd|th)?")
#: No date in words is longer.
_LONGEST = 60
_ONE_DAY = timedelta(1)


class Mistake(Exception):
    """Something that cannot be asked of a field: a message, and a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def field_query(name: str, value: str, today: date, *, quoted: bool = False) -> Query:
    """What `name:value` asks. A value that is all in quotes is no comparison, no range and no `*`. Raises `Mistake`.

    >>> field_query("read", "2026-10", date(2026, 11, 20)).test
    During(first=datetime.date(2026, 10, 1), last=datetime.date(2026, 10, 31), text='2026-10')
    >>> field_query("is", "paper", date(2026, 11, 20)), field_query("in", "TL;DR", date(2026, 11, 20))
    (Field(name='kind', test=Word(text='paper')), Within(parts=('tldr',), query=Everything()))
    """
    if name in DAYS:
        return _dated(name, value, today)
    match name:
        case "in":
            return _part(value)
        case "has":
            return Field("has", Word(_known("has", value, HAS)))
        case "is":
            word = _known("is", value, ("orphan", *IS))
            return Orphan() if word == "orphan" else Field(IS[word], Word(word))
        case _ if field_name(name) == "mentions" and (value != "*" or quoted):
            person = value.removeprefix("@")  # May, April and Jan are no months here
            return Field(name, Phrase(person) if quoted else text_query(person))
        case _:
            return Field(name, _test(name, value, today, quoted))


def text_query(word: str) -> Text:
    """A word as it is written: with `*` the beginning of one, with `~` one with typing errors."""
    if word.endswith("*") and word.strip("*"):
        return Prefix(word.rstrip("*"))
    if found := _FUZZY.fullmatch(word):
        return Fuzzy(found[1], int(found[2]) if found[2] else 1 if len(found[1]) < 6 else 2)
    return Word(word)


def _part(value: str) -> Query:
    if value.casefold() == "pdf":
        return InPdf()
    if not (part := part_name(value)):
        raise Mistake(f"in:{value} names no part of a note", "write title, code, pdf, or the heading of a section")
    return Within((part,), Everything())


def _known(name: str, value: str, words: tuple[str, ...]) -> str:
    value = value.casefold()
    if value in words:
        return value
    near = nearest(value, words)
    listed = f"{name}: takes {', '.join(words)}"
    hint = f"did you mean {' or '.join(f'{name}:{word}' for word in near)}?" if near else listed
    raise Mistake(f"there is no {name}:{value}", hint)


def _test(name: str, value: str, today: date, quoted: bool) -> Test:
    if value == "*" and not quoted:
        return Present()
    if not quoted and (found := _COMPARE.fullmatch(value)):
        operator, bound = found.groups()
        if (period := _period(bound, today)) is not None:
            return During(*_bounds(operator, period, bound), "")
        return Compare(operator, bound)
    low, dots, high = value.partition("..")
    if dots and (low or high) and not low.endswith("/") and not high.startswith("/"):
        ends = [end for end in (low, high) if end.strip()]
        if all(map(_may_be_date, ends)) and not all(map(_YEAR.fullmatch, ends)):
            period = _understood(value, today)
            if period is not None:
                return During(*period, "")
            _in_order(name, value, today)
        if not quoted:
            if any(map(str.isalnum, high)) and plainly_after(fold(low), fold(high)):
                raise _backwards(name, low, high)
            return Between(low, high)
    if value == ".." and not quoted:
        raise Mistake(f"{key(name)}:.. names no end", f"write {key(name)}:from..to, or leave one of the two out")
    if (period := _period(value, today)) is not None:
        return During(*period, value)
    return Phrase(value) if quoted else text_query(value)


def _period(text: str, today: date) -> tuple[date, date] | None:
    """The days that a text names, if it could be meant so. A year alone is a number: `year:>=2020`."""
    return _understood(text, today) if _may_be_date(text) and not _YEAR.fullmatch(text) else None


def _may_be_date(text: str) -> bool:
    """Whether it is worth asking: what reads times of day in words takes 60 ms to import."""
    if len(text) > _LONGEST:
        return False
    words = text.casefold().replace(",", " ").split()
    if len(words) < 2:
        return any(word in _ALONE or _YEAR.fullmatch(word) or _ISO.fullmatch(word) for word in words)
    return not _DATING.isdisjoint(words) and all(word in _DATE_WORDS or _DATE_NUMBER.fullmatch(word) for word in words)


def _understood(text: str, today: date) -> tuple[date, date] | None:
    try:
        return parse_period(text, today)
    except DateNotUnderstood:
        return None


def _in_order(name: str, text: str, today: date) -> None:
    """Raise `Mistake` for two days with `..` between them of which the later comes first."""
    low, _, high = text.partition("..")
    begin, end = _understood(low, today), _understood(high, today)
    if begin and end and end[1] < begin[0]:
        raise _backwards(name, low, high)


def _backwards(name: str, low: str, high: str) -> Mistake:
    turned = f"{high}..{low}"
    if any(map(str.isspace, turned)):
        turned = f'"{turned}"'
    return Mistake("the end is before the beginning", f"write {key(name)}:{turned}")


def _dated(name: str, value: str, today: date) -> Query:
    comparison = _COMPARE.fullmatch(value)
    operator, value = comparison.groups() if comparison else ("", value)
    if value == "*" and name == "date":
        return Field("date", Present())
    operator = {"since": ">=", "after": ">", "until": "<=", "before": "<"}.get(name, operator)
    try:
        period = parse_period(value, today)
    except DateNotUnderstood as error:
        _in_order(name, value, today)
        raise Mistake(error.message, error.hint) from error
    return Dated(*_bounds(operator, period, value))


def _bounds(operator: str, period: tuple[date, date], text: str) -> tuple[date, date]:
    """The days on that side of a period."""
    first, last = period
    try:
        match operator:
            case ">=":
                return first, date.max
            case ">":
                return last + _ONE_DAY, date.max
            case "<=":
                return date.min, last
            case "<":
                return date.min, first - _ONE_DAY
            case _:
                return period
    except OverflowError:
        raise Mistake(f"there is no day beyond {text}", "leave it out: no note is dated so") from None
