"""Library files that another program keeps, Zotero's Better BibTeX say: what is new in them comes to the shelf."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import CarrelError, NoteVanished, SourceInvalid
from carrel.metadata import library
from carrel.store import files
from carrel.store.shelf import Shelf

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.store.knowledge_base import KnowledgeBase


class Libraries:
    """Takes in what changes in the configured library files; nothing is ever removed. `say` gets one line a change."""

    def __init__(self, today: Callable[[], date], say: Callable[[str], None]) -> None:
        self._today = today
        self._say = say
        self._stamps: dict[str, tuple[int, int]] = {}
        self._settled: dict[str, tuple[int, int]] = {}
        self._records: dict[str, frozenset[Paper]] = {}
        self._complaints: dict[str, str] = {}

    def look(self, kb: KnowledgeBase) -> bool:
        """Read each library that changed and is being written no more; whether any note was written."""
        written = False
        for name in kb.config.papers_libraries:
            place = kb.root / Path(name).expanduser()
            stamp = _stamp(place)
            still = self._stamps.get(name) == stamp
            self._stamps[name] = stamp
            # Exporters write large files in place and slowly: a file that changed a moment ago may be half there.
            if still and self._settled.get(name) != stamp:
                self._settled[name] = stamp
                try:
                    written |= self._take(kb, name, place)
                except CarrelError as error:
                    self._complain(name, error.message)
                except Exception as error:  # whatever is wrong with one library, the watching goes on
                    self._complain(name, f"cannot be taken in: {type(error).__name__}: {error}")
        return written

    def _take(self, kb: KnowledgeBase, name: str, place: Path) -> bool:
        try:
            data = files.read(place, library.MAX_BYTES + 1)
        except NoteVanished as error:
            raise SourceInvalid(error.message) from error
        papers, problems = library.read(data, place.name)
        shelf = Shelf(kb)
        seen = self._records.get(name, frozenset())
        added = changed = 0
        failures: list[str] = []
        done: list[Paper] = []
        first: set[str] = set()  # of several records of one paper the first counts, as when it was added
        for paper in papers:
            path = shelf.find(paper)
            if paper not in seen and path not in first:
                try:
                    if path is None:
                        path = shelf.add(paper, {}, self._today())
                        added += 1
                    else:
                        changed += any(not change.edited for change in shelf.renew(path, paper))
                except CarrelError as error:  # of one note; the others have a right to be taken in
                    failures.append(error.message)
                    continue
            done.append(paper)
            if path is not None:
                first.add(path)
        self._records[name] = frozenset(done)
        parts = [f"{number} {what}" for number, what in ((added, "added"), (changed, "updated")) if number]
        parts += [f"{len(problems)} could not be read"] if problems else []
        if parts:
            self._say(f"{name}: papers: {', '.join(parts)}")
        if failures:
            self._settled.pop(name)  # what could not be written may be possible at the next look
            more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
            self._complain(name, f"not taken in: {failures[0]}{more}")
        else:
            self._complaints.pop(name, None)
        return bool(added or changed)

    def _complain(self, name: str, message: str) -> None:
        if self._complaints.get(name) != message:
            self._complaints[name] = message
            self._say(f"{name}: {message}")


def _stamp(place: Path) -> tuple[int, int]:
    try:
        status = place.stat()
    except OSError:
        return (0, -1)  # not there: said when it is read
    return (status.st_mtime_ns, status.st_size)
