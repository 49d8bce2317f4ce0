"""The watcher vouches for the index that it made whole, and for no other that comes into its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pytest

from carrel.core.note import Note
from carrel.search.index import Seen
from carrel.search.whoosh_index import WhooshIndex
from carrel.store import door
from carrel.store.knowledge_base import KnowledgeBase
from tests.watch.support import says_yes, until, watching

Write = Callable[[str, str], Path]


def removed(place: Path) -> None:
    """By hand, or set aside by a search that found it damaged."""
    shutil.rmtree(place)


def made_anew_of_less(place: Path) -> None:
    """By a program that knew of fewer notes, or restored from a backup."""
    shutil.rmtree(place)
    WhooshIndex(place).update([], ["notes/first.md"])


class Beset(WhooshIndex):
    """At a moment of its watcher's next commit another process does something to the index."""

    before: Callable[[Path], None] | None = None
    after: Callable[[Path], None] | None = None

    def update(self, changed: Iterable[tuple[str, Seen, Note | None]], removed: Collection[str]) -> bool:
        before, self.before = self.before, None
        if before is not None:
            before(self.path)
        done = super().update(changed, removed)
        after, self.after = self.after, None
        if after is not None:
            after(self.path)
        return done


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("fate", [removed, made_anew_of_less])
def test_it_(kb, write, moment, fate) -> None:
    index = Beset(kb.cache_dir / "index")
    write("notes/first.md", "the first\n")
    with watching(kb, index=index) as running:
        until(lambda: says_yes(kb))
        setattr(index, moment, fate)
        write("notes/second.md", "timbale\n")
        until(lambda: getattr(index, moment) is None)
        until(lambda: says_yes(kb))
        assert sorted(running.index.seen()) == ["notes/first.md", "notes/second.md"]
