"""A commit in the making: notes become documents, documents segments, and old segments lose what is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from carrel.search.documents import documents
from carrel.search.whoosh_writer import MAX_POSTINGS, SegmentWriter

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.search.catalogue import Catalogue, Segment
    from carrel.search.documents import Document
    from carrel.search.index import Findable, Seen
    from carrel.search.whoosh_postings import IndexReader

    #: A path, what was seen of it, and its documents, or None if only its stamp is new.
    Change = tuple[str, Seen, list[Document] | None]

#: Characters of notes that are read before they are indexed together. Reading and gathering both want the processor's
#: caches for themselves: in turns of a thousand notes a first index takes a tenth less than note by note.
_TOGETHER = 2_000_000


class SourceFailed(BaseException):
    """Carries what the source of the notes raised past the code that takes every exception for damage."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def prepared(changed: Iterable[tuple[str, Seen, Findable | None]]) -> Iterator[Change]:
    """Each note as the documents to index."""
    ready: list[Change] = []
    held = 0
    try:
        for path, seen, note in changed:
            ready.append((path, seen, None if note is None else list(documents(note))))
            held += note.size if note else 0
            if held > _TOGETHER:
                yield from ready
                ready.clear()
                held = 0
        yield from ready
    except Exception as error:
        raise SourceFailed(error) from error


class Batch:
    """The segments of a commit in the making."""

    def __init__(self, folder: Path, old: Catalogue, reader: Callable[[], IndexReader]) -> None:
        self.touched = False
        self._folder = folder
        self._known = old.seen
        self._segments: dict[str, Segment] = {segment.name: segment for segment in old.segments}
        self._open = reader
        self._writer = SegmentWriter()

    def replace(self, path: str, new: Iterable[Document]) -> None:
        """Index a note's documents in place of those that were indexed of it."""
        self.remove(path)
        for document in new:
            self._writer.add(document)
        self.touched = True
        if self._writer.size > MAX_POSTINGS:
            self._flush()

    def remove(self, path: str) -> None:
        """Forget a note."""
        if path not in self._known:
            return
        for name, gone in self._open().of_path(path):
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
