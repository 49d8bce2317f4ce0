"""Which documents answer a query, and how well: the walk over the query tree, on anything that has postings.

What a word is worth is `ranking.py`'s to say. Filters add nothing to a score.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from functools import reduce
from typing import TYPE_CHECKING, Protocol

from carrel.search.analysis import Term, is_sign, terms
from carrel.search.fields import PAGE, WHOLE, field_name
from carrel.search.filters import dated, having, orphans, with_pdf
from carrel.search.fuzzy import within
from carrel.search.order import beyond_the_best, ordered
from carrel.search.positions import Scope, in_order
from carrel.search.ranking import TITLE, Scores, Weights, lifted, said
from carrel.search.tree import (
    And,
    Dated,
    Everything,
    Field,
    Fuzzy,
    InPdf,
    Not,
    Or,
    Orphan,
    Phrase,
    Prefix,
    Query,
    Test,
    Text,
    Within,
    Word,
    asks_for_pages,
)

if TYPE_CHECKING:
    from carrel.search.index import Facets, Match
    from carrel.search.order import Order


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
        """The code of each document's length in a field; see `ranking.LENGTHS`."""

    def total_length(self, field: str) -> int:
        """How many terms the field has in all documents together."""

    def days(self) -> Sequence[int]:
        """The day of each document, 0 for none."""

    def unit(self, document: int) -> tuple[str, int, str]:
        """Path, line and anchor of a document."""

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, folded, and the documents that have it."""


def search(query: Query, postings: Postings, limit: int | None, order: Order) -> tuple[list[Match], int]:
    """The first matches in order, and how many there are. Pages of PDFs come after all notes."""
    walk = _Walk(postings)
    scores = lifted(query, walk.run(query), walk.weights)
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


class _Walk:
    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.everything = postings.documents()
        self.weights = Weights(postings)
        self._scopes: list[Scope] = []  # where words must stand, now
        self._among: Set[int] | None = None  # what else is asked is only in these, now
        self._words: dict[str, list[list[str]]] = {}  # by how they begin, each with its stem
        self._ends: dict[Text, set[str]] = {}  # the stems of what was asked by its beginning or with typing errors

    def run(self, query: Query) -> Scores:
        match query:
            case Everything():
                return dict.fromkeys(self.everything, 0.0)
            case Word() | Phrase() | Prefix() | Fuzzy():
                return self._text(query)
            case Field(name, test):
                return self._field(field_name(name), test)
            case InPdf():
                return dict.fromkeys(self.postings.counts("values", PAGE), 0.0)
            case Within(parts, inner):
                return self._within(parts, inner)
            case Orphan():
                return dict.fromkeys(orphans(self.postings), 0.0)
            case Dated(first, last):
                return dict.fromkeys(dated(self.postings, first, last), 0.0)
            case Not(inner):
                return self._without(dict.fromkeys(self.everything, 0.0), self.run(inner))
            case And(queries):
                return self._all(queries)
            case Or(queries):
                return self._any(self._each(queries))

    def _all(self, queries: Sequence[Query]) -> Scores:
        outside = self._among
        scores: Scores | None = None
        parts = said([part for part in queries if not isinstance(part, Not)])
        for part, weight in sorted(parts, key=lambda one: self._most(one[0])):
            found = self._weighed(part, weight)
            if scores is not None:
                found = {document: scores[document] + score for document, score in found.items() if document in scores}
            scores = found
            self._among = scores.keys()
        self._among = outside
        excluded = (self.run(part.query) for part in queries if isinstance(part, Not))
        return reduce(self._without, excluded, dict.fromkeys(self.everything, 0.0) if scores is None else scores)

    def _most(self, query: Query) -> int:
        """At most so many documents match; filters, which are cheap, first, and what has to be looked at last."""
        match query:
            case Word(text):
                return min((len(self.weights.counts("text", term.stem)) for term in terms(text)), default=0)
            case Field() | Dated() | InPdf() | Orphan():
                return 0
            case _:
                return len(self.everything)

    def _each(self, queries: Sequence[Query]) -> Iterator[Scores]:
        for query, weight in said(queries):
            yield self._weighed(query, weight)

    def _weighed(self, query: Query, weight: float) -> Scores:
        """What matches, with scores that count so much."""
        if not weight and isinstance(query, Word):
            return dict.fromkeys(self._narrowed(self._counted("text", query)[0]), 0.0)
        scores = self.run(query)
        return scores if weight == 1 else {document: weight * score for document, score in scores.items()}

    def _any(self, found: Iterable[Scores]) -> Scores:
        scores: Scores = {}
        for other in found:
            for document, score in other.items():
                scores[document] = scores.get(document, 0.0) + score
        return scores

    def _without(self, scores: Scores, excluded: Scores) -> Scores:
        return {document: score for document, score in scores.items() if document not in excluded}

    def _within(self, parts: Sequence[str], query: Query) -> Scores:
        """What matches with its words in one of the parts, and has one of them."""
        scope = Scope(self.postings, parts)
        if isinstance(query, Everything):
            return dict.fromkeys(scope.documents, 0.0)
        self._scopes.append(scope)
        scores = self.run(query)
        self._scopes.pop()
        return {document: score for document, score in scores.items() if document in scope.documents}

    def _text(self, query: Text) -> Scores:
        """Documents by their words: scored in the text, and better with the words in the title as well."""
        counts, rarity = self._counted("text", query)
        scores = self.weights.scores("text", self._narrowed(counts), rarity)
        if not all(scope.titles for scope in self._scopes):
            return scores
        in_title, _ = self._counted("title", query)
        for document, score in self.weights.scores("title", self._narrowed(in_title), TITLE * rarity).items():
            scores[document] = scores.get(document, 0.0) + score
        return scores

    def _narrowed(self, counts: dict[int, float]) -> dict[int, float]:
        """What of these is still asked for."""
        if self._among is None:
            return counts
        if len(self._among) < len(counts):
            return {document: counts[document] for document in self._among if document in counts}
        return {document: count for document, count in counts.items() if document in self._among}

    def _counted(self, field: str, query: Text) -> tuple[dict[int, float], float]:
        """How often each document holds what is asked, and how rare that is."""
        match query:
            case Word(text) | Phrase(text):
                found = terms(text)
                if len(found) == 1 and isinstance(query, Word) and is_sign(found[0]):
                    return self._counted(field, Prefix(text))
                lists = [self.weights.counts(field, term.stem) for term in found]
                rarity = sum(map(self.weights.rarity, map(len, lists)))
                return self._in_order(field, [term.stem for term in found], lists), rarity
            case Prefix(text) | Fuzzy(text):
                *before, last = terms(text) or [Term("", "")]
                if query not in self._ends:
                    self._ends[query] = self._stems(query, last.surface)
                return self._one_of(field, [term.stem for term in before], self._ends[query])

    def _one_of(self, field: str, before: list[str], stems: Collection[str]) -> tuple[dict[int, float], float]:
        """What holds any of `stems`, after the words `before` it."""
        found: dict[int, float] = {}
        for stem in stems:
            lists = [self.weights.counts(field, term) for term in (*before, stem)]
            counts = self._in_order(field, [*before, stem], lists)
            for document, count in counts.items():
                found[document] = found.get(document, 0) + count
        return found, self.weights.rarity(len(found))

    def _stems(self, query: Prefix | Fuzzy, asked: str) -> set[str]:
        """The stems of the words that begin as `asked` does, or have typing errors behind its first letter."""
        if isinstance(query, Prefix):
            return {stem for _, stem in self._beginning(asked)}
        return {stem for word, stem in self._beginning(asked[:1]) if within(word, asked, query.distance)}

    def _beginning(self, start: str) -> list[list[str]]:
        """The words that begin so and their stems; read once for a query."""
        if start not in self._words:
            self._words[start] = [word.split(WHOLE) for word in self.postings.terms("words", start)] if start else []
        return self._words[start]

    def _in_order(self, field: str, stems: Sequence[str], lists: Sequence[dict[int, float]]) -> dict[int, float]:
        """How often the terms stand side by side in this order, where they must stand."""
        scopes = self._scopes if field == "text" else ()
        if len(lists) == 1 and not scopes:
            return lists[0]
        return in_order(self.postings, field, stems, lists, scopes)

    def _field(self, name: str, test: Test) -> Scores:
        if name == "title" and isinstance(test, Word | Phrase | Prefix | Fuzzy):
            return self.weights.scores("title", *self._counted("title", test))
        found = having(self.postings, name, test)
        if (name, test) == ("has", Word("pdf")):
            found |= with_pdf(self.postings)
        return dict.fromkeys(found, 0.0)
