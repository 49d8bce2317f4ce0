"""A search is right whatever happened to the files: the index follows the disk without a watcher."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]


def test_a_note_put_back_with_its_old_time_and_size_is_found_by_its_new_words(carrel: Carrel, write: Write) -> None:
    place = write("notes/a.md", "marimba")
    os.utime(place, (1_700_000_000, 1_700_000_000))
    assert "notes/a.md" in carrel("search", "marimba").out
    place.write_text("timbale")
    os.utime(place, (1_700_000_000, 1_700_000_000))
    assert carrel("search", "marimba").out == ""
    assert "notes/a.md" in carrel("search", "timbale").out


def test_a_note_saved_again_within_the_same_moment_is_found_by_its_last_words(carrel: Carrel, write: Write) -> None:
    for word in ("alto", "bass", "cello", "drum", "euphonium"):
        write("notes/a.md", word)
        assert "notes/a.md" in carrel("search", word).out


def test_renamed_and_deleted_notes_leave_nothing_behind(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    place = write("notes/a.md", "marimba")
    assert "notes/a.md" in carrel("search", "marimba").out
    place.rename(kb.root / "notes/b.md")
    assert carrel("search", "marimba").out.startswith("notes/b.md:1 ")
    (kb.root / "notes/b.md").unlink()
    assert carrel("search", "marimba").out == ""


def test_what_was_just_logged_is_found(carrel: Carrel) -> None:
    carrel("log", "first marimba")
    assert "first marimba" in carrel("search", "marimba").out
    carrel("log", "second marimba")
    assert "second marimba" in carrel("search", "marimba").out
