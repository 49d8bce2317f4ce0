"""Where words stand: in which order, and within which part of a note."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from carrel.search.fields import PAGE, PART

if TYPE_CHECKING:
    from carrel.search.matching import Postings

#: A span that all places of a document lie in.
_ALL = (0, 2**62)


class Scope:
    """Some parts in which words must stand: the documents that have one, and their spans of places.

    `titles` says whether words may stand in the title, too: it is counted apart from the text.
    """

    def __init__(self, postings: Postings, parts: Sequence[str]) -> None:
        self.titles = "title" in parts
        self._spans: dict[int, list[Sequence[int]]] = {}
        for part in parts:
            documents = postings.counts("values", PART + part)
            for document, flat in postings.places("values", PART + part, documents).items():
                self._spans.setdefault(document, []).append(flat)
        pages = postings.counts("values", PAGE)
        if "pdf" in parts:
            self._spans.update((document, [_ALL]) for document in pages)
        self.documents: Collection[int] = self._spans.keys()
        if self.titles:
            self.documents = [one for one in postings.documents() if one in self._spans or one not in pages]

    def within(self, document: int, starts: Collection[int], size: int) -> list[int]:
        """Those of `starts` from which so many words stand in one span."""
        spans = self._spans.get(document, ())
        return [start for start in starts if any(_lies_in(flat, start, start + size) for flat in spans)]


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
    found: dict[int, float] = {}
    for document in documents:
        starts: Collection[int] = set(places[terms[0]][document])
        for offset, term in enumerate(terms[1:], 1):
            starts = starts & {place - offset for place in places[term][document]}  # type: ignore[operator]  # a set
        for scope in scopes:
            starts = scope.within(document, starts, len(terms))
        if starts:
            found[document] = len(starts)
    return found
