"""Tables of query blocks: the query is asked, and its matches become rows; the text that has them goes into the note.

A table never lists the note that it stands in, and never pages of PDFs, which are on one machine only. Nothing here
writes: who calls passes what does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from carrel.core.frontmatter import read as read_front
from carrel.core.note import Note, Problem
from carrel.core.query_block import BadBlock, BlockPlace, block_of, find_blocks, has_block, with_tables
from carrel.core.query_table import Row, Table, Touched, frozen, is_touched, written
from carrel.core.relative import github_anchors
from carrel.errors import NoteChanged, QuerySyntaxError
from carrel.search.fields import field_name
from carrel.search.order import NEWEST, Order
from carrel.search.query import parse_query
from carrel.search.search import answered, entry_of, read
from carrel.search.snippet import Marker
from carrel.search.table_columns import fields_of, is_ours, slip, value_of
from carrel.search.tree import And, Field, InPdf, Not, Present, Query, Word, asks_for_pages

if TYPE_CHECKING:
    from carrel.core.query_block import QueryBlock
    from carrel.search.index import Match, NoteSource, SearchIndex

#: Columns of a table that names none: one of papers, and any other.
PAPERS, OTHERS = ("title", "authors", "year"), ("title", "date")
#: What is wrong with a note's bytes so that nothing may be put between them.
_UNSAFE = frozenset(("conflict", "not-utf8", "nul", "too-large"))
_COLUMN = re.compile(r"column \d+: ")

#: Replaces a note's text by what the function makes of it, as `KnowledgeBase.rewrite` does.
Rewrite = Callable[[str, Callable[[str], str]], None]


@dataclass(frozen=True, slots=True)
class Asking:
    """All that an answer depends on: where notes are, a current index of them, the day, and the saved queries.

    `shown` gives a note as its rows may show it, with the same text.
    """

    source: NoteSource
    index: SearchIndex
    today: date
    saved: Mapping[str, str]
    shown: Callable[[Note], Note] = lambda note: note

    def table(self, block: QueryBlock, path: str) -> Table:
        """What a block in the note at `path` asks for. Raises `BadBlock`, `IndexUnusable`."""
        query = _parsed(block, self.today, self.saved)
        order = Order.named(block.sort) if block.sort else NEWEST
        order = replace(order, by=field_name(order.by))
        asked = And((query, Not(InPdf())))
        matches, _ = answered(self.source, self.index, lambda: self.index.search(asked, None, order))
        matches = [match for match in matches if match.path != path]
        columns = _columns(block, query)
        marker = Marker(query)
        notes: dict[str, Note | None] = {}
        anchors: dict[str, Mapping[int, str]] = {}  # of each note once: a day may have a thousand rows
        rows, gone = [], 0
        for match in matches[: block.limit]:
            if match.path not in notes:
                found = read(self.source, match.path)
                notes[match.path] = self.shown(found) if isinstance(found, Note) else None
            note = notes[match.path]
            if note and match.anchor and match.path not in anchors:
                anchors[match.path] = github_anchors(note.markup.headings)
            row = _row(note, match, columns, marker, anchors.get(match.path, {})) if note else None
            if row is None:
                gone += 1  # since the index was made current; next time it is counted no more
            else:
                rows.append(row)
        return Table(columns, tuple(rows), len(matches) - gone, _linked(columns))

    def slips(self, table: Table) -> Iterator[str]:
        """What to say of columns without any value that no note has a field for."""
        values = zip(*(row.values for row in table.rows), strict=True)
        for column in (name for name, of in zip(table.columns, values, strict=False) if not any(of)):
            asked = Field(field_name(column), Present())
            if not is_ours(column) and not self.index.search(asked, 1, NEWEST)[0]:
                near = (name for one in self.index.suggest(asked) for name in one.nearest)
                yield slip(column, [name.removesuffix(":").strip('"') for name in near])


def notes_with_blocks(source: NoteSource, index: SearchIndex) -> list[str]:
    """The paths of the notes in which query blocks stand, as a current index knows them."""
    asked = Field("has", Word("query"))
    matches, _ = answered(source, index, lambda: index.search(asked, None, NEWEST))
    return sorted({match.path for match in matches})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to the tables of a note, and what keeps others from being made.

    Plan for all notes before the first plan is carried out: what is written moves lines that the index knows.
    """

    note: Note
    tables: tuple[tuple[BlockPlace, str], ...]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, note: Note, asking: Asking) -> Plan:
        """What would make a note's tables current. Raises what `Asking.table` raises but `BadBlock`."""
        problems: list[Problem] = []
        tables: list[tuple[BlockPlace, str]] = []
        places = find_blocks(note)
        if places and any(problem.code in _UNSAFE for problem in note.problems):
            message = "the note is damaged, see `carrel check`; no table is written"
            return cls(note, (), (_problem(note, places[0].line, message),))
        for place in places:
            old = note.body[slice(*place.table)] if place.table else ""
            try:
                new, slips = _renewed(note, place, old, asking)
            except BadBlock as bad:
                problems.append(_problem(note, bad.line, bad.message))
            except Touched:
                problems.append(_touched(note, place))
            else:
                problems += [_unknown(note, place, slip) for slip in slips]
                if new != old:
                    tables.append((place, new))
        return cls(note, tuple(tables), tuple(problems))

    def carry_out(self, rewrite: Rewrite) -> None:
        """Write the tables, and nothing else. Raises `NoteChanged` when the note is another by now."""
        rewrite(self.note.path, self._changed)

    def _changed(self, text: str) -> str:
        end = read_front(text).end
        if text[end:].replace("\r\n", "\n").replace("\r", "\n") != self.note.body:
            raise NoteChanged(self.note.path)
        return text[:end] + with_tables(text[end:], self.tables)


