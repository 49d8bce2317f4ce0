"""Several processes and several users on one knowledge base: each search is right, or says that it may not be."""

from __future__ import annotations

import fcntl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.cli.searching import current
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]


def test_a_search_waits_for_another_process_that_is_about_to_finish_indexing(
    kb: KnowledgeBase, write: Write, carrel: Carrel
) -> None:
    write("notes/a.md", "timbale")
    kb.cache_dir.mkdir(parents=True)
    with (kb.cache_dir / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        release = threading.Timer(0.2, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        release.start()
        said = carrel("search", "timbale")
        release.join()
    assert said.out.startswith("notes/a.md:1 ")
    assert said.err == ""


def test_a_search_waits_as_long_as_another_process_makes_the_first_index_and_says_so(
    kb: KnowledgeBase, write: Write, carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "TURN_PATIENCE", 0.02)
    monkeypatch.setattr(current, "FIRST_PAUSE", 0.05)
    write("notes/a.md", "timbale")
    kb.cache_dir.mkdir(parents=True)
    with (kb.cache_dir / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        release = threading.Timer(1.5, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        release.start()
        said = carrel("search", "timbale", "-0")
        release.join()
    assert said.out == "notes/a.md\0"
    assert said.err == "another carrel is making the index; waiting for it\n"


def test_once_the_first_index_is_made_another_process_has_the_usual_time_to_go_on(
    kb: KnowledgeBase, write: Write, carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "FIRST_PAUSE", 0.05)
    write("notes/a.md", "timbale")
    carrel("search", "timbale")
    write("notes/b.md", "timbale")
    made = (kb.cache_dir / "index").rename(kb.cache_dir / "hidden")
    with (kb.cache_dir / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def go_on() -> None:
            time.sleep(current.TURN_PATIENCE + 0.3)
            made.rename(kb.cache_dir / "index")
            time.sleep(0.2)
            fcntl.flock(lock, fcntl.LOCK_UN)

        other = threading.Thread(target=go_on)
        other.start()
        said = carrel("list", "timbale", "-0")
        other.join()
    assert said.out == "notes/a.md\0notes/b.md\0"
    assert said.err == "another carrel is making the index; waiting for it\n"


def test_where_another_process_goes_on_indexing_a_search_says_what_may_be_missing(
    kb: KnowledgeBase, write: Write, carrel: Carrel
) -> None:
    write("notes/a.md", "timbale")
    carrel("search", "timbale")
    write("notes/b.md", "timbale")
    with (kb.cache_dir / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = carrel("search", "timbale", "-0")
    assert said.out == "notes/a.md\0"
    assert said.err == "another carrel is indexing; what it has not reached yet may be missing below\n"


def test_two_users_of_one_knowledge_base_have_an_index_each_that_the_other_cannot_enter(
    kb: KnowledgeBase, write: Write, process: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    import os

    write("notes/a.md", "timbale")
    for user in ("ada", "grace"):
        home = tmp_path / user
        home.mkdir()
        said = process("search", "timbale", "-0", env={**os.environ, "HOME": str(home)})
        assert (said.stdout, said.stderr) == ("notes/a.md\0", "")
        (index,) = home.glob(".cache/carrel/*/index")
        assert index.stat().st_mode & 0o077 == 0
