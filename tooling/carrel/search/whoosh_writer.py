"""Writes a segment: documents are gathered in memory, term by term, and written in one go."""

from __future__ import annotations

import os
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from carrel.search.analysis import Stems
from carrel.search.catalogue import SUMS, Segment
from carrel.search.documents import Document
from carrel.search.fields import PART, WHOLE
from carrel.search.ranking import LENGTHS
from carrel.search.whoosh_columns import DAYS, STORED, pack_stored, save_columns
from carrel.search.whoosh_columns import LENGTHS as LENGTH_FILES
from carrel.search.whoosh_format import INDEX_NAME, RANKED, key
from carrel.search.whoosh_gather import Flat, Texts, Values, absorb, flattened
from carrel.search.whoosh_invert import inverted
from carrel.search.whoosh_pages import pack_sums, page_sums
from carrel.search.whoosh_segment import WORDS, pack_words
from carrel.search.whoosh_terms import TermsFile
from carrel.search.whoosh_values import VALUES, pack_stands, pack_values

#: Words that are held in memory before they become a segment of their own. Writing it takes some 400 MB.
MAX_WORDS = 6_000_000
_SUFFIXES = sorted((".trm", ".pst", VALUES, WORDS, STORED, DAYS, *LENGTH_FILES.values()))


def length_code(length: int) -> int:
    """The code of a length: the shortest of `LENGTHS` that is not below it."""
    return bisect_left(LENGTHS, min(length, LENGTHS[-1]))


def new_name() -> str:
    """A name for a segment, as Whoosh makes them."""
    return f"{INDEX_NAME}_{os.urandom(8).hex()}"


def finished(folder: Path, name: str, documents: int, totals: dict[str, int]) -> Segment:
    """The catalogue's record of a segment whose files are written, and the file of their checksums."""
    sizes: dict[str, int] = {}
    sums = array("I")
    for suffix in _SUFFIXES:
        sizes[suffix], of_file = page_sums(folder / f"{name}{suffix}")
        sums += of_file
    packed = pack_sums(sums)
    (folder / f"{name}{SUMS}").write_bytes(packed)
    return Segment(name, documents, frozenset(), totals, sizes, zlib.crc32(packed))


def extremes(codes: bytes | bytearray) -> tuple[int, int]:
    """The least and the greatest of a field's length codes."""
    return min(codes, default=0), max(codes, default=0)


class Gathered(NamedTuple):
    """What a writer holds, on its way to another process."""

    stored: list[bytes]
    days: array[int]
    texts: dict[str, tuple[list[str], bytes, bytes]]
    values: Flat
    size: int  # words, about


class SegmentWriter:
    """Documents on their way into one segment."""

    def __init__(self) -> None:
        self.size = 0  # words held, about
        self._stored: list[bytes] = []
        self._days = array("I")
        self._texts = {field: Texts() for field in RANKED}
        self._values = Values()

    @property
    def documents(self) -> int:
        """How many documents are held."""
        return len(self._stored)

    def add(self, document: Document) -> None:
        """Hold one more document."""
        number = len(self._stored)
        self._stored.append(pack_stored(document.path, document.line, document.anchor))
        self._days.append(document.day)
        self.size += self._texts["text"].add(document.passages) + self._texts["title"].add([document.title])
        self.size += self._values.add(number, document.values)

    def gathered(self) -> Gathered:
        """All that is held."""
        texts = {
            field: (list(some.chunks), some.numbers.tobytes(), some.ends.tobytes())
            for field, some in self._texts.items()
        }
        return Gathered(self._stored, self._days, texts, flattened(self._values), self.size)

    def absorb(self, other: Gathered) -> None:
        """Hold what another process has gathered, too."""
        absorb(self._values, other.values, self.documents)
        for field, texts in self._texts.items():
            texts.absorb(*other.texts[field])
        self._stored += other.stored
        self._days += other.days
        self.size += other.size

    def write(self, folder: Path) -> Segment:
        """Write the segment's files."""
        name = new_name()
        stems = Stems()
        lengths: dict[str, bytes] = {}
        totals: dict[str, int] = {}
        with TermsFile(folder, name) as file:
            for field, texts in self._texts.items():
                counted, runs = inverted(texts, stems)
                lengths[field], totals[field] = bytes(map(length_code, counted)), sum(counted)
                codes = extremes(lengths[field])
                for word, run in runs:
                    file.add(key(field, word), run, codes)
        words = sorted(f"{term.surface}{WHOLE}{term.stem}" for term in stems.terms)
        (folder / f"{name}{WORDS}").write_bytes(pack_words(words))
        (folder / f"{name}{VALUES}").write_bytes(pack_values(self._packed_values()))
        save_columns(folder, name, self._stored, self._days, lengths)
        return finished(folder, name, len(self._stored), totals)

    def _packed_values(self) -> Iterator[tuple[bytes, bytes]]:
        """Each value with its postings; where one stands matters of words and of parts of the text."""
        for term in sorted(self._values):
            placed = WHOLE not in term or term.startswith(PART)
            yield term.encode("utf-8", "surrogatepass"), pack_stands(self._values[term], placed=placed)
