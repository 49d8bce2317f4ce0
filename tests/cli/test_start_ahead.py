"""The look that a search begins before it asks: what it tells, and that nothing depends on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.cli.ahead import MOST_CHANGES, Ahead
from carrel.cli.app import App
from carrel.cli.current import refresh_index
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a forked child look")


def app(kb: KnowledgeBase) -> App:
    return App(dir=str(kb.root))


def test_it_tells_what_changed_and_what_is_gone(kb: KnowledgeBase, write: Write) -> None:
    write("notes/old.md", "old")
    write("notes/gone.md", "gone")
    refresh_index(app(kb))
    stamps = kb.stamps()
    (kb.root / "notes/gone.md").unlink()
    write("notes/new.md", "new")
    told = Ahead(app(kb)).difference()
    assert told is not None
    assert told["notes/gone.md"] is None
    assert told["notes/new.md"] == kb.stamps()["notes/new.md"] != stamps.get("notes/new.md")


def test_of_very_many_changes_it_tells_nothing_and_the_search_looks_itself(
    kb: KnowledgeBase, write: Write, carrel: Carrel
) -> None:
    for number in range(MOST_CHANGES + 1):
        write(f"notes/{number}.md", "timbale")
    assert Ahead(app(kb)).difference() is None
    assert len(carrel("list", "timbale", "-0").out.split("\0")) == MOST_CHANGES + 2


def test_a_child_that_is_killed_has_told_nothing(kb: KnowledgeBase, write: Write) -> None:
    for number in range(300):
        write(f"notes/{number}.md", "timbale")
    ahead = Ahead(app(kb))
    assert ahead._child is not None
    os.kill(ahead._child._number, signal.SIGKILL)
    assert ahead.difference() is None


def test_beside_other_threads_it_does_not_begin(kb: KnowledgeBase) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert not Ahead(app(kb)).looking
    finally:
        ended.set()
        thread.join()


def test_a_search_loads_nothing_that_it_does_not_need(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", "timbale")
    kb.config_path.write_text("# as `carrel init` leaves it\n")
    command = (sys.executable, "-X", "importtime", "-m", "carrel", "search", "timbale")
    for _ in range(2):  # the first one makes the index
        said = subprocess.run(command, cwd=kb.root, check=True, capture_output=True, text=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip() for line in said.stderr.splitlines() if line.startswith("import time:")}
    assert "carrel.search.search" in loaded
    assert loaded & {"tomllib", "secrets", "socket", "asyncio", "watchdog", "mkdocs", "dateparser", "sqlite3"} == set()
