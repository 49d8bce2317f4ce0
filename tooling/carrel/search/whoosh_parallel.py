"""A second process for much to index: a forked child reads and gathers one half of the notes while this one does the
other. What the child has gathered at its end goes to this process, which makes one segment of both halves; if that is
too much, there are segments of the child's own before. Nothing of it counts before this process has made a commit.

A parent that is killed cannot end its child. So the child looks whether the parent is there, and holds nothing of
what it inherited: the lock of the index would be held until both are gone.
"""

from __future__ import annotations

import mmap
import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from struct import pack_into, unpack_from
from typing import TYPE_CHECKING, NamedTuple

from carrel.search.whoosh_batch import prepared

if TYPE_CHECKING:
    from carrel.search.catalogue import Segment
    from carrel.search.index import Progress, Seen
    from carrel.search.reading import Reading
    from carrel.search.whoosh_batch import Change
    from carrel.search.whoosh_writer import Gathered

#: With fewer notes to read a second process is not worth it: each has to learn the words for itself.
_MUCH = 2000
#: How often progress is shown while this process waits for the other, in seconds.
_SHOWN = 0.1

#: Makes segments of the documents of notes, and gathers what is left.
Take = Callable[[Iterable["Change"]], tuple[tuple["Segment", ...], "Gathered"]]


class Half(NamedTuple):
    """What the child has done: segments, what is left, the notes it saw (and whether they are new), what is gone."""

    segments: tuple[Segment, ...]
    gathered: Gathered
    seen: list[tuple[str, Seen, bool]]
    updated: list[str]
    vanished: list[str]


def worth_it(reading: Reading) -> bool:
    """Whether there is much to read, a processor for it, and nothing that a forked child would break."""
    # macOS forbids its libraries to a forked child, and threads do not survive into one.
    alone = sys.platform == "linux" and threading.active_count() == 1
    return alone and len(reading.paths) >= _MUCH and len(os.sched_getaffinity(0)) > 1


class Worker:
    """A child that indexes every other note of `reading`. Use as a context: it does not outlive it."""

    def __init__(self, reading: Reading, take: Take) -> None:
        self._reading = reading
        self._done = mmap.mmap(-1, 8)  # shared with the child: the number of notes it has read
        self._pipe, told = os.pipe()
        self._parent = os.getpid()
        self._number = os.fork()
        if not self._number:
            try:
                _close_all_but(told)
                half = self._work(take)
                with open(told, "wb") as pipe:  # noqa: PTH123
                    pickle.dump(half, pipe, pickle.HIGHEST_PROTOCOL)
            finally:
                os._exit(0)  # whatever happened: nothing of the parent's is flushed, closed or said here
        os.close(told)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            os.kill(self._number, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(self._number, 0)
        os.close(self._pipe)
        self._done.close()

    def _work(self, take: Take) -> Half:
        half = self._reading.half(1, self._one_more)
        seen: list[tuple[str, Seen, bool]] = []

        def noted() -> Iterable[Change]:
            for path, one, new in prepared(half):
                self._end_with_parent()
                seen.append((path, one, new is not None))
                yield path, one, new

        return Half(*take(noted()), seen, half.updated, half.vanished)

    def _one_more(self, number: int, _: int) -> None:
        self._end_with_parent()
        pack_into("<Q", self._done, 0, number)

    def _end_with_parent(self) -> None:
        if os.getppid() != self._parent:
            os._exit(0)

    def own_half(self) -> Reading:
        """What is left for this process; its progress is that of both."""
        return self._reading.half(0, self._both(self._reading.progress))

    def _both(self, progress: Progress | None) -> Progress | None:
        if progress is None:
            return None
        return lambda number, of: progress(number + self._read(), len(self._reading.paths))

    def _read(self) -> int:
        return int(unpack_from("<Q", self._done, 0)[0])

    def result(self, own: int) -> Half | None:
        """What the child has done, when it has; None if it died. `own` is how many notes this process has read."""
        parts: list[bytes] = []
        while True:
            ready, _, _ = select.select([self._pipe], [], [], _SHOWN)
            if self._reading.progress is not None:
                self._reading.progress(own + self._read(), len(self._reading.paths))
            if ready:
                part = os.read(self._pipe, 1 << 20)
                if not part:
                    break
                parts.append(part)
        try:
            found = pickle.loads(b"".join(parts))  # from our own child, through a pipe that no one else has
        except (EOFError, pickle.UnpicklingError):
            return None
        return found if isinstance(found, Half) else None


def _close_all_but(kept: int) -> None:
    """Close the files that this process inherited, but `kept` and the three that have a number by custom."""
    with suppress(OSError):  # no /proc
        for handle in map(int, os.listdir("/proc/self/fd")):
            if handle > 2 and handle != kept:
                with suppress(OSError):  # the one that listed them
                    os.close(handle)
