"""The query language: one line of text in, the tree of `tree.py` out.

    words            all wanted, best first          "two words"        in this order
    -word            not                             one OR two         either of the two beside it
    ( … )            a group                         edi*   wrod~       beginnings, typing errors
    key:value        a field; any front-matter key   key:"a b"  key:*   several words; any value
    rating:>=4       numbers, dates, or text         year:2020..2022    from … to …
    date:2026-11     a period                        since:"last week"  until: before: after:
    in:pdf           pages of PDFs; -in:pdf leaves them out

It reads left to right with a stack of its own, so that its time grows with the text only and no text, however
nested, can exhaust Python's stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NoReturn

from carrel.core.dates import parse_period
from carrel.errors import DateNotUnderstood, QuerySyntaxError
from carrel.search.tree import (
    And,
    Between,
    Compare,
    Dated,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Phrase,
    Prefix,
    Present,
    Query,
    Test,
    Text,
    Word,
)

__all__ = ["Query", "parse_query"]

#: Parentheses inside parentheses.
MAX_DEPTH = 50
_ATOM = re.compile(r'[^\s()"]+')
_NAME = re.compile(r"[^\W\d_][\w.-]*")
_COMPARE = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_FUZZY = re.compile(r"(.+)~([12]?)")
_DATE_FIELDS = frozenset(("date", "since", "after", "until", "before"))


def parse_query(text: str, today: date) -> Query:
    """Parse a query. `today` is what `since:yesterday` is counted from. Raises `QuerySyntaxError`.

    >>> parse_query('probes -draft tag:sae', date(2026, 11, 20))
    And(queries=(Word(text='probes'), Not(query=Word(text='draft')), Field(name='tag', test=Word(text='sae'))))
    >>> parse_query('a b OR c', date(2026, 11, 20))
    And(queries=(Word(text='a'), Or(queries=(Word(text='b'), Word(text='c')))))
    """
    return _Parser(text, today).parse()


@dataclass(slots=True)
class _Group:
    """An open parenthesis (or the whole query), its parts so far, and what was said of the next part."""

    column: int
    negated: bool = False  # a `-` stood before this parenthesis
    parts: list[list[Query]] = field(default_factory=list)  # of each, what any of is wanted
    minus: int = 0  # column of a `-` that waits for what it excludes
    either: int = 0  # column of an `OR` that waits for its right side


class _Parser:
    def __init__(self, text: str, today: date) -> None:
        self.text = text
        self.today = today
        self.at = 0
        self.groups = [_Group(0)]

    def parse(self) -> Query:
        size = len(self.text)
        while self.at < size:
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char == "(":
                self._open()
            elif char == ")":
                self._close()
            elif char == '"':
                self._add(Phrase(self._quoted()))
            else:
                self._atom()
        if len(self.groups) > 1:
            self._fail("this parenthesis is never closed", self.groups[-1].column, "add a ) or put it in quotes")
        return self._finished(self.groups[0])

    def _open(self) -> None:
        if len(self.groups) > MAX_DEPTH:
            self._fail("parentheses are nested too deep", self.at + 1, f"{MAX_DEPTH} levels are read")
        group = self.groups[-1]
        self.groups.append(_Group(self.at + 1, negated=bool(group.minus)))
        group.minus = 0
        self.at += 1

    def _close(self) -> None:
        if len(self.groups) == 1:
            self._fail("nothing is open that this could close", self.at + 1, "put a ) that is meant as text in quotes")
        group = self.groups.pop()
        query = self._finished(group)
        self.at += 1
        self._add(Not(query) if group.negated else query)

    def _quoted(self) -> str:
        """The text between the quotes; `at` is on the first of them."""
        end = self.text.find('"', self.at + 1)
        if end < 0:
            self._fail("this quote is never closed", self.at + 1, 'add a " at the end of the phrase')
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        return inside

    def _atom(self) -> None:
        """A run without blanks, parentheses and quotes: a word, a field's name, `OR`, or what a `-` excludes."""
        found = _ATOM.match(self.text, self.at)
        assert found is not None  # the caller looked at the first character
        atom, column = found.group(), self.at + 1
        group = self.groups[-1]
        if atom[0] == "-":
            dashes = len(atom) - len(atom.lstrip("-"))
            self.at += dashes
            following = self.text[self.at : self.at + 1]
            if following and not following.isspace() and following != ")":
                group.minus = column
            return  # a dash that stands alone is punctuation
        self.at = found.end()
        if atom in ("OR", "|"):
            if not group.parts or group.either:
                self._fail(f"{atom} stands between two words", column, f'write "{atom}" in quotes to search for it')
            group.either = column
        elif atom == "NOT":
            group.minus = column
        elif atom not in ("AND", "&"):
            self._word(atom, column)

    def _word(self, atom: str, column: int) -> None:
        name, colon, value = atom.partition(":")
        if not (colon and _NAME.fullmatch(name)) or value.startswith(("//", ":", "\\")):
            if any(char.isalnum() for char in atom) or atom == "*":
                self._add(Everything() if atom == "*" else _text(atom))
            return  # punctuation that stands alone says nothing
        quoted = False
        if self.text[self.at : self.at + 1] == '"' and value in ("", ">", "<", ">=", "<="):
            quoted = not value
            value += self._quoted()
        if not value.strip():
            self._fail(f"nothing follows {name}:", column, f'write {name}:value, or "{name}:" in quotes for the text')
        name = name.casefold()
        if (name, value.casefold()) == ("in", "pdf"):
            self._add(InPdf())
        elif name in _DATE_FIELDS:
            self._add(self._dated(name, value, column))
        else:
            self._add(Field(name, Phrase(value) if quoted else _test(value)))

    def _dated(self, name: str, value: str, column: int) -> Query:
        comparison = _COMPARE.fullmatch(value)
        operator, value = comparison.groups() if comparison else ("", value)
        if value == "*" and name == "date":
            return Field("date", Present())
        day = timedelta(1)
        operator = {"since": ">=", "after": ">", "until": "<=", "before": "<"}.get(name, operator)
        try:
            first, last = parse_period(value, self.today)
            match operator:
                case ">=":
                    return Dated(first, date.max)
                case ">":
                    return Dated(last + day, date.max)
                case "<=":
                    return Dated(date.min, last)
                case "<":
                    return Dated(date.min, first - day)
                case _:
                    return Dated(first, last)
        except DateNotUnderstood as error:
            self._fail(error.message, column, error.hint)
        except OverflowError:
            self._fail(f"there is no day beyond {value}", column)

    def _add(self, part: Query) -> None:
        group = self.groups[-1]
        if group.minus:
            part = Not(part)
        if group.either:
            group.parts[-1].append(part)
        else:
            group.parts.append([part])
        group.minus = group.either = 0

    def _finished(self, group: _Group) -> Query:
        if group.either:
            self._fail("nothing follows this OR", group.either, 'write "OR" in quotes to search for it')
        if group.minus:
            self._fail("nothing follows this NOT", group.minus, 'write "NOT" in quotes to search for it')
        if not group.parts:
            if group.column:
                self._fail("nothing stands between these parentheses", group.column, "put them in quotes")
            return Everything()
        parts = tuple(part[0] if len(part) == 1 else Or(tuple(part)) for part in group.parts)
        return parts[0] if len(parts) == 1 else And(parts)

    def _fail(self, message: str, column: int, hint: str = "") -> NoReturn:
        raise QuerySyntaxError(message, column, hint)


def _text(atom: str) -> Text:
    if atom.endswith("*") and atom.strip("*"):
        return Prefix(atom.rstrip("*"))
    if found := _FUZZY.fullmatch(atom):
        return Fuzzy(found[1], int(found[2]) if found[2] else 1 if len(found[1]) < 6 else 2)
    return Word(atom)


def _test(value: str) -> Test:
    if value == "*":
        return Present()
    if found := _COMPARE.fullmatch(value):
        return Compare(found[1], found[2])
    low, dots, high = value.partition("..")
    if dots and (low or high):
        return Between(low, high)
    return _text(value)
