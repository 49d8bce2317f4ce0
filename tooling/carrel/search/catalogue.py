"""The list of what an index holds, one file for each commit: its segments, and what changed of the notes it has seen.

It belongs to the table of contents that Whoosh reads (`_MAIN_<generation>.toc`) and is written just before it, so the
two never disagree: a generation without both is no generation. What is known of all notes is in a file of its own
(`whoosh_notes.py`), which a search does not read and a commit writes anew only when much has changed.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterable, Mapping
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

#: Raised when the files, the documents or their analysis change: an index of another format is made anew.
FORMAT = 9
#: How the name of the file ends that has the checksums of a segment's other files.
SUMS = ".crc"
_HEAD = Struct("<8sII")  # magic, format, CRC 32 of the rest
_MAGIC = b"CARREL" + (b"<<" if sys.byteorder == "little" else b">>")


class CatalogueDamaged(ValueError):
    """A catalogue that is not whole, or of another format."""


class Checked(NamedTuple):
    """A file that is read whole: its name, and the CRC 32 of its content."""

    name: str = ""
    crc: int = 0


#: No file.
NOTHING = Checked()


class Segment(NamedTuple):
    """One segment: its name, number of documents, which of them are deleted, and lengths of its fields.

    `sizes` are its files by the ends of their names; `sums` is the CRC 32 of the file that has the checksums of theirs.
    """

    name: str
    documents: int
    deleted: frozenset[int]
    totals: Mapping[str, int]
    sizes: Mapping[str, int]
    sums: int

    @property
    def live(self) -> int:
        """Documents that are not deleted."""
        return self.documents - len(self.deleted)

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return [f"{self.name}{suffix}" for suffix in (*self.sizes, SUMS)]

    def without(self, documents: Iterable[int]) -> Segment:
        """The segment with these documents deleted too."""
        return self._replace(deleted=self.deleted.union(documents))


#: What an index knows of a note, as plain values: the numbers of a stamp and a digest; None when it is forgotten.
Known = tuple[int, int, int, int, str] | None


class Catalogue(NamedTuple):
    """What an index holds: segments, the table of contents, all notes it knew at some time, and changes since."""

    generation: int = 0
    segments: tuple[Segment, ...] = ()
    toc: Checked = NOTHING
    notes: Checked = NOTHING
    recent: Mapping[str, Known] = MappingProxyType({})

    def to_bytes(self) -> bytes:
        """The file's content."""
        rest = json.dumps(
            {
                "generation": self.generation,
                "toc": self.toc,
                "notes": self.notes,
                "recent": dict(self.recent),
                "segments": [
                    [one.name, one.documents, sorted(one.deleted), dict(one.totals), dict(one.sizes), one.sums]
                    for one in self.segments
                ],
            }
        ).encode()
        return _HEAD.pack(_MAGIC, FORMAT, zlib.crc32(rest)) + rest

    @classmethod
    def from_bytes(cls, data: bytes) -> Catalogue:
        """Read a file's content. Raises `CatalogueDamaged`."""
        if len(data) < _HEAD.size:
            raise CatalogueDamaged("too short")
        magic, version, crc = _HEAD.unpack_from(data)
        rest = data[_HEAD.size :]
        if magic != _MAGIC or version != FORMAT or crc != zlib.crc32(rest):
            raise CatalogueDamaged("not whole, or of another format")
        listing = json.loads(rest)
        segments = tuple(
            Segment(name, documents, frozenset(deleted), totals, sizes, sums)
            for name, documents, deleted, totals, sizes, sums in listing["segments"]
        )
        recent = {path: known and (*known,) for path, known in listing["recent"].items()}
        return cls(listing["generation"], segments, Checked(*listing["toc"]), Checked(*listing["notes"]), recent)
