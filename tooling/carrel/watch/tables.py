"""Tables of queries in notes, kept current: some time after notes changed, and when a new day begins.

Whoever has a note open must not find it changed under the hands: a note that was written a moment ago is left alone
for a while, one that an editor holds open as long as that shows, and a table that would stay the same is not written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from carrel.errors import CarrelError, NoteChanged, NoteVanished
from carrel.search.tables import Asking, notes_with_blocks, refresh_note
from carrel.store.pdfs import Holdings

if TYPE_CHECKING:
    from carrel.search.index import SearchIndex
    from carrel.store.knowledge_base import KnowledgeBase

#: Refreshing uses about this share of the time at most.
SHARE = 0.1
#: What editors put beside a file that they hold open: Vim, Emacs, LibreOffice-like locks.
HELD = (".{}.swp", ".#{}", ".~lock.{}#")


@dataclass(frozen=True, slots=True)
class Calm:
    """How long things are left alone, in seconds."""

    notes: float = 5.0  # after the last change of any note, before tables are looked at
    note: float = 30.0  # after a note was written, before Carrel writes into it


class _InUse(Exception):
    """Somebody is at the note."""


class Tables:
    """Refreshes tables when it is time. `say` gets a line for each note that was written, and for each new trouble."""

    def __init__(self, today: Callable[[], date], say: Callable[[str], None], calm: Calm | None = None) -> None:
        self._today = today
        self._say = say
        self._calm = calm or Calm()
        self._day: date | None = None
        self._due: float | None = None
        self._rested = 0.0
        self._told: set[str] = set()

    def notes_changed(self) -> None:
        """The index has changed, and so may the answers."""
        self._due = monotonic() + self._calm.notes

    def look(self, kb: KnowledgeBase, index: SearchIndex) -> bool:
        """Refresh the tables if it is time; whether any note was written. The index must be current."""
        if not kb.config.tables_watch:
            return False
        day, now = self._today(), monotonic()
        if day != self._day:
            self._day, self._due = day, now if self._day else now + self._calm.notes
        if self._due is None or now < max(self._due, self._rested):
            return False
        self._due = None
        try:
            return self._refresh(kb, index, day)
        except Exception as error:  # whatever is wrong with the tables, the watching goes on
            self._tell(f"tables are not refreshed: {error}")
            self._due = monotonic() + self._calm.note
            return False
        finally:
            self._rested = monotonic() + (monotonic() - now) / SHARE

    def _refresh(self, kb: KnowledgeBase, index: SearchIndex, day: date) -> bool:
        def rewrite(path: str, change: Callable[[str], str]) -> None:
            if self._in_use(kb.absolute(path)):
                raise _InUse
            kb.rewrite(path, change)

        written = False
        asking = Asking(Holdings(kb), index, day, kb.config.queries)
        told, self._told = self._told, set()
        for path in notes_with_blocks(asking.source, index):
            try:
                changed, problems = refresh_note(kb.read(path), asking, rewrite)
            except (_InUse, NoteChanged):
                self._due = monotonic() + self._calm.note
            except NoteVanished:
                continue
            except CarrelError as error:
                self._tell(error.message, told)
            else:
                for problem in problems:
                    self._tell(str(problem), told)
                if changed:
                    written = True
                    self._say(f"{path}: tables refreshed")
        return written

    def _in_use(self, place: Path) -> bool:
        """Whether somebody has written the file just now, or holds it open."""
        if any(os.path.lexists(place.parent / name.format(place.name)) for name in HELD):
            return True
        with suppress(OSError):  # it went away: said when it is read
            return 0 <= time.time() - place.stat().st_mtime < self._calm.note
        return False

    def _tell(self, trouble: str, told: set[str] | None = None) -> None:
        """Say what is wrong, once for as long as it lasts."""
        if trouble not in (self._told if told is None else told):
            self._say(trouble)
        self._told.add(trouble)
