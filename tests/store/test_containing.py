"""Notes that hold certain bytes, or a day, are found without an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from carrel.core.log import MAX_BYTES
from carrel.store.containing import CHUNK, containing, naming_days, predicting
from carrel.store.knowledge_base import KnowledgeBase

Write = Callable[[str, str], Path]


def test_notes_that_hold_all_of_some_bytes_come_by_path(kb: KnowledgeBase, write: Write) -> None:
    for path in ("notes/b.md", "notes/a/z.md", "papers/c.md"):
        write(path, f"one two {path}")
    write("notes/other.md", "one")
    unread: list[str] = []
    found = [(note.path, note.body) for note in containing(kb, b"one", b"two", remark=unread.append)]
    assert found == [(path, f"one two {path}") for path in ("notes/a/z.md", "notes/b.md", "papers/c.md")]
    assert [note.path for note in containing(kb, b"one", folder="papers", remark=unread.append)] == ["papers/c.md"]
    assert unread == []


def test_notes_that_may_hold_predictions_are_found_however_those_are_written(kb: KnowledgeBase, write: Write) -> None:
    for name, text in (("a", "- [ ] p=0.7: a ^p-1"), ("b", "- [x]  P = 70 %: b"), ("c", "see [[b]] papers, p = 0.7")):
        write(f"notes/{name}.md", text)
    found = [note.path for note in predicting(kb, remark=lambda _: None)]
    assert found == ["notes/a.md", "notes/b.md"]
    assert [note.path for note in predicting(kb, b"^", b"p-1", remark=lambda _: None)] == ["notes/a.md"]


def test_a_long_note_is_read_to_its_end_and_a_note_too_long_as_far_as_any(kb: KnowledgeBase, write: Write) -> None:
    for path, size in (("notes/even.md", CHUNK), ("notes/long.md", 3 * CHUNK + 1), ("notes/over.md", MAX_BYTES)):
        write(path, "." * (size - 3) + "end")
    write("notes/too.md", "end" + "." * MAX_BYTES)
    found = list(containing(kb, b"end", remark=lambda _: None))
    assert [len(note.body) for note in found] == [CHUNK, 3 * CHUNK + 1, MAX_BYTES, MAX_BYTES]
    assert found == [kb.read(note.path) for note in found]


def test_what_cannot_be_read_is_told_and_what_is_gone_is_not(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", "on 2026-11-20")
    (kb.root / "notes/folder.md").mkdir()
    unread: list[str] = []
    paths = ["notes/gone.md", "notes/folder.md", "notes/a.md"]
    week = naming_days(kb, paths, date(2026, 11, 16), date(2026, 11, 22), unread.append)
    assert [note.path for note in week] == ["notes/a.md"]
    assert unread == ["notes/folder.md was passed over: is a directory"]


def test_a_day_is_found_in_a_text_or_a_name_however_it_is_written(kb: KnowledgeBase, write: Write) -> None:
    for path, text in (
        ("notes/1.md", "ended: 2026-11-02"),
        ("notes/2.md", "read:: 2026/1/5; 2026.11.2"),
        ("notes/2026-11-03.md", "x"),
        ("notes/3.md", "2026-11-20, 2026-11-021, 2026-11-012"),
        ("notes/4.md", "2026_11_4"),
    ):
        write(path, text)
    week = naming_days(kb, kb.paths(), date(2026, 11, 2), date(2026, 11, 8), lambda _: None)
    assert [note.path for note in week] == ["notes/1.md", "notes/2.md", "notes/2026-11-03.md", "notes/4.md"]
