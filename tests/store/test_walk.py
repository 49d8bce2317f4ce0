"""What is in a knowledge base's folders, with stamps or without."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase

Write = Callable[[str, str], Path]


@pytest.mark.parametrize("stamped", [True, False])
def test_a_name_that_is_not_utf_8_is_passed_over_and_said(kb: KnowledgeBase, write: Write, stamped: bool) -> None:
    for path in ("notes/\u00fcber.md", "notes/\u00fc/a.md"):
        write(path, "x")
    (kb.root / "notes" / os.fsdecode(b"caf\xe9.md")).write_text("x")
    found = kb.walk(stamped=stamped)
    assert sorted(found.files) == ["notes/\u00fc/a.md", "notes/\u00fcber.md"]
    assert [(one.path, one.reason) for one in found.skipped] == [
        ("'caf\\udce9.md'", "its name is not UTF-8; rename it")
    ]
