"""Reads one segment, mapped into memory: a search touches the pages it needs and nothing else."""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from struct import unpack_from
from typing import TYPE_CHECKING

from carrel.search.catalogue import looks_whole
from carrel.search.whoosh_columns import Columns
from carrel.search.whoosh_format import EXTRAS_BYTES, Damaged, Run, unpack_postings

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment


class SegmentReader:
    """An open segment. Raises `Damaged`, or whatever damaged bytes lead to, wherever it is asked."""

    def __init__(self, folder: Path, segment: Segment) -> None:
        for name, sums in segment.files.items():
            if not looks_whole(folder / name, sums):
                raise Damaged(name)
        self.segment = segment
        self._stem = folder / segment.name
        self._terms = self._map(".trm")
        self._postings = memoryview(self._map(".pst"))
        (size,) = unpack_from(">i", self._terms, len(self._terms) - 4)
        self._count = (size - EXTRAS_BYTES) // 4
        self._order = len(self._terms) - 4 - 4 * self._count
        (self._end,) = unpack_from(">q", self._terms, len(self._terms) - 4 - size - 256 * 12)
        self.columns = Columns(folder, segment.name, segment.documents)

    def _map(self, suffix: str) -> mmap.mmap:
        with Path(f"{self._stem}{suffix}").open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _start(self, number: int) -> int:
        (start,) = unpack_from(">i", self._terms, self._order + 4 * number)
        return int(start)

    def _key(self, number: int) -> bytes:
        start = self._start(number)
        (size,) = unpack_from(">i", self._terms, start)
        if size < 2:
            raise Damaged("terms")
        return self._terms[start + 8 : start + 8 + size]

    def entries(self, first: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Keys and records of all terms from `first` on, in order."""
        number = bisect_left(range(self._count), first, key=self._key) if first else 0
        if number >= self._count:
            return
        at = self._start(number)
        while at < self._end:
            size, record = unpack_from(">ii", self._terms, at)
            if size < 2 or record < 0:
                raise Damaged("terms")
            middle = at + 8 + size
            yield self._terms[at + 8 : middle], self._terms[middle : middle + record]
            at = middle + record

    def record(self, raw: bytes) -> bytes | None:
        """The record of one term."""
        found = next(self.entries(raw), None)
        return found[1] if found is not None and found[0] == raw else None

    def run(self, record: bytes, *, places: bool = False) -> Run:
        """The postings that a record leads to."""
        return unpack_postings(record, self._postings, places=places)
