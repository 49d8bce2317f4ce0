"""Ask the index, and read each hit again from its note: the index says where, the file says what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from carrel.core.pdf import PdfText
from carrel.errors import NoteVanished
from carrel.search.analysis import tokens
from carrel.search.documents import page_anchor, unit_tags, unit_text
from carrel.search.index import Hit, IndexDamaged, refresh
from carrel.search.order import BEST
from carrel.search.snippet import WIDTH, Marker, snippet
from carrel.search.tree import relaxed

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.note import Entry, Note
    from carrel.search.index import Findable, Match, NoteSource, SearchIndex, Suggestion
    from carrel.search.order import Order
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
    order: Order = BEST,
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
    notes: dict[str, Findable | None] = {}
    hits = []
    for match in matches:
        if match.path not in notes:
            notes[match.path] = _read(source, match.path)
        note = notes[match.path]
        hit = _page_hit(note, match, marker, width) if isinstance(note, PdfText) else _hit(note, match, marker, width)
        if hit is None:
            total -= 1
        else:
            hits.append(hit)
    return Results(tuple(hits), total, fell_back, suggestions)


def _answered(source: NoteSource, index: SearchIndex, ask: Callable[[], _T]) -> _T:
    try:
        return ask()
    except IndexDamaged:
        refresh(source, index)
        return ask()


def _read(source: NoteSource, path: str) -> Findable | None:
    try:
        return source.read(path)
    except NoteVanished:
        return None  # gone since the index was refreshed; the next refresh forgets it


def _page_hit(pdf: PdfText, match: Match, marker: Marker, width: int) -> Hit | None:
    """A page that matched; None when the file has it no more."""
    if match.line > len(pdf.pages):
        return None
    page = pdf.pages[match.line - 1]
    cut = snippet(page.text, marker, width)
    return Hit(
        path=pdf.path,
        line=match.line,
        anchor=page_anchor(page),
        kind="pdf",
        title=pdf.title,
        date="",
        tags=(),
        project="",
        score=round(match.score, 4),
        snippet=cut.text,
        fields={"citekey": pdf.citekey} if pdf.citekey else {},
        marks=cut.marks,
    )


def _hit(note: Note | None, match: Match, marker: Marker, width: int) -> Hit | None:
    if note is None:
        return None
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
