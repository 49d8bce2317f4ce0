"""The watcher refreshes tables of queries, and keeps its hands off a note that somebody is at."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from carrel.search.index import Changes, Match, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import BEST, Order
from carrel.search.tree import Query
from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch.in_use import in_use
from carrel.watch.tables import Calm, Tables
from tests.watch.support import QUICK, until, watching

Write = Callable[[str, str], Path]

LIST = "# List\n\n```carrel\nkind:paper\ncolumns: title\n```\n"
PAPER = "---\ntitle: Toy\nkind: paper\n---\n"
AT_ONCE = Calm(0.0, 0.0)


class Watch:
    """What a watcher does with tables, one look after the other."""

    def __init__(self, kb: KnowledgeBase, calm: Calm = AT_ONCE) -> None:
        self.kb, self.index, self.day = kb, MemoryIndex(), date(2026, 11, 20)
        self.said: list[str] = []
        self.tables = Tables(lambda: self.day, self.said.append, calm)

    def look(self) -> bool:
        self.tables.looked(refresh(self.kb, self.index))
        time.sleep(0.02)  # the share of the time that refreshing may take
        return self.tables.look(self.kb, self.index)


@pytest.fixture
def old(write: Write) -> Path:
    """A note with a query, written long ago."""
    place = write("notes/list.md", LIST)
    os.utime(place, (1_700_000_000, 1_700_000_000))
    return place


def test_a_table_is_made_when_the_watching_begins_and_again_when_notes_change(
    kb: KnowledgeBase, write: Write, old: Path
) -> None:
    watch = Watch(kb)
    assert watch.look()
    assert watch.said == ["notes/list.md: tables refreshed"]
    write("papers/toy.md", PAPER)
    until(watch.look)
    assert "| [Toy](../papers/toy.md) |" in old.read_text()


def test_it_does_not_go_round_with_its_own_writes(kb: KnowledgeBase, write: Write, old: Path) -> None:
    write("notes/other.md", LIST.replace("kind:paper", "has:query"))
    watch = Watch(kb)
    until(watch.look)
    time.sleep(0.1)
    stamps = kb.stamps()
    assert [watch.look() for _ in range(4)] == [False] * 4
    assert kb.stamps() == stamps


def test_a_note_that_was_written_a_moment_ago_is_left_alone_until_it_is_calm(kb: KnowledgeBase, write: Write) -> None:
    place = write("notes/list.md", LIST)
    watch = Watch(kb, Calm(0.0, 0.4))
    assert not watch.look()
    assert place.read_text() == LIST
    until(watch.look)
    assert "carrel:table" in place.read_text()


@pytest.mark.parametrize("name", [".list.md.swp", ".#list.md"])
def test_a_note_that_an_editor_holds_open_is_left_alone(kb: KnowledgeBase, old: Path, name: str) -> None:
    lock = old.parent / name
    lock.symlink_to("nowhere")
    watch = Watch(kb, Calm(0.0, 0.01))
    assert [watch.look() for _ in range(3)] == [False] * 3
    assert old.read_text() == LIST
    lock.unlink()
    until(watch.look)


def test_a_note_that_neovim_holds_open_is_left_alone(
    kb: KnowledgeBase, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    swap = tmp_path / "state/nvim/swap" / (str(old.resolve()).replace("/", "%") + ".swp")
    swap.parent.mkdir(parents=True)
    swap.touch()
    watch = Watch(kb, Calm(0.0, 0.01))
    assert [watch.look() for _ in range(3)] == [False] * 3
    assert old.read_text() == LIST
    swap.unlink()
    until(watch.look)


@pytest.mark.parametrize(("ahead", "left_alone"), [(60.0, True), (50_000.0, True), (200_000.0, False)])
def test_a_note_of_a_clock_that_is_ahead_was_written_just_now_but_a_day_is_too_far(
    write: Write, ahead: float, *, left_alone: bool
) -> None:
    place = write("notes/list.md", LIST)
    os.utime(place, (time.time() + ahead, time.time() + ahead))
    assert in_use(place) is left_alone


def test_a_note_whose_table_stays_as_it_is_may_be_open_all_day(kb: KnowledgeBase, old: Path) -> None:
    watch = Watch(kb)
    until(watch.look)
    (old.parent / ".list.md.swp").touch()
    watch.tables.looked(Changes(updated=1))
    assert not watch.look()
    assert watch.said == ["notes/list.md: tables refreshed"]


def test_a_new_day_is_a_reason_to_look(kb: KnowledgeBase, write: Write, old: Path) -> None:
    old.write_text(LIST.replace("kind:paper", "date:today"))
    os.utime(old, (1_700_000_000, 1_700_000_000))
    write("notes/a.md", "---\ntitle: A\ndate: 2026-11-21\n---\n")
    watch = Watch(kb)
    until(watch.look)
    assert "No notes" in old.read_text()
    time.sleep(0.1)
    assert not watch.look()
    watch.day = date(2026, 11, 21)
    until(watch.look)
    assert "| [A](a.md) |" in old.read_text()


@pytest.mark.usefixtures("old")
def test_the_settings_can_forbid_it(kb: KnowledgeBase) -> None:
    kb.config_path.write_text("[tables]\nwatch = false\n")
    watch = Watch(KnowledgeBase.open(kb.root))
    assert not watch.look()


def test_what_is_wrong_is_said_once_and_the_other_tables_are_made(kb: KnowledgeBase, write: Write, old: Path) -> None:
    write("notes/bad.md", "```carrel\nkind:(\n```\n")
    (kb.root / "notes/fixed.md").write_text(LIST)
    (kb.root / "notes/fixed.md").chmod(0o444)
    watch = Watch(kb)
    until(watch.look)
    watch.tables.looked(Changes(updated=1))
    time.sleep(0.1)
    assert not watch.look()
    assert [line.partition(":")[0] for line in watch.said] == [
        "notes/bad.md", f"{kb.root}/notes/fixed.md is read-only; nothing was written", "notes/list.md",
    ]  # fmt: skip


@pytest.mark.parametrize("changes", [None, Changes(skipped=True)], ids=["a look that failed", "another is indexing"])
def test_an_index_that_is_behind_is_not_asked(kb: KnowledgeBase, old: Path, changes: Changes | None) -> None:
    watch = Watch(kb)
    refresh(kb, watch.index)
    watch.tables.looked(changes)
    assert [watch.tables.look(kb, watch.index) for _ in range(3)] == [False] * 3
    assert old.read_text() == LIST


class Shrinking(MemoryIndex):
    """Once it was asked something, it is made anew of nothing: by another process, one of its own."""

    def search(self, query: Query, limit: int | None, order: Order = BEST) -> tuple[list[Match], int]:
        found = super().search(query, limit, order)
        self.update([], list(self.seen()))
        return found


@pytest.mark.parametrize("kind", [MemoryIndex, Shrinking])
def test_no_table_is_written_of_another_index_than_the_one_that_is_current(
    kb: KnowledgeBase, write: Write, old: Path, kind: type[MemoryIndex]
) -> None:
    write("papers/toy.md", PAPER)
    watch = Watch(kb)
    watch.index = kind()
    watch.tables.looked(refresh(kb, watch.index))
    if kind is MemoryIndex:
        watch.index.update([], ["papers/toy.md"])
    assert [watch.tables.look(kb, watch.index) for _ in range(3)] == [False] * 3
    assert (old.read_text(), watch.said) == (LIST, [])
    watch.index = MemoryIndex()
    until(watch.look)
    assert "[Toy]" in old.read_text()


def test_a_running_watcher_keeps_a_table_current(kb: KnowledgeBase, write: Write, old: Path) -> None:
    write("papers/toy.md", PAPER)
    with watching(kb, QUICK, calm=AT_ONCE) as running:
        until(lambda: "[Toy]" in old.read_text())
        (kb.root / "papers/toy.md").unlink()
        until(lambda: "No notes" in old.read_text())
        until(running.agrees)
