"""What an index has seen of all notes: a file of plain columns, and a mapping that makes of it what is asked for.

To compare it with the disk is most of what a search without a watcher does, so it is read in a few milliseconds for
10,000 notes: no object is made of a note that did not change.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.search.index import Seen
from carrel.search.whoosh_format import Damaged

if TYPE_CHECKING:
    from carrel.search.catalogue import Known

_HEAD = Struct("<III")  # notes, bytes of the paths, bytes of the digests
_STAMP = "qqqQ"  # the columns of a stamp, as `array` calls their types


class SeenNotes(Mapping[str, Seen]):
    """What is known of each note. `stamps` are the same without digests, as plain tuples."""

    def __init__(self, stamps: dict[str, tuple[int, ...]], digests: bytes, recent: Mapping[str, Known]) -> None:
        self.stamps = stamps
        self._packed = digests
        self._digests: dict[str, str] | None = None
        self._paths = list(stamps)
        self._recent = recent
        for path, known in recent.items():
            if known is None:
                stamps.pop(path, None)
            else:
                stamps[path] = known[:4]

    def __getitem__(self, path: str) -> Seen:
        return Seen(Stamp(*self.stamps[path]), self.digest(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self.stamps)

    def __len__(self) -> int:
        return len(self.stamps)

    def __contains__(self, path: object) -> bool:
        return path in self.stamps

    def digest(self, path: str) -> str:
        """The digest of a note that is known."""
        if known := self._recent.get(path):
            return known[4]
        if self._digests is None:
            self._digests = dict(zip(self._paths, self._packed.decode().split("\0"), strict=True))
        return self._digests[path]


def pack_notes(seen: Mapping[str, Known]) -> bytes:
    """A file's content."""
    known = {path: one for path, one in seen.items() if one is not None}
    paths = "\0".join(known).encode("utf-8", "surrogatepass")
    digests = "\0".join(one[4] for one in known.values()).encode()
    columns = zip(*known.values(), strict=True) if known else ()
    stamps = b"".join(array(kind, column).tobytes() for kind, column in zip(_STAMP, columns, strict=False))
    return b"".join((_HEAD.pack(len(known), len(paths), len(digests)), stamps, paths, digests))


def unpack_notes(data: bytes, crc: int, recent: Mapping[str, Known]) -> SeenNotes:
    """Read a file's content. Raises `Damaged`."""
    if zlib.crc32(data) != crc:
        raise Damaged("notes")
    if not data:
        return SeenNotes({}, b"", recent)
    number, path_bytes, digest_bytes = _HEAD.unpack_from(data)
    at = _HEAD.size
    columns = []
    for kind in _STAMP:
        columns.append(array(kind, data[at : at + 8 * number]))
        at += 8 * number
    paths = data[at : at + path_bytes].decode("utf-8", "surrogatepass").split("\0") if number else []
    digests = data[at + path_bytes : at + path_bytes + digest_bytes]
    return SeenNotes(dict(zip(paths, zip(*columns, strict=True), strict=True)), digests, recent)
