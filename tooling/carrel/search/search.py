"""Ask the index, and read each hit again from its note: the index says where, the file says what."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from carrel.core.pdf import PdfText
from carrel.errors import NoteVanished
from carrel.search.documents import page_anchor
from carrel.search.index import Hit, IndexDamaged, refresh
from carrel.search.order import BEST, SCORE
from carrel.search.snippet import WIDTH, Marker, snippet
from carrel.search.tree import Everything, relaxed
from carrel.search.units import unit_tags, unit_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from carrel.core.note import Entry, Note
    from carrel.search.index import Findable, Match, NoteSource, SearchIndex, Suggestion
    from carrel.search.order import Order
    from carrel.search.tree import Query

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Results:
    """The first hits, how many matches there are in all, and whether nothing had all of the words (`fell_back`).

    `total` counts the notes with all of the words, if there is one; of the hits, `others` are beyond these: the last
    ones, with some of the words. `suggestions` are for what was asked and is nowhere; they are looked for only when
    nothing had all of the words.
    `corrections` are the words that were replaced, with those that were searched for instead. `query` is what was
    answered in the end, and `matches` are what the index said of each hit.
    """

    hits: tuple[Hit, ...]
    total: int
    fell_back: bool = False
    suggestions: tuple[Suggestion, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    query: Query = field(default_factory=Everything)
    matches: tuple[Match, ...] = ()
    others: int = 0


def search(
    source: NoteSource,
    index: SearchIndex,
    query: Query,
    limit: int | None = 10,
    *,
    order: Order = BEST,
    width: int = WIDTH,
    correct: bool = False,
) -> Results:
    """Answer a query: notes with all of its words first, then, up to the limit, with any of them.

    Call `refresh` before. If none has any, `correct` lets it search for the nearest words that there are. A hit whose
    note is gone is left out. An index that turns out to be damaged is made anew on the way.
    """

    def ask(asked: Query) -> tuple[list[Match], int]:
        return answered(source, index, lambda: index.search(asked, limit, order))

    matches, total = ask(query)
    suggestions: tuple[Suggestion, ...] = ()
    corrections: Mapping[str, str] = {}
    fell_back = False
    if not total:
        suggestions = answered(source, index, lambda: index.suggest(query))
        for other, any_of_them, replaced in _second_thoughts(query, suggestions if correct else ()):
            matches, total = ask(other)
            if total:
                query, fell_back, corrections = other, any_of_them, replaced
                break
    others = _some_words(query, matches, total, limit, ask) if order in (BEST, SCORE) and not fell_back else []
    found, gone = hits_of(source, matches, query, width)
    beyond, _ = hits_of(source, others, query, width)
    found += beyond
    return Results(
        tuple(hit for _, hit in found),
        total - gone,
        fell_back,
        suggestions,
        corrections,
        query,
        tuple(match for match, _ in found),
        len(beyond),
    )


def _some_words(
    query: Query,
    matches: list[Match],
    total: int,
    limit: int | None,
    ask: Callable[[Query], tuple[list[Match], int]],
) -> list[Match]:
    """What fills up few matches of several words: what has some of them."""
    any_word = relaxed(query)
    if limit is None or not 0 < total < limit or any_word is None:
        return []
    places = {(match.path, match.line) for match in matches}
    return [match for match in ask(any_word)[0] if (match.path, match.line) not in places][: limit - total]


def _second_thoughts(
    query: Query, suggestions: tuple[Suggestion, ...]
) -> Iterator[tuple[Query, bool, Mapping[str, str]]]:
    """What is asked instead, one after the other, of a query that nothing answers: any of its words, then the nearest
    words that there are. With each comes whether it asks for any word, and which words it replaces."""
    if (any_word := relaxed(query)) is not None:
        yield any_word, True, {}
    if not suggestions:
        return
    from carrel.search.correct import corrected, plainly

    nearest = {one.asked: one.nearest[0] for one in suggestions if plainly(one.asked, one.nearest[0])}
    if (meant := corrected(query, nearest)) != query:
        yield meant, False, nearest
        if (any_word := relaxed(meant)) is not None:
            yield any_word, True, nearest


def answered(source: NoteSource, index: SearchIndex, ask: Callable[[], _T]) -> _T:
    """What `ask` gets from the index, which is made anew if it turns out to be damaged."""
    try:
        return ask()
    except IndexDamaged:
        refresh(source, index)
        return ask()


def hits_of(
    source: NoteSource, matches: Iterable[Match], query: Query, width: int = WIDTH
) -> tuple[list[tuple[Match, Hit]], int]:
    """Each match with its hit, as its note is now; and how many are gone since the index was refreshed."""
    marker = Marker(query)
    notes: dict[str, Findable | None] = {}
    found: list[tuple[Match, Hit]] = []
    gone = 0
    for match in matches:
        if match.path not in notes:
            notes[match.path] = read(source, match.path)
        note = notes[match.path]
        hit = None
        if isinstance(note, PdfText):
            hit = _page_hit(note, match, marker, width)
        elif note is not None:
            hit = note_hit(note, match, marker, width)
        if hit is None:
            gone += 1
        else:
            found.append((match, hit))
    return found, gone


def read(source: NoteSource, path: str) -> Findable | None:
    """A note or PDF; None when it is gone since the index was refreshed: the next refresh forgets it."""
    try:
        return source.read(path)
    except NoteVanished:
        return None


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


def note_hit(note: Note, match: Match, marker: Marker, width: int) -> Hit:
    """A note or an entry that matched."""
    entry = entry_of(note, match)
    heading, text, first = "", unit_text(note, entry), note.body_line
    if entry is not None:
        heading, _, text = text.partition("\n")
        first = entry.line + 1
    cut = snippet(text, marker, width)
    begin = entry.line if entry else 1
    named = bool(heading and marker and marker.marked(heading))
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


def entry_of(note: Note, match: Match) -> Entry | None:
    """The entry that matched, found again by its heading; where two are named alike, the nearer one."""
    at = bisect_left(note.entries, match.line, key=attrgetter("line"))
    if at < len(note.entries) and (note.entries[at].line, note.entries[at].anchor) == (match.line, match.anchor):
        return note.entries[at]  # unless the note was changed just now it is this one: no day is read for each entry
    named = [entry for entry in note.entries if entry.anchor == match.anchor] if match.anchor else []
    return min(named, key=lambda entry: abs(entry.line - match.line), default=None)
