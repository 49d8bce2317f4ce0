"""What the watcher knows for certain: whether the index is as it was left, and what changed on disk since.

Certainty begins with a look at everything that found nothing which can change unheard, and ends with whatever could
have been missed (but for what `notices` cannot hear). Without it nothing is wrong: the watcher looks at everything, and
so does each search.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.search.index import UNTRUSTED, stamps_in
from carrel.store import door
from carrel.store.walk import is_note, is_pdf, stamps_of
from carrel.watch.notices import Notices
from carrel.watch.places import mounts, places

if TYPE_CHECKING:
    from carrel.core.note import Stamp
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
        self._seen: object = None
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

    def looked(self, walked: Walk) -> None:
        """The look came to its end; `walked` is what it found on disk."""
        if self._notices is None or walked.aliased or self._about[-1] is None:
            return
        if self._notices.folders != set(walked.folders):
            self.close()  # one was made meanwhile: the next look listens to it
            return
        seen = self._index.seen()
        self._young = {path for path, stamp in stamps_in(seen).items() if stamp == UNTRUSTED}
        self._seen, self._terms = seen, self._begun

    def lose(self) -> None:
        """Something may have been missed, or a look did not come to its end."""
        self._terms = b""

    def close(self) -> None:
        """Listen no more."""
        self.lose()
        if self._notices is not None:
            self._notices.close()
            self._notices = None

    def difference(self, kb: KnowledgeBase, terms: bytes, *, young: bool = False) -> dict[str, Stamp | None] | None:
        """The notes that changed since the last time, with their stamps now, None for what is gone.

        None when only a look at everything can tell, or the `terms` are not those of the last one. With `young`, also
        those that were read so soon after they were written that their stamps were not believed.
        """
        if self._notices is None or not self._terms or terms != self._terms:
            return None
        if self._about != _surroundings(kb.root):
            return None
        if (seen := self._index.seen()) is not self._seen and seen != self._seen:
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
        return {path: stamps.get(path) for path in wanted}

    def took_in(self) -> None:
        """The difference is in the index."""
        self._seen = self._index.seen()


def _is_special(path: str) -> bool:
    return path.endswith(".md") or is_pdf(path)


def _surroundings(root: Path) -> tuple[object, ...]:
    """What can put other files in the place of ours without a notice: the root's own identity, and mounts."""
    try:
        status = os.stat(root)  # noqa: PTH116
    except OSError:
        return (None,)
    return (status.st_dev, status.st_ino, mounts(str(root)))
