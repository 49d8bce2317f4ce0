"""What a segment has for each document, in the layout of `whoosh/columns.py`: stored values, days, length codes."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from struct import pack, unpack_from

from carrel.search.whoosh_format import RANKED, Damaged

# The pickled dictionary that Whoosh stores of a document, cut where the values stand.
_PATH = b"\x80\x02}(X\x04\x00\x00\x00pathX"
_LINE = b"X\x04\x00\x00\x00lineJ"
_ANCHOR = b"X\x06\x00\x00\x00anchorX"
#: Columns of more documents than this say where each value begins.
_MANY = 2**15


def pack_stored(path: str, line: int, anchor: str) -> bytes:
    """Where a document comes from, as Whoosh stores it: pickled and deflated (at level 0, which is quick to read).

    >>> unpack_stored(pack_stored("notes/a.md", 12, "14:32 Loss spikes"))
    ('notes/a.md', 12, '14:32 Loss spikes')
    """
    where, what = path.encode("utf-8", "surrogatepass"), anchor.encode("utf-8", "surrogatepass")
    parts = (_PATH, pack("<I", len(where)), where, _LINE, pack("<i", line))
    return zlib.compress(b"".join((*parts, _ANCHOR, pack("<I", len(what)), what, b"u.")), 0)


def unpack_stored(packed: bytes) -> tuple[str, int, str]:
    """Path, line and anchor. Raises `Damaged`, without ever unpickling."""
    data = zlib.decompress(packed)
    at = len(_PATH)
    (size,) = unpack_from("<I", data, at)
    path = data[at + 4 : at + 4 + size]
    at += 4 + size
    middle, at = data[at : at + len(_LINE)], at + len(_LINE)
    (line,) = unpack_from("<i", data, at)
    at += 4 + len(_ANCHOR)
    (size,) = unpack_from("<I", data, at)
    anchor = data[at + 4 : at + 4 + size]
    if not data.startswith(_PATH) or middle != _LINE or data[at + 4 + size :] != b"u.":
        raise Damaged("stored values")
    return path.decode("utf-8", "surrogatepass"), line, anchor.decode("utf-8", "surrogatepass")


def save_columns(
    folder: Path, name: str, stored: Sequence[bytes], days: Sequence[int], lengths: dict[str, bytes]
) -> None:
    """Write the columns of a segment."""
    sizes = array("i", map(len, stored))
    tail = _big_endian(sizes).tobytes()
    if len(stored) > _MANY:
        offsets = array("i", accumulate(sizes[:-1], initial=0))
        tail += _big_endian(offsets).tobytes() + b"iiX"
    else:
        tail += b"i"
    (folder / f"{name}._stored.col").write_bytes(b"".join(stored) + tail)
    (folder / f"{name}.day.col").write_bytes(_big_endian(array("I", days)).tobytes())
    for field, codes in lengths.items():
        (folder / f"{name}._{field}_len.col").write_bytes(codes)


def column_files(name: str) -> list[str]:
    """The names of the files that `save_columns` writes."""
    return [f"{name}._stored.col", f"{name}.day.col", *(f"{name}._{field}_len.col" for field in RANKED)]


class Columns:
    """The columns of a segment of `documents` documents, each read when it is first asked for."""

    def __init__(self, folder: Path, name: str, documents: int) -> None:
        self._stem = folder / name
        self._documents = documents
        self._stored: tuple[bytes, list[int]] | None = None

    def _read(self, suffix: str) -> bytes:
        return Path(f"{self._stem}{suffix}").read_bytes()

    def lengths(self, field: str) -> bytes:
        """The code of each document's length in a field."""
        return self._checked(self._read(f"._{field}_len.col"), 1)

    def days(self) -> array[int]:
        """The day of each document."""
        return _big_endian(array("I", self._checked(self._read(".day.col"), 4)))

    def stored(self, document: int) -> bytes:
        """What is stored of a document, packed."""
        if self._stored is None:
            data = self._read("._stored.col")
            width, tail = (8, 3) if self._documents > _MANY else (4, 1)
            begin = len(data) - tail - width * self._documents
            sizes = _big_endian(array("i", data[begin : begin + 4 * self._documents]))
            self._stored = data, list(accumulate(sizes, initial=0))
        data, ends = self._stored
        return data[ends[document] : ends[document + 1]]

    def _checked(self, data: bytes, width: int) -> bytes:
        if len(data) != width * self._documents:
            raise Damaged("column")
        return data


def _big_endian(numbers: array[int]) -> array[int]:
    """A copy in the byte order of files, or back."""
    copy = numbers[:]
    if sys.byteorder == "little":
        copy.byteswap()
    return copy
