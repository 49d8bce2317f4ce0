"""What an index has seen of all notes: a file of plain columns, and a mapping that makes of it what is asked for.

To compare it with the disk is most of what a search without a watcher does, so it takes a few milliseconds for 10,000
notes: no object is made of a note that did not change.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from struct import Struct
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.search.index import Seen, SeenFiles
from carrel.search.index_folder import Damaged

if TYPE_CHECKING:
    from carrel.search.catalogue import Known

    _Recent = Mapping[str, Known]

_HEAD = Struct("<III")  # notes, bytes of the paths, bytes of the digests
_STAMP = "qqqQ"  # the columns of a stamp, as `array` calls their types
#: The stamp of no file, and of none that is not trusted.
_NONE = (0, 0, -2, 0)


class SeenNotes(SeenFiles):
    """What is known of each note: a file's paths, columns of stamps and packed digests, and what changed since."""

    def __init__(self, paths: list[str], columns: Sequence[array[int]], digests: bytes, recent: _Recent) -> None:
        self._paths = paths
        self._columns = columns
        self._packed = digests
        self._recent = recent

    @cached_property
    def stamps(self) -> dict[str, tuple[int, ...]]:
        """The same without digests, as plain tuples."""
        stamps: dict[str, tuple[int, ...]] = dict(zip(self._paths, zip(*self._columns, strict=True), strict=True))
        for path, known in self._recent.items():
            if known is None:
                stamps.pop(path, None)
            else:
                stamps[path] = known[:4]
        return stamps

    def agrees(self, on_disk: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether these are the notes that are known, with the same stamps.

        The stamps on disk are made into columns too: to compare these is a third of the work of making tuples.
        """
        recent, paths = self._recent, self._paths
        if any(on_disk.get(path) != (known and known[:4]) for path, known in recent.items()):
            return False
        old = [row for row, path in enumerate(paths) if path in recent] if recent else ()
        if len(on_disk) != len(paths) - len(old) + sum(known is not None for known in recent.values()):
            return False
        if not paths:
            return True
        # A walk mostly comes by the notes in the same order; to look each up costs more than all the rest.
        found = list(on_disk.values()) if list(on_disk) == paths else [on_disk.get(path, _NONE) for path in paths]
        for kind, here, there in zip(_STAMP, self._columns, zip(*found, strict=True), strict=True):
            known = here[:]
            for row in old:
                known[row] = there[row]
            if array(kind, there) != known:
                return False
        return True

    def __getitem__(self, path: str) -> Seen:
        return Seen(Stamp(*self.stamps[path]), self.digest(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self.stamps)

    def __len__(self) -> int:
        return len(self.stamps)

    def __contains__(self, path: object) -> bool:
        return path in self.stamps

    @cached_property
    def _digests(self) -> dict[str, str]:
        return dict(zip(self._paths, self._packed.decode().split("\0"), strict=True))

    def digest(self, path: str) -> str:
        """The digest of a note that is known."""
        known = self._recent.get(path)
        return known[4] if known else self._digests[path]


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
        return SeenNotes([], [array(kind) for kind in _STAMP], b"", recent)
    number, path_bytes, digest_bytes = _HEAD.unpack_from(data)
    at = _HEAD.size
    columns = []
    for kind in _STAMP:
        columns.append(array(kind, data[at : at + 8 * number]))
        at += 8 * number
    paths = data[at : at + path_bytes].decode("utf-8", "surrogatepass").split("\0") if number else []
    digests = data[at + path_bytes : at + path_bytes + digest_bytes]
    if len(paths) != number:
        raise Damaged("notes")
    return SeenNotes(paths, columns, digests, recent)
