"""Writes the two files of a segment's terms and postings; the layout is that of `whoosh/filedb/filetables.py`."""

from __future__ import annotations

import sys
import zlib
from array import array
from contextlib import ExitStack
from pathlib import Path
from struct import pack

from carrel.search.whoosh_blocks import Run, pack_postings
from carrel.search.whoosh_format import pack_extras

#: Bytes gathered before they are written.
_BATCH = 1 << 20


class TermsFile:
    """The two files, open within a `with` block. Terms come in order."""

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

    def add(self, raw: bytes, run: Run, codes: tuple[int, int]) -> None:
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
        """Write the tables that lead to the terms: by hash, and by order."""
        buckets: list[list[tuple[int, int]]] = [[] for _ in range(256)]
        for hashed, start in zip(self._hashes, self._starts, strict=True):
            buckets[hashed & 255].append((hashed, start))
        directory = []
        for bucket in buckets:
            slots = len(bucket) + (len(bucket) + 2) // 3  # a quarter stays empty, so that a search ends soon
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
