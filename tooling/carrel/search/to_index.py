"""The notes that a refresh is to read, as an index takes them: one after the other, or in two halves at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from carrel.core.note import Stamp
from carrel.errors import NoteVanished
from carrel.search.index import Seen

if TYPE_CHECKING:
    from carrel.search.index import Findable, NoteSource, Progress


@dataclass(frozen=True, slots=True)
class Reading:
    """Each note is read when its turn comes. `updated` and `vanished` grow on the way.

    `known` are the digests of what is indexed, by path; what has the same is not indexed again. `trusted` makes
    of a stamp, before the note is read, what the index is to know.
    """

    source: NoteSource
    on_disk: Mapping[str, Stamp]
    known: Callable[[str], str | None]
    trusted: Callable[[Stamp], Stamp]
    progress: Progress | None
    paths: Sequence[str]
    updated: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, Seen, Findable | None]]:
        for number, path in enumerate(self.paths, 1):
            stamp = self.trusted(self.on_disk[path])
            try:
                note = self.source.read(path)
            except NoteVanished:
                self.vanished.append(path)  # the next refresh will not find it on disk
            else:
                same = self.known(path) == note.digest
                if not same:
                    self.updated.append(path)
                yield path, Seen(stamp, note.digest), None if same else note
            if self.progress is not None:
                self.progress(number, len(self.paths))

    def half(self, first: int, progress: Progress | None) -> Reading:
        """Every other note, from the first (0) or the second (1) on, with lists of its own."""
        return replace(self, paths=self.paths[first::2], progress=progress, updated=[], vanished=[])
