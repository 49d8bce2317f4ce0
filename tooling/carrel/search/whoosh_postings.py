"""All segments of an index as one: `matching.Postings` on files."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.search import matching
from carrel.search.whoosh_columns import unpack_stored
from carrel.search.whoosh_format import key, term_of, unpack_places
from carrel.search.whoosh_segment import SegmentReader

if TYPE_CHECKING:
    from carrel.search.catalogue import Catalogue
    from carrel.search.whoosh_format import Run


class IndexReader:
    """The documents of one generation, numbered through: a segment's begin where the last one's end."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self._parts: list[tuple[int, SegmentReader]] = []
        self._size = 0
        self._totals: dict[str, float] = {}
        for segment in catalogue.segments:
            self._parts.append((self._size, SegmentReader(folder, segment)))
            self._size += segment.documents
            for field, total in segment.totals.items():
                share = total * segment.live / max(segment.documents, 1)
                self._totals[field] = self._totals.get(field, 0.0) + share
        self._live: Collection[int] = range(self._size)
        if deleted := {base + gone for base, part in self._parts for gone in part.segment.deleted}:
            self._live = [document for document in self._live if document not in deleted]
        self._days: array[int] | None = None

    def documents(self) -> Collection[int]:
        """All documents that are not deleted."""
        return self._live

    def _runs(self, field: str, term: str, *, places: bool = False) -> Iterator[tuple[int, frozenset[int], Run]]:
        raw = key(field, term)
        for base, part in self._parts:
            record = part.record(raw)
            if record is not None:
                yield base, part.segment.deleted, part.run(record, places=places)

    def counts(self, field: str, term: str) -> dict[int, float]:
        """The documents that hold a term, and how often."""
        found: dict[int, float] = {}
        for base, deleted, run in self._runs(field, term):
            if not base and not deleted:
                found.update(zip(run.documents, run.counts, strict=True))
            else:
                pairs = zip(run.documents, run.counts, strict=True)
                found.update({base + document: count for document, count in pairs if document not in deleted})
        return found

    def places(self, field: str, term: str, documents: Collection[int]) -> dict[int, Sequence[int]]:
        """Where a term stands in those of `documents` that hold it, in order."""
        return {
            base + document: unpack_places(places)
            for base, _, run in self._runs(field, term, places=True)
            for document, places in zip(run.documents, run.places or (), strict=True)
            if base + document in documents
        }

    def terms(self, field: str, start: str) -> Iterator[str]:
        """Every term of a field that begins with `start`, in order."""
        first = key(field, start)
        for raw, _ in groupby(merge(*(_beginning(part, first) for _, part in self._parts))):
            yield term_of(raw)

    def lengths(self, field: str) -> bytes:
        """The code of each document's length in a field."""
        return b"".join(part.columns.lengths(field) for _, part in self._parts)

    def total_length(self, field: str) -> int:
        """How many terms the field has in all documents together; what deleted ones had is estimated."""
        return round(self._totals.get(field, 0.0))

    def days(self) -> Sequence[int]:
        """The day of each document, 0 for none."""
        if self._days is None:
            self._days = array("I")
            for _, part in self._parts:
                self._days += part.columns.days()
        return self._days

    def unit(self, document: int) -> tuple[str, int, str]:
        """Path, line and anchor of a document."""
        base, part = next(pair for pair in reversed(self._parts) if pair[0] <= document)
        return unpack_stored(part.columns.stored(document - base))

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, and the documents that have it."""
        return matching.valued(self, field)

    def of_path(self, path: str) -> Iterator[tuple[str, list[int]]]:
        """Where a note is: a segment's name and the numbers of the note's documents in it, the deleted ones too."""
        for _, part in self._parts:
            record = part.record(key("path", path))
            if record is not None:
                yield part.segment.name, list(part.run(record).documents)


def _beginning(part: SegmentReader, first: bytes) -> Iterator[bytes]:
    for raw, _ in part.entries(first):
        if not raw.startswith(first):
            return
        yield raw
