"""Whether an entry could be written, asked before what it tells of has happened."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from carrel.errors import ConfigInvalid, Refused
from carrel.store import files

if TYPE_CHECKING:
    from carrel.core.log import LogEntry
    from carrel.store.knowledge_base import KnowledgeBase


def check_ready(kb: KnowledgeBase, entry: LogEntry) -> None:
    """Raise what `kb.append(entry)` would, as far as is known now: `ConfigInvalid`, `Refused`, `WriteFailed`."""
    if kb.config.per_author and not entry.author:
        raise ConfigInvalid("per_author is set, and who writes is not known", 'carrel config --user author "…"')
    with kb.exclusive():
        pass  # the lock is a file in the knowledge base, and can be written
    day = kb.absolute(kb.day_of(entry))
    place = next(place for place in (day, *day.parents) if place.exists())
    if not os.access(place, os.W_OK | (os.X_OK if place.is_dir() else 0)):
        raise files.failed(place, OSError(errno.EACCES, f"{os.strerror(errno.EACCES)}; nothing was run"))
    if place == day and not day.stat().st_mode & 0o222:
        raise Refused(f"{day} is read-only; nothing was run", f"`chmod u+w {day}` makes it writable")
