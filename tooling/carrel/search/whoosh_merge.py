"""Keeps segments few: small ones are merged as they come, four of a size at a time; large ones are left alone.

Without it five hundred saved notes make five hundred segments and a search looks into each of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.search.whoosh_blocks import Run, split_places
from carrel.search.whoosh_columns import save_columns
from carrel.search.whoosh_format import RANKED
from carrel.search.whoosh_segment import WORDS, SegmentReader, pack_words
from carrel.search.whoosh_terms import TermsFile
from carrel.search.whoosh_values import VALUES, Holders, pack_holders, pack_values, unpack_holders
from carrel.search.whoosh_writer import extremes, finished, new_name

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment

#: Segments of a tier before they become one of the next; a tier holds four times the documents of the one before.
FANOUT = 4
#: Segments of this many documents are never merged for being many.
LARGE = 4096


def tidied(folder: Path, segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments after what merging is due. Emptied ones go, half-empty ones are written anew."""
    kept = [segment for segment in segments if segment.live]
    for segment in [one for one in kept if 2 * one.live < one.documents]:
        kept[kept.index(segment)] = merged(folder, [segment])
    while due := _due(kept):
        kept = [segment for segment in kept if segment not in due]
        kept.append(merged(folder, due))
    return tuple(kept)


def _due(segments: Sequence[Segment]) -> list[Segment]:
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.live < LARGE:
            tier = (segment.live.bit_length() - 1) // 2
            tiers.setdefault(tier, []).append(segment)
    return next((tier for _, tier in sorted(tiers.items()) if len(tier) >= FANOUT), [])


def merged(folder: Path, segments: Sequence[Segment]) -> Segment:
    """One new segment with the live documents of these."""
    parts = [_Part(SegmentReader(folder, segment)) for segment in segments]
    base = 0
    for part in parts:
        base = part.renumber(base)
    name = new_name()
    lengths = {field: b"".join(part.lengths(field) for part in parts) for field in RANKED}
    codes = {field: extremes(some) for field, some in lengths.items()}
    with TermsFile(folder, name) as file:
        entries = merge(*(part.entries(number) for number, part in enumerate(parts)))
        for raw, of_term in groupby(entries, key=itemgetter(0)):
            if run := _merged_run(parts, of_term):
                file.add(raw, run, codes[RANKED[int.from_bytes(raw[:2], "big")]])
    (folder / f"{name}{VALUES}").write_bytes(pack_values(_merged_values(parts)))
    # The words there are, not where: they outlive the document they were met in.
    words = sorted({word for part in parts for word in part.words()})
    (folder / f"{name}{WORDS}").write_bytes(pack_words(words))
    stored = [packed for part in parts for packed in part.stored()]
    days = array("I", (day for part in parts for day in part.days()))
    save_columns(folder, name, stored, days, lengths)
    totals = {field: sum(round(s.totals[field] * s.live / s.documents) for s in segments) for field in RANKED}
    return finished(folder, name, len(stored), totals)


def _merged_run(parts: Sequence[_Part], of_term: Iterable[tuple[bytes, int, bytes]]) -> Run | None:
    """The postings of one term in all parts; None if no live document has it."""
    runs = [parts[number].run(record) for _, number, record in of_term]
    documents, counts, places = zip(*runs, strict=True)
    merged = Run(list(chain(*documents)), list(chain(*counts)), b"".join(places))
    return merged if merged.documents else None


def _merged_values(parts: Sequence[_Part]) -> Iterator[tuple[bytes, bytes]]:
    entries = merge(*(part.values(number) for number, part in enumerate(parts)))
    for term, of_term in groupby(entries, key=itemgetter(0)):
        all_holders = Holders([], [])
        for _, number, packed in of_term:
            parts[number].add_holders(packed, all_holders)
        if all_holders.documents:
            yield term, pack_holders(all_holders)


class _Part:
    """One of the segments that are merged, with the new numbers of its documents (-1 for a deleted one)."""

    def __init__(self, reader: SegmentReader) -> None:
        self._reader = reader
        self._numbers: list[int] = []

    def renumber(self, base: int) -> int:
        """Number the live documents from `base` on; the number after the last."""
        for document in range(self._reader.segment.documents):
            live = document not in self._reader.segment.deleted
            self._numbers.append(base if live else -1)
            base += live
        return base

    def entries(self, number: int) -> Iterator[tuple[bytes, int, bytes]]:
        return ((raw, number, record) for raw, record in self._reader.entries())

    def run(self, record: bytes) -> Run:
        """The postings of a term in live documents, with their new numbers."""
        documents, counts, places = self._reader.run(record, places=True)
        numbers = [self._numbers[document] for document in documents]
        if min(numbers) >= 0:
            return Run(numbers, counts, places)
        kept = [at for at, number in enumerate(numbers) if number >= 0]
        items = split_places(places, len(documents))
        return Run([numbers[at] for at in kept], [counts[at] for at in kept], b"".join(items[at] for at in kept))

    def values(self, number: int) -> Iterator[tuple[bytes, int, bytes]]:
        return ((term, number, packed) for term, packed in self._reader.values.entries())

    def add_holders(self, packed: bytes, merged: Holders) -> None:
        """Add the postings of a value."""
        found = unpack_holders(packed)
        kept = [place for place, document in enumerate(found.documents) if self._numbers[document] >= 0]
        merged.documents.extend([self._numbers[found.documents[place]] for place in kept])
        if found.places:
            merged.places.extend([found.places[place] for place in kept])

    def words(self) -> Iterator[str]:
        return self._reader.words()

    def lengths(self, field: str) -> bytes:
        codes = self._reader.columns.lengths(field)
        return bytes(code for code, number in zip(codes, self._numbers, strict=True) if number >= 0)

    def days(self) -> Iterator[int]:
        return (day for day, number in zip(self._reader.columns.days(), self._numbers, strict=True) if number >= 0)

    def stored(self) -> Iterator[bytes]:
        columns = self._reader.columns
        return (columns.stored(document) for document, number in enumerate(self._numbers) if number >= 0)
