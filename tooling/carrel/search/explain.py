"""Why a hit matched, and how its score came about.

It asks the index once more for each word and phrase of the query, and for filters that need not hold: so what it says
is what the index did, whichever index it is. Where the words stand is read in the notes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.pdf import PdfText
from carrel.search.analysis import is_sign, terms, tokens
from carrel.search.order import SCORE
from carrel.search.ranking import said
from carrel.search.search import answered, entry_of, read
from carrel.search.snippet import Marker
from carrel.search.tree import (
    And,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Text,
    Within,
    Word,
    relaxed,
)
from carrel.search.units import unit_text
from carrel.search.written import written

if TYPE_CHECKING:
    from carrel.core.note import Note, Value
    from carrel.search.index import Match, NoteSource, SearchIndex
    from carrel.search.search import Results


_Place: TypeAlias = tuple[str, int]
_line = attrgetter("line")
#: What is less than this comes of rounding.
ROUNDING = 0.001


@dataclass(frozen=True, slots=True)
class Reason:
    """What a word or phrase of the query, written as `asked`, adds to the score of a hit, and where it stands.

    `forms` are the words as they are written in the text, and how often; `title` says how often they are in the title.
    `sections` are the headings that they stand below, `fields` the front-matter keys that have them.
    """

    asked: str
    score: float
    forms: Mapping[str, int]
    title: int
    sections: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons of one hit, the filters that hold, and what is added `besides` for other things than single words.

    These are "together" for words that stand side by side, or all in the title; "called so" for a note that has the
    words for its name; and what newness adds when the best are first. The scores of `words` and `besides` make up the
    score of the hit.
    """

    words: tuple[Reason, ...]
    filters: tuple[str, ...]
    besides: Mapping[str, float]


def explain(source: NoteSource, index: SearchIndex, results: Results, rest: str = "newness") -> list[Why]:
    """Why each hit of `results` is one, in their order. `rest` names what the index does not say of a score."""
    if not results.matches:
        return []
    parts = dict(said(list(_parts(results.query, ()))))
    any_page = Or((InPdf(), Not(InPdf())))  # where pages are asked for, none of a PDF's is left out as one too many

    def ask(query: Query) -> dict[_Place, float]:
        found, _ = answered(source, index, lambda: index.search(query, None, SCORE))
        return {(match.path, match.line): match.score for match in found}

    whole = ask(results.query)
    if results.others and (any_word := relaxed(results.query)):  # by which those were found that lack a word
        whole = ask(any_word) | whole
    certain = results.query.queries if isinstance(results.query, And) else (results.query,)
    scores = {
        part: whole if _text(part) is None and part in certain else ask(And((Or((_alone(part),)), any_page)))
        for part in parts
    }
    found = []
    notes: dict[str, _Note | None] = {}
    for match in results.matches:
        if match.path not in notes:
            note = read(source, match.path)
            notes[match.path] = None if note is None else _Note(note)
        known = notes[match.path]
        text = _Text(known, match) if known else None
        place = match.path, match.line
        words, filters = [], []
        for part, weight in parts.items():
            asked = _text(part)
            if place not in scores[part]:
                continue
            if asked is None:
                filters.append(written(part))
            else:
                score = round(weight * scores[part][place], 4)
                words.append(Reason(written(part), score, *(text.where(asked) if text else ({}, 0, (), ()))))
        by_words, by_index = sum(word.score for word in words), whole.get(place, 0.0)
        lifted = "called so" if by_index > 2 * by_words else "together"
        besides = {lifted: by_index - by_words, rest: match.score - by_index}
        found.append(Why(tuple(words), tuple(filters), {of: round(n, 4) for of, n in besides.items() if n > ROUNDING}))
    return found


def _parts(query: Query, within: tuple[str, ...]) -> Iterator[Query]:
    """The words, phrases and filters of a query, each as a query of its own."""
    match query:
        case And(queries) | Or(queries):
            for part in queries:
                yield from _parts(part, within)
        case Within(parts, inner) if not isinstance(inner, Everything):
            yield from _parts(inner, parts)
        case Everything():
            return
        case _:
            yield Within(within, query) if within else query


