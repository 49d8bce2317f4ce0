"""Hearing of changes: the door to watchdog, and what it takes to rely on it.

watchdog's events are hints that something changed, nothing more. It can drop them, its threads can end while it
says that it is well, and folders past the system's limit go unwatched without a word; so an `Observation` keeps
looking whether it still hears.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from time import monotonic

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import EventDispatcher
from watchdog.utils import BaseThread

from carrel.watch.places import Place, concerns_notes, count_folders

# Opening and reading are no changes (the index reads each changed note), and a folder is "modified" by swap files too.
_CHANGES: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
_HEARTBEAT = "heartbeat"
_FAREWELL = 2.0  # seconds that a thread has to end


class Hint(Enum):
    """What the watcher is told by other threads and by signals."""

    CHANGE = "something changed"
    BEAT = "the heartbeat was heard"
    DOUBT = "something may have been missed"
    AWAKE = "the process was stopped and goes on"
    STOP = "end"


Tell = Callable[[Hint], None]


class Observation:
    """Listens for changes in `places`; each one is told as a hint. `state` is a folder of ours for the heartbeat.

    Raises `OSError` when the system cannot watch that much. `answer` is how many seconds a heartbeat may take.
    """

    def __init__(self, places: frozenset[Place], state: Path, tell: Tell, answer: float) -> None:
        self.places = places
        self._state = state
        self._answer = answer
        self._asked: float | None = None
        self.heard = False  # whether a heartbeat was ever heard
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        threads, descriptors = set(threading.enumerate()), _descriptors()
        self._observer = Observer()
        try:
            self._observer.start()
            for place in sorted(places):
                listener = _Listener(place.path, tell)
                self._observer.schedule(listener, place.path, recursive=place.deep, event_filter=_CHANGES)
            # Last, because only failing to watch the top of a place is told: if the folders before it have used up
            # what the system allows, this is where it shows.
            self._observer.schedule(_Listener(str(state), tell), str(state), event_filter=_CHANGES)
        finally:  # also when it failed: what was begun must be ended
            self._threads = [
                one for one in threading.enumerate() if one not in threads and isinstance(one, BaseThread)
            ]
            self._descriptors = _descriptors() - descriptors
        self._unwatched = self._count_unwatched()  # an unreadable folder, say

    @classmethod
    def open(cls, places: frozenset[Place], state: Path, tell: Tell, answer: float) -> Observation:
        """An observation that hears, or `OSError` with nothing left behind."""
        made = cls.__new__(cls)
        try:
            made.__init__(places, state, tell, answer)
        except BaseException:
            made.close()
            raise
        return made
