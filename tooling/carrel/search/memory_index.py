"""An index in memory: the whole contract of `SearchIndex` in plain dictionaries, for tests and small jobs."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from carrel.search import matching, suggest
from carrel.search.analysis import terms
from carrel.search.documents import Document, documents
from carrel.search.fields import WHOLE
from carrel.search.index import IndexOvertaken
from carrel.search.order import BEST
from carrel.search.ranking import LENGTHS

if TYPE_CHECKING:
    from carrel.search.index import Facets, Findable, Match, Seen, Suggestion
    from carrel.search.order import Order
    from carrel.search.tree import Query


class MemoryIndex:
    """A `SearchIndex` that forgets everything with its process."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._documents: dict[str, list[Document]] = {}
        self._postings: _Postings | None = None
        self._commits = 0

    def version(self) -> str:
        """How often it was changed: no other process asks."""
        return str(self._commits)

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path."""
        return dict(self._seen)

    def update(
        self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str], onto: str | None = None
    ) -> str:
        """Index and forget. There is no other process here, so nobody holds a lock."""
        if onto not in (None, self.version()):
            raise IndexOvertaken
        self._postings = None
        for path, seen, note in changed:
            self._seen[path] = seen
            if note is not None:
                self._documents[path] = list(documents(note))
        for path in removed:
            self._seen.pop(path, None)
            self._documents.pop(path, None)
        self._commits += 1
        return self.version()

    def search(self, query: Query, limit: int | None, order: Order = BEST) -> tuple[list[Match], int]:
        """The first `limit` matches (all for None), and how many there are in all."""
        return matching.search(query, self._open(), limit, order)

    def suggest(self, query: Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is."""
        return suggest.suggestions(query, self._open())

    def facets(self, query: Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value of these fields."""
        return matching.facets(query, self._open(), fields)

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term."""
        return matching.frequency(word, self._open())

    def _open(self) -> _Postings:
        if self._postings is None:
            self._postings = _Postings([one for many in self._documents.values() for one in many])
        return self._postings


class _Postings:
    """`matching.Postings` of a list of documents."""

    def __init__(self, found: list[Document]) -> None:
        self._found = found
        self._places: dict[str, dict[str, dict[int, list[int]]]] = defaultdict(lambda: defaultdict(dict))
        self._lengths: dict[str, list[int]] = {"text": [], "title": []}
        for number, document in enumerate(found):
            self._add(number, document)
        self._terms = {field: sorted(terms) for field, terms in self._places.items()}

    def _add(self, number: int, document: Document) -> None:
        for field, passages in (("text", document.passages), ("title", [document.title])):
            place = 0
            for passage in passages:
                for term in terms(passage):
                    self._places[field][term.stem].setdefault(number, []).append(place)
                    self._places["words"][f"{term.surface}{WHOLE}{term.stem}"][number] = []
                    place += 1
                place += 1
            self._lengths[field].append(place - len(passages))
        for value, places in document.values.items():
            self._places["values"][value][number] = list(places)

    def documents(self) -> Collection[int]:
        return range(len(self._found))

    def counts(self, field: str, term: str) -> dict[int, float]:
        if term not in self._places[field]:
            return {}
        return {number: len(places) for number, places in self._places[field][term].items()}

    def places(self, field: str, term: str, documents: Collection[int]) -> dict[int, Sequence[int]]:
        return {number: places for number, places in self._places[field][term].items() if number in documents}

    def terms(self, field: str, start: str) -> Iterator[str]:
        known = self._terms.get(field, [])
        for term in known[bisect_left(known, start) :]:
            if not term.startswith(start):
                return
            yield term

    def lengths(self, field: str) -> bytes:
        return bytes(bisect_left(LENGTHS, min(length, LENGTHS[-1])) for length in self._lengths[field])

    def total_length(self, field: str) -> int:
        return sum(self._lengths[field])

    def days(self) -> Sequence[int]:
        return [document.day for document in self._found]

    def unit(self, document: int) -> tuple[str, int, str]:
        found = self._found[document]
        return found.path, found.line, found.anchor

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        start = f"{field}{WHOLE}"
        return ((value[len(start) :], self.counts("values", value).keys()) for value in self.terms("values", start))
