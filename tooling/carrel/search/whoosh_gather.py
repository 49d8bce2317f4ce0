"""Words and values in memory, on their way into a segment.

A text costs next to nothing here: what stands between blanks gets a number when it is first met, and a text is kept as
its numbers. Which words that are, and which documents have them where, is worked out when the segment is written,
see `whoosh_invert.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

#: The number of what stands between passages: it takes a place, which keeps a phrase from running on into the next.
GAP = 0
_PLACE_BITS = 32


class _Numbers(dict[str, int]):
    """Strings between blanks, by the number of each."""

    def __missing__(self, chunk: str) -> int:
        self[chunk] = number = len(self) + 1
        return number


class Texts:
    """The texts of one field, a document after the other: `numbers` of chunks, and where in them each document ends."""

    def __init__(self) -> None:
        self.chunks = _Numbers()
        self.numbers = array("I")
        self.ends = array("I")

    def add(self, passages: Sequence[str]) -> int:
        """Add a document's; how many chunks it has, which is about how many words."""
        numbers, number_of = self.numbers, self.chunks.__getitem__
        before = len(numbers)
        for passage in passages or ("",):
            numbers.extend(map(number_of, passage.split()))
            numbers.append(GAP)
        self.ends.append(len(numbers))
        return len(numbers) - before

    def absorb(self, chunks: Sequence[str], numbers: bytes, ends: bytes) -> None:
        """Add the texts of another process."""
        import numpy as np  # which takes a while to load, and few searches need

        renumbered = np.array([GAP, *map(self.chunks.__getitem__, chunks)], np.uint32)
        behind = np.frombuffer(ends, np.uint32) + np.uint32(len(self.numbers))
        self.numbers.frombytes(renumbered[np.frombuffer(numbers, np.uint32)].tobytes())
        self.ends.frombytes(behind.tobytes())


class Values(dict[str, "array[int]"]):
    """The postings of terms that are given as they are: document and place in one number."""

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
    """Values on their way from one process to another: the terms, how many numbers each has, and all numbers."""

    terms: list[str]
    sizes: bytes
    numbers: bytes


def flattened(values: Values) -> Flat:
    """All postings."""
    sizes = array("I", map(len, values.values()))
    return Flat(list(values), sizes.tobytes(), b"".join(map(array.tobytes, values.values())))


def absorb(values: Values, flat: Flat, first: int) -> None:
    """Add the postings of another process, whose documents are numbered from `first` on."""
    import numpy as np

    numbers = array("Q", (np.frombuffer(flat.numbers, np.uint64) + np.uint64(first << _PLACE_BITS)).tobytes())
    at = 0
    for term, size in zip(flat.terms, array("I", flat.sizes), strict=True):
        values[term].extend(numbers[at : at + size])
        at += size
