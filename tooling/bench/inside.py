"""Carrel inside one process, for what is not measured as a whole process: its index and its search, held open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bench.engines import HITS
from bench.notes import Plain
from carrel.core.note import Stamp
from carrel.core.parse import parse_note
from carrel.search.index import Seen
from carrel.search.query import parse_query
from carrel.search.search import search
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from carrel.search.index import Findable


class Inside:
    """An `engines.Engine` on a knowledge base that is indexed; `folder` is the knowledge base."""

    def __init__(self, folder: Path) -> None:
        self._kb = KnowledgeBase.open(folder)
        self._index = WhooshIndex(self._kb.cache_dir / "index")

    def write(self, notes: Iterable[Plain], *, new: bool) -> None:
        """One commit of the index."""

        def changed() -> Iterator[tuple[str, Seen, Findable]]:
            for one in notes:
                note = parse_note(one.path, one.text.encode())
                yield one.path, Seen(Stamp(1, 1, 1, 1), note.digest), note

        assert not new
        if not self._index.update(changed(), ()):
            raise SystemExit("another process is writing this index")

    def ask(self, words: str) -> list[tuple[str, str]]:
        """What `carrel search` shows, without looking at the disk for changes first."""
        results = search(self._kb, self._index, parse_query(words, date.today()), HITS)
        return [(hit.path, hit.snippet) for hit in results.hits]
