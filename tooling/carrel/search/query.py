"""The query language: one line of text in, the tree of `tree.py` out. Its reference is `site/pages/query.md`.

    words            all wanted, best first          "two words"        in this order
    -word            not                             one OR two         either of the two beside it
    ( … )            a group                         edi*   wrod~       beginnings, typing errors
    key:value        a field; any front-matter key   key:"a b"  key:*   several words; any value
    "my key":value   a key that is not one word
    rating:>=4       numbers, dates, or text         year:2020..2022    from … to …
    date:2026-11     a period; read:"last month"     since:"last week"  until: before: after:
    in:opinion       where the words must stand      in:pdf             pages of PDFs; -in:pdf leaves them out
    has:figure       what there is                   is:open            what is true;  @name  a saved query

It reads left to right with a stack of its own, so that its time grows with the text only and no text, however
nested, can exhaust Python's stack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

from carrel.errors import QuerySyntaxError
from carrel.search.field_query import Mistake, field_query, text_query
from carrel.search.fields import KEY, field_name, key
from carrel.search.fuzzy import nearest
from carrel.search.tree import And, Dated, Everything, Field, InPdf, Not, Or, Phrase, Query, Within, Word

__all__ = ["Query", "parse_query"]

#: Parentheses inside parentheses.
MAX_DEPTH = 50
_ATOM = re.compile(r'[^\s()"]+')
#: Characters that the saved queries of one query may stand for in all.
MAX_SAVED = 100_000
#: Parts of a query, saved ones included, that have to be compared with all words, values or notes that there are.
MAX_COMPARED = 32
#: What follows the colon of an address, a C++ name or a Windows path.
_NO_VALUE = ("//", ":", "\\")
_CITEKEY = re.compile(r"[^\W\d_]+\d{4}\w*")
_NO_QUERIES: Mapping[str, str] = {}


def parse_query(text: str, today: date, saved: Mapping[str, str] = _NO_QUERIES) -> Query:
    """Parse a query. `today` is what `since:yesterday` is counted from, `saved` what each `@name` stands for.

    Raises `QuerySyntaxError`.

    >>> parse_query('probes -draft tag:sae', date(2026, 11, 20))
    And(queries=(Word(text='probes'), Not(query=Word(text='draft')), Field(name='tag', test=Word(text='sae'))))
    >>> parse_query('a b OR c', date(2026, 11, 20))
    And(queries=(Word(text='a'), Or(queries=(Word(text='b'), Word(text='c')))))
    """
    return _Parser(text, today, saved).parse()


@dataclass(slots=True)
class _Group:
    """An open parenthesis (or the whole query), its parts so far, and what was said of the next part."""

    column: int
    negated: bool = False  # a `-` stood before this parenthesis
    parts: list[list[Query]] = field(default_factory=list)  # of each, what any of is wanted
    places: set[int] = field(default_factory=set)  # which of the parts say where the words of the others must stand
    minus: int = 0  # column of a `-` that waits for what it excludes
    either: int = 0  # column of an `OR` that waits for its right side


class _Parser:
    def __init__(self, text: str, today: date, saved: Mapping[str, str], within: _Parser | None = None) -> None:
        self.text, self.today, self.saved = text, today, saved
        self.at = 0
        self.groups = [_Group(0)]
        self.depth: int = within.depth + len(within.groups) if within else 0
        self.names: tuple[str, ...] = ()  # the saved queries that this one stands in
        self.spent: list[int] = within.spent if within else [0]  # characters of saved queries that were read
        self.compared: list[int] = within.compared if within else [0]

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
                self._phrase()
            else:
                self._atom()
        if len(self.groups) > 1:
            self._fail("this parenthesis is never closed", self.groups[-1].column, "add a ) or put it in quotes")
        return self._finished(self.groups[0])

    def _open(self) -> None:
        if self.depth + len(self.groups) > MAX_DEPTH:
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

    def _phrase(self) -> None:
        """A phrase, or a field whose name is in quotes because it is not one word."""
        column, inside = self.at + 1, self._quoted()
        found = _ATOM.match(self.text, self.at)
        if found is None or found.group()[0] != ":" or found.group()[1:].startswith(_NO_VALUE) or not inside.strip():
            self._add(Phrase(inside))
        else:
            self.at = found.end()
            self._field(" ".join(inside.split()), found.group()[1:], column)

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
        if atom[0] == "@" and atom.strip("@"):
            self._add(self._saved(atom[1:], column))
        elif not (colon and KEY.fullmatch(name)) or value.startswith(_NO_VALUE):
            if any(char.isalnum() for char in atom) or atom == "*":
                self._add(Everything() if atom == "*" else self._bounded(text_query(atom), column))
            # punctuation that stands alone says nothing
        else:
            self._field(name, value, column)

    def _field(self, name: str, value: str, column: int) -> None:
        """A field, `at` is behind its colon and what stands there without quotes, `value`."""
        quoted = False
        asking = f"{key(name)}:"
        if self.text[self.at : self.at + 1] == '"' and value in ("", ">", "<", ">=", "<="):
            quoted = not value
            value += self._quoted()
        if (quoted and self.text.startswith("..", self.at)) or (
            value.endswith("..") and self.text.startswith('"', self.at)
        ):
            self._fail("only one end of this range is in quotes", column, f'write {asking}"last month..yesterday"')
        if not value.strip():
            hint = f'write {asking}value, or "{name}:" in quotes for the text'
            self._fail(f"nothing follows {asking}", column, hint)
        try:
            query = field_query(name.casefold(), value, self.today, quoted=quoted)
        except Mistake as mistake:
            self._fail(mistake.message, column, mistake.hint)
        self._add(self._bounded(query, column), place=isinstance(query, InPdf | Within))

    def _bounded(self, query: Query, column: int) -> Query:
        """The same, counted if it is not looked up but compared: no query may take more than about a second."""
        part = query.test if isinstance(query, Field) else query
        places = isinstance(part, Within) and isinstance(part.query, Everything)
        people = isinstance(query, Field) and field_name(query.name) == "mentions"
        if people or (not places and not isinstance(part, Word | Phrase | Dated | InPdf)):
            self.compared[0] += 1
        if self.compared[0] > MAX_COMPARED:
            what = "words with * or ~, comparisons, groups with in:, mentions: and is:orphan"
            self._fail("this is too much to compare", column, f"at most {MAX_COMPARED} {what} in one query")
        return query

    def _saved(self, name: str, column: int) -> Query:
        """The query that is saved under a name, as a group."""
        if name not in self.saved:
            near = nearest(name, self.saved)
            hint = f"did you mean {' or '.join(f'@{one}' for one in near)}?" if near else _unsaved(name)
            self._fail(f"no query is saved as @{name}", column, hint)
        if name in self.names:
            self._fail(f"@{name} stands in itself", column, "change one of the two in the settings")
        if self.depth + len(self.groups) > MAX_DEPTH:
            self._fail("saved queries stand in each other too deep", column, f"{MAX_DEPTH} levels are read")
        text = self.saved[name]
        self.spent[0] += len(text)
        if self.spent[0] > MAX_SAVED:
            self._fail("the saved queries stand for too much", column, f"{MAX_SAVED} characters are read")
        inner = _Parser(text, self.today, self.saved, self)
        inner.names = (*self.names, name)
        try:
            return inner.parse()
        except QuerySyntaxError as error:
            self._fail(f"in @{name}, {error.message}", column, error.hint)

    def _add(self, part: Query, *, place: bool = False) -> None:
        group = self.groups[-1]
        if group.minus:
            part = Not(part)
        if group.either:
            group.parts[-1].append(part)
            group.places.discard(len(group.parts) - 1)
        else:
            if place and not group.minus:
                group.places.add(len(group.parts))
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
        parts = [part[0] if len(part) == 1 else Or(tuple(part)) for part in group.parts]
        names = {name: None for index in sorted(group.places) for name in _names(parts[index])}
        if list(names) in ([], ["pdf"]):
            return _all(parts)
        asked = _all([part for index, part in enumerate(parts) if index not in group.places])
        return self._bounded(Within(tuple(names), asked), group.column or 1)

    def _fail(self, message: str, column: int, hint: str = "") -> NoReturn:
        raise QuerySyntaxError(message, column, hint)


def _all(parts: list[Query]) -> Query:
    return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else Everything()


def _names(place: Query) -> tuple[str, ...]:
    return place.parts if isinstance(place, Within) else ("pdf",)


def _unsaved(name: str) -> str:
    if _CITEKEY.fullmatch(name):
        return f'cites:{name} finds what cites it; write "@{name}" in quotes for the text'
    return f'save one in the settings, below [queries]; write "@{name}" in quotes for the text'
