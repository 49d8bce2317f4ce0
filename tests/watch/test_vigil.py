"""The watcher vouches for the index that it made whole, and for no other that comes into its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pytest

from carrel.core.note import Note
from carrel.core.pdf import PdfText
from carrel.search.index import Seen, refresh
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase
from tests.watch.support import says_yes, until, watching

Write = Callable[[str, str], Path]
Happening = Callable[[KnowledgeBase], None]


class Beset(WhooshIndex):
    """The watcher's own; just before it commits, or just after, another process does something to what is on disk."""

    def __init__(self, kb: KnowledgeBase) -> None:
        super().__init__(kb.cache_dir / "index")
        self._kb = kb
        self.coming: dict[str, Happening] = {}

    def update(
        self,
        changed: Iterable[tuple[str, Seen, Note | PdfText | None]],
        removed: Collection[str],
        onto: str | None = None,
    ) -> str:
        self.coming.pop("before", _nothing)(self._kb)
        made = super().update(changed, removed, onto)
        self.coming.pop("after", _nothing)(self._kb)
        return made


def _nothing(kb: KnowledgeBase) -> None:
    """What happens mostly."""


def deleted(kb: KnowledgeBase) -> None:
    shutil.rmtree(kb.cache_dir / "index")


def found_damaged_and_set_aside(kb: KnowledgeBase) -> None:
    for file in (kb.cache_dir / "index").iterdir():
        file.write_bytes(b"")
    assert WhooshIndex(kb.cache_dir / "index").seen() == {}


def replaced_by_one_of_fewer_notes(kb: KnowledgeBase) -> None:
    deleted(kb)
    one = kb.read("notes/first.md")
    WhooshIndex(kb.cache_dir / "index").update([(one.path, Seen(kb.stamps()[one.path], one.digest), one)], [])


def rebuilt(kb: KnowledgeBase) -> None:
    refresh(kb, WhooshIndex(kb.cache_dir / "index"), force=True)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whatever_becomes_of_the_index_while_it_commits_it_says_yes_only_of_one_that_is_whole(
    kb: KnowledgeBase, write: Write, moment: str
) -> None:
    index = Beset(kb)
    write("notes/first.md", "the first\n")
    with watching(kb, index=index) as running:
        for happening in (deleted, found_damaged_and_set_aside, replaced_by_one_of_fewer_notes, rebuilt):
            until(lambda: says_yes(kb))
            index.coming[moment] = happening
            write(f"notes/{happening.__name__}.md", "a probe\n")
            until(lambda: not index.coming)
            until(lambda: says_yes(kb))
            assert running.agrees(), happening.__name__
