"""Hearing of changes to anything that a site is made of: notes, figures, pages of its own, settings, the theme.

Who waits here looks for himself what there is to do. So a change may be told twice, or of nothing at all; and what
could not be heard is found by looking from time to time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from carrel.watch.observation import Hint, Observation, complaints_heard
from carrel.watch.places import Place, first_remote, places, refusal
from carrel.watch.rhythm import Rhythm

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Somebody waits for the page: a moment of quiet is enough, and a note that was only half there is read again.
SERVING = Rhythm(quiet=0.05, patience=1.0)
#: Looks that nothing asked for use about this share of the time at most.
_SHARE = 0.05


class Surroundings:
    """Everything around `kb` that a site is made of; `folders` are those of the theme. `say` gets a line of trouble."""

    def __init__(
        self, kb: KnowledgeBase, folders: Iterable[Path], say: Callable[[str], None], rhythm: Rhythm = SERVING
    ) -> None:
        self._kb, self._folders, self._say, self._rhythm = kb, tuple(folders), say, rhythm
        self._hints: SimpleQueue[Hint] = SimpleQueue()
        self._observation: Observation | None = None
        self._is_deaf = False
        self._next_beat = 0.0

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen within the block. What changed before is not told."""
        with complaints_heard(self._hints.put):
            try:
                self._listen()
                yield
            finally:
                self._deafen()

    def wait(self, took: float) -> None:
        """Wait for a change, and then for quiet; or until it is time for a look, which `took` so many seconds."""
        rhythm = self._rhythm
        end = monotonic() + max(rhythm.poll if self._is_deaf else rhythm.rest, took / _SHARE)
        first: float | None = None
        while (left := min(end, monotonic() + rhythm.check) - monotonic()) > 0:
            try:
                hint = self._hints.get(timeout=left)
            except Empty:
                if first is None:
                    self._check()
                continue
            if self._observation is not None and hint in (Hint.BEAT, Hint.CHANGE):
                self._observation.hear()
            if hint is not Hint.BEAT:
                now = monotonic()
                first = now if first is None else first
                end = min(now + rhythm.quiet, first + rhythm.patience)

    def _check(self) -> None:
        """See to it that changes are heard of."""
        observation = self._observation
        if self._is_deaf:
            return
        if observation is None or observation.stale() or self._wanted() != observation.places:
            self._listen()  # a folder was made, replaced or removed: with what is in it
            self._hints.put(Hint.DOUBT)
        elif trouble := observation.trouble(self._rhythm.heartbeat):
            self._give_up(trouble)
        elif monotonic() >= self._next_beat:
            self._next_beat = monotonic() + self._rhythm.rest
            observation.beat()

    def _listen(self) -> None:
        self._deafen()
        wanted = self._wanted()
        if remote := first_remote(wanted):
            self._give_up(f"{remote}, which does not tell of changes made elsewhere")
            return
        state = self._kb.cache_dir / "serve"
        try:
            self._observation = Observation(wanted, state, self._hints.put, _is_no_temporary_file)
        except FileNotFoundError:
            return  # a folder went away meanwhile; the next check sees to it
        except OSError as error:
            self._give_up(refusal(error))

    def _give_up(self, reason: str) -> None:
        self._deafen()
        self._is_deaf = True
        self._say(f"{reason}; looking every {self._rhythm.poll:g} s or more instead of listening")

    def _deafen(self) -> None:
        if self._observation is not None:
            self._observation.close()
            self._observation = None

    def _wanted(self) -> frozenset[Place]:
        """Where something of the site may change, as far as it exists now."""
        root, found = self._kb.root, set(places(self._kb))
        more = {root / "site" / "pages": True, root / ".carrel": False, **dict.fromkeys(self._folders, True)}
        for folder, deep in more.items():
            with suppress(OSError):  # it is not there, yet
                real = Path(os.path.realpath(folder))
                status = real.stat()
                found.add(Place(str(real), deep, status.st_dev, status.st_ino))
        return frozenset(found)


def _is_no_temporary_file(path: str, *, folder: bool = False) -> bool:
    """Whether a change at `path` can be one of what a site is made of."""
    parts = path.split("/")
    return not any(part.startswith((".", "#")) or part.endswith("~") for part in parts) and (
        folder or parts[-1] != "4913"
    )
