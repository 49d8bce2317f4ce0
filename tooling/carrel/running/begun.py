"""Runs that have begun: a file each, outside of the notes, until their entry is written.

Who is killed outright writes no entry, and who finds the disk full can not. The file stays, unlocked, and the next run
in that knowledge base writes what is known.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.store.config import state_home

if TYPE_CHECKING:
    from carrel.core.log import LogEntry


def _folder(environment: Mapping[str, str]) -> Path:
    return state_home(environment) / "runs"


class Begun:
    """The file of a run, with the entry that would be true if it never ended. It is only a help, and never fails."""

    def __init__(self, environment: Mapping[str, str], root: Path, identity: str, entry: LogEntry) -> None:
        self._place = _folder(environment) / f"{identity}.json"
        self._handle = -1
        self._root = root
        with suppress(OSError):
            self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._handle = os.open(self._place, flags, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(entry)

    def _write(self, entry: LogEntry) -> None:
        said = {"root": str(self._root), "entry": {**asdict(entry), "at": entry.at.isoformat()}}
        data = json.dumps(said).encode("utf-8", "backslashreplace")
        if os.pwrite(self._handle, data, 0) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.ftruncate(self._handle, len(data))

    def leave(self, entry: LogEntry) -> bool:
        """Leave the entry to the next run, which writes it; False where there is no room for that either."""
        try:
            self._write(entry)
        except OSError:
            self.ended()
            return False
        os.close(self._handle)
        return True

    def ended(self) -> None:
        """The entry is written, or can be by nobody."""
        if self._handle >= 0:
            with suppress(OSError):
                os.ftruncate(self._handle, 0)  # it says nothing any more, also where it cannot be removed
                self._place.unlink()
            os.close(self._handle)


def left_behind(environment: Mapping[str, str], root: Path) -> Iterator[LogEntry]:
    """The entries of runs in the knowledge base at `root` of which nobody wrote the end.

    When the next one is asked for, the one before is done with.
    """
    from carrel.core.log import LogEntry

    folder = _folder(environment)
    for place in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        with suppress(OSError, ValueError, KeyError, TypeError):
            handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # who runs still, or is writing this entry, has it
                if not os.fstat(handle).st_nlink:
                    continue  # just written by another
                said = json.loads(os.read(handle, 1 << 20))
                if said["root"] == str(root):
                    entry = said["entry"]
                    entry["at"] = datetime.fromisoformat(entry["at"])
                    entry["fields"] = tuple((key, value) for key, value in entry["fields"])
                    yield LogEntry(**entry)
                    place.unlink()
            finally:
                os.close(handle)
