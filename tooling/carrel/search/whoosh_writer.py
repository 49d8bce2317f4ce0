"""Writes a segment: documents are gathered in memory, term by term, and written in one go.

`TermsFile` knows the layout of Whoosh's table of terms (`whoosh/filedb/filetables.py`).
"""

from __future__ import annotations

import os
import sys
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import ItemsView, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from struct import pack

from carrel.search.analysis import Stems
from carrel.search.catalogue import Segment, checksums
from carrel.search.documents import WHOLE, Document
from carrel.search.matching import LENGTHS
from carrel.search.whoosh_columns import column_files, pack_stored, save_columns
from carrel.search.whoosh_format import (
    FIELDS,
    INDEX_NAME,
    PLACED,
    RANKED,
    Run,
    key,
    pack_extras,
    pack_places,
    pack_postings,
)

#: Bytes gathered before they are written.
_BATCH = 1 << 20
#: Postings that are held in memory before they become a segment of their own, about 250 MB.
MAX_POSTINGS = 4_500_000


#: What `words` says of a word: only that there is one.
A_WORD = Run((0,), (1,), None)


def length_code(length: int) -> int:
    """The code of a length: the shortest of `LENGTHS` that is not below it."""
    return bisect_left(LENGTHS, min(length, LENGTHS[-1]))


class TermsFile:
    """The two files of a segment's terms and postings, open within a `with` block. Terms come in order."""

    def __init__(self, folder: Path, name: str) -> None:
        self._closing = ExitStack()
        self._terms = self._closing.enter_context((folder / f"{name}.trm").open("wb"))
        self._postings = self._closing.enter_context((folder / f"{name}.pst").open("wb"))
        self._term_parts = [b"HSH3\x01" + bytes(8)]  # 1: terms are hashed by CRC 32
        self._posting_parts = [b"CRRL"]
        self._term_bytes, self._posting_bytes = 13, 4
        self._batch = 0
        self._starts = array("i")
        self._hashes: list[int] = []

    def __enter__(self) -> TermsFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._closing:
            if kind is None:
                self._finish()

    def add(self, raw: bytes, run: Run, codes: tuple[int, int] = (0, 0)) -> None:
        """Add a term by its key; `codes` are the least and greatest length codes of its field."""
        record, blocks = pack_postings(run, self._posting_bytes, codes)
        if blocks:
            self._posting_parts.append(blocks)
            self._posting_bytes += len(blocks)
        self._starts.append(self._term_bytes)
        self._hashes.append(zlib.crc32(raw))
        self._term_parts += (pack(">ii", len(raw), len(record)), raw, record)
        self._term_bytes += 8 + len(raw) + len(record)
        self._batch += len(raw) + len(record) + len(blocks)
        if self._batch > _BATCH:
            self._flush()

    def _finish(self) -> None:
        """Write the tables that lead to the terms: by hash for Whoosh, by order for both."""
        buckets: list[list[tuple[int, int]]] = [[] for _ in range(256)]
        for hashed, start in zip(self._hashes, self._starts, strict=True):
            buckets[hashed & 255].append((hashed, start))
        directory = []
        for bucket in buckets:
            slots = 2 * len(bucket)
            directory.append(pack(">qi", self._term_bytes, slots))
            table = [0] * (2 * slots)
            for hashed, start in bucket:
                slot = (hashed >> 8) % slots
                while table[2 * slot + 1]:
                    slot = (slot + 1) % slots
                table[2 * slot : 2 * slot + 2] = hashed, start
            self._term_parts.append(pack(f">{'Iq' * slots}", *table))
            self._term_bytes += 12 * slots
        extras = pack_extras(len(self._starts))
        if sys.byteorder == "little":
            self._starts.byteswap()
        order = self._starts.tobytes()
        self._term_parts += (*directory, extras, order, pack(">i", len(extras) + len(order)))
        self._flush()

    def _flush(self) -> None:
        self._terms.write(b"".join(self._term_parts))
        self._postings.write(b"".join(self._posting_parts))
        self._term_parts.clear()
        self._posting_parts.clear()
        self._batch = 0


