"""Ask the index, and read each hit again from its note: the index says where, the file says what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.errors import NoteVanished
from carrel.search.documents import unit_tags
from carrel.search.index import Hit, IndexDamaged, refresh
from carrel.search.snippet import WIDTH, Marker, snippet
from carrel.search.tree import relaxed

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note
    from carrel.search.index import Match, NoteSource, SearchIndex
    from carrel.search.tree import Query


@dataclass(frozen=True, slots=True)
class Results:
    """The best hits, how many matches there are in all, and whether nothing had all of the words (`fell_back`)."""

    hits: tuple[Hit, ...]
    total: int
    fell_back: bool = False


def search(
    source: NoteSource, index: SearchIndex, query: Query, limit: int | None = 10, *, width: int = WIDTH
) -> Results:
    """Answer a query: notes with all of its words, or with any of them if none has all. Call `refresh` before.

    A hit whose note is gone is left out. An index that turns out to be damaged is made anew on the way.
    """
    matches, total = _matches(source, index, query, limit)
    fell_back = False
    if not total and (any_word := relaxed(query)) is not None:
        matches, total = _matches(source, index, any_word, limit)
        fell_back = total > 0
    marker = Marker(query)
    notes: dict[str, Note | None] = {}
    hits = []
    for match in matches:
        if match.path not in notes:
            notes[match.path] = _read(source, match.path)
        note = notes[match.path]
        if note is None:
            total -= 1
        else:
            hits.append(_hit(note, match, marker, width))
    return Results(tuple(hits), total, fell_back)


def _matches(source: NoteSource, index: SearchIndex, query: Query, limit: int | None) -> tuple[list[Match], int]:
    try:
        return index.search(query, limit)
    except IndexDamaged:
        refresh(source, index)
        return index.search(query, limit)


def _read(source: NoteSource, path: str) -> Note | None:
    try:
        return source.read(path)
    except NoteVanished:
        return None  # gone since the index was refreshed; the next refresh forgets it


def _hit(note: Note, match: Match, marker: Marker, width: int) -> Hit:
    entry = _entry(note, match)
    cut = snippet(_text(note, entry), marker, width)
    return Hit(
        path=note.path,
        line=entry.line if entry else 1,
        anchor=entry.anchor if entry else "",
        kind=note.kind,
        title=(entry.title or entry.anchor) if entry else note.title,
        date=note.date.isoformat() if note.date else "",
        tags=unit_tags(note, entry),
        project=(entry.project if entry else "") or note.project,
        score=round(match.score, 4),
        snippet=cut.text,
        fields=note.metadata,
        marks=cut.marks,
    )


def _entry(note: Note, match: Match) -> Entry | None:
    """The entry that matched, found again by its heading; where two are named alike, the nearer one."""
    named = [entry for entry in note.entries if entry.anchor == match.anchor] if match.anchor else []
    return min(named, key=lambda entry: abs(entry.line - match.line), default=None)


def _text(note: Note, entry: Entry | None) -> str:
    """The text of a unit: an entry's, or the note's without its entries."""
    if entry is not None:
        return entry.text
    parts, outside = [], 0
    for one in note.entries:
        parts.append(note.body[outside : one.start])
        outside = one.end
    return "\n".join((*parts, note.body[outside:]))
