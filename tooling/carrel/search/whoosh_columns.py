"""What a segment has for each document, in the layout of `whoosh/columns.py`: stored values, days, length codes."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from struct import calcsize, pack, unpack, unpack_from
from typing import TYPE_CHECKING

from carrel.search.index_folder import Damaged
from carrel.search.whoosh_format import RANKED

if TYPE_CHECKING:
    from carrel.search.whoosh_pages import Pages

#: How the names of a segment's columns end.
STORED, DAYS = "._stored.col", ".day.col"
LENGTHS = {field: f"._{field}_len.col" for field in RANKED}

# The pickled dictionary that Whoosh stores of a document, cut where the values stand.
_PATH, _LINE, _ANCHOR = b"}(\x8c\x04path", b"\x8c\x04lineJ", b"\x8c\x06anchor"
#: Columns of more documents than this say where each value begins, which spares adding up the sizes before it.
_MANY = 1024


def pack_stored(path: str, line: int, anchor: str) -> bytes:
    """Where a document comes from, as Whoosh stores it: pickled and deflated (at level 0, which is quick to read).

    >>> unpack_stored(pack_stored("notes/a.md", 12, "14:32 Loss spikes"))
    ('notes/a.md', 12, '14:32 Loss spikes')
    """
    parts = (_PATH, _pack_text(path), _LINE, pack("<i", line), _ANCHOR, _pack_text(anchor), b"u.")
    data = b"".join(parts)
    if len(data) > 65535:
        return zlib.compress(data, 0)
    # What that makes of less: one stored block. To set up a compressor for it takes longer than all the rest.
    return b"".join((b"\x78\x01\x01", pack("<HH", len(data), len(data) ^ 65535), data, pack(">I", zlib.adler32(data))))


def unpack_stored(packed: bytes) -> tuple[str, int, str]:
    """Path, line and anchor. Raises `Damaged`, without ever unpickling."""
    data = zlib.decompress(packed)
    path, at = _unpack_text(data, len(_PATH))
    middle, at = data[at : at + len(_LINE)], at + len(_LINE)
    (line,) = unpack_from("<i", data, at)
    anchor, at = _unpack_text(data, at + 4 + len(_ANCHOR))
    if not data.startswith(_PATH) or middle != _LINE or data[at:] != b"u.":
        raise Damaged("stored values")
    return path, line, anchor


def _pack_text(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return (b"\x8c%c" % len(data) if len(data) < 256 else b"X" + pack("<I", len(data))) + data


def _unpack_text(data: bytes, at: int) -> tuple[str, int]:
    if data[at] == 0x8C:
        size, at = data[at + 1], at + 2
    else:
        size, at = unpack_from("<I", data, at + 1)[0], at + 5
    return data[at : at + size].decode("utf-8", "surrogatepass"), at + size


def save_columns(
    folder: Path, name: str, stored: Sequence[bytes], days: Sequence[int], lengths: dict[str, bytes]
) -> None:
    """Write the columns of a segment."""
    kind = "H" if max(map(len, stored), default=0) < 2**16 else "i"
    sizes = array(kind, map(len, stored))
    tail = _big_endian(sizes).tobytes()
    if len(stored) > _MANY:
        offsets = array("i", accumulate(sizes[:-1], initial=0))
        tail += _big_endian(offsets).tobytes() + f"{kind}iX".encode()
    else:
        tail += kind.encode()
    (folder / f"{name}{STORED}").write_bytes(b"".join(stored) + tail)
    (folder / f"{name}{DAYS}").write_bytes(_big_endian(array("I", days)).tobytes())
    for field, codes in lengths.items():
        (folder / f"{name}{LENGTHS[field]}").write_bytes(codes)


class Columns:
    """The columns of a segment of `documents` documents, each opened when it is first asked for."""

    def __init__(self, open_file: Callable[[str], Pages], documents: int) -> None:
        self._open = open_file
        self._documents = documents
        self._ends: list[int] | None = None

    def lengths(self, field: str) -> bytes:
        """The code of each document's length in a field."""
        return self._open(LENGTHS[field]).all()

    def days(self) -> array[int]:
        """The day of each document."""
        return _big_endian(array("I", self._open(DAYS).all()))

    def stored(self, document: int) -> bytes:
        """What is stored of a document, packed."""
        file, documents = self._open(STORED), self._documents
        many = documents > _MANY
        kind = file.read(len(file) - 1 - 2 * many, len(file))[:1].decode()
        width = calcsize(f">{kind}")
        begin = len(file) - 1 - 2 * many - (width + 4 * many) * documents
        if many:
            here = begin + width * document
            (size,) = unpack(f">{kind}", file.read(here, here + width))
            here = begin + width * documents + 4 * document
            (start,) = unpack(">i", file.read(here, here + 4))
            return file.read(start, start + size)
        if self._ends is None:
            sizes = _big_endian(array(kind, file.read(begin, begin + width * documents)))
            self._ends = list(accumulate(sizes, initial=0))
        return file.read(self._ends[document], self._ends[document + 1])


def _big_endian(numbers: array[int]) -> array[int]:
    """A copy in the byte order of files, or back."""
    copy = numbers[:]
    if sys.byteorder == "little":
        copy.byteswap()
    return copy
