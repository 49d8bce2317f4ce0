"""`refresh`: the index agrees with the disk, reads as little as it may, and misses nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.core.note import Note, Stamp
from carrel.errors import NoteVanished
from carrel.search.index import (
    RACY_NS,
    UNTRUSTED,
    Changes,
    Difference,
    IndexOvertaken,
    SearchIndex,
    refresh,
)
from carrel.search.order import SCORE
from carrel.search.search import Results
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.tree import Word
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]

SECOND = 1_000_000_000
NOON = 1_795_000_000 * SECOND


class Counting(KnowledgeBase):
    """A knowledge base that tells which notes were read."""

    def __init__(self, kb: KnowledgeBase) -> None:
        super().__init__(kb.root, kb.config, {})
        self.reads: list[str] = []

    def read(self, path: str, *, head: bool = False) -> Note:
        self.reads.append(path)
        return super().read(path, head=head)

    def read_since(self) -> list[str]:
        reads, self.reads = self.reads, []
        return sorted(reads)


@pytest.fixture
def counting(kb: KnowledgeBase) -> Counting:
    return Counting(kb)


@pytest.fixture
def written(write: Write) -> Callable[[str, str, int], None]:
    """Write a note that was last changed so many seconds before noon."""

    def put(path: str, text: str, ago: int) -> None:
        os.utime(write(path, text), ns=(NOON, NOON - ago * SECOND))

    return put


Written = Callable[[str, str, int], None]


def noon() -> int:
    return NOON


def test_the_first_refresh_reads_everything_and_the_second_nothing(
    counting: Counting, index: SearchIndex, written: Written
) -> None:
    written("notes/a.md", "alpha", 60)
    written("papers/b.md", "beta", 60)
    assert refresh(counting, index, clock=noon) == Changes(updated=2)
    assert counting.read_since() == ["notes/a.md", "papers/b.md"]
    assert refresh(counting, index, clock=noon) == Changes()
    assert counting.read_since() == []


def test_only_what_changed_is_read(counting: Counting, index: SearchIndex, written: Written) -> None:
    written("notes/a.md", "alpha", 60)
    written("notes/b.md", "beta", 60)
    written("notes/c.md", "gamma", 60)
    refresh(counting, index, clock=noon)
    counting.read_since()
    written("notes/a.md", "alpha!", 30)
    (counting.root / "notes/c.md").unlink()
    assert refresh(counting, index, clock=noon) == Changes(updated=1, removed=1)
    assert counting.read_since() == ["notes/a.md"]


def test_an_older_stamp_is_a_change_too(counting: Counting, index: SearchIndex, written: Written) -> None:
    written("notes/a.md", "alpha", 60)
    refresh(counting, index, clock=noon)
    written("notes/a.md", "omega", 6000)  # restored from a backup
    assert refresh(counting, index, clock=noon) == Changes(updated=1)


def test_a_file_that_was_only_touched_is_read_and_not_indexed_again(
    counting: Counting, index: SearchIndex, written: Written
) -> None:
    written("notes/a.md", "alpha", 60)
    refresh(counting, index, clock=noon)
    written("notes/a.md", "alpha", 30)
    counting.read_since()
    assert refresh(counting, index, clock=noon) == Changes()
    assert counting.read_since() == ["notes/a.md"]
    assert refresh(counting, index, clock=noon) == Changes()
    assert counting.read_since() == []


def test_a_change_within_the_same_stamp_is_seen(
    counting: Counting, index: SearchIndex, written: Written, ask: Ask
) -> None:
    written("notes/a.md", "alpha", 1)
    inode = (counting.root / "notes/a.md").stat().st_ino
    refresh(counting, index, clock=noon)
    assert index.seen()["notes/a.md"].stamp == UNTRUSTED
    written("notes/a.md", "omega", 1)
    assert (counting.root / "notes/a.md").stat().st_ino == inode  # size, time and inode are as they were
    assert refresh(counting, index, clock=noon) == Changes(updated=1)
    assert [hit.path for hit in ask(index, "omega").hits] == ["notes/a.md"]


def test_a_young_stamp_is_trusted_once_it_has_aged(counting: Counting, index: SearchIndex, written: Written) -> None:
    written("notes/a.md", "alpha", 1)
    for later, reads in ((0, 1), (0, 1), (RACY_NS, 1), (RACY_NS, 0)):
        refresh(counting, index, clock=lambda later=later: NOON + later)  # type: ignore[misc]  # bound to this turn
        assert len(counting.read_since()) == reads
    assert index.seen()["notes/a.md"].stamp == counting.stamps()["notes/a.md"]


def test_a_stamp_from_the_future_is_not_trusted(counting: Counting, index: SearchIndex, written: Written) -> None:
    written("notes/a.md", "alpha", -86_400)
    refresh(counting, index, clock=noon)
    counting.read_since()
    refresh(counting, index, clock=noon)
    assert counting.read_since() == ["notes/a.md"]


def test_force_indexes_everything_again(counting: Counting, index: SearchIndex, written: Written, ask: Ask) -> None:
    written("notes/a.md", "alpha", 60)
    written("notes/b.md", "beta", 60)
    refresh(counting, index, clock=noon)
    (counting.root / "notes/b.md").unlink()
    assert refresh(counting, index, force=True, clock=noon) == Changes(updated=1, removed=1)
    assert ask(index, "").total == 1


class Vanishing(Counting):
    """Its notes named `gone` are deleted between the listing and the reading."""

    def stamps(self, folder: str = "") -> dict[str, Stamp]:
        stamps = super().stamps(folder)
        for path in stamps:
            if path.endswith("gone.md"):
                self.absolute(path).unlink()
        return stamps


def test_a_note_that_vanishes_between_listing_and_reading_is_left_out(
    kb: KnowledgeBase, index: SearchIndex, written: Written, ask: Ask
) -> None:
    written("notes/a.md", "alpha", 60)
    written("notes/gone.md", "beta", 60)
    assert refresh(Vanishing(kb), index, clock=noon) == Changes(updated=1, vanished=("notes/gone.md",))
    assert list(index.seen()) == ["notes/a.md"]
    assert refresh(kb, index, clock=noon) == Changes()


def test_a_vanished_note_that_was_indexed_leaves_with_the_next_refresh(
    kb: KnowledgeBase, index: SearchIndex, written: Written, ask: Ask
) -> None:
    written("notes/gone.md", "beta", 60)
    refresh(kb, index, clock=noon)
    written("notes/gone.md", "beta gamma", 30)
    assert refresh(Vanishing(kb), index, clock=noon).vanished == ("notes/gone.md",)
    assert refresh(kb, index, clock=noon) == Changes(removed=1)
    assert ask(index, "beta").hits == ()


def test_a_hit_whose_note_vanished_after_the_refresh_is_left_out(
    kb: KnowledgeBase, index: SearchIndex, written: Written
) -> None:
    from datetime import date

    from carrel.search.query import parse_query
    from carrel.search.search import search

    written("notes/a.md", "alpha", 60)
    written("notes/b.md", "alpha", 60)
    refresh(kb, index, clock=noon)
    (kb.root / "notes/a.md").unlink()
    results = search(kb, index, parse_query("alpha", date(2026, 11, 20)))
    assert ([hit.path for hit in results.hits], results.total) == (["notes/b.md"], 1)


def test_progress_counts_the_notes_that_are_read(kb: KnowledgeBase, index: SearchIndex, written: Written) -> None:
    for name in "abc":
        written(f"notes/{name}.md", name, 60)
    told: list[tuple[int, int]] = []
    refresh(kb, index, lambda done, total: told.append((done, total)), clock=noon)
    assert told == [(1, 3), (2, 3), (3, 3)]


class Failing(Counting):
    """Its note `b` cannot be read for a reason that nobody foresaw."""

    def read(self, path: str, *, head: bool = False) -> Note:
        if path == "notes/b.md":
            raise RuntimeError("no one expected this")
        return super().read(path, head=head)


def test_an_error_of_the_source_comes_through_and_leaves_the_index_as_it_was(
    kb: KnowledgeBase, index: SearchIndex, written: Written, ask: Ask
) -> None:
    written("notes/a.md", "alpha", 60)
    refresh(kb, index, clock=noon)
    written("notes/b.md", "alpha", 60)
    with pytest.raises(RuntimeError, match="no one expected this"):
        refresh(Failing(kb), index, clock=noon)
    assert list(index.seen()) == ["notes/a.md"]
    assert ask(index, "alpha").total == 2


def test_an_unreadable_note_is_tried_again_each_time(kb: KnowledgeBase, index: SearchIndex, written: Written) -> None:
    class Locked(Counting):
        def read(self, path: str, *, head: bool = False) -> Note:
            raise NoteVanished(path, "permission denied")

    written("notes/a.md", "alpha", 60)
    assert refresh(Locked(kb), index, clock=noon).vanished == ("notes/a.md",)
    assert refresh(kb, index, clock=noon) == Changes(updated=1)


class Overtaken(KnowledgeBase):
    """While its files are looked at for the first time, another process does something."""

    def __init__(self, kb: KnowledgeBase, happening: Callable[[], object]) -> None:
        super().__init__(kb.root, kb.config, {})
        self._happenings = [happening]

    def stamps(self, folder: str = "") -> dict[str, Stamp]:
        if self._happenings:
            self._happenings.pop()()
        return super().stamps(folder)


def test_what_another_process_indexed_meanwhile_is_not_taken_for_what_was_indexed_before(
    kb: KnowledgeBase, index: SearchIndex, written: Written
) -> None:
    written("notes/a.md", "alpha", 60)
    refresh(kb, index, clock=noon)

    def a_change_is_indexed_and_then_undone() -> None:
        written("notes/a.md", "omega", 50)
        refresh(kb, index, clock=noon)
        written("notes/a.md", "alpha", 40)

    assert refresh(Overtaken(kb, a_change_is_indexed_and_then_undone), index, clock=noon) == Changes(updated=1)
    assert paths_with(index, "alpha") == ["notes/a.md"]


def paths_with(index: SearchIndex, word: str) -> list[str]:
    return [match.path for match in index.search(Word(word), None, SCORE)[0]]


@pytest.mark.parametrize("kind", ["whoosh", "sqlite"])
def test_an_index_that_is_deleted_while_files_are_looked_at_is_made_anew_of_all_notes(
    kb: KnowledgeBase, kind: str, written: Written, request: pytest.FixtureRequest
) -> None:
    index: WhooshIndex | SqliteIndex = request.getfixturevalue(kind)
    written("notes/a.md", "alpha", 60)
    refresh(kb, index, clock=noon)
    written("notes/b.md", "alpha", 60)
    assert refresh(Overtaken(kb, lambda: shutil.rmtree(index.path)), index, clock=noon) == Changes(updated=2)
    assert paths_with(index, "alpha") == ["notes/a.md", "notes/b.md"]


def test_who_is_overtaken_again_and_again_leaves_it_to_the_others(
    kb: KnowledgeBase, index: SearchIndex, written: Written
) -> None:
    written("notes/a.md", "alpha", 60)

    class Busy(KnowledgeBase):
        def stamps(self, folder: str = "") -> dict[str, Stamp]:
            written("notes/a.md", f"alpha {index.version()}", 60)
            refresh(kb, index, clock=noon)
            written("notes/a.md", f"omega {index.version()}", 60)
            return super().stamps(folder)

    assert refresh(Busy(kb.root, kb.config, {}), index, clock=noon) == Changes(skipped=True)


def test_what_is_known_to_have_changed_counts_only_for_the_version_of_which_it_was_said(
    kb: KnowledgeBase, index: SearchIndex, written: Written
) -> None:
    written("notes/a.md", "alpha", 60)
    before = refresh(kb, index, clock=noon).version
    written("notes/b.md", "alpha", 60)
    written("notes/c.md", "alpha", 60)
    stamps = kb.stamps()
    made = refresh(kb, index, only=Difference(before, {"notes/b.md": stamps["notes/b.md"]}), clock=noon)
    assert made == Changes(updated=1)
    assert made.version == index.version() != before
    assert paths_with(index, "alpha") == ["notes/a.md", "notes/b.md"]
    late = refresh(kb, index, only=Difference(before, {}), clock=noon)
    assert late == Changes(updated=1)
    assert late.version == refresh(kb, index, clock=noon).version == index.version()
    assert paths_with(index, "alpha") == ["notes/a.md", "notes/b.md", "notes/c.md"]


def test_a_commit_onto_another_version_changes_nothing(kb: KnowledgeBase, index: SearchIndex, written: Written) -> None:
    written("notes/a.md", "alpha", 60)
    version = refresh(kb, index, clock=noon).version
    with pytest.raises(IndexOvertaken):
        index.update([], ["notes/a.md"], f"not {version}")
    assert index.version() == version
    assert index.update([], ["notes/a.md"], version) == index.version() != version
    assert paths_with(index, "alpha") == []
