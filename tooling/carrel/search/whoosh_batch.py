"""A commit in the making: notes become documents, documents segments, and old segments lose what is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from carrel.search.documents import documents
from carrel.search.index_folder import SourceFailed
from carrel.search.whoosh_writer import MAX_WORDS, SegmentWriter

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.search.catalogue import Catalogue, Segment
    from carrel.search.documents import Document
    from carrel.search.index import Findable, Seen
    from carrel.search.whoosh_postings import IndexReader
    from carrel.search.whoosh_writer import Gathered

    #: A path, what was seen of it, and its documents, or None if only its stamp is new.
    Change = tuple[str, Seen, list[Document] | None]

#: Characters of notes that are read before they are indexed together. Reading and gathering both want the processor's
#: caches for themselves: in turns of a thousand notes a first index takes a tenth less than note by note.
_TOGETHER = 2_000_000


def prepared(changed: Iterable[tuple[str, Seen, Findable | None]]) -> Iterator[Change]:
    """Each note as the documents to index."""
    ready: list[tuple[str, Seen, Findable | None]] = []
    held = 0
    try:
        for one in changed:
            ready.append(one)
            held += one[2].size if one[2] else 0
            if held > _TOGETHER:
                yield from _documents_of(ready)
                ready.clear()
                held = 0
        yield from _documents_of(ready)
    except Exception as error:
        raise SourceFailed(error) from error


def _documents_of(notes: Iterable[tuple[str, Seen, Findable | None]]) -> list[Change]:
    return [(path, seen, None if note is None else list(documents(note))) for path, seen, note in notes]


class Batch:
    """The segments of a commit in the making, and what of all notes it changes (`recent`)."""

    def __init__(self, folder: Path, old: Catalogue, reader: Callable[[], IndexReader]) -> None:
        self.touched = False
        self.recent = dict(old.recent)
        self._folder = folder
        self._old = bool(old.segments)
        self._segments: dict[str, Segment] = {segment.name: segment for segment in old.segments}
        self._open = reader
        self._writer = SegmentWriter()

    def take(self, changed: Iterable[tuple[str, Seen, Findable | None]]) -> None:
        """Index notes in place of what was indexed of them. Much is done by two processes."""
        from carrel.search.to_index import Reading
        from carrel.search.whoosh_parallel import Worker, worth_it

        if not isinstance(changed, Reading) or not worth_it(changed):
            self._take(prepared(changed))
            return
        with Worker(changed, self._gathered) as worker:
            own = worker.own_half()
            self._take(prepared(own))
            half = worker.other_half(len(own.paths))
        if half is None:
            other = changed.half(1, changed.progress)
            self._take(prepared(other))
        else:
            other = changed.half(1, None)
            other.updated.extend(half.updated)
            other.vanished.extend(half.vanished)
            for path, seen, new in half.seen:
                self._note(path, seen, new=new)
            self._segments.update((segment.name, segment) for segment in half.segments)
            if self._writer.size + half.gathered.size > MAX_WORDS:
                self._flush()
            self._writer.absorb(half.gathered)
        # Known in the order in which they were found, they are soon compared with what is found the next time.
        self.recent |= {path: self.recent.pop(path) for path in changed.paths if path in self.recent}
        changed.updated.extend((*own.updated, *other.updated))
        changed.vanished.extend((*own.vanished, *other.vanished))

    def _take(self, changes: Iterable[Change]) -> None:
        for path, seen, new in changes:
            self._note(path, seen, new=new is not None)
            for document in new or ():
                self._writer.add(document)
            if self._writer.size > MAX_WORDS:
                self._flush()

    def _gathered(self, changes: Iterable[Change]) -> tuple[tuple[Segment, ...], Gathered]:
        """New segments of these notes and what is left of them, in another process."""
        self._segments.clear()
        self._old = False  # the parent forgets what was indexed of them
        self._take(changes)
        return tuple(self._segments.values()), self._writer.gathered()

    def _note(self, path: str, seen: Seen, *, new: bool) -> None:
        self.recent[path] = (*seen.stamp, seen.digest)
        if new:
            self._forget(path)
            self.touched = True

    def remove(self, path: str) -> None:
        """Forget a note."""
        self.recent[path] = None
        self._forget(path)

    def _forget(self, path: str) -> None:
        for name, gone in self._open().of_path(path) if self._old else ():
            self._segments[name] = self._segments[name].without(gone)
            self.touched = True

    def finish(self) -> tuple[Segment, ...]:
        """The segments of the new generation, all written."""
        from carrel.search.whoosh_merge import tidied

        self._flush()
        return tidied(self._folder, tuple(self._segments.values()))

    def _flush(self) -> None:
        if self._writer.documents:
            segment = self._writer.write(self._folder)
            self._segments[segment.name] = segment
            self._writer = SegmentWriter()
