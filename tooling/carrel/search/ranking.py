"""How well a document answers: what a word is worth in it, and what comes before its equals.

A word's worth is BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) in the document's whole
text and, at a modest weight, in its title. Two things are looked at afterwards, among the best matches only: words
that stand side by side as they were asked gain a little, and what is called by the very words of the query comes first.
Words of grammar are looked for but say nothing of what a note is about: beside other words they are worth nothing.

The constants are the best of a grid over fourteen collections of judged questions (`tooling/bench/relevance.py`); near
these values the results change by less than they differ between collections.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE, WHOLE, WORD
from carrel.search.order import RECENCY
from carrel.search.tree import And, Or, Phrase, Query, Word, wanted

if TYPE_CHECKING:
    from carrel.search.matching import Postings

#: Documents and their scores.
Scores: TypeAlias = dict[int, float]

#: BM25's saturation of repeated words and weight of a text's length; and what a title's words weigh beside the text's.
#: A heavy title hurts long questions.
K1, B, TITLE = 1.3, 0.75, 0.4
#: What a title that has all the words of a query gains beside that, of its words' weight in titles.
TITLED = 0.6
#: A word that is asked n times counts n to this power.
AGAIN = 0.8
#: What two words side by side are worth, beside the two words; and how many of the best matches are looked at for it.
BESIDE, LOOKED_AT = 0.08, 50
#: A word in more documents than this, and than a tenth of all, is not looked for side by side: it says less than
#: reading all of its places costs.
COMMON = 2000
#: The least that is left of the rarity of a word because most documents have it: those that all have are ranked too.
LEAST = 0.1
_GRAMMAR = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its
itself they them their theirs themselves what which who whom this that these those am is are was were be been being have
has had having do does did doing would should could ought a an the and but if or because as until while of at by for
with about against between into through during before after above below to from up down in out on off over under again
further then once here there when where why how all any both each few more most other some such no nor not only own same
so than too very can will
"""
#: Words of English grammar: the stop list of the stemmer's makers (snowballstem.org), without its contractions.
GRAMMAR = frozenset(_GRAMMAR.split())
#: The fields whose values are what a note is called.
CALLED = ("title", "name", "alias", "citekey")

#: The lengths that the 256 codes of a document's length stand for (Whoosh's table, by its formula): small ones exactly.
LENGTHS = tuple(round((1.033**code - 1) * 27) for code in range(256))


class Weights:
    """What words are worth in the documents of one index."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._size = len(postings.documents())
        self._norms: dict[str, tuple[bytes, list[float]]] = {}
        self._counts: dict[tuple[str, str], dict[int, float]] = {}

    def counts(self, field: str, term: str) -> dict[int, float]:
        """The documents that hold a term, and how often; read once for a query."""
        if (field, term) not in self._counts:
            self._counts[field, term] = self._postings.counts(field, term)
        return self._counts[field, term]

    def rarity(self, documents: int) -> float:
        """What it tells to have something that so many documents have."""
        return rarity(documents, self._size)

    def scores(self, field: str, counts: Mapping[int, float], rarity: float) -> Scores:
        """Of documents that hold something so often, when it is so rare."""
        codes, norms = self._norm(field)
        weight = rarity * (K1 + 1)
        return {document: weight * count / (count + norms[codes[document]]) for document, count in counts.items()}

    def _norm(self, field: str) -> tuple[bytes, list[float]]:
        if field not in self._norms:
            average = self._postings.total_length(field) / max(self._size, 1) or 1.0
            norms = [K1 * (1 - B + B * length / average) for length in LENGTHS]
            self._norms[field] = self._postings.lengths(field), norms
        return self._norms[field]

    def beside(self, query: Query, scores: Scores) -> Scores:
        """What the best of `scores` gain from words of the query that stand side by side in them."""
        pairs = [pair for run in _runs(query) for pair in pairwise(run)]
        if not pairs:
            return {}
        best = set(nlargest(LOOKED_AT, scores, key=scores.__getitem__))
        most = max(COMMON, self._size / 10)
        rarity: dict[str, float] = {}
        places: dict[str, Mapping[int, Sequence[int]]] = {}
        for stem in {stem for pair in pairs for stem in pair}:
            holding = len(self.counts("text", stem))
            if 0 < holding <= most:
                rarity[stem] = self.rarity(holding)
                places[stem] = self._postings.places("text", stem, best)
        gained: Scores = {}
        for first, second in pairs:
            if first in places and second in places:
                together = {
                    document: float(count)
                    for document, here in places[first].items()
                    if (there := places[second].get(document))
                    and (count := len({place + 1 for place in here}.intersection(there)))
                }
                for document, score in self.scores("text", together, rarity[first] + rarity[second]).items():
                    gained[document] = gained.get(document, 0.0) + BESIDE * score
        return gained

    def titled(self, query: Query, scores: Scores) -> Scores:
        """What documents gain whose title has all of the words."""
        stems = {stem for run in _runs(query) for stem in run}
        if not stems:
            return {}
        lists = [self.counts("title", stem) for stem in stems]
        both = set(scores).intersection(*lists)
        gained = dict.fromkeys(both, 0.0)
        for counts in lists if both else ():
            here = {document: counts[document] for document in both}
            for document, score in self.scores("title", here, TITLED * self.rarity(len(counts))).items():
                gained[document] += score
        return gained

    def called(self, query: Query, scores: Scores) -> Scores:
        """What documents gain that are called what the query says, by title, alias or file name: enough to be first."""
        text = _said(query)
        if not text or not scores:
            return {}
        value = fold(text)[:MAX_VALUE]
        named = {document for field in CALLED for document in self._postings.counts("values", f"{field}{WHOLE}{value}")}
        named |= self._files(text, scores)
        enough = max(scores.values()) * (1 + RECENCY)
        return {document: enough for document in named if document in scores}

    def _files(self, text: str, scores: Scores) -> set[int]:
        """The notes whose file's name is this text, if not more than a few have all of its words in their path."""
        words = [term.surface for term in terms(text)]
        found = set(scores)
        for word in words:
            found &= self._postings.counts("values", f"path{WORD}{word}").keys()
        if not words or len(found) > LOOKED_AT:
            return set()
        units = ((document, *self._postings.unit(document)) for document in found)
        return {
            document
            for document, path, _, anchor in units
            if not anchor and [term.surface for term in terms(path.rpartition("/")[2].removesuffix(".md"))] == words
        }


