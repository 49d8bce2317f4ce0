"""A search that asks the watcher is as right as one that looks itself, whatever is done to the notes or the watcher."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carrel.cli.app import App
from carrel.cli.searching.current import asked
from carrel.search.index import NoteSource, SearchIndex
from carrel.search.order import SCORE
from carrel.search.tree import Word
from carrel.store import cache, door
from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch.door import Door
from tests.support import Carrel
from tests.watch.support import Watching, says_yes, until, watching
from tests.watch.test_process import running

Write = Callable[[str, str], Path]


@pytest.fixture
def certain(kb: KnowledgeBase, write: Write) -> Iterator[Watching]:
    """A watcher that knows what is in the index."""
    write("notes/first.md", "the first\n")
    with watching(kb) as running:
        until(lambda: says_yes(kb))
        yield running


def test_what_was_saved_a_moment_ago_is_found_whenever_the_watcher_says_yes(
    kb: KnowledgeBase, write: Write, certain: Watching
) -> None:
    said = 0
    for number in range(60):
        word = f"marimba{number}"
        match number % 4:
            case 0:
                write("notes/first.md", f"now {word}\n")
            case 1:
                write(f"papers/{number}.md", f"# {word}\n")
            case 2:
                write("notes/.first.md.tmp", f"moved {word}\n").rename(kb.root / "notes" / "first.md")
            case 3:
                with (kb.root / "notes" / "first.md").open("a") as file:
                    file.write(f"{word}\n")
        if says_yes(kb):
            said += 1
            assert certain.found(word), number
    assert said > 30  # it may be busy now and then
    (kb.root / "notes" / "first.md").unlink()
    until(lambda: says_yes(kb))
    assert certain.found("marimba59") == []


def test_notes_in_folders_that_were_made_moved_and_removed_a_moment_ago_are_as_they_are_on_disk(
    kb: KnowledgeBase, write: Write, certain: Watching, carrel: Carrel
) -> None:
    for number in range(4):
        folder = kb.root / f"notes/new{number}"
        write(f"notes/new{number}/deep/a.md", "timbale\n")
        assert f"notes/new{number}/deep/a.md" in carrel("search", "timbale").out
        folder.rename(kb.root / f"papers/moved{number}")
        assert carrel("search", "timbale", "-0").out == f"papers/moved{number}/deep/a.md\0"
        shutil.rmtree(kb.root / f"papers/moved{number}")
        assert carrel("search", "timbale").out == ""


def test_a_folder_of_notes_that_was_missing_is_heard_of_at_once(
    kb: KnowledgeBase, write: Write, carrel: Carrel
) -> None:
    shutil.rmtree(kb.root / "papers")
    write("notes/first.md", "the first\n")
    with watching(kb):
        until(lambda: says_yes(kb))
        write("papers/a.md", "timbale\n")
        assert "papers/a.md" in carrel("search", "timbale").out


def test_it_agrees_only_on_its_own_settings_and_texts_of_pdfs(
    kb: KnowledgeBase, write: Write, certain: Watching
) -> None:
    write("ideas/a.md", "timbale\n")
    kb.config_path.write_text('folders = ["notes", "ideas"]\n')
    changed = kb.reopened()
    assert not says_yes(changed)
    until(lambda: says_yes(changed))
    assert certain.found("timbale") == ["ideas/a.md"]
    cache.write(kb.cache_dir / "pdf" / "known.json", b'{"format": 0}')
    assert not says_yes(changed)
    until(lambda: says_yes(changed))


def test_it_is_not_certain_of_an_index_that_another_process_removed(kb: KnowledgeBase, certain: Watching) -> None:
    shutil.rmtree(kb.cache_dir / "index")
    assert not says_yes(kb)
    until(lambda: says_yes(kb))
    assert certain.found("first") == ["notes/first.md"]


def test_a_search_believes_it_only_of_the_index_that_it_was_sure_of(kb: KnowledgeBase, certain: Watching) -> None:
    app = App(dir=str(kb.root))
    answers: list[list[str]] = []

    def the_first_time_it_goes_away(_: NoteSource, index: SearchIndex) -> list[str]:
        if not answers:
            shutil.rmtree(kb.cache_dir / "index")
        answers.append([match.path for match in index.search(Word("first"), None, SCORE)[0]])
        return answers[-1]

    question = door.ask(kb)
    assert question is not None
    assert question.answered() == certain.index.version()
    assert asked(app, the_first_time_it_goes_away) == ["notes/first.md"]
    assert answers == [[], ["notes/first.md"]]


def test_it_does_not_vouch_for_the_index_of_another_engine(
    kb: KnowledgeBase, write: Write, certain: Watching, carrel: Carrel
) -> None:
    kb.config_path.write_text('[search]\nengine = "sqlite"\n')
    changed = kb.reopened()
    write("notes/second.md", "timbale\n")
    assert not says_yes(changed)
    until(lambda: certain.found("timbale"))
    for _ in range(10):
        assert not says_yes(changed)
        time.sleep(0.03)
    assert carrel("search", "timbale", "-0").out == "notes/second.md\0"


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_it_is_never_certain_of_notes_that_can_be_changed_by_another_name(
    kb: KnowledgeBase, write: Write, carrel: Carrel, link: Callable[[Path, Path], None]
) -> None:
    kept = write("kept/a.md", "the first\n")
    link(kept, kb.root / "notes" / "a.md")
    with watching(kb) as running:
        until(lambda: running.said)
        for word in ("timbale", "marimba"):
            assert not says_yes(kb)
            kept.write_text(f"a {word}\n")
            assert "notes/a.md" in carrel("search", word).out


def test_a_watcher_that_polls_is_not_asked(kb: KnowledgeBase) -> None:
    with watching(kb, poll=True):
        assert door.ask(kb) is None


def test_a_watcher_that_is_stopped_or_killed_costs_a_search_a_moment_and_no_note(
    kb: KnowledgeBase, write: Write, tmp_path: Path, carrel: Carrel
) -> None:
    write("notes/a.md", "a probe\n")
    with running(kb, tmp_path / "said") as process:
        until(lambda: says_yes(kb))
        process.send_signal(signal.SIGSTOP)
        write("notes/b.md", "timbale\n")
        question, began = door.ask(kb), time.monotonic()
        assert question is not None
        assert not question.answered()
        assert time.monotonic() - began < 10 * door.PATIENCE
        assert "notes/b.md" in carrel("search", "timbale").out
        process.kill()
        process.wait(20)
        assert (kb.cache_dir / door.NAME).exists()
        write("notes/c.md", "marimba\n")
        assert door.ask(kb) is None
        assert "notes/c.md" in carrel("search", "marimba").out
    with running(kb, tmp_path / "said"):
        until(lambda: says_yes(kb))


def test_it_answers_no_one_but_its_own_user(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can ask as another user")
    asked: list[str] = []
    tmp_path.chmod(0o777)
    one = Door(tmp_path, lambda: asked.append("asked"))
    try:
        (tmp_path / door.NAME).chmod(0o777)
        with (
            door.short_address(tmp_path) as address,
            one.closed(),
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mine,
        ):
            mine.connect(f"{address}/{door.NAME}")
            assert door.is_ours(mine)
        ask = f"""if 1:
            import os, socket
            os.chdir({str(tmp_path)!r})
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
                other.connect({door.NAME!r})
                try:
                    other.send(b"terms")
                    print(other.recv(9))
                except OSError:
                    print(b"")
            """
        said = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True, timeout=20)
        assert (said.stdout, asked) == ("b''\n", [])
    finally:
        one.close()
