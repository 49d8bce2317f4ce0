"""What is remembered of the last index, in one file of the cache: whatever is wrong with it, there is nothing."""

from __future__ import annotations

import marshal
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from isal.isal_zlib import crc32

from carrel.publish.search.merged import Bucket

#: Of a file: when it was written (nanoseconds), its bytes, its inode. Links to it come and go, and do not count.
Stamp: TypeAlias = tuple[int, int, int]

#: The bytes of the checksum that the file begins with.
_HEADER = 9


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return (status.st_mtime_ns, status.st_size, status.st_ino)


@dataclass(frozen=True, slots=True)
class State:
    """The blocks of an index by the names of their folders, their terms by bucket, and its files' stamps by path."""

    format: str
    blocks: tuple[str, ...]
    buckets: dict[str, Bucket]
    files: dict[str, Stamp]

    @classmethod
    def load(cls, cache: Path, wanted: str) -> State:
        """The state of the index in `cache`, if it is of the format that is wanted."""
        with suppress(Exception):
            whole = (cache / "state").read_bytes()
            data = memoryview(whole)[_HEADER:]
            if int(whole[:_HEADER], 16) == crc32(data):
                form, blocks, buckets, files = marshal.loads(data)
                if form == wanted:
                    return cls(form, blocks, {start: Bucket(*bucket) for start, bucket in buckets.items()}, files)
        return cls(wanted, (), {}, {})

    def units(self) -> dict[str, dict[str, Stamp]]:
        """The files of units of each block, by the name of its folder."""
        found: dict[str, dict[str, Stamp]] = {block: {} for block in self.blocks}
        for path, stamp in self.files.items():
            number, _, name = path.removeprefix("units/").partition("-")
            if name and path.startswith("units/"):
                found[self.blocks[int(number, 16)]][name] = stamp
        return found

    def save(self, cache: Path) -> None:
        """Keep it in `cache`, whole or not at all."""
        buckets = {start: tuple(bucket) for start, bucket in self.buckets.items()}
        data = marshal.dumps((self.format, self.blocks, buckets, self.files))
        fresh = cache / f"state.{os.getpid()}"
        with fresh.open("wb") as file:
            file.write(b"%08x\n" % crc32(data))
            file.write(data)
        fresh.replace(cache / "state")
