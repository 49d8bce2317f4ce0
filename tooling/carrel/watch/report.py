"""What the watcher says of its looks: short, and each thing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from carrel.errors import CarrelError

if TYPE_CHECKING:
    from carrel.search.index import Changes
    from carrel.store.walk import Skipped

#: So many files that are not read are named one by one.
MOST_SKIPPED = 5


class Report:
    """Says what came of one look after another, one line at a time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._complaint = ""
        self._skipped: frozenset[Skipped] = frozenset()

    def changed(self, changes: Changes) -> None:
        """The index agrees with the disk again; what that changed."""
        if self._complaint:
            self._complaint = ""
            self._say("indexing again")
        parts = []
        if changes.updated:
            parts.append(f"{changes.updated} note{'' if changes.updated == 1 else 's'} indexed")
        if changes.removed:
            parts.append(f"{changes.removed} removed")
        if parts:
            self._say(", ".join(parts))

    def looked(self, skipped: list[Skipped]) -> None:
        """A look at everything came to its end; which files it could not take for notes."""
        new = sorted(set(skipped) - self._skipped, key=lambda one: one.path)
        for one in new[:MOST_SKIPPED]:
            self._say(f"{one.path}: {one.reason}")
        if len(new) > MOST_SKIPPED:
            self._say(f"{len(new) - MOST_SKIPPED} more files are not read; `carrel check` lists them")
        self._skipped = frozenset(skipped)

    def failed(self, error: Exception) -> None:
        """A look did not come to its end; said once for as long as the reason stays the same."""
        if isinstance(error, CarrelError):
            text = error.message + (f"; {error.hint}" if error.hint else "")
        else:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            text = f"{type(error).__name__}: {reason}"
        if text != self._complaint:
            self._complaint = text
            self._say(f"not indexed: {text}; trying again")
