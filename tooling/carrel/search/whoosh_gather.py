"""Postings in memory, on their way into a segment: for each term one array of where it stands, document and place in
one number. A word costs an addition to an array, by functions that run in C; what that comes to is worked out
term by term when the segment is written.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from operator import sub
from typing import NamedTuple

from carrel.search.analysis import Stems
from carrel.search.whoosh_blocks import Run
from carrel.search.whoosh_format import HEADS, STEPS, pack_places

#: Stands between passages, a chunk that no text has; its place keeps a phrase from running on into the next passage.
_GAP = "\x00\x7f\x00"
_PLACE_BITS, _PLACE = 32, 2**32 - 1
_LOW = slice(0 if sys.byteorder == "little" else 3, None, 4)
_PLACES = slice(0 if sys.byteorder == "little" else 1, None, 2)
_DOCUMENTS = slice(1 if sys.byteorder == "little" else 0, None, 2)


class Values(dict[str, "array[int]"]):
    """The postings of terms that are given as they are."""

    def __missing__(self, term: str) -> array[int]:
        self[term] = postings = array("Q")
        return postings

    def add(self, document: int, values: Mapping[str, Sequence[int]]) -> int:
        """Add a document's terms with their places; how many there are."""
        base = document << _PLACE_BITS
        for term, places in values.items():
            postings = self[term]
            for place in places:
                postings.append(base + place)
        return len(values)


class Flat(NamedTuple):
    """Postings on their way from one process to another: the terms, how many numbers each has, and all numbers."""

    terms: list[str]
    sizes: bytes
    numbers: bytes


def flattened(postings: Values) -> Flat:
    """All postings; they are forgotten."""
    kept = {term: stands for term, stands in postings.items() if stands}
    postings.clear()
    return Flat(list(kept), array("I", map(len, kept.values())).tobytes(), b"".join(map(array.tobytes, kept.values())))


def absorb(postings: Values, flat: Flat, first: int) -> None:
    """Add the postings of another process, whose documents are numbered from `first` on."""
    numbers = array("Q", flat.numbers)
    if first:
        numbers = array("Q", map((first << _PLACE_BITS).__add__, numbers))
    at = 0
    for term, size in zip(flat.terms, array("I", flat.sizes), strict=True):
        postings[term].extend(numbers[at : at + size])
        at += size


class Words(dict[str, "tuple[array[int], ...]"]):
    """The postings of the words of texts: for what stands between blanks, those of its terms, in order."""

    def __init__(self, stems: Stems) -> None:
        super().__init__({_GAP: (array("Q"),)})
        self.terms = Values()
        self._stems = stems

    def __missing__(self, chunk: str) -> tuple[array[int], ...]:
        terms = self.terms
        self[chunk] = postings = tuple([terms[stem] for stem in self._stems[chunk]])
        return postings

    def add(self, document: int, passages: Sequence[str]) -> int:
        """Add a document's words; how many there are."""
        if not passages:
            return 0
        chunks = passages[0].split()
        for passage in passages[1:]:
            chunks.append(_GAP)
            chunks += passage.split()
        base = document << _PLACE_BITS
        places = count(base)
        deque(map(array.append, chain.from_iterable(map(self.__getitem__, chunks)), places), maxlen=0)
        return next(places) - base - len(passages) + 1


def runs(postings: dict[str, array[int]]) -> Iterator[tuple[str, Run]]:
    """The postings of each term, in order of terms; they are forgotten on the way."""
    single = _Single()
    for term in sorted(postings):
        if stands := postings.pop(term):
            yield term, _run(stands, single)


def _run(stands: array[int], single: _Single) -> Run:
    if len(stands) == 1:
        return Run([stands[0] >> _PLACE_BITS], [1], [single[stands[0] & _PLACE]])
    halves = memoryview(stands).cast("B").cast("I")
    places, documents = halves[_PLACES].tolist(), halves[_DOCUMENTS].tolist()
    often = Counter(documents)
    if len(often) == len(documents):
        return Run(documents, [1] * len(documents), list(map(single.__getitem__, places)))
    counts = list(often.values())
    steps = array("i", map(sub, places[1:], places)).tobytes()[_LOW]
    items: list[bytes] = []
    add = items.append
    at = 0
    for number in counts:
        first = places[at]
        if number == 1:
            add(single[first])
            at += 1
            continue
        end = at + number
        if places[end - 1] < 256 and number < 240:
            add(HEADS[number] + STEPS[first] + steps[at : end - 1] + b".")
        else:
            add(pack_places(places[at:end]))
        at = end
    return Run(list(often), counts, items)


class _Single(dict[int, bytes]):
    """The packed form of a single place; most terms stand once in a document, so it is shared."""

    def __missing__(self, place: int) -> bytes:
        packed = pack_places((place,))
        if place < 10_000:
            self[place] = packed
        return packed
