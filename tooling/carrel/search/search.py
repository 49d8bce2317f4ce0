"""Ask the index, and read each hit again from its note: the index says where, the file says what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from carrel.errors import NoteVanished
from carrel.search.analysis import tokens
from carrel.search.documents import unit_tags, unit_text
from carrel.search.index import Hit, IndexDamaged, refresh
from carrel.search.snippet import WIDTH, Marker, snippet
from carrel.search.tree import relaxed

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.note import Entry, Note
    from carrel.search.index import Match, NoteSource, Order, SearchIndex, Suggestion
    from carrel.search.tree import Query

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Results:
    """The first hits, how many matches there are in all, and whether nothing had all of the words (`fell_back`).

    `suggestions` are for what was asked and is nowhere; they are looked for only when nothing had all of the words.
    """

    hits: tuple[Hit, ...]
    total: int
    fell_back: bool = False
    suggestions: tuple[Suggestion, ...] = ()


def search(
    source: NoteSource,
    index: SearchIndex,
    query: Query,
    limit: int | None = 10,
    *,
    order: Order = "score",
    width: int = WIDTH,
) -> Results:
    """Answer a query: notes with all of its words, or with any of them if none has all. Call `refresh` before.

    A hit whose note is gone is left out. An index that turns out to be damaged is made anew on the way.
    """
    matches, total = _answered(source, index, lambda: index.search(query, limit, order))
    suggestions: tuple[Suggestion, ...] = ()
    fell_back = False
    if not total:
        suggestions = _answered(source, index, lambda: index.suggest(query))
        if (any_word := relaxed(query)) is not None:
            matches, total = _answered(source, index, lambda: index.search(any_word, limit, order))
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
    return Results(tuple(hits), total, fell_back, suggestions)


def _answered(source: NoteSource, index: SearchIndex, ask: Callable[[], _T]) -> _T:
    try:
        return ask()
    except IndexDamaged:
        refresh(source, index)
        return ask()


def _read(source: NoteSource, path: str) -> Note | None:
    try:
        return source.read(path)
    except NoteVanished:
        return None  # gone since the index was refreshed; the next refresh forgets it


def _hit(note: Note, match: Match, marker: Marker, width: int) -> Hit:
    entry = _entry(note, match)
    heading, text, first = "", unit_text(note, entry), note.body_line
    if entry is not None:
        heading, _, text = text.partition("\n")
        first = entry.line + 1
    cut = snippet(text, marker, width)
    begin = entry.line if entry else 1
    named = marker and any(marker.why(token) for token in tokens(heading))
    return Hit(
        path=note.path,
        line=begin if named or cut.line is None else first + cut.line,
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
