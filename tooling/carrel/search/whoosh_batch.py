"""The segments of a commit in the making: what is deleted in the old ones, what the new ones hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from carrel.search.whoosh_merge import tidied
from carrel.search.whoosh_writer import MAX_POSTINGS, SegmentWriter

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.search.catalogue import Catalogue, Segment
    from carrel.search.documents import Document
    from carrel.search.whoosh_postings import IndexReader


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
        self._flush()
        return tidied(self._folder, tuple(self._segments.values()))

    def _flush(self) -> None:
        if self._writer.documents:
            segment = self._writer.write(self._folder)
            self._segments[segment.name] = segment
            self._writer = SegmentWriter()
