"""All segments of an index as one: `matching.Postings` on files."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.search.analysis import fold
from carrel.search.fields import MAX_VALUE, WHOLE
from carrel.search.whoosh_blocks import split_places
from carrel.search.whoosh_columns import unpack_stored
from carrel.search.whoosh_format import key, unpack_places
from carrel.search.whoosh_segment import SegmentReader
from carrel.search.whoosh_values import unpack_holders

if TYPE_CHECKING:
    from carrel.search.catalogue import Catalogue
    from carrel.search.whoosh_blocks import Run
    from carrel.search.whoosh_values import Holders


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
        deleted = frozenset(base + gone for base, part in self._parts for gone in part.segment.deleted)
        self._live: Collection[int] = _Documents(self._size, deleted) if deleted else range(self._size)
        self._days: array[int] | None = None

    def documents(self) -> Collection[int]:
        """All documents that are not deleted."""
        return self._live

    def counts(self, field: str, term: str) -> dict[int, float]:
        """The documents that hold a term, and how often; a value counts once."""
        found: dict[int, float] = {}
        if field == "values":
            for base, part, holders in self._holders(term):
                found.update(dict.fromkeys(_live(base, part, holders.documents), 1))
            return found
        for base, part, run in self._runs(field, term):
            deleted = part.segment.deleted
            if len(run.documents) < len(deleted):
                pairs = zip(run.documents, run.counts, strict=True)
                found.update({base + document: count for document, count in pairs if document not in deleted})
                continue
            documents: Iterable[int] = map(base.__add__, run.documents) if base else run.documents
            found.update(zip(documents, run.counts, strict=True))
            for gone in deleted:
                found.pop(base + gone, None)
        return found

    def places(self, field: str, term: str, documents: Collection[int]) -> dict[int, Sequence[int]]:
        """Where a term stands in those of `documents` that hold it, in order."""
        if field == "values":
            return {
                base + document: places
                for base, _, holders in self._holders(term)
                for document, places in zip(holders.documents, holders.places, strict=False)
                if base + document in documents
            }
        return {
            base + document: unpack_places(places)
            for base, _, run in self._runs(field, term, places=True)
            for document, places in zip(run.documents, split_places(run.places, len(run.documents)), strict=True)
            if base + document in documents
        }

    def _runs(self, field: str, term: str, *, places: bool = False) -> Iterator[tuple[int, SegmentReader, Run]]:
        raw = key(field, term)
        for base, part in self._parts:
            record = part.record(raw)
            if record is not None:
                yield base, part, part.run(record, places=places)

    def _holders(self, value: str) -> Iterator[tuple[int, SegmentReader, Holders]]:
        raw = _raw(value)
        for base, part in self._parts:
            if (holders := part.values.of(raw)) is not None:
                yield base, part, holders

    def terms(self, field: str, start: str) -> Iterator[str]:
        """Every term of `values` or `words` that begins with `start`, in order."""
        if field == "words":
            yield from (word for word, _ in groupby(merge(*(part.words(start) for _, part in self._parts))))
            return
        for raw, _ in self._values(start):
            yield raw.decode("utf-8", "surrogatepass")

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, and the documents that have it."""
        start = f"{field}{WHOLE}"
        for raw, of in self._values(start):
            term = raw.decode("utf-8", "surrogatepass")[len(start) :]
            pairs = ((self._parts[number], unpack_holders(packed).documents) for _, number, packed in of)
            yield term, [one for (base, part), found in pairs for one in _live(base, part, found)]

    def _values(self, start: str) -> Iterator[tuple[bytes, Iterator[tuple[bytes, int, bytes]]]]:
        """Values that begin with `start`, in order, and of each, segment by segment: its place, and the postings."""
        entries = merge(*(_numbered(number, part, _raw(start)) for number, (_, part) in enumerate(self._parts)))
        return groupby(entries, key=itemgetter(0))

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

    def of_path(self, path: str) -> Iterator[tuple[str, list[int]]]:
        """Where a note is: a segment's name and the numbers of the note's documents in it, the deleted ones too."""
        for _, part, holders in self._holders(f"path{WHOLE}{fold(path)[:MAX_VALUE]}"):
            # There may be other notes that have this value: the index folds it.
            stored = part.columns.stored
            yield part.segment.name, [one for one in holders.documents if unpack_stored(stored(one))[0] == path]


class _Documents(Collection[int]):
    """The numbers up to `size` without some."""

    def __init__(self, size: int, without: frozenset[int]) -> None:
        self._size = size
        self._without = without

    def __len__(self) -> int:
        return self._size - len(self._without)

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(self._size) if number not in self._without)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and 0 <= number < self._size and number not in self._without


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _live(base: int, part: SegmentReader, documents: list[int]) -> list[int]:
    """Documents of a segment that are not deleted, by their numbers in the index."""
    deleted = part.segment.deleted
    if not base and not deleted:
        return documents
    return [base + document for document in documents if document not in deleted]


def _numbered(number: int, part: SegmentReader, start: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    return ((raw, number, packed) for raw, packed in part.values.entries(start))
