"""Two processes: a forked child does every other piece of a long list, or something else, while this one does the rest.

The child works on what was in memory when it began, writes what it makes to disk, and sends what there is to know of
it through a pipe. One that dies, or meets an error, has done nothing: this process does its pieces again.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from struct import pack_into, unpack_from
from typing import Generic, TypeAlias, TypeVar

#: With fewer pieces a second process is not worth it.
MUCH = 200
_PDEATHSIG = 1  # <linux/prctl.h>
#: How often progress is shown while this process waits for the other, in seconds.
_SHOWN = 0.1

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
#: Told how many pieces are done, of how many.
Progress: TypeAlias = Callable[[int, int], None]


def shared(
    pieces: Sequence[_Piece], work: Callable[[_Piece], _Result], progress: Progress | None = None
) -> list[_Result]:
    """What `work` makes of each of the `pieces`, in any order. What it makes of one can be pickled."""
    told = progress or (lambda done, of: None)
    if len(pieces) >= MUCH:
        gc.unfreeze()  # what staging has left behind and nobody needs any more goes first
        gc.collect()
        gc.freeze()  # or the child's collector would touch, and so copy, what it shares with this process
    if len(pieces) < MUCH or not _is_possible():
        return _worked(pieces, work, lambda done: told(done, len(pieces)))
    child: _Child[_Piece, _Result] = _Child(pieces[1::2], work)
    try:
        own = _worked(pieces[::2], work, lambda done: told(done + child.done(), len(pieces)))
        theirs = child.results(lambda done: told(len(own) + done, len(pieces)))
    finally:
        child.end()
    return own + (_worked(pieces[1::2], work, lambda done: None) if theirs is None else theirs)


@contextmanager
def meanwhile(work: Callable[[], _Result]) -> Iterator[Callable[[], _Result]]:
    """Begin `work` in a child; the function that one gets waits for what it made, or does it itself.

    It may be asked as often as one likes.
    """
    if not _is_possible():
        yield cache(work)
        return
    child: _Child[Callable[[], _Result], _Result] = _Child([work], lambda one: one())

    def done() -> _Result:
        results = child.results(lambda _: None)
        return work() if results is None else results[0]

    try:
        yield cache(done)
    finally:
        child.end()


def _is_possible() -> bool:
    """Whether there is a second processor, and nothing that a forked child would break."""
    # macOS forbids its libraries to a forked child, and threads do not survive into one.
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _worked(pieces: Sequence[_Piece], work: Callable[[_Piece], _Result], done: Callable[[int], None]) -> list[_Result]:
    results = []
    for piece in pieces:
        results.append(work(piece))
        done(len(results))
    return results


class _Child(Generic[_Piece, _Result]):
    """A process that does `pieces`. It does not outlive this one."""

    def __init__(self, pieces: Sequence[_Piece], work: Callable[[_Piece], _Result]) -> None:
        self._done = mmap.mmap(-1, 8)  # shared with the child: how many pieces it has done
        self._pipe, told = os.pipe()
        parent = os.getpid()
        self._number = os.fork()
        if not self._number:
            try:
                _end_with(parent)
                _close_all_but(told)  # a lock that was inherited would be held until both are gone
                results = _worked(pieces, work, lambda number: pack_into("<Q", self._done, 0, number))
                with open(told, "wb") as pipe:  # noqa: PTH123
                    pickle.dump(results, pipe, pickle.HIGHEST_PROTOCOL)
            finally:
                os._exit(0)  # whatever happened: nothing of the parent's is flushed, closed or said here
        os.close(told)

    def done(self) -> int:
        return int(unpack_from("<Q", self._done, 0)[0])

    def results(self, waiting: Callable[[int], None]) -> list[_Result] | None:
        """What it has made; None if it died."""
        parts: list[bytes] = []
        while True:
            ready, _, _ = select.select([self._pipe], [], [], _SHOWN)
            waiting(self.done())
            if ready:
                part = os.read(self._pipe, 1 << 20)
                if not part:
                    break
                parts.append(part)
        try:
            return list(pickle.loads(b"".join(parts)))  # from our own child, through a pipe that no one else has
        except (EOFError, pickle.UnpicklingError):
            return None

    def end(self) -> None:
        with suppress(OSError):
            os.kill(self._number, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(self._number, 0)
        os.close(self._pipe)
        self._done.close()


def _end_with(parent: int) -> None:
    """Let the system end this process with its parent, which cannot do so when it is killed itself."""
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before
        os._exit(1)


def _close_all_but(kept: int) -> None:
    """Close the files that this process inherited, but `kept` and the three that have a number by custom."""
    with suppress(OSError):  # no /proc
        for handle in map(int, os.listdir("/proc/self/fd")):
            if handle > 2 and handle != kept:
                with suppress(OSError):  # the one that listed them
                    os.close(handle)
