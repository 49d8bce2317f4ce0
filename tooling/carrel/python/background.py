"""Writing entries while the program goes on: one thread, that lives as long as there is something to write.

It is no daemon, so Python waits for it before it exits. A forked child has neither the thread nor its work: the lock is
held while the process forks, so that no child inherits a half-done write, nor the knowledge base's lock.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from carrel.errors import CarrelError

if TYPE_CHECKING:
    from carrel.python.entry import Saved

#: Bytes that may wait to be written; who brings more waits too.
MOST_WAITING = 64 * 2**20


class Pending:
    """An entry on its way to the disk."""

    def __init__(self, write: Callable[[], Saved], size: int) -> None:
        self._write, self.size = write, size
        self._finished = threading.Event()
        self._saved: Saved | None = None
        self._error: Exception | None = None

    def done(self) -> bool:
        """Whether it was written, or cannot be."""
        return self._finished.is_set()

    def result(self, timeout: float | None = None) -> Saved:
        """Where it stands, once it is on the disk. Raises what kept it from there, or `TimeoutError` after seconds."""
        if not self._finished.wait(timeout):
            raise TimeoutError(f"the entry was not written within {timeout} seconds")
        if self._error is not None:
            raise self._error
        assert self._saved is not None
        return self._saved

    def run(self) -> None:
        """Write it; the error is kept."""
        try:
            self._saved = at_once(self._write)
        except Exception as error:  # told by `result`: the thread must write the next one
            self.fail(error)
        self._finished.set()

    def fail(self, error: Exception) -> None:
        """Keep what kept it from the disk, and say so."""
        self._error = hinted(error)
        _warn(error)
        self._finished.set()

    def disown(self) -> None:
        """In a forked child: another process writes it."""
        if self.done():
            return
        self._finished = threading.Event()  # the old one's lock may have been held when the process forked
        self._error = CarrelError("the entry was handed over in the parent of this process, which writes it")
        self._finished.set()


def hinted(error: Exception) -> Exception:
    """The same error, with its hint where a traceback shows it."""
    if isinstance(error, CarrelError) and error.hint:
        error.add_note(error.hint)
    return error


def known(error: Exception) -> CarrelError:
    """An error of what was handed over as one that a program can catch: whatever a stranger's `__str__` may raise."""
    if isinstance(error, CarrelError):
        return error
    try:
        reason = f"{type(error).__name__}: {error}"
    except Exception:  # its own words fail too
        reason = type(error).__name__
    failure = CarrelError(
        f"what was handed over could not be read: {reason}; nothing was written",
        "text, tags, caption, project and experiment are texts, and values are numbers and words",
    )
    failure.__cause__ = error
    return failure


class _Work:
    """What waits to be written in this process."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: deque[Pending] = deque()
        self.running = False
        self.size = 0
        self.warned = False
        self.writing = threading.RLock()
        self.writer = 0  # the thread that writes now


_work = _Work()


def at_once(write: Callable[[], Saved]) -> Saved:
    """Write one entry, alone in this process."""
    me = threading.get_ident()
    if _work.writer == me:  # a signal's handler, within the write that it interrupted
        raise CarrelError("an entry is being written in this very thread", "in a signal's handler: wait=False")
    with _work.writing:
        _work.writer = me
        try:
            return write()
        finally:
            _work.writer = 0


def hand_over(write: Callable[[], Saved], size: int) -> Pending:
    """Have it written soon, in the order of the calls. `size` is how many bytes it keeps in memory."""
    pending = Pending(write, size)
    with _work.changed:
        while _work.waiting and _work.size + size > MOST_WAITING:
            _work.changed.wait()
        _work.waiting.append(pending)
        _work.size += size
        if not _work.running:
            try:
                threading.Thread(target=_run, name="carrel.log").start()
                _work.running = True
            except RuntimeError:  # no more threads, or Python is about to exit
                _work.waiting.remove(pending)
                _work.size -= size
        running = _work.running
    if not running:
        pending.run()
    return pending


def not_saved(error: Exception) -> Pending:
    """An entry that could not even be handed over."""
    pending = Pending(_nothing, 0)
    pending.fail(error)
    return pending


def _nothing() -> Saved:
    raise AssertionError("it failed before")


def _run() -> None:
    while True:
        with _work.changed:
            if not _work.waiting:
                _work.running = False
                return
            pending = _work.waiting[0]
        pending.run()
        with _work.changed:
            _work.waiting.popleft()
            _work.size -= pending.size
            _work.changed.notify_all()


def _warn(error: Exception) -> None:
    """Say once that something was not saved; nobody may ever ask for the result."""
    if not _work.warned:
        _work.warned = True
        say(f"an entry was not saved: {error}", error.hint if isinstance(error, CarrelError) else "")


def say(text: str, hint: str = "") -> None:
    """Tell the person who looks at the program, which goes on."""
    with suppress(OSError, ValueError, AttributeError):  # stderr may be closed, or none
        print(f"carrel: {text}" + (f"\n        {hint}" if hint else ""), file=sys.stderr)


def _forked() -> None:
    global _work
    inherited, _work = _work.waiting, _Work()
    for pending in inherited:
        pending.disown()


os.register_at_fork(
    before=lambda: _work.writing.acquire(),
    after_in_parent=lambda: _work.writing.release(),
    after_in_child=_forked,
)
