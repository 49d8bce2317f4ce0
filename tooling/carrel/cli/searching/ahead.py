"""Finding out whether the index is current while other things are done: asked of a watcher, else by a forked child.

A look at every file takes as long as everything else that a search does. So a child looks, on another processor,
while this process already asks the index; an answer from an index that turns out to be behind is thrown away, and so
is one from another version of the index than the child looked at. The child only reads, and tells what differs.
Whatever happens to it, the search looks itself.
"""

from __future__ import annotations

import marshal
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.forked import can_fork
from carrel.store.door import ask

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.search.index import Difference

#: More changes than this are left to the ordinary way, which shows its progress.
MOST_CHANGES = 1_000


class Ahead:
    """A look at the files of `app.kb` that begins when this is made. First ask `watched`, then `told`, once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._child: _Child | None = None
        self._question = ask(app.kb)
        if self._question is None:
            self._look()

    def watched(self) -> str:
        """The version of the index that a watcher says is current. If one was asked and says none, the look begins."""
        if self._question is None:
            return ""
        version = self._question.answered()
        if not version:
            self._look()
        return version

    @property
    def looking(self) -> bool:
        """Whether the index can be asked meanwhile: `told` will say whether that was right."""
        return self._child is not None

    def told(self) -> Difference | None:
        """What the look found; None when that is not known."""
        return self._child.told() if self._child is not None else None

    def _look(self) -> None:
        if can_fork():
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

    def told(self) -> Difference | None:
        """What it found. Waits for it."""
        from carrel.search.index import Difference

        with open(self._pipe, "rb") as pipe:  # noqa: PTH123
            found = pipe.read()
        with suppress(OSError):  # someone else waited for it
            os.waitpid(self._number, 0)
        try:
            version, changes = marshal.loads(found)
            return Difference(version, {path: stamp and Stamp(*stamp) for path, stamp in changes.items()})
        except (EOFError, ValueError, TypeError):
            return None  # it ended before it had told everything


def _looked(app: App) -> bytes:
    from carrel.cli.app import index_of
    from carrel.search.index import difference
    from carrel.store.pdfs import Holdings

    index = index_of(app.kb)  # one of its own: what the parent may have open is not for two processes
    version = index.version()
    known = index.seen()
    if index.version() != version:
        return b""  # another carrel committed in between
    changes = {path: stamp and tuple(stamp) for path, stamp in difference(known, Holdings(app.kb).stamps()).items()}
    return marshal.dumps((version, changes)) if len(changes) <= MOST_CHANGES else b""