def new_name() -> str:
    """A name for a segment, as Whoosh makes them."""
    return f"{INDEX_NAME}_{os.urandom(8).hex()}"


def finished(folder: Path, name: str, documents: int, totals: dict[str, int]) -> Segment:
    """The catalogue's record of a segment whose files are written."""
    files = (f"{name}.trm", f"{name}.pst", *column_files(name))
    return Segment(name, documents, frozenset(), totals, {file: checksums(folder / file) for file in files})


def extremes(codes: bytes) -> tuple[int, int]:
    """The least and the greatest of a field's length codes."""
    return min(codes, default=0), max(codes, default=0)


class SegmentWriter:
    """Documents on their way into one segment."""

    def __init__(self) -> None:
        self.size = 0  # postings held
        self._stored: list[bytes] = []
        self._days = array("I")
        self._lengths: dict[str, bytearray] = {field: bytearray() for field in RANKED}
        self._totals = dict.fromkeys(RANKED, 0)
        # Each term's postings as one flat list: document, count, places, document, count, places, …
        self._postings: dict[str, dict[str, list[int | bytes]]] = {field: {} for field in PLACED}
        self._paths: dict[str, list[int]] = {}
        self._stems = Stems()
        self._single = _Single()

    @property
    def documents(self) -> int:
        """How many documents are held."""
        return len(self._stored)

    def add(self, document: Document) -> None:
        """Hold one more document."""
        number = len(self._stored)
        self._stored.append(pack_stored(document.path, document.line, document.anchor))
        self._days.append(document.day)
        self._paths.setdefault(document.path, []).append(number)
        self._ranked("title", number, [document.title])
        self._ranked("text", number, document.passages)
        self._hold("values", number, document.values.items())

    def _ranked(self, field: str, number: int, passages: Iterable[str]) -> None:
        places: defaultdict[str, list[int]] = defaultdict(list)
        stems = self._stems
        known = stems.get
        start = length = 0
        for passage in passages:
            found: list[str] = []
            for chunk in passage.split():
                found += known(chunk) or stems[chunk]
            for place, stem in enumerate(found, start):
                places[stem].append(place)
            length += len(found)
            start += len(found) + 1  # the gap keeps a phrase from running on into the next passage
        self._lengths[field].append(length_code(length))
        self._totals[field] += length
        self._hold(field, number, places.items())

    def _hold(self, field: str, number: int, items: ItemsView[str, Sequence[int]]) -> None:
        postings, single = self._postings[field], self._single
        for term, places in items:
            count = len(places)
            packed = single[places[0]] if count == 1 else pack_places(places)
            held = postings.get(term)
            if held is None:
                postings[term] = [number, count, packed]
            else:
                held += (number, count, packed)
        self.size += len(items)

    def write(self, folder: Path) -> Segment:
        """Write the segment's files and forget the documents."""
        name = new_name()
        lengths = {field: bytes(codes) for field, codes in self._lengths.items()}
        with TermsFile(folder, name) as file:
            for field in FIELDS:
                if field == "path":
                    for term, documents in sorted(self._paths.items()):
                        file.add(key(field, term), Run(documents, (1,) * len(documents), None))
                elif field == "words":
                    for term in sorted(f"{word.surface}{WHOLE}{word.stem}" for word in self._stems.terms):
                        file.add(key(field, term), A_WORD)
                else:
                    self._write_placed(field, file, extremes(lengths.get(field, b"")))
        save_columns(folder, name, self._stored, self._days, lengths)
        return finished(folder, name, len(self._stored), dict(self._totals))

    def _write_placed(self, field: str, file: TermsFile, codes: tuple[int, int]) -> None:
        postings = self._postings[field]
        for term in sorted(postings):
            flat = postings.pop(term)
            run = Run(flat[0::3], flat[1::3], flat[2::3])  # type: ignore[arg-type]  # one kind in each stride
            file.add(key(field, term), run, codes)


class _Single(dict[int, bytes]):
    """The packed form of a single place; most terms stand once in a document, so it is shared."""

    def __missing__(self, place: int) -> bytes:
        packed = pack_places((place,))
        if place < 10_000:
            self[place] = packed
        return packed
