"""Finding out whether the index is current while other things are done: asked of a watcher, else by a forked child.

A look at every file takes as long as everything else that a search does. So a child looks, on another processor,
while this process already asks the index; an answer from an index that turns out to be behind is thrown away. The
child only reads, and tells what differs. Whatever happens to it, the search looks itself.
"""

from __future__ import annotations

import marshal
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.note import Stamp
from carrel.store.door import ask

if TYPE_CHECKING:
    from carrel.cli.app import App

    #: What the index must read again and forget, as `refresh` takes it; None when that is not known.
    Difference: TypeAlias = dict[str, Stamp | None] | None

#: More changes than this are left to the ordinary way, which shows its progress.
MOST_CHANGES = 1_000


class Ahead:
    """A look at the files of `app.kb` that begins when this is made. First ask `watched`, then `difference`, once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._child: _Child | None = None
        self._question = ask(app.kb)
        if self._question is None:
            self._look()

    def watched(self) -> bool:
        """Whether a watcher says that the index is current. If one was asked and does not say so, the look begins."""
        if self._question is None:
            return False
        if self._question.answered():
            return True
        self._look()
        return False

    @property
    def looking(self) -> bool:
        """Whether the index can be asked meanwhile: `difference` will tell whether that was right."""
        return self._child is not None

    def difference(self) -> Difference:
        """How the disk differs from the index."""
        return self._child.told() if self._child is not None else None

    def _look(self) -> None:
        # macOS forbids its libraries to a forked child, and threads do not survive into one.
        if sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1:
            with suppress(OSError):  # too many files or processes: then it is done afterwards
                self._child = _Child(self._app)


class _Child:
    """A copy of this process that looks and tells."""

    def __init__(self, app: App) -> None:
        self._pipe, told = os.pipe()
        self._number = os.fork()
        if not self._number:
            try:
                os.close(self._pipe)  # so that it is noticed when the parent is gone
                with open(told, "wb") as pipe:  # noqa: PTH123
                    pipe.write(_looked(app))
            finally:
                os._exit(0)  # whatever happened: nothing of the parent's is flushed, closed or said here
        os.close(told)

    def told(self) -> Difference:
        """What it found. Waits for it."""
        with open(self._pipe, "rb") as pipe:  # noqa: PTH123
            found = pipe.read()
        with suppress(OSError):  # someone else waited for it
            os.waitpid(self._number, 0)
        try:
            return {path: stamp and Stamp(*stamp) for path, stamp in marshal.loads(found).items()}
        except (EOFError, ValueError, TypeError):
            return None  # it ended before it had told everything


def _looked(app: App) -> bytes:
    from carrel.cli.app import index_of
    from carrel.search.index import difference
    from carrel.store.pdfs import Holdings

    # An index of its own: what the parent may have open is not for two processes.
    changes = difference(index_of(app.kb).seen(), Holdings(app.kb).stamps())
    told = {path: stamp and tuple(stamp) for path, stamp in changes.items()}
    return marshal.dumps(told) if len(told) <= MOST_CHANGES else b""
