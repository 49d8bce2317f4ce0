"""The list of what an index holds, one file for each commit: its segments with checksums, and every note's stamp.

It belongs to the table of contents that Whoosh reads (`_MAIN_<generation>.toc`) and is written just before it, so the
two never disagree: a generation without both is no generation. It loads in a few milliseconds for 10,000 notes
because stamps are kept as plain columns.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from carrel.core.note import Stamp
from carrel.search.index import Seen

#: Raised when the files, the documents or their analysis change: an index of another format is made anew.
FORMAT = 4
_HEAD = Struct("<8sIII")  # magic, format, CRC 32 of the rest, size of the JSON part
_MAGIC = b"CARREL" + (b"<<" if sys.byteorder == "little" else b">>")
_EDGE = 4096
_STAMP = "qqqQ"  # the columns of a stamp, as `array` calls their types


class CatalogueDamaged(ValueError):
    """A catalogue that is not whole, or of another format."""


class Checksums(NamedTuple):
    """A file's size, the CRC 32 of its first and last 4 KiB, and of all of it."""

    size: int
    edges: int
    whole: int


#: Of a file that is not there.
NOTHING = Checksums(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its name, number of documents, which of them are deleted, lengths of its fields, its files."""

    name: str
    documents: int
    deleted: frozenset[int]
    totals: Mapping[str, int]
    files: Mapping[str, Checksums]

    @property
    def live(self) -> int:
        """Documents that are not deleted."""
        return self.documents - len(self.deleted)

    def without(self, documents: Iterable[int]) -> Segment:
        """The segment with these documents deleted too."""
        return replace(self, deleted=self.deleted.union(documents))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What an index holds. `boot` identifies the run of the machine in which the files were last known to be whole."""

    generation: int = 0
    segments: tuple[Segment, ...] = ()
    toc: Checksums = NOTHING
    boot: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The file's content."""
        paths = "\0".join(self.seen).encode("utf-8", "surrogatepass")
        digests = "\0".join(one.digest for one in self.seen.values()).encode()
        listing = json.dumps(
            {
                "generation": self.generation,
                "boot": self.boot,
                "toc": self.toc,
                "segments": [
                    [one.name, one.documents, sorted(one.deleted), dict(one.totals), dict(one.files)]
                    for one in self.segments
                ],
                "notes": len(self.seen),
                "bytes": [len(paths), len(digests)],
            }
        ).encode()
        stamps = [one.stamp for one in self.seen.values()]
        columns = b"".join(
            array(kind, column).tobytes()
            for kind, column in zip(_STAMP, zip(*stamps, strict=True) if stamps else ((),) * len(_STAMP), strict=True)
        )
        rest = b"".join((listing, columns, paths, digests))
        return _HEAD.pack(_MAGIC, FORMAT, zlib.crc32(rest), len(listing)) + rest

    @classmethod
    def from_bytes(cls, data: bytes) -> Catalogue:
        """Read a file's content. Raises `CatalogueDamaged`."""
        if len(data) < _HEAD.size:
            raise CatalogueDamaged("too short")
        magic, version, crc, size = _HEAD.unpack_from(data)
        if magic != _MAGIC or version != FORMAT or crc != zlib.crc32(memoryview(data)[_HEAD.size :]):
            raise CatalogueDamaged("not whole, or of another format")
        listing = json.loads(data[_HEAD.size : _HEAD.size + size])
        at, notes = _HEAD.size + size, listing["notes"]
        columns = []
        for kind in _STAMP:
            columns.append(array(kind, data[at : at + 8 * notes]))
            at += 8 * notes
        path_bytes, digest_bytes = listing["bytes"]
        paths = data[at : at + path_bytes].decode("utf-8", "surrogatepass").split("\0") if notes else []
        digests = data[at + path_bytes : at + path_bytes + digest_bytes].decode().split("\0") if notes else []
        seen = dict(zip(paths, map(Seen, map(Stamp, *columns), digests), strict=True))
        segments = tuple(
            Segment(name, count, frozenset(deleted), totals, {file: Checksums(*sums) for file, sums in files.items()})
            for name, count, deleted, totals, files in listing["segments"]
        )
        return cls(listing["generation"], segments, Checksums(*listing["toc"]), listing["boot"], seen)


def checksums(path: Path) -> Checksums:
    """Of a file on disk."""
    data = path.read_bytes()
    return Checksums(len(data), _edges(data[:_EDGE], data[-_EDGE:]), zlib.crc32(data))


def looks_whole(path: Path, expected: Checksums) -> bool:
    """Whether a file has the right size, beginning and end. Costs the same for every size."""
    with path.open("rb") as file:
        start = file.read(_EDGE)
        size = file.seek(0, 2)
        file.seek(max(0, size - _EDGE))
        return size == expected.size and _edges(start, file.read(_EDGE)) == expected.edges


def is_whole(path: Path, expected: Checksums) -> bool:
    """Whether every byte of a file is as it was written."""
    return checksums(path) == expected


def _edges(start: bytes, end: bytes) -> int:
    return zlib.crc32(end, zlib.crc32(start))


def this_boot() -> str:
    """What tells one run of the machine from the next; "" where the system does not say.

    Segments are not flushed to the disk one by one, which would cost more than making the index again. After a power
    cut they may have holes, so in another run of the machine every byte is checked once.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
