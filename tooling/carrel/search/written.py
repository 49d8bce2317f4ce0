"""A query as it could be typed: the way back from the tree to the text."""

from __future__ import annotations

import re
from datetime import date

from carrel.search.fields import key
from carrel.search.tree import (
    And,
    Between,
    Compare,
    Dated,
    During,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Orphan,
    Phrase,
    Prefix,
    Present,
    Query,
    Test,
    Within,
    Word,
)

#: A value that means the same without quotes: no range, and nothing that makes of `key:value` an address.
_PLAIN = re.compile(r"(?!//|\\)(?:(?!\.\.)[^\s()\"*~<>=:])+")


def written(query: Query) -> str:
    """What a query, or a part of one, is when it is typed.

    >>> written(And((Word("a"), Not(Prefix("b")), Field("tag", Phrase("c d")), Dated(date.min, date(2026, 11, 20)))))
    'a -b* tag:"c d" date:..2026-11-20'
    """
    match query:
        case Everything():
            return "*"
        case Word() | Phrase() | Prefix() | Fuzzy():
            return _test(query)
        case Field(name, test):
            return f"{key(name)}:{_test(test, value=True)}"
        case InPdf():
            return "in:pdf"
        case Orphan():
            return "is:orphan"
        case Within(parts, inner):
            of = f"in:{','.join(map(quoted, parts))}"
            return of if isinstance(inner, Everything) else f"{of} {written(inner)}"
        case Dated(first, last):
            return f"date:{_period(first, last)}"
        case Not(inner):
            return f"-{written(inner)}" if not isinstance(inner, And | Or) else f"-({written(inner)})"
        case And(queries):
            return " ".join(f"({written(part)})" if isinstance(part, And) else written(part) for part in queries)
        case Or(queries):
            return f"({' OR '.join(map(written, queries))})"


def quoted(text: str) -> str:
    """A value as it stands after `key:`, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', " ") + '"'


def _test(test: Test, *, value: bool = False) -> str:
    match test:
        case Word(text):
            return text
        case Phrase(text):
            return quoted(text) if value else '"' + text.replace('"', " ") + '"'
        case Prefix(text):
            return f"{text}*"
        case Fuzzy(text, distance):
            return f"{text}~{distance}"
        case Compare(operator, bound):
            return f"{operator}{bound}"
        case Between(low, high):
            return f"{low}..{high}"
        case Present():
            return "*"
        case During(first, last, text):
            return quoted(text) if text else _period(first, last)
        case _:
            return ""


def _period(first: date, last: date) -> str:
    if first == last:
        return first.isoformat()
    begin = "" if first == date.min else first.isoformat()
    end = "" if last == date.max else last.isoformat()
    return f"{begin}..{end}"
