"""Reads one segment, mapped into memory: a search touches the pages it needs and nothing else."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from struct import unpack
from typing import TYPE_CHECKING

from carrel.search.catalogue import SUMS
from carrel.search.index_folder import Damaged
from carrel.search.whoosh_blocks import Run, extent, unpack_postings
from carrel.search.whoosh_columns import Columns
from carrel.search.whoosh_format import EXTRAS_BYTES
from carrel.search.whoosh_pages import Pages, pages_of, unpack_sums
from carrel.search.whoosh_values import VALUES, ValuesFile

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment

#: How the name of the file of a segment's words ends.
WORDS = ".wrd"


class SegmentReader:
    """An open segment. Raises `Damaged`, or whatever damaged bytes lead to, wherever it is asked.

    Its files are opened when they are first needed, and the tables of terms with it.
    """

    def __init__(self, folder: Path, segment: Segment) -> None:
        self.segment = segment
        self.columns = Columns(self._file, segment.documents)
        self._stem = folder / segment.name
        self._files: dict[str, Pages] = {}
        self._sums: array[int] | None = None
        terms = self._terms = self._file(".trm")
        (size,) = unpack(">i", terms.read(len(terms) - 4, len(terms)))
        self._count = (size - EXTRAS_BYTES) // 4
        self._order = len(terms) - 4 - 4 * self._count
        self._directory = len(terms) - 4 - size - 256 * 12
        (self._end,) = unpack(">q", terms.read(self._directory, self._directory + 8))

    def _file(self, suffix: str) -> Pages:
        file = self._files.get(suffix)
        if file is None:
            if self._sums is None:
                data = Path(f"{self._stem}{SUMS}").read_bytes()
                if zlib.crc32(data) != self.segment.sums:
                    raise Damaged("checksums")
                self._sums = unpack_sums(data)
            sizes = self.segment.sizes
            first = sum(pages_of(size) for other, size in sizes.items() if other < suffix)
            sums = self._sums[first : first + pages_of(sizes[suffix])]
            file = self._files[suffix] = Pages(f"{self._stem}{suffix}", sizes[suffix], sums)
        return file

    def _start(self, number: int) -> int:
        here = self._order + 4 * number
        (start,) = unpack(">i", self._terms.read(here, here + 4))
        return int(start)

    def _key(self, number: int) -> bytes:
        return self._entry(self._start(number))[0]

    def _entry(self, at: int) -> tuple[bytes, int, int]:
        """The key at a place, and where its record begins and ends."""
        size, record = unpack(">ii", self._terms.read(at, at + 8))
        begin = at + 8 + size
        return self._terms.read(at + 8, begin), begin, begin + record

    def entries(self, first: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys and records of all terms from `first` on, in order."""
        number = bisect_left(range(self._count), first, key=self._key) if first else 0
        if number >= self._count:
            return
        at = self._start(number)
        while at < self._end:
            raw, begin, at = self._entry(at)
            yield raw, self._terms.read(begin, at)

    def record(self, raw: bytes) -> bytes | None:
        """The record of one term, by its hash."""
        hashed = zlib.crc32(raw)
        here = self._directory + 12 * (hashed & 255)
        table, slots = unpack(">qi", self._terms.read(here, here + 12))
        for turn in range(slots):
            here = table + 12 * (((hashed >> 8) + turn) % slots)
            found, at = unpack(">Iq", self._terms.read(here, here + 12))
            if not at:
                return None
            if found == hashed:
                key, begin, end = self._entry(at)
                if key == raw:
                    return self._terms.read(begin, end)
        return None

    def run(self, record: bytes, *, places: bool = False) -> Run:
        """The postings that a record leads to."""
        where = extent(record)
        return unpack_postings(record, b"" if where is None else self._file(".pst").read(*where), places=places)

    @cached_property
    def values(self) -> ValuesFile:
        """Its values."""
        return ValuesFile(self._file(VALUES))

    def words(self, start: str = "") -> Iterator[str]:
        """The words as they are written that begin with `start`, each with its stem after a `WHOLE`, in order."""
        data = self._file(WORDS).all()
        first = b"\n" + start.encode("utf-8", "surrogatepass")
        at = data.find(first)
        while at >= 0 and data.startswith(first, at):
            end = data.find(b"\n", at + 1)
            if end < 0:
                return
            yield data[at + 1 : end].decode("utf-8", "surrogatepass")
            at = end


def pack_words(words: list[str]) -> bytes:
    """The content of a file of words: a line for each, between line breaks."""
    return "\n".join(("", *words, "")).encode("utf-8", "surrogatepass") if words else b""
