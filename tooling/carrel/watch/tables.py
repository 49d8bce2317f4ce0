"""Tables of queries in notes, kept current: some time after notes changed, and when a new day begins.

Whoever has a note open must not find it changed under the hands: a note that was written a moment ago is left alone
for a while, one that an editor holds open as long as that shows, and a table that would stay the same is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

from carrel.errors import CarrelError, NoteChanged, NoteVanished
from carrel.search.tables import Asking, Plan, notes_with_blocks
from carrel.store.pdfs import Holdings
from carrel.watch.in_use import CALM, in_use

if TYPE_CHECKING:
    from carrel.search.index import Changes, SearchIndex
    from carrel.store.knowledge_base import KnowledgeBase

#: Refreshing uses about this share of the time at most.
SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Calm:
    """How long things are left alone, in seconds."""

    notes: float = 5.0  # after the last change of any note, before tables are looked at
    note: float = CALM  # after a note was written, before Carrel writes into it


class _InUse(Exception):
    """Somebody is at the note."""


class Tables:
    """Refreshes tables when it is time. `say` gets a line for each note that was written, and for each new trouble."""

    def __init__(self, today: Callable[[], date], say: Callable[[str], None], calm: Calm | None = None) -> None:
        self._today = today
        self._say = say
        self._calm = calm or Calm()
        self._version = ""  # of the index that is current, if any: what another does not have would go from the tables
        self._day: date | None = None
        self._due: float | None = None
        self._rested = 0.0
        self._told: set[str] = set()

    def looked(self, changes: Changes | None) -> None:
        """A look at the notes has ended, and this is what it changed in the index; None if it failed."""
        self._version = changes.version if changes is not None else ""
        if changes is not None and (changes.updated or changes.removed):
            self._due = monotonic() + self._calm.notes

    def look(self, kb: KnowledgeBase, index: SearchIndex) -> bool:
        """Refresh the tables if it is time; whether any note was written."""
        if not (self._version and kb.config.tables_watch):
            return False
        day, now = self._today(), monotonic()
        if day != self._day:
            self._day, self._due = day, now if self._day else now + self._calm.notes
        if self._due is None or now < max(self._due, self._rested) or index.version() != self._version:
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
            if in_use(kb.absolute(path), self._calm.note):
                raise _InUse
            kb.rewrite(path, change)

        asking = Asking(Holdings(kb), index, day, kb.config.queries)
        told, self._told = self._told, set()
        plans: list[Plan] = []
        written = False
        for path in notes_with_blocks(asking.source, index):
            with self._going_on(told):
                plans.append(Plan.of(kb.read(path), asking))
        if index.version() != self._version:  # not all that was asked was asked of the index that is current
            self._told |= told
            self._due = monotonic()  # which is after the next look
            return False
        for plan in plans:
            for problem in plan.problems:
                self._tell(str(problem), told)
            with self._going_on(told):
                if plan.tables:
                    plan.carry_out(rewrite)
                    written = True
                    self._say(f"{plan.note.path}: tables refreshed")
        return written

    @contextmanager
    def _going_on(self, told: set[str]) -> Iterator[None]:
        """Whatever is with one note, the others are made current."""
        try:
            yield
        except (_InUse, NoteChanged):
            self._due = monotonic() + self._calm.note
        except NoteVanished:
            pass  # deleted since the index was made current
        except CarrelError as error:
            self._tell(error.message, told)

    def _tell(self, trouble: str, told: set[str] | None = None) -> None:
        """Say what is wrong, once for as long as it lasts."""
        if trouble not in (self._told if told is None else told):
            self._say(trouble)
        self._told.add(trouble)
