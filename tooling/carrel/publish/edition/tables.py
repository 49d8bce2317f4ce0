"""The tables of query blocks on the site: asked anew of what the audience may see, never copied from the note.

The table in a note is its writer's: it may list private notes. Here the same query is asked of the edition, so not
even a count or an order comes from a hidden note. Of a frozen table, which cannot be asked again, the rows stay that
lead to a note of the edition. The query itself is not shown: it may name what no reader was to hear of.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.note import Note, Stamp
from carrel.core.query_block import BadBlock, block_of, find_blocks
from carrel.core.query_table import Row, Table, frozen_on, rows_of
from carrel.core.relations import RELATIONS
from carrel.core.relative import github_anchors
from carrel.errors import CarrelError, NoteVanished
from carrel.publish.edition.table import TableOnSite
from carrel.publish.text.labels import MARKED
from carrel.publish.text.words import entry_title, shown_text, summary
from carrel.search.fields import field_name
from carrel.search.index import IndexUnusable, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.snippet import Marker
from carrel.search.table_columns import value_of
from carrel.search.tables import Asking
from carrel.search.tree import Everything

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from carrel.core.note import Entry, Heading, Value
    from carrel.core.query_block import BlockPlace
    from carrel.publish.edition.edition import Edition
    from carrel.search.index import SearchIndex

#: What names nobody and nothing: numbers, days, times, and how far along something is.
_NAMELESS = re.compile(
    r"[\d\s.,:;%+−-]*|planned|running|done|abandoned|queued|skimmed|read|summarised|reproduced|true|false"
)
#: Characters of a note's first words, which stand for a snippet.
WIDTH = 160


def with_tables(
    edition: Edition, notes: Iterable[Note], place: Path, today: Callable[[], date], saved: Mapping[str, str]
) -> Edition:
    """The edition with the tables that its notes' query blocks ask for.

    `notes` are those of the edition as they were read. An index of them is kept in the folder `place`, for the next
    time; it is made when the first block asks. `saved` are the saved queries.
    """
    with_blocks = [note for note in edition.by_path.values() if edition.ties[note.path].asks]
    if not with_blocks:
        return edition
    tables = _Tables(edition, _Visible(edition, notes), place, today, saved)
    found = {(note.path, block.start): tables.table(note, block) for note in with_blocks for block in find_blocks(note)}
    return replace(edition, tables=found)


class _Tables:
    """Makes the tables of one edition."""

    def __init__(
        self, edition: Edition, visible: _Visible, place: Path, today: Callable[[], date], saved: Mapping[str, str]
    ) -> None:
        self._edition, self._visible, self._place = edition, visible, place
        self._today, self._saved = today, saved
        self._anchored: dict[str, Mapping[str, Heading]] = {}  # of each note once: a day may have a thousand rows
        self._seen: dict[str, Note] = {}

    def table(self, note: Note, place: BlockPlace) -> TableOnSite:
        """The table of a block; in its rows `anchor` is the slug of an entry's heading."""
        try:
            block = block_of(place)
            day = frozen_on(note.body[slice(*place.table)]) if place.table and block.freeze else ""
            table = self._frozen(note, place) if day else self._asking.table(block, note.path)
        except BadBlock as bad:
            return TableOnSite(Table((), (), 0), trouble=bad.message, line=bad.line)
        except CarrelError as error:
            return TableOnSite(Table((), (), 0), trouble=error.message, line=place.line)
        rows = tuple(shown for row in table.rows if (shown := self._row(table, row, frozen=bool(day))) is not None)
        return TableOnSite(replace(table, rows=rows, total=len(rows) if day else table.total), day)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self._visible, self._index(), self._today(), self._saved, self._shown)

    def _index(self) -> SearchIndex:
        """A current index of what is visible and of nothing else: not even an order may come from the rest."""
        from carrel.search.whoosh_index import WhooshIndex

        index: SearchIndex = WhooshIndex(self._place)
        with suppress(IndexUnusable):
            if not refresh(self._visible, index).skipped:
                return index
        index = MemoryIndex()  # the cache cannot be written, or another build is at it
        refresh(self._visible, index)
        return index

    def _frozen(self, note: Note, place: BlockPlace) -> Table:
        """A frozen table as it is read from the note."""
        columns, rows = rows_of(note.body[slice(*place.table)] if place.table else "")
        folder = posixpath.dirname(note.path)
        read = []
        for address, values in rows:
            path, _, anchor = address.partition("#")
            read.append(Row(posixpath.normpath(posixpath.join(folder, unquote(path))), unquote(anchor), values))
        linked = next((number for number, name in enumerate(columns) if field_name(name) == "title"), 0)
        return Table(columns, tuple(read), len(read), linked)

    def _row(self, table: Table, row: Row, *, frozen: bool) -> Row | None:
        """A row as the audience may read it; None when it leads to nothing that is shown.

        A frozen cell may be what a link to a hidden note was called. It is shown if it cannot be a name, or if the
        note says the same today.
        """
        edition = self._edition
        note = edition.by_path.get(row.path)
        heading = self._heading(note, row.anchor) if note and row.anchor else None
        if note is None or (row.anchor and heading is None):
            return None
        entry = next((one for one in note.entries if heading and one.line == heading.line), None)
        values = []
        for name, value in zip(table.columns, row.values, strict=True):
            match field_name(name):
                case "title":
                    values.append(_entry_title(edition, note, entry) if entry else edition.titles[note.path])
                case "snippet":
                    start, end = (note.body.find("\n", entry.start), entry.end) if entry else (0, len(note.body))
                    values.append(summary(edition, note, max(start, 0), end, WIDTH))
                case _ if frozen and not _NAMELESS.fullmatch(value):
                    today = value_of(self._shown(note), entry, name, Marker(Everything()))
                    values.append(value if value == today else "")
                case key if key in RELATIONS:
                    values.append(_named(edition, note, value))
                case _:
                    values.append(shown_text(edition, note, value))
        return Row(row.path, heading.slug if heading else "", tuple(values))

    def _heading(self, note: Note, anchor: str) -> Heading | None:
        """The heading of a note that has this anchor on GitHub."""
        if note.path not in self._anchored:
            anchors = github_anchors(note.markup.headings)
            self._anchored[note.path] = {anchors[heading.line]: heading for heading in note.markup.headings}
        return self._anchored[note.path].get(anchor)

    def _shown(self, note: Note) -> Note:
        """A note whose fields name nothing that the edition does not hold."""
        if note.path not in self._seen:
            self._seen[note.path] = self._without_hidden(self._edition.by_path[note.path])
        return self._seen[note.path]

    def _without_hidden(self, note: Note) -> Note:
        edition = self._edition

        def shown(key: str, value: Value, lists: int = 0) -> Value:
            if isinstance(value, str):
                named = key in RELATIONS or lists > 1  # [[a name]] without quotes is a list in a list
                return _named(edition, note, value) if named else shown_text(edition, note, value)
            if isinstance(value, Mapping):
                return {inner: shown(key, item, lists) for inner, item in value.items()}
            return tuple(shown(key, item, lists + 1) for item in value)

        def shown_entry(entry: Entry) -> Entry:
            return replace(entry, fields={key: str(shown(key, value)) for key, value in entry.fields.items()})

        return replace(
            note,
            metadata={key: shown(key, value) for key, value in note.metadata.items()},
            project=_named(edition, note, note.project),
            entries=tuple(map(shown_entry, note.entries)),
        )


class _Visible:
    """The notes of an edition, as they were read, as a `NoteSource`. What is indexed is a function of each alone."""

    def __init__(self, edition: Edition, notes: Iterable[Note]) -> None:
        shown = {note.path for note in edition.notes}
        self._notes = {note.path: note for note in notes if note.path in shown}

    def stamps(self) -> Mapping[str, Stamp]:
        """Every note; its bytes are its stamp, so that no change between two looks at the disk is missed."""
        return {path: Stamp(0, int(note.digest[:15], 16), 0, 0) for path, note in self._notes.items()}

    def read(self, path: str) -> Note:
        """One note. Raises `NoteVanished`."""
        if path not in self._notes:
            raise NoteVanished(path, "is not shown")
        return self._notes[path]


def _named(edition: Edition, note: Note, text: str) -> str:
    """What names other notes, without the names of what is hidden, linked or not."""
    if MARKED.search(text):
        return shown_text(edition, note, text)
    return text if text and edition.shows(note, text) else ""


def _entry_title(edition: Edition, note: Note, entry: Entry) -> str:
    return entry_title(edition, note, entry) or f"{entry.time:%H:%M}"
