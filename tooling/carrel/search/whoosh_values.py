"""A segment's values and the documents that have them, in a file of our own beside Whoosh's.

Half of all terms are values that one note has: its path, its title, its citation key. In Whoosh's table such a term
takes eighty bytes beside itself, here ten. The file is

    entries    for each term in the order of its UTF-8 bytes: its size in three bytes, itself, its postings
    table      where each entry begins, and where the last one ends
    heads      every 64th term, a line each: the first step of a search among them
    numbers    of entries, and of bytes of the heads

Postings are one or three runs of numbers: steps from document to document; how many places each has; the places.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice, pairwise
from operator import sub
from struct import pack, unpack
from typing import TYPE_CHECKING, NamedTuple

from carrel.search.index_folder import Damaged

if TYPE_CHECKING:
    from carrel.search.whoosh_pages import Pages

#: How the name of the file ends.
VALUES = ".val"
#: Postings of more bytes than this are deflated; a byte before them says so.
_LARGE, _DEFLATED = 100, b"\xff"
_GROUP = 64  # entries
_KINDS = "BHI"
_SWAPPED = sys.byteorder == "big"


class Holders(NamedTuple):
    """The documents that have a value, in order, and where in each; `places` is empty of a value that has none."""

    documents: list[int]
    places: list[Sequence[int]]


def _pack_numbers(numbers: Sequence[int]) -> bytes:
    """Numbers below 2**32, as narrow as they may be: the width and how many they are, then they."""
    most = max(numbers)
    width = 0 if most < 256 else 1 if most < 65536 else 2
    packed = array(_KINDS[width], numbers)
    if _SWAPPED:
        packed.byteswap()
    size = len(numbers)
    head = b"%c" % (width << 6 | size) if size < 64 else b"%c%b" % (width << 6, pack("<I", size))
    return head + packed.tobytes()


def _unpack_numbers(data: bytes, at: int) -> tuple[Sequence[int], int]:
    """The numbers at a place, and the place behind them."""
    width, size = data[at] >> 6, data[at] & 63
    at += 1
    if not size:
        (size,) = unpack("<I", data[at : at + 4])
        at += 4
    end = at + (size << width)
    if end > len(data):
        raise Damaged("values")
    if not width:
        return data[at:end], end
    numbers = array(_KINDS[width], data[at:end])
    if _SWAPPED:
        numbers.byteswap()
    return numbers, end


def pack_holders(holders: Holders) -> bytes:
    """The postings of a value.

    >>> unpack_holders(pack_holders(Holders([3, 700], [[0, 2], [5]])))
    Holders(documents=[3, 700], places=[[0, 2], [5]])
    """
    documents, places = holders
    return _pack(documents, list(map(len, places)), list(chain.from_iterable(places)))


def _pack(documents: Sequence[int], counts: Sequence[int], places: Sequence[int]) -> bytes:
    packed = _pack_numbers((documents[0], *map(sub, documents[1:], documents)))
    if counts:
        packed += _pack_numbers(counts) + _pack_numbers(places)
    return packed if len(packed) <= _LARGE else _DEFLATED + zlib.compress(packed, 1)


def unpack_holders(data: bytes) -> Holders:
    """The postings of `pack_holders`. Raises `Damaged`."""
    if data.startswith(_DEFLATED):
        data = zlib.decompress(data[1:])
    steps, at = _unpack_numbers(data, 0)
    if at == len(data):
        return Holders(list(accumulate(steps)), [])
    counts, at = _unpack_numbers(data, at)
    numbers, at = _unpack_numbers(data, at)
    places = iter(numbers)
    return Holders(list(accumulate(steps)), [list(islice(places, count)) for count in counts])


def pack_stands(stands: array[int], *, placed: bool) -> bytes:
    """The postings of a value from numbers that are document and place in one, see `whoosh_gather.py`."""
    if len(stands) == 1:  # as of most values; the rest would do the same
        document, place = divmod(stands[0], 1 << 32)
        return _pack_number(document) + (b"\x01\x01" + _pack_number(place) if placed else b"")
    halves = memoryview(stands).cast("B").cast("I")
    low, high = (1, 0) if _SWAPPED else (0, 1)
    documents = halves[high::2].tolist()
    if not placed:
        return _pack(documents, (), ())
    often = Counter(documents)
    return _pack(list(often), list(often.values()), halves[low::2].tolist())


def _pack_number(number: int) -> bytes:
    """What `_pack_numbers` makes of one number."""
    if number < 256:
        return b"\x01%c" % number
    return b"\x41" + number.to_bytes(2, "little") if number < 65536 else b"\x81" + number.to_bytes(4, "little")


def pack_values(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A file's content: terms with their packed postings, in order."""
    parts: list[bytes] = []
    starts = array("I", [0])
    heads: list[bytes] = []
    at = 0
    for number, (term, packed) in enumerate(entries):
        if number % _GROUP == 0:
            heads.append(term)
        parts += (len(term).to_bytes(3, "little"), term, packed)
        at += 3 + len(term) + len(packed)
        starts.append(at)
    if _SWAPPED:
        starts.byteswap()
    lines = b"\n".join(heads)  # no value has a line break in it
    return b"".join((*parts, starts.tobytes(), lines, pack("<II", len(starts) - 1, len(lines))))


class ValuesFile:
    """The values of an open segment. Raises `Damaged`."""

    def __init__(self, file: Pages) -> None:
        self._file = file
        size = len(file)
        self._count, heads = unpack("<II", file.read(size - 8, size))
        self._table = size - 8 - heads - 4 * (self._count + 1)
        self._heads = file.read(size - 8 - heads, size - 8).split(b"\n") if self._count else []

    def _group(self, number: int) -> tuple[bytes, bytes]:
        """The bytes of a group of entries, and the part of the table that says where each begins."""
        first = number * _GROUP
        here, size = self._table + 4 * first, min(_GROUP, self._count - first) + 1
        table = self._file.read(here, here + 4 * size)
        return self._file.read(*unpack("<I", table[:4]), *unpack("<I", table[-4:])), table

    def entries(self, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Every term that begins with `start` with its packed postings, in order."""
        for number in range(max(0, bisect_right(self._heads, start) - 1), len(self._heads)):
            data, table = self._group(number)
            for begin, end in pairwise(_starts(table)):
                middle = begin + 3 + int.from_bytes(data[begin : begin + 3], "little")
                term, packed = data[begin + 3 : middle], data[middle:end]
                if term.startswith(start):
                    yield term, packed
                elif term > start:
                    return

    def of(self, term: bytes) -> Holders | None:
        """The postings of a term, None if there is none."""
        number = bisect_right(self._heads, term) - 1
        if number < 0:
            return None
        data, table = self._group(number)
        entry = len(term).to_bytes(3, "little") + term
        at = data.find(entry)
        while at >= 0:
            starts = _starts(table)
            place = bisect_left(starts, at)
            if starts[place] == at:  # and not by chance within another entry's postings
                return unpack_holders(data[at + len(entry) : starts[place + 1]])
            at = data.find(entry, at + 1)
        return None


def _starts(table: bytes) -> list[int]:
    """Where each entry of a group begins in its bytes, and where the last one ends."""
    starts = unpack(f"<{len(table) // 4}I", table)
    return [start - starts[0] for start in starts]
