"""Notes that hold certain bytes are found without an index."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from carrel.store.containing import containing
from carrel.store.knowledge_base import KnowledgeBase

Write = Callable[[str, str], Path]


def test_notes_that_hold_some_bytes_come_with_the_last_changed_first(kb: KnowledgeBase, write: Write) -> None:
    for name, changed in (("old", 1), ("new", 9), ("middle", 5)):
        os.utime(write(f"notes/{name}.md", f"one two {name}"), (0, changed))
    write("notes/other.md", "one")
    unread: list[str] = []
    found = [(note.path, note.body) for note in containing(kb, b"one", b"two", remark=unread.append)]
    assert found == [
        ("notes/new.md", "one two new"),
        ("notes/middle.md", "one two middle"),
        ("notes/old.md", "one two old"),
    ]
    assert unread == []


def test_who_needs_one_reads_no_more(kb: KnowledgeBase, write: Write) -> None:
    for name, changed in (("old", 1), ("new", 9)):
        os.utime(write(f"notes/{name}.md", "one"), (0, changed))
    found = containing(kb, b"one", remark=lambda _: None)
    assert next(found).path == "notes/new.md"
    kb.absolute("notes/old.md").unlink()  # no matter: what is gone is left out
    assert list(found) == []