def _alone(part: Query) -> Query:
    """A part that is scored for itself: no phrase in an `Or` gains from other words, or from what a note is called."""
    match part:
        case Word(text) if len(text) > 1:  # a single sign of some scripts is asked as a beginning, and no phrase
            return Phrase(text)
        case Within(parts, inner):
            return Within(parts, _alone(inner))
        case _:
            return part


def _text(part: Query) -> Text | None:
    """What of a part has a score; None of a filter."""
    match part:
        case Word() | Phrase() | Prefix() | Fuzzy():
            return part
        case Field("title", (Word() | Phrase() | Prefix() | Fuzzy()) as test):
            return test
        case Within(_, inner):
            return _text(inner)
        case _:
            return None


class _Note:
    """What the hits of one note or PDF have in common."""

    def __init__(self, note: Note | PdfText) -> None:
        self.note = note
        self._fields: dict[Text, tuple[str, ...]] = {}

    def fields(self, asked: Text) -> tuple[str, ...]:
        """The front-matter keys that have it."""
        if isinstance(self.note, PdfText):
            return ()
        if asked not in self._fields:
            values = ((key, text) for key, value in self.note.metadata.items() for text in _texts(value))
            keys = (key for key, text in values if key != "title" and any(_occurrences(text, asked)))
            self._fields[asked] = tuple(dict.fromkeys(keys))
        return self._fields[asked]


class _Text:
    """The words of a hit, for finding in them what was asked."""

    def __init__(self, known: _Note, match: Match) -> None:
        self.note = known
        self.headings: list[tuple[int, str]] = []  # line within the text, and what the heading says
        note = known.note
        if isinstance(note, PdfText):
            self.title, self.text = "", "".join(page.text for page in note.pages[match.line - 1 : match.line])
            return
        entry = entry_of(note, match)
        self.text = unit_text(note, entry)
        self.title = entry.title or entry.anchor if entry else note.title
        first, own = (entry.line, entry.anchor) if entry else (note.body_line, note.title)
        last, listed = first + self.text.count("\n"), note.markup.headings
        among = listed[bisect_left(listed, first, key=_line) : bisect_right(listed, last, key=_line)]
        self.headings = [(one.line - first, one.text) for one in among if one.text != own]

    def where(self, asked: Text) -> tuple[dict[str, int], int, tuple[str, ...], tuple[str, ...]]:
        """Forms in the text, how often it is in the title, sections and fields."""
        forms: Counter[str] = Counter()
        sections: dict[str, None] = {}
        line = before = 0
        for start, end in _occurrences(self.text, asked):
            forms[" ".join(self.text[start:end].lower().split())] += 1
            line += self.text.count("\n", before, start)
            before = start
            if above := bisect_right(self.headings, line, key=itemgetter(0)):
                sections[self.headings[above - 1][1]] = None
        title = len(list(_occurrences(self.title, asked)))
        return dict(forms.most_common()), title, tuple(sections), self.note.fields(asked)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _occurrences(text: str, asked: Text) -> Iterator[tuple[int, int]]:
    """The spans of a text that hold a word, or all words of a phrase in order."""
    found = terms(asked.text)
    if not found:
        return
    last = Marker(asked if len(found) == 1 else _last(asked, found[-1].surface))
    before = [term.stem for term in found[:-1]]
    size = len(before)
    listed = list(tokens(text))
    sign, behind = not before and is_sign(found[-1]), 0
    for at in range(size, len(listed)):
        if last.why(listed[at].term) and [token.term.stem for token in listed[at - size : at]] == before:
            start, end = listed[at - size].start, listed[at].end
            if not sign or start >= behind:  # a sign is in two pairs, but at the ends of a word
                yield start, end
            behind = end


def _last(asked: Text, word: str) -> Text:
    """A question for the last of several words, of the same kind."""
    match asked:
        case Prefix():
            return Prefix(word)
        case Fuzzy(_, distance):
            return Fuzzy(word, distance)
        case _:
            return Word(word)
