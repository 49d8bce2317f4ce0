"""Files of an old site that stand in the one that is being made too, by hard links: nothing is copied."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

#: Inode, size, time of writing and of the last change of any kind, which no program can set.
Stamp: TypeAlias = tuple[int, int, int, int]


class Links:
    """What is put from the folder `old` into the folder `fresh`; `there` are the files that are in both already."""

    def __init__(self, old: Path, fresh: Path, there: Iterable[str] = ()) -> None:
        self._old, self._fresh = str(old), str(fresh)
        self._there = set(there)
        self._folders: set[str] = set()

    def link(self, place: str, stamp: Stamp | None) -> bool:
        """Whether the file is as it was left, with this `stamp`, and is now in the new site too."""
        if place in self._there:
            return True
        old = f"{self._old}/{place}"
        try:
            found = os.lstat(old)
            if stamp_of(found) != stamp or not stat.S_ISREG(found.st_mode):
                return False
            new = self._path(place)
            try:
                os.link(old, new, follow_symlinks=False)
            except FileExistsError:
                os.unlink(new)  # noqa: PTH108
                os.link(old, new, follow_symlinks=False)
            return os.lstat(new).st_ino == found.st_ino  # another build may have put its own there meanwhile
        except OSError:
            return False

    def remove_but(self, kept: Iterable[str]) -> None:
        """Take out of the new site what was there already and is none of the `kept`, and folders with nothing else."""
        for place in self._there.difference(kept):
            os.unlink(f"{self._fresh}/{place}")  # noqa: PTH108
            with suppress(OSError):  # it holds something
                while folder := (place := place.rpartition("/")[0]):
                    os.rmdir(f"{self._fresh}/{folder}")  # noqa: PTH106
                    self._folders.discard(folder)
        self._there.intersection_update(kept)

    def emptied(self, place: str) -> str:
        """Where a file is to be written in the new site. Nothing is there: it may have been the old site's file too."""
        path = self._path(place)
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108
        return path

    def _path(self, place: str) -> str:
        """Where the file is to stand in the new site; its folder is there."""
        folder = place.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(f"{self._fresh}/{folder}", exist_ok=True)  # noqa: PTH103
            self._folders.add(folder)
        return f"{self._fresh}/{place}"


def stamp_of(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
