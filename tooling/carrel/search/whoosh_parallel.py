"""A second process for much to index: a forked child reads and gathers one half of the notes while this one does the
other. What the child has gathered at its end goes to this process, which makes one segment of both halves; if that is
too much, there are segments of the child's own before. Nothing of it counts before this process has made a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carrel.forked import Child, ChildDied, can_fork
from carrel.search.whoosh_batch import prepared

if TYPE_CHECKING:
    from carrel.forked import Told
    from carrel.search.catalogue import Segment
    from carrel.search.index import Progress, Seen
    from carrel.search.to_index import Reading
    from carrel.search.whoosh_batch import Change
    from carrel.search.whoosh_writer import Gathered

#: With fewer notes to read a second process is not worth it: each has to learn the words for itself.
_MUCH = 2000

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
    """Whether there is much to read, and a second process to be had."""
    return len(reading.paths) >= _MUCH and can_fork()


class Worker(Child[Half]):
    """A child that indexes every other note of `reading`."""

    def __init__(self, reading: Reading, take: Take) -> None:
        self._reading = reading
        super().__init__(partial(_half, reading, take))

    def own_half(self) -> Reading:
        """What is left for this process; its progress is that of both."""
        return self._reading.half(0, self._both(self._reading.progress))

    def _both(self, progress: Progress | None) -> Progress | None:
        if progress is None:
            return None
        return lambda number, of: progress(number + self.done(), len(self._reading.paths))

    def other_half(self, own: int) -> Half | None:
        """What the child has done, when it has; None if it died. `own` is how many notes this process has read."""
        progress = self._reading.progress or (lambda done, of: None)
        with suppress(ChildDied):
            return self.result(lambda done: progress(own + done, len(self._reading.paths)))
        return None


def _half(reading: Reading, take: Take, told: Told) -> Half:
    half = reading.half(1, lambda number, of: told(number))
    seen: list[tuple[str, Seen, bool]] = []

    def noted() -> Iterable[Change]:
        for path, one, new in prepared(half):
            seen.append((path, one, new is not None))
            yield path, one, new

    return Half(*take(noted()), seen, half.updated, half.vanished)
