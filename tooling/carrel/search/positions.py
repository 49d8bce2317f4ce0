"""Where words stand: in which order, and within which part of a note."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from carrel.search.fields import PAGE, PART

if TYPE_CHECKING:
    from carrel.search.matching import Postings

#: After so many looks, as the beginning of a word makes them, all spans are read at once.
_LOOKS = 4
#: A span that all places of a document lie in.
_ALL = (0, 2**62)


class Scope:
    """Some parts in which words must stand: the documents that have one, and where it is.

    `titles` says whether words may stand in the title, too: it is counted apart from the text.
    """

    def __init__(self, postings: Postings, parts: Sequence[str]) -> None:
        self._postings = postings
        self._parts = [PART + part for part in parts]
        self._pages = postings.counts("values", PAGE).keys() if "pdf" in parts else ()
        self._looks = 0
        self._all: dict[int, list[Sequence[int]]] = {}
        self.titles = "title" in parts
        self.documents: set[int] = {one for part in self._parts for one in postings.counts("values", part)}
        self.documents.update(self._pages)
        if self.titles:
            pages = postings.counts("values", PAGE)
            self.documents.update(one for one in postings.documents() if one not in pages)

    def spans(self, documents: Collection[int]) -> dict[int, list[Sequence[int]]]:
        """The spans of places of the parts in these documents."""
        self._looks += 1
        if self._looks < _LOOKS:
            return self._read(documents)
        self._all = self._all or self._read(self.documents)
        return self._all

    def _read(self, documents: Collection[int]) -> dict[int, list[Sequence[int]]]:
        found: dict[int, list[Sequence[int]]] = {document: [_ALL] for document in self._pages if document in documents}
        for part in self._parts:
            for document, flat in self._postings.places("values", part, documents).items():
                found.setdefault(document, []).append(flat)
        return found


def _starts_within(spans: Iterable[Sequence[int]], starts: Set[int], size: int) -> set[int]:
    """Those of `starts` from which so many words stand in one span."""
    return {start for start in starts if any(_lies_in(flat, start, start + size) for flat in spans)}


def _lies_in(flat: Sequence[int], start: int, end: int) -> bool:
    index = bisect_right(flat, start)
    return index % 2 == 1 and end <= flat[index]


def in_order(
    postings: Postings, field: str, terms: Sequence[str], lists: Sequence[Mapping[int, float]], scopes: Sequence[Scope]
) -> dict[int, float]:
    """How often the terms stand side by side in this order, in each of the scopes; `lists` are their documents."""
    if not lists:
        return {}
    documents = set(lists[0]).intersection(*lists[1:], *(scope.documents for scope in scopes))
    if not documents:
        return {}
    places = {term: postings.places(field, term, documents) for term in set(terms)}
    spans = [scope.spans(documents) for scope in scopes]
    found: dict[int, float] = {}
    for document in documents:
        starts = set(places[terms[0]][document])
        for offset, term in enumerate(terms[1:], 1):
            starts &= {place - offset for place in places[term][document]}
        for of_scope in spans:
            starts = _starts_within(of_scope.get(document, ()), starts, len(terms))
        if starts:
            found[document] = len(starts)
    return found