def block_problems(notes: Sequence[Note], today: date, saved: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the query blocks of notes and their tables. `notes` are all that there are."""
    fields: set[str] = set()
    for note in filter(has_block, notes):
        for place in find_blocks(note):
            try:
                block = block_of(place)
                _parsed(block, today, saved)
            except BadBlock as bad:
                yield _problem(note, bad.line, bad.message)
                continue
            if not block.freeze and place.table and is_touched(note.body[slice(*place.table)]):
                yield _touched(note, place)
            for column in (name for name in block.columns if not is_ours(name)):
                fields = fields or {name for one in notes for name in fields_of(one)}
                if field_name(column) not in fields:
                    yield _unknown(note, place, slip(column, fields))


def _renewed(note: Note, place: BlockPlace, old: str, asking: Asking) -> tuple[str, Sequence[str]]:
    """The table of a block as it should be, and what to say of its columns. Raises `BadBlock`, `Touched`."""
    block = block_of(place)
    if block.freeze and (kept := frozen(old)) is not None:
        return kept, ()
    table = asking.table(block, note.path)
    new = written(note.path, block.query, table, old, asking.today, freeze=block.freeze)
    return new, list(asking.slips(table))


def _parsed(block: QueryBlock, today: date, saved: Mapping[str, str]) -> Query:
    try:
        query = parse_query(block.query, today, saved)
    except QuerySyntaxError as error:
        line, column = block.place(error.column)
        message = f"column {column}: {_COLUMN.sub('', error.message, count=1)}"
        raise BadBlock(line, f"{message}; {error.hint}" if error.hint else message) from None
    if asks_for_pages(query):
        raise BadBlock(block.lines[0][0], "a table lists notes; pages of PDFs are found by `carrel search`")
    return query


def _problem(note: Note, line: int, message: str) -> Problem:
    return Problem(note.path, line, "bad-query", message)


def _touched(note: Note, place: BlockPlace) -> Problem:
    message = "the table was changed by hand and is left as it is; empty it to have it made anew"
    return Problem(note.path, place.line, "touched-table", message)


def _unknown(note: Note, place: BlockPlace, message: str) -> Problem:
    return Problem(note.path, place.line, "unknown-column", message)


def _columns(block: QueryBlock, query: Query) -> tuple[str, ...]:
    """The columns of a table. The title is always there: it is what links to the note."""
    columns = block.columns or (PAPERS if _asks_for_papers(query) else OTHERS)
    return columns if any(name.casefold() == "title" for name in columns) else ("title", *columns)


def _linked(columns: tuple[str, ...]) -> int:
    return [name.casefold() for name in columns].index("title")


def _asks_for_papers(query: Query) -> bool:
    match query:
        case Field("kind" | "type", Word(text)):
            return text.casefold() == "paper"
        case And(queries):
            return any(map(_asks_for_papers, queries))
        case _:
            return False


def _row(note: Note, match: Match, columns: tuple[str, ...], marker: Marker, anchors: Mapping[int, str]) -> Row | None:
    """The row of a match; None when its entry is gone. `anchors` are those of the note's headings, by line."""
    entry = entry_of(note, match)
    if match.anchor and entry is None:
        return None
    anchor = anchors[entry.line] if entry else ""
    return Row(note.path, anchor, tuple(value_of(note, entry, name, marker) for name in columns))