def rarity(documents: int, size: int) -> float:
    """What it tells to have something that so many of `size` documents have; always positive.

    It is the inverse document frequency times the share of documents without it: by its logarithm alone, what most
    documents have would still tell much, several times over in a long question.
    """
    frequency = math.log1p((size - documents + 0.5) / (documents + 0.5))
    return frequency * max(LEAST, 1 - documents / max(size, 1))


def said(queries: Sequence[Query]) -> Iterator[tuple[Query, float]]:
    """Each different one of these queries, and how much it counts: a word of grammar nothing, unless all are such.

    >>> dict(said([Word("the"), Word("probes")])), dict(said([Word("The"), Word("Who")]))
    ({Word(text='the'): 0.0, Word(text='probes'): 1.0}, {Word(text='The'): 1.0, Word(text='Who'): 1.0})
    """
    alike: dict[object, list[Query]] = {}
    for query in queries:
        key: object = tuple(term.stem for term in terms(query.text)) if isinstance(query, Word) else query
        alike.setdefault(key, []).append(query)
    # Filters only choose among the notes: they say nothing of what a note is about.
    telling = any(not _is_grammar(word) for same in alike.values() for word in wanted(same[0], in_fields=False))
    for same in alike.values():
        yield same[0], 0.0 if telling and _is_grammar(same[0]) else len(same) ** AGAIN


def _is_grammar(query: Query) -> bool:
    return isinstance(query, Word) and all(term.surface in GRAMMAR for term in terms(query.text))


def lifted(query: Query, scores: Scores, weights: Weights) -> Scores:
    """Scores with what only the best matches, or few, are looked at for."""
    for gained in (weights.beside(query, scores), weights.titled(query, scores)):
        scores = _and(scores, gained)
    return _and(scores, weights.called(query, scores))


def _and(scores: Scores, gained: Scores) -> Scores:
    return {**scores, **{document: scores[document] + gain for document, gain in gained.items()}} if gained else scores


def _runs(query: Query) -> Iterator[list[str]]:
    """The stems of words that were asked one after the other; a quoted phrase is a question of its own."""
    if not isinstance(query, And | Or):
        return
    run: list[str] = []
    for part in query.queries:
        if isinstance(part, Word):
            run += [term.stem for term in terms(part.text)]
            continue
        yield run
        run = []
        yield from _runs(part)
    yield run


def _said(query: Query) -> str:
    """The words that are asked, as text; "" for anything that is not only words, and filters beside them.

    >>> _said(And((Word("Toy"), Word("models"))))
    'Toy models'
    """
    match query:
        case Word(text) | Phrase(text):
            return text
        case And(queries):
            words = [part.text for part in queries if isinstance(part, Word | Phrase)]
            return " ".join(words)
        case _:
            return ""
