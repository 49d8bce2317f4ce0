"""What the watcher knows for certain: that the index is the one it made whole, and what changed on disk since.

Certainty begins with a look at everything that found nothing which can change unheard, and ends with whatever could
have been missed (but for what `notices` cannot hear). Without it nothing is wrong: the watcher looks at everything, and
so does each search.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.search.index import UNTRUSTED, Difference, stamps_in
from carrel.store import door
from carrel.store.walk import is_note, is_pdf, stamps_of
from carrel.watch.notices import Notices
from carrel.watch.places import mounts, places

if TYPE_CHECKING:
    from carrel.search.index import SearchIndex
    from carrel.store.knowledge_base import KnowledgeBase
    from carrel.store.walk import Walk


class Vigil:
    """Call `begin`, look at everything, call `looked`; from then on ask for the `difference`, and call `took_in`."""

    def __init__(self, index: SearchIndex, engine: str) -> None:
        self._index = index
        self._engine = engine  # that keeps the index: after `search.engine` changed, searches ask another one
        self._notices: Notices | None = None
        self._terms = b""  # what was agreed on in the last look; empty when nothing is certain
        self._about: tuple[object, ...] = ()
        self._version = ""  # of the index that agreed with the disk: for no other does it vouch
        self._young: set[str] = set()

    def begin(self, kb: KnowledgeBase) -> None:
        """Listen, before a look at everything: what changes from here on is heard."""
        self._terms = b""
        self._about = _surroundings(kb.root)
        self._begun = door.terms(kb)
        if kb.config.search_engine != self._engine:
            self.close()
            return
        if self._notices is not None and self._notices.changed() is not None:
            return
        self.close()
        if any(os.path.realpath(folder) != str(folder) for folder in kb.folders()):
            return  # what leads there can be changed without a notice
        with suppress(OSError):  # the system gives no more, or has none: then every look is at everything
            self._notices = Notices(kb.walk().folders, [place.path for place in places(kb)])

    def looked(self, walked: Walk, version: str) -> None:
        """The look came to its end; `walked` is what it found on disk, and with that this `version` agrees."""
        if self._notices is None or walked.aliased or self._about[-1] is None:
            return
        if self._notices.folders != set(walked.folders):
            self.close()  # one was made meanwhile: the next look listens to it
            return
        self._young = {path for path, stamp in stamps_in(self._index.seen()).items() if stamp == UNTRUSTED}
        self._version, self._terms = version, self._begun

    def lose(self) -> None:
        """Something may have been missed, or a look did not come to its end."""
        self._terms = b""

    def close(self) -> None:
        """Listen no more."""
        self.lose()
        if self._notices is not None:
            self._notices.close()
            self._notices = None

    def difference(self, kb: KnowledgeBase, terms: bytes, *, young: bool = False) -> Difference | None:
        """The notes that changed since the last time.

        None when only a look at everything can tell, or the `terms` are not those of the last one. With `young`, also
        those that were read so soon after they were written that their stamps were not believed.
        """
        if self._notices is None or not self._terms or terms != self._terms:
            return None
        if self._about != _surroundings(kb.root):
            return None
        if self._index.version() != self._version:
            return None  # another process changed the index, or removed it
        places_changed = self._notices.changed()
        if places_changed is None:
            self.close()
            return None
        cut = len(str(kb.root).rstrip("/")) + 1
        paths = {place[cut:] for place in places_changed}
        notes = {path for path in paths if is_note(path)}
        wanted = notes | self._young if young else notes
        stamps = stamps_of(str(kb.root), wanted)
        # Conflict copies are told to the person, PDFs are extracted, and names that are no text are passed over.
        if stamps is None or any(map(_is_special, paths - notes)) or not "".join(notes).isprintable():
            self.lose()
            return None
        self._young = notes if young else self._young | notes
        return Difference(self._version, {path: stamps.get(path) for path in wanted})

    def took_in(self, version: str) -> None:
        """The difference is in the index, which made it this `version`."""
        self._version = version


def _is_special(path: str) -> bool:
    return path.endswith(".md") or is_pdf(path)


def _surroundings(root: Path) -> tuple[object, ...]:
    """What can put other files in the place of ours without a notice: the root's own identity, and mounts."""
    try:
        status = os.stat(root)  # noqa: PTH116
    except OSError:
        return (None,)
    return (status.st_dev, status.st_ino, mounts(str(root)))
