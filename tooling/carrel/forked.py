"""A second process: a forked child does one thing while this process does another.

The child works on what was in memory when it began, says how far it is, and sends what it made through a pipe. One that
dies, meets an error, or cannot be begun has made nothing: whoever started it does the work itself. It holds no lock of
this process, and does not outlive it.
"""

from __future__ import annotations

import mmap
import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from struct import pack_into, unpack_from
from typing import Generic, Self, TypeAlias, TypeVar

_PDEATHSIG = 1  # <linux/prctl.h>
#: How often somebody who waits is told how far the child is, in seconds.
_SHOWN = 0.1

_Result = TypeVar("_Result")
#: Takes how much is done, in whatever is counted.
Told: TypeAlias = Callable[[int], None]


class ChildDied(Exception):
    """The child ended before it had sent what it made."""


def can_fork() -> bool:
    """Whether there is a second processor, and nothing that a forked child would break."""
    # macOS forbids its libraries to a forked child, and threads do not survive into one.
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


class Child(Generic[_Result]):
    """A process that does `work`, which can tell how much is done. Use as a context: it does not outlive it."""

    def __init__(self, work: Callable[[Told], _Result]) -> None:
        self._done = mmap.mmap(-1, 8)  # shared with the child: how much it has done
        self._pipe, told = os.pipe()
        parent = os.getpid()
        self._number: int | None = None
        with suppress(OSError):  # there is no room for another process: this is as a child that died
            self._number = os.fork()
        if self._number == 0:
            try:
                _end_with(parent)
                _close_all_but(told)  # a lock that was inherited would be held until both are gone
                result = work(lambda done: pack_into("<Q", self._done, 0, done))
                with open(told, "wb") as pipe:  # noqa: PTH123
                    pickle.dump(result, pipe, pickle.HIGHEST_PROTOCOL)
            finally:
                os._exit(0)  # whatever happened: nothing of the parent's is flushed, closed or said here
        os.close(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._number is not None:
            with suppress(OSError):
                os.kill(self._number, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._number, 0)
        os.close(self._pipe)
        self._done.close()

    def done(self) -> int:
        """How much it has done."""
        return int(unpack_from("<Q", self._done, 0)[0])

    def result(self, waiting: Told = lambda done: None) -> _Result:
        """What it has made. Waits for it, and tells `waiting` how much is done. Once only. Raises `ChildDied`."""
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
            made: _Result = pickle.loads(b"".join(parts))  # from our own child, through a pipe that no one else has
        except (EOFError, pickle.UnpicklingError) as error:
            raise ChildDied from error
        return made


def _end_with(parent: int) -> None:
    """Let the system end this process with its parent, which cannot do so when it is killed itself."""
    import ctypes

    if ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL) or os.getppid() != parent:  # it was killed before
        os._exit(1)


def _close_all_but(kept: int) -> None:
    """Close the files that this process inherited, but `kept` and the three that have a number by custom."""
    with suppress(OSError):  # no /proc
        for handle in map(int, os.listdir("/proc/self/fd")):
            if handle > 2 and handle != kept:
                with suppress(OSError):  # the one that listed them
                    os.close(handle)
