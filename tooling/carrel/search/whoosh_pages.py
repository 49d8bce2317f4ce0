"""Files whose pages have checksums, so that a reader believes no byte that is not as it was written.

A page is looked at when it is first touched, which costs a few microseconds: a search looks at what it reads and at
nothing else, and damage anywhere, by a power cut or a failing disk, is found out before it can answer.
"""

from __future__ import annotations

import mmap
import os
import sys
import zlib
from array import array
from pathlib import Path

from carrel.search.index_folder import Damaged

_PAGE = 4096
_BITS = 12
_CHUNK = 256 * _PAGE


def pages_of(size: int) -> int:
    """How many pages a file of that size has."""
    return (size + _PAGE - 1) >> _BITS


def page_sums(path: Path) -> tuple[int, array[int]]:
    """A file's size, and the CRC 32 of each of its pages."""
    sums = array("I")
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            view = memoryview(chunk)
            sums.extend([zlib.crc32(view[at : at + _PAGE]) for at in range(0, len(chunk), _PAGE)])
    return size, sums


def pack_sums(sums: array[int]) -> bytes:
    """Checksums as they stand in a file."""
    if sys.byteorder == "big":
        sums = sums[:]
        sums.byteswap()
    return sums.tobytes()


def unpack_sums(data: bytes) -> array[int]:
    """Checksums from a file."""
    sums = array("I", data)
    if sys.byteorder == "big":
        sums.byteswap()
    return sums


class Pages:
    """A file mapped into memory. Raises `Damaged`."""

    def __init__(self, path: str, size: int, sums: array[int]) -> None:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if os.fstat(handle).st_size != size:
                raise Damaged(path)
            self._map = mmap.mmap(handle, 0, access=mmap.ACCESS_READ) if size else b""
        finally:
            os.close(handle)
        self._name = path
        self._sums = sums
        self._good = bytearray(len(sums))

    def __len__(self) -> int:
        return len(self._map)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`."""
        if not 0 <= start <= end <= len(self._map):
            raise Damaged(self._name)
        good, first = self._good, start >> _BITS
        if start < end and (end - 1) >> _BITS == first and good[first]:
            return self._map[start:end]
        for page in range(first, (end + _PAGE - 1) >> _BITS):
            if not good[page]:
                if zlib.crc32(self._map[page << _BITS : (page + 1) << _BITS]) != self._sums[page]:
                    raise Damaged(self._name)
                good[page] = 1
        return self._map[start:end]

    def all(self) -> bytes:
        """Every byte."""
        return self.read(0, len(self._map))
