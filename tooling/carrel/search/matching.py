"""Which documents answer a query, and how well: the walk over the query tree, on anything that has postings.

Scores are BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) of a document's whole text
and, at a modest weight, of its title; a word that is asked twice counts twice. Filters add nothing to a score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import reduce
from typing import TYPE_CHECKING, Protocol

from carrel.search.analysis import Term, fold, terms
from carrel.search.documents import MAX_VALUE, NAMES, PAGE, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.order import beyond_the_best, ordered
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
    asks_for_pages,
)
from carrel.search.values import between, comparison

if TYPE_CHECKING:
    from carrel.search.index import Facets, Match
    from carrel.search.order import Order

#: BM25's saturation of repeated words and weight of a text's length; and what a title's words weigh beside the text's.
#: The best of a grid on Cranfield and CISI; a heavy title hurts long questions.
K1, B, TITLE = 1.2, 0.75, 0.5

#: The lengths that the 256 codes of a document's length stand for (Whoosh's table, by its formula): small ones exactly.
LENGTHS = tuple(round((1.033**code - 1) * 27) for code in range(256))

#: Documents and their scores.
Scores = dict[int, float]


class Postings(Protocol):
    """An index as the walk sees it: documents are numbers, fields are `text`, `title`, `values` and `words`.

    `words` holds the words as they are written, each with its stem after a `WHOLE`, for beginnings and typing errors.
    """

    def documents(self) -> Collection[int]:
        """All documents."""

    def counts(self, field: str, term: str) -> dict[int, float]:
        """The documents that hold a term, and how often."""

    def places(self, field: str, term: str, documents: Collection[int]) -> dict[int, Sequence[int]]:
        """Where a term stands in those of `documents` that hold it, in order."""

    def terms(self, field: str, start: str) -> Iterator[str]:
        """Every term of a field that begins with `start`, in order."""

    def lengths(self, field: str) -> bytes:
        """The code of each document's length in a field; see `LENGTHS`."""

    def total_length(self, field: str) -> int:
        """How many terms the field has in all documents together."""

    def days(self) -> Sequence[int]:
        """The day of each document, 0 for none."""

    def unit(self, document: int) -> tuple[str, int, str]:
        """Path, line and anchor of a document."""

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, folded, and the documents that have it; see `valued` below."""


def search(query: Query, postings: Postings, limit: int | None, order: Order) -> tuple[list[Match], int]:
    """The first matches in order, and how many there are. Pages of PDFs come after all notes."""
    scores = _Walk(postings).run(query)
    pages = postings.counts("values", PAGE).keys() & scores.keys()
    if pages and not asks_for_pages(query):
        dropped = beyond_the_best(pages, scores, postings)
        scores = {document: score for document, score in scores.items() if document not in dropped}
    return ordered(scores, pages, postings, limit, order), len(scores)


def facets(query: Query, postings: Postings, fields: Sequence[str]) -> Facets:
    """How many of the matches have each value of these fields."""
    found = _Walk(postings).run(query).keys()
    return {field: _tally(postings.valued(field_name(field)), found) for field in fields}


def _tally(values: Iterable[tuple[str, Collection[int]]], found: Set[int]) -> dict[str, int]:
    counted = ((value, len(found & documents)) for value, documents in ((value, set(of)) for value, of in values))
    return {value: count for value, count in counted if count}


def frequency(word: str, postings: Postings) -> int:
    """How many documents hold a word of one term."""
    return len(postings.counts("text", terms(word)[0].stem))


def valued(postings: Postings, field: str) -> Iterator[tuple[str, Collection[int]]]:
    """Every whole value of a field, and the documents that have it."""
    start = f"{field}{WHOLE}"
    for term in postings.terms("values", start):
        yield term[len(start) :], postings.counts("values", term).keys()


class _Walk:
    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.everything = postings.documents()
        self._norms: dict[str, tuple[bytes, list[float]]] = {}

    def run(self, query: Query) -> Scores:
        match query:
            case Everything():
                return dict.fromkeys(self.everything, 0.0)
            case Word() | Phrase() | Prefix() | Fuzzy():
                return self._text(query)
            case Field(name, test):
                return self._field(field_name(name), test)
            case InPdf():
                return self._holding({PAGE})
            case Dated(first, last):
                return self._values("date", between(first.isoformat(), last.isoformat()))
            case Not(inner):
                return self._without(dict.fromkeys(self.everything, 0.0), self.run(inner))
            case And(queries):
                return self._all(queries)
            case Or(queries):
                return self._any(self.run(part) for part in queries)

    def _all(self, queries: Sequence[Query]) -> Scores:
        found = [self.run(part) for part in queries if not isinstance(part, Not)]
        found.sort(key=len)
        scores = found[0] if found else dict.fromkeys(self.everything, 0.0)
        for other in found[1:]:
            scores = {document: score + other[document] for document, score in scores.items() if document in other}
        excluded = (self.run(part.query) for part in queries if isinstance(part, Not))
        return reduce(self._without, excluded, scores)

    def _any(self, found: Iterable[Scores]) -> Scores:
        scores: Scores = {}
        for other in found:
            for document, score in other.items():
                scores[document] = scores.get(document, 0.0) + score
        return scores

    def _without(self, scores: Scores, excluded: Scores) -> Scores:
        return {document: score for document, score in scores.items() if document not in excluded}

    def _text(self, query: Text) -> Scores:
        """Documents by their words: scored in the text, and better with the words in the title as well."""
        scores = self._scored("text", query)
        for document, score in self._scored("title", query).items():
            scores[document] = scores.get(document, 0.0) + TITLE * score
        return scores

    def _scored(self, field: str, query: Text) -> Scores:
        counts, rarity = self._counted(field, query)
        lengths, norms = self._norm(field)
        weight = rarity * (K1 + 1)
        return {document: weight * count / (count + norms[lengths[document]]) for document, count in counts.items()}

    def _counted(self, field: str, query: Text) -> tuple[dict[int, float], float]:
        """How often each document holds what is asked, and how rare that is."""
        match query:
            case Word(text) | Phrase(text):
                found = terms(text)
                if len(found) == 1 and isinstance(query, Word) and _is_sign(found[0].surface):
                    return self._counted(field, Prefix(text))  # one sign of a script that is cut into pairs
                lists = [self.postings.counts(field, term.stem) for term in found]
                rarity = sum(map(self._rarity, map(len, lists)))
                if len(lists) == 1:
                    return lists[0], rarity
                return self._in_order(field, [term.stem for term in found], lists), rarity
            case Prefix(text):
                *before, last = terms(text) or [Term("", "")]
                return self._one_of(field, [term.stem for term in before], self._stems(last.surface, lambda word: True))
            case Fuzzy(text, distance):
                *before, last = terms(text) or [Term("", "")]
                near = self._stems(last.surface[:1], lambda word: within(word, last.surface, distance))
                return self._one_of(field, [term.stem for term in before], near)

    def _one_of(self, field: str, before: list[str], stems: Collection[str]) -> tuple[dict[int, float], float]:
        """What holds any of `stems`, after the words `before` it."""
        found: dict[int, float] = {}
        for stem in stems:
            counts = self.postings.counts(field, stem)
            if before:
                lists = [*(self.postings.counts(field, term) for term in before), counts]
                counts = self._in_order(field, [*before, stem], lists)
            for document, count in counts.items():
                found[document] = found.get(document, 0) + count
        return found, self._rarity(len(found))

    def _stems(self, start: str, fits: Callable[[str], bool]) -> set[str]:
        """The stems of the words that begin with `start` and fit."""
        if not start:
            return set()
        pairs = (word.split(WHOLE) for word in self.postings.terms("words", start))
        return {stem for surface, stem in pairs if fits(surface)}

    def _in_order(self, field: str, stems: Sequence[str], lists: Sequence[Mapping[int, float]]) -> dict[int, float]:
        """How often the terms stand side by side in this order."""
        if not lists:
            return {}
        documents = set(lists[0]).intersection(*lists[1:])
        if not documents:
            return {}
        places = {stem: self.postings.places(field, stem, documents) for stem in set(stems)}
        found: dict[int, float] = {}
        for document in documents:
            starts = set(places[stems[0]][document])
            for offset, stem in enumerate(stems[1:], 1):
                starts.intersection_update([place - offset for place in places[stem][document]])
            if starts:
                found[document] = len(starts)
        return found

    def _rarity(self, documents: int) -> float:
        """Inverse document frequency, always positive."""
        return math.log1p((len(self.everything) - documents + 0.5) / (documents + 0.5))

    def _norm(self, field: str) -> tuple[bytes, list[float]]:
        if field not in self._norms:
            average = self.postings.total_length(field) / max(len(self.everything), 1) or 1.0
            norms = [K1 * (1 - B + B * length / average) for length in LENGTHS]
            self._norms[field] = self.postings.lengths(field), norms
        return self._norms[field]

    def _field(self, name: str, test: Test) -> Scores:
        if name == "title" and isinstance(test, Word | Phrase | Prefix | Fuzzy):
            return self._scored("title", test)
        match test:
            case Present():
                return self._values(name, lambda value: True)
            case Compare(operator, bound):
                return self._values(name, comparison(operator, fold(bound)))
            case Between(low, high):
                return self._values(name, between(fold(low), fold(high)))
            case Prefix(text):
                start = fold(text)
                return self._holding(self._starting(name, WHOLE, start) | self._starting(name, WORD, start))
            case Fuzzy(text, distance):
                near = fold(text)
                return self._holding(
                    value
                    for kind in (WHOLE, WORD)
                    for value in self._starting(name, kind, near[:1])
                    if within(value.partition(kind)[2], near, distance)
                )
            case Word(text) | Phrase(text):
                return self._equal(name, text)

    def _equal(self, name: str, text: str) -> Scores:
        """A value that is this text, or has it inside as words; a name only whole or up to a slash."""
        whole = f"{name}{WHOLE}{fold(text)[:MAX_VALUE]}"
        found = self._holding({whole})
        if name in NAMES:
            return found | self._holding(self.postings.terms("values", f"{whole}/"))
        words = [f"{name}{WORD}{term.surface}" for term in terms(text)]
        lists = [self.postings.counts("values", word) for word in words]
        inside = lists[0] if len(lists) == 1 else self._in_order("values", words, lists)
        return found | dict.fromkeys(inside, 0.0)

    def _starting(self, name: str, kind: str, start: str) -> set[str]:
        return set(self.postings.terms("values", f"{name}{kind}{start}"))

    def _values(self, name: str, fits: Callable[[str], bool]) -> Scores:
        """What has a value under `name` that fits; the values are looked at once each, not once for each document."""
        start = f"{name}{WHOLE}"
        return self._holding(term for term in self.postings.terms("values", start) if fits(term[len(start) :]))

    def _holding(self, values: Iterable[str]) -> Scores:
        found: Scores = {}
        for value in values:
            found.update(dict.fromkeys(self.postings.counts("values", value), 0.0))
        return found


def _is_sign(surface: str) -> bool:
    return len(surface) == 1 and surface >= "\u0e00"
