"""Where an index is on disk: a folder for its owner alone, with a lock beside it, set aside when it is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, NoReturn

from carrel.errors import CarrelError
from carrel.search.index import IndexDamaged, IndexUnusable

if TYPE_CHECKING:
    from carrel.search.documents import Document
    from carrel.search.index import Findable, Seen


class Damaged(ValueError):
    """What is there is not the index, or not as it was written."""


class SourceFailed(BaseException):
    """Carries what the source of the notes raised past the code that takes every exception for damage."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def told(changed: Iterable[tuple[str, Seen, Findable | None]]) -> Iterator[tuple[str, Seen, list[Document] | None]]:
    """Each change with the note's documents. What its source raises is carried by a `SourceFailed`."""
    from carrel.search.documents import documents  # which a search never needs

    try:
        for path, seen, note in changed:
            yield path, seen, None if note is None else list(documents(note))
    except Exception as error:
        raise SourceFailed(error) from error


class Place:
    """The folder `path`, which need not exist. Beside it are its lock and at most one damaged copy."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make the folder, and the one it is in, if they are not there."""
        _make_private(self.path.parent)
        _make_private(self.path)

    @contextmanager
    def locked(self, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
        """Hold the lock, which ends with the process, alone or with others. Yields whether it is held.

        Without `wait` it is not held when another process holds it.
        """
        import fcntl

        _make_private(self.path.parent)
        handle = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def check_private(self) -> None:
        """Raise `Damaged` when another user could have written what is in the folder."""
        if self.path.stat().st_mode & 0o077:
            raise Damaged("others may look in or write here")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Share the folder, made if need be, with who reads or writes it; set it aside when that finds damage.

        Raises `IndexDamaged`, `IndexUnusable`, and what a `SourceFailed` carries.
        """
        try:
            with self.locked(shared=True):
                self.make()
                self.check_private()
                yield
        except SourceFailed as failure:
            raise failure.error from None
        except (CarrelError, MemoryError):
            raise
        except (NotADirectoryError, FileExistsError) as error:
            self.set_aside(error)
        except OSError as error:
            raise IndexUnusable(str(self.path), error) from error
        except Exception as error:  # damaged bytes can lead to any exception there is
            self.set_aside(error)

    def set_aside(self, error: Exception, *, locked: bool = False) -> NoReturn:
        """Rename the damaged folder away, unless another process has made a new one meanwhile; then raise.

        `locked` says that the lock is held already.
        """
        try:
            damaged = _inode(self.path)
            with nullcontext() if locked else self.locked():
                if _inode(self.path) == damaged:
                    self._rename_away()
        except OSError as refusal:
            raise IndexUnusable(str(self.path), refusal) from error
        raise IndexDamaged(f"{self.path}: the index was damaged and is made anew", "run the command again") from error

    def _rename_away(self) -> None:
        import shutil  # 2 ms with the packers of archives it loads

        for old in self.path.parent.glob(f"{self.path.name}.bad-*"):
            shutil.rmtree(old, ignore_errors=True)  # one is enough to find out what happened
        with suppress(FileNotFoundError):
            self.path.rename(self.path.with_name(f"{self.path.name}.bad-{time_ns()}"))


def _make_private(folder: Path) -> None:
    """Make a folder that its owner alone may look into; what is there already keeps its mode."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0
