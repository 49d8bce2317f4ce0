"""What the gate remembers from one build to the next: values by kind and name, each with a checksum.

It is a cache, for its owner alone. One that is damaged, or that another version wrote, is an empty one; of two builds
at once one keeps what it found.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

from carrel.publish.staging.tree import make_private

#: (kind, name, value); without a value it is forgotten, without a name all of its kind.
Change: TypeAlias = "tuple[str, bytes | None, bytes | None]"

#: Raise it when what is kept means something else: what a word or a line is, what a note says in its own words.
FORMAT = 5
#: Seconds to wait for another process.
_WAIT = 0.2
#: Numbers of an array that are one value.
_AT_ONCE = 1 << 20


class Damaged(Exception):
    """What is remembered cannot be read, and is forgotten now."""


class Memory:
    """The file `place`, in one state. Use it as a context; all of it raises `Damaged`.

    Without a place it remembers nothing. What was remembered by other `rules` is forgotten: text that was clean by
    them may not be so by these.
    """

    def __init__(self, place: Path | None, rules: str) -> None:
        self._place = place
        self._format = 1 + crc32(f"{FORMAT} {rules}".encode()) % 0x7FFFFFFF

    def __enter__(self) -> Memory:
        import sqlite3

        if self._place is not None:
            with suppress(OSError):
                make_private(self._place.parent)
                os.close(os.open(self._place, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o600))
        try:
            self._db = sqlite3.connect(self._place or ":memory:", timeout=_WAIT, isolation_level=None)
        except sqlite3.Error as error:
            raise Damaged from error
        try:
            self._turn = self._begun()
        except sqlite3.Error as error:
            raise self.damaged(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def values(self, kind: str) -> Iterator[tuple[bytes, bytes]]:
        """(name, value) of all of a kind, by name."""
        return self._checked("select name, value, checked from kept where kind = ? order by name", (kind,))

    def names(self, kind: str) -> list[bytes]:
        """The names of all values of a kind."""
        import sqlite3

        try:
            return [name for (name,) in self._db.execute("select name from kept where kind = ?", (kind,))]
        except sqlite3.Error as error:
            raise self.damaged(error) from error

    def value(self, kind: str, name: bytes) -> bytes:
        """One value, which must be there."""
        query = "select name, value, checked from kept where kind = ? and name = ?"
        for _, value in self._checked(query, (kind, name)):
            return value
        raise self.damaged()

    def fill(self, kind: str, numbers: array[int]) -> None:
        """Add the numbers of a kind to an array."""
        for _, value in self.values(kind):
            numbers.frombytes(value)

    def _checked(self, query: str, asked: Sequence[object]) -> Iterator[tuple[bytes, bytes]]:
        import sqlite3

        try:
            for name, value, checked in self._db.execute(query, asked):
                if crc32(value, crc32(name)) != checked:
                    raise self.damaged()
                yield name, value
        except (sqlite3.Error, TypeError) as error:
            raise self.damaged(error) from error

    def save(self, changes: Iterable[Change]) -> bool:
        """Keep what changed, unless another process did meanwhile. Returns whether it was kept, and is read now."""
        import sqlite3

        try:
            self._db.execute("rollback")
            self._db.execute("begin immediate")
            mine = self._turn == self._counted()
            if mine:
                for change in changes:
                    self._keep(*change)
                self._db.execute("update turns set turn = turn + 1")
            self._db.execute("commit")
            self._db.execute("begin")
            self._turn = self._counted() if mine else -1
            return mine
        except sqlite3.Error:  # it is a cache; another process may be reading it
            with suppress(sqlite3.Error):
                self._db.execute("rollback")
            return False

    def _keep(self, kind: str, name: bytes | None, value: bytes | None) -> None:
        if name is None:
            self._db.execute("delete from kept where kind = ?", (kind,))
        elif value is None:
            self._db.execute("delete from kept where kind = ? and name = ?", (kind, name))
        else:
            row = (kind, name, value, crc32(value, crc32(name)))
            self._db.execute("insert or replace into kept values (?, ?, ?, ?)", row)

    def _begun(self) -> int:
        """Begin to read one state, and return its number."""
        db = self._db
        db.execute("pragma synchronous = off")  # what a power cut damages is noticed
        ((version,),) = db.execute("pragma user_version")
        if version != self._format:
            db.execute("pragma page_size = 16384")
            db.execute("begin immediate")
            db.execute("drop table if exists kept")
            db.execute("drop table if exists turns")
            db.execute(
                "create table kept (kind text, name blob, value blob, checked integer, primary key (kind, name))"
            )
            db.execute("create table turns (turn integer)")
            db.execute("insert into turns values (0)")
            db.execute(f"pragma user_version = {self._format}")
            db.execute("commit")
        db.execute("begin")
        return self._counted()

    def _counted(self) -> int:
        ((turn,),) = self._db.execute("select turn from turns")
        return int(turn)

    def damaged(self, error: Exception | None = None) -> Damaged:
        """What to raise where it is wrong: it is forgotten now."""
        import sqlite3

        self._db.close()
        # One that another process is writing just now is whole, and only cannot be had.
        busy = isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        if self._place is not None and not busy:
            with suppress(OSError):
                self._place.unlink()
        return Damaged()


def packed(kind: str, numbers: array[int], turn: int = 0) -> Iterator[Change]:
    """What keeps the numbers of an array, which `fill` gives back: behind those that were kept with a lower `turn`."""
    for first in range(0, len(numbers), _AT_ONCE):
        yield kind, turn.to_bytes(8, "big") + first.to_bytes(8, "big"), numbers[first : first + _AT_ONCE].tobytes()
