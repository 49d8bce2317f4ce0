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
from typing import Protocol

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
_FAREWELL = 2.0  # seconds that its threads have to end
_MOST_WRONG = 10_000  # records that are put right at the end


class Hint(Enum):
    """What the watcher is told by other threads and by signals."""

    CHANGE = "something changed"
    BEAT = "the heartbeat was heard"
    DOUBT = "something may have been missed"
    ASKED = "a search asks at the door"
    AWAKE = "the process was stopped and goes on"
    STOP = "end"


Tell = Callable[[Hint], None]


class Concerns(Protocol):
    """Whether a change at a path, relative to its place, is one to tell of."""

    def __call__(self, path: str, *, folder: bool = False) -> bool: ...


class Observation:
    """Listens for changes in `places`; each one is told as a hint. `state` is a folder of ours for the heartbeat.

    What changes otherwise than `concerns` says is passed over.

    Raises `OSError` when the system cannot watch that much.
    """

    def __init__(self, places: frozenset[Place], state: Path, tell: Tell, concerns: Concerns = concerns_notes) -> None:
        self.places = places
        self.heard = False  # whether a heartbeat has been heard yet
        self._heartbeat = state / _HEARTBEAT
        self._asked: float | None = None
        for folder in (state.parent, state):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the mode is for the last one only
        threads, descriptors = set(threading.enumerate()), _descriptors()
        self._observer = Observer()
        try:
            self._observer.start()
            for place in sorted(places):
                listener = _Listener(place.path, tell, concerns)
                self._observer.schedule(listener, place.path, recursive=place.deep, event_filter=_CHANGES)
            # Last, because a failure to watch is told for the top of a place only: when the folders below the others
            # have used up what the system allows, this is where it shows.
            self._observer.schedule(_Pulse(tell), str(state), event_filter=_CHANGES)
        except BaseException:
            self._threads = _begun_since(threads)
            self.close()
            raise
        self._threads = _begun_since(threads)
        self._descriptors = _descriptors() - descriptors
        self._unwatchable = self._count_unwatched()  # folders that we may not read

    def stale(self) -> bool:
        """Whether one of its places was deleted; another folder may be there now, with the same inode even."""
        return any(thread.stopped_event.is_set() for thread in self._threads)

    def trouble(self, patience: float) -> str:
        """Why it cannot be relied on any more; "" when it can. A heartbeat is heard within `patience` seconds."""
        if not all(thread.is_alive() for thread in self._threads):
            return "a thread that listens has ended"
        if self._asked is not None and monotonic() > self._asked + patience:
            return f"nothing was heard for {patience:g} seconds"
        return ""

    def beat(self) -> None:
        """Change a file of our own, which must be heard."""
        self._asked = monotonic()
        try:
            self._heartbeat.write_bytes(b"\n")
        except OSError:
            self._asked = None  # a full disk says nothing about hearing

    def hear(self) -> None:
        """Note that something was heard."""
        if self._asked is not None:
            self._asked, self.heard = None, True

    def astray(self) -> bool:
        """Whether folders go unwatched, or folders that were moved away are still watched."""
        return self._count_unwatched() != self._unwatchable

    def close(self) -> None:
        """Stop listening and end every thread."""
        for thread in reversed(self._threads):
            if thread is not self._observer:  # its own `stop` waits for the others, for ever if one cannot end
                _end(thread)
        self._observer.stopped_event.set()
        self._observer.event_queue.put(EventDispatcher.stop_event)
        deadline = monotonic() + _FAREWELL
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    def _count_unwatched(self) -> int:
        """How many folders are not watched. Only Linux tells; elsewhere always 0."""
        if not self._descriptors:
            return 0
        watched = 0
        for descriptor in self._descriptors:
            with suppress(OSError):  # a descriptor that is gone watches nothing
                watched += Path(f"/proc/self/fdinfo/{descriptor}").read_text().count("inotify wd:")
        return count_folders(self.places) + 1 - watched  # one for our own


class _Listener(FileSystemEventHandler):
    """Tells of changes below a folder. An exception here would end watchdog's thread, so none gets out."""

    def __init__(self, folder: str, tell: Tell, concerns: Concerns) -> None:
        self._cut = len(folder.rstrip("/")) + 1
        self._tell, self._concerns = tell, concerns

    def on_any_event(self, event: FileSystemEvent) -> None:
        try:
            paths = [os.fsdecode(path)[self._cut :] for path in (event.src_path, event.dest_path) if path]
            if any(self._concerns(path, folder=event.is_directory) for path in paths):
                self._tell(Hint.CHANGE)
        except Exception:  # whatever it is about, looking once too often does no harm
            self._tell(Hint.DOUBT)


class _Pulse(FileSystemEventHandler):
    """Tells of the heartbeat."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def on_any_event(self, event: FileSystemEvent) -> None:
        if os.fsdecode(event.src_path).endswith(_HEARTBEAT):
            self._tell(Hint.BEAT)


@contextmanager
def complaints_heard(tell: Tell) -> Iterator[None]:
    """What watchdog would print on the terminal becomes a hint: its log, its warnings, the end of its threads.

    After such a complaint events may be missing; its own remedies are silent about that.
    """
    logger, earlier = logging.getLogger("watchdog"), threading.excepthook
    ear, propagate = _Ear(tell), logger.propagate

    def ended(about: threading.ExceptHookArgs) -> None:
        if isinstance(about.thread, BaseThread):
            tell(Hint.DOUBT)
        else:
            earlier(about)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"watchdog\.")  # one of them prints the whole table of watches
        logger.addHandler(ear)
        logger.propagate = False
        threading.excepthook = ended
        try:
            yield
        finally:
            threading.excepthook = earlier
            logger.propagate = propagate
            logger.removeHandler(ear)


class _Ear(logging.Handler):
    """Takes every record of warning level and above as a doubt."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(Hint.DOUBT)


def _end(thread: BaseThread) -> None:
    """Stop one of watchdog's threads, whatever state its records are in."""
    # They go wrong when folders are moved: `stop` then raises a KeyError half-way, having dropped one wrong record, and
    # the thread would wait for events for ever. Nothing public ends it then.
    group = getattr(thread, "_inotify", None)
    attempts: list[Callable[[], None]] = [thread.stop]
    if group is not None:
        attempts += [group.deactivate] * _MOST_WRONG
    for attempt in attempts:
        try:
            attempt()
        except KeyError:
            continue
        except Exception:  # it is a daemon: at worst it ends with the process
            return
        return


def _begun_since(before: set[threading.Thread]) -> list[BaseThread]:
    """Watchdog's threads that were not there before: the observer's, one for each place, and the reader's."""
    return [one for one in threading.enumerate() if one not in before and isinstance(one, BaseThread)]


def _descriptors() -> set[str]:
    """The open inotify descriptors of this process; none where there is no /proc."""
    found = set()
    with suppress(OSError):  # not Linux
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):  # closed since it was listed
                if str(Path(f"/proc/self/fd/{name}").readlink()) == "anon_inode:inotify":
                    found.add(name)
    return found
