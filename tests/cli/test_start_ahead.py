"""The look that a search begins before it asks: what it tells, and that nothing depends on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.cli.app import App
from carrel.cli.searching.ahead import MOST_CHANGES, Ahead
from carrel.cli.searching.current import asked, begin, refresh_index
from carrel.search.index import SearchIndex
from carrel.search.order import SCORE
from carrel.search.tree import Word
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.pdfs import Holdings
from tests.support import Carrel

Write = Callable[[str, str], Path]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a forked child look")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of other tests may still have their threads, beside which no child looks: they do not count."""
    count, others = threading.active_count, threading.active_count() - 1
    monkeypatch.setattr(threading, "active_count", lambda: count() - others)


def app(kb: KnowledgeBase) -> App:
    return App(dir=str(kb.root))


def test_it_tells_what_changed_and_what_is_gone(kb: KnowledgeBase, write: Write) -> None:
    write("notes/old.md", "old")
    write("notes/gone.md", "gone")
    refresh_index(app(kb))
    stamps = kb.stamps()
    (kb.root / "notes/gone.md").unlink()
    write("notes/new.md", "new")
    told = Ahead(app(kb)).told()
    assert told is not None
    assert told.stamps["notes/gone.md"] is None
    assert told.stamps["notes/new.md"] == kb.stamps()["notes/new.md"] != stamps.get("notes/new.md")


@pytest.fixture(params=["whoosh", "sqlite"])
def indexed(request: pytest.FixtureRequest, kb: KnowledgeBase, write: Write) -> KnowledgeBase:
    """A knowledge base whose one note is indexed, by each engine in turn."""
    kb.config_path.write_text(f'[search]\nengine = "{request.param}"\n')
    aged(write("notes/first.md", "timbale"))
    refresh_index(app(kb))
    return kb.reopened()


def aged(note: Path) -> None:
    """Let a note look as if it was written long enough ago that its stamp is believed."""
    before = time.time() - 60
    os.utime(note, (before, before))


def timbales(_: Holdings, index: SearchIndex) -> list[str]:
    return sorted(match.path for match in index.search(Word("timbale"), None, SCORE)[0])


def test_an_answer_from_before_what_the_child_compared_is_not_taken(
    indexed: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, children = os.fork, []

    def late() -> int:
        """Fork a child that stops before it does anything."""
        if not (number := fork()):
            os.kill(os.getpid(), signal.SIGSTOP)
            return 0
        os.waitpid(number, os.WUNTRACED)
        children.append(number)
        return number

    def before_the_others_commit(source: Holdings, index: SearchIndex) -> list[str]:
        found = timbales(source, index)
        if children:
            refresh_index(app(indexed))
            os.kill(children.pop(), signal.SIGCONT)
        return found

    monkeypatch.setattr(os, "fork", late)
    aged(write("notes/second.md", "timbale"))
    found = asked(app(indexed), before_the_others_commit, ahead=True)
    assert (found, children) == (["notes/first.md", "notes/second.md"], [])


@pytest.mark.parametrize("ahead", [True, False])
def test_what_the_child_found_of_an_index_that_is_gone_is_not_believed(indexed: KnowledgeBase, ahead: bool) -> None:
    one = app(indexed)
    begin(one)
    assert one.ahead is not None
    assert one.ahead._child is not None
    os.waitid(os.P_PID, one.ahead._child._number, os.WEXITED | os.WNOWAIT)
    shutil.rmtree(indexed.cache_dir)
    assert asked(one, timbales, ahead=ahead) == ["notes/first.md"]


@pytest.mark.parametrize("changed", [True, False])
def test_an_answer_of_an_index_that_went_away_meanwhile_is_not_taken(
    indexed: KnowledgeBase, write: Write, changed: bool
) -> None:
    if changed:
        aged(write("notes/second.md", "timbale"))
    goes = [indexed.cache_dir]

    def goes_away(source: Holdings, index: SearchIndex) -> list[str]:
        if goes:
            shutil.rmtree(goes.pop())
        return timbales(source, index)

    expected = ["notes/first.md", "notes/second.md"] if changed else ["notes/first.md"]
    assert asked(app(indexed), goes_away) == expected


def test_an_answer_of_the_index_that_the_child_compared_is_taken(indexed: KnowledgeBase) -> None:
    asked_for = []

    def counted(source: Holdings, index: SearchIndex) -> list[str]:
        asked_for.append(1)
        return timbales(source, index)

    assert asked(app(indexed), counted, ahead=True) == ["notes/first.md"]
    assert len(asked_for) == 1


def test_of_very_many_changes_it_tells_nothing_and_the_search_looks_itself(
    kb: KnowledgeBase, write: Write, carrel: Carrel
) -> None:
    for number in range(MOST_CHANGES + 1):
        write(f"notes/{number}.md", "timbale")
    assert Ahead(app(kb)).told() is None
    assert len(carrel("list", "timbale", "-0").out.split("\0")) == MOST_CHANGES + 2


def test_a_child_that_is_killed_has_told_nothing(kb: KnowledgeBase, write: Write) -> None:
    for number in range(300):
        write(f"notes/{number}.md", "timbale")
    ahead = Ahead(app(kb))
    assert ahead._child is not None
    os.kill(ahead._child._number, signal.SIGKILL)
    assert ahead.told() is None


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
