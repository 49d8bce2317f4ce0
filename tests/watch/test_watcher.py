"""The watcher keeps the index equal to the disk, says what it did, and outlives whatever goes wrong."""

from __future__ import annotations

import fcntl
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from watchdog.observers.api import EventEmitter
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver
from watchdog.observers.inotify_c import InotifyFD

from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch.observation import Observation
from carrel.watch.places import places
from carrel.watch.rhythm import Rhythm
from tests.watch.support import QUICK, Watching, until, watching

Write = Callable[[str, str], Path]


@pytest.fixture
def watched(kb: KnowledgeBase, write: Write) -> Iterator[Watching]:
    """A watcher on a knowledge base of one note that has looked once and said so; only a change makes it look again."""
    write("notes/first.md", "the first\n")
    with watching(kb) as running:
        until(lambda: running.said)
        running.said.clear()
        yield running


def test_what_changed_before_it_began_is_indexed_at_the_start(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", "# A\n\na probe\n")
    with watching(kb) as running:
        until(lambda: running.found("probe") == ["notes/a.md"])
    assert running.said == ["1 note indexed"]


def test_it_says_what_it_indexed_and_removed_and_nothing_else(watched: Watching, tmp_path: Path) -> None:
    note = watched.kb.root / "notes" / "a.md"
    (tmp_path / "a.md").write_text("# A\n\na probe\n")
    (tmp_path / "a.md").rename(note)
    until(lambda: watched.found("probe") == ["notes/a.md"])
    note.unlink()
    until(lambda: watched.found("probe") == [])
    until(lambda: len(watched.said) == 2)
    assert watched.said == ["1 note indexed", "1 removed"]


def test_a_folder_of_notes_that_is_made_later_is_watched(kb: KnowledgeBase, write: Write) -> None:
    shutil.rmtree(kb.root / "papers")
    write("notes/first.md", "the first\n")
    with watching(kb) as running:
        until(lambda: running.said)
        (kb.root / "papers").mkdir()
        (kb.root / "papers" / "elhage2022toy.md").write_text("# Toy models\n\nfeature\n")
        until(lambda: running.found("feature") == ["papers/elhage2022toy.md"])
        (kb.root / "papers" / "elhage2022toy.md").write_text("# Toy models\n\ndictionary\n")
        until(lambda: running.found("dictionary") == ["papers/elhage2022toy.md"])


def test_a_change_of_settings_is_heeded(watched: Watching, write: Write) -> None:
    write("ideas/a.md", "a spike\n")
    (watched.kb.root / ".carrel" / "config.toml").write_text('folders = ["notes", "ideas"]\n')
    write("notes/b.md", "any change\n")
    until(lambda: watched.found("spike") == ["ideas/a.md"])
    write("ideas/a.md", "a loss\n")
    until(lambda: watched.found("loss") == ["ideas/a.md"])


def test_where_all_folders_hold_notes_new_ones_are_watched_too(kb: KnowledgeBase, write: Write) -> None:
    kb.config_path.write_text('folders = ["."]\n')
    write(".git/refs/a.md", "no note\n")
    with watching(KnowledgeBase.open(kb.root)) as running:
        write("top.md", "a probe\n")
        until(lambda: running.found("probe") == ["top.md"])
        write("deep/er/a.md", "a loss\n")
        until(lambda: running.found("loss") == ["deep/er/a.md"])
        write("deep/er/a.md", "a spike\n")
        until(lambda: running.found("spike") == ["deep/er/a.md"])
    assert sorted(running.index.seen()) == ["deep/er/a.md", "top.md"]


def test_a_folder_of_notes_that_is_a_link_is_watched(kb: KnowledgeBase, tmp_path: Path) -> None:
    shutil.rmtree(kb.root / "notes")
    (tmp_path / ".elsewhere").mkdir()
    (kb.root / "notes").symlink_to(tmp_path / ".elsewhere")
    (tmp_path / ".elsewhere" / "first.md").write_text("the first\n")
    with watching(kb) as running:
        until(lambda: running.said)
        (tmp_path / ".elsewhere" / "a.md").write_text("a probe\n")
        until(lambda: running.found("probe") == ["notes/a.md"])


def test_a_conflict_copy_is_told_once_and_never_indexed(watched: Watching, write: Write) -> None:
    write("notes/a.sync-conflict-20261120-101010-ABC.md", "a probe\n")
    write("notes/b.md", "a loss\n")
    until(lambda: watched.found("loss") == ["notes/b.md"])
    write("notes/c.md", "a spike\n")
    until(lambda: watched.found("spike") == ["notes/c.md"])
    told = [line for line in watched.said if "conflict" in line]
    assert len(told) == 1
    assert told[0].startswith("notes/a.sync-conflict-20261120-101010-ABC.md: the losing side of a sync conflict;")
    assert watched.found("probe") == []


def test_of_many_files_that_are_not_read_only_the_first_are_named(watched: Watching, write: Write) -> None:
    for number in range(12):
        write(f".elsewhere/a.conflict-{number:02}.md", "a probe\n")
    (watched.kb.root / ".elsewhere").rename(watched.kb.root / "notes/come")  # all of them in one moment
    until(lambda: "7 more files are not read; `carrel check` lists them" in watched.said)
    assert [line.partition(":")[0] for line in watched.said if line.startswith("notes/")] == [
        f"notes/come/a.conflict-{number:02}.md" for number in range(5)
    ]


def test_a_note_that_was_indexed_while_it_was_young_is_looked_at_again(kb: KnowledgeBase, write: Write) -> None:
    with watching(kb, replace(QUICK, young=Rhythm().young)) as running:
        write("notes/a.md", "a probe\n")
        until(lambda: running.found("probe"))
        until(lambda: running.index.seen()["notes/a.md"].stamp == kb.stamps()["notes/a.md"])


def test_when_another_process_is_indexing_it_looks_again_soon(watched: Watching, write: Write) -> None:
    with (watched.kb.cache_dir / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        write("notes/a.md", "a probe\n")
        with pytest.raises(AssertionError):
            until(lambda: watched.found("probe"), 0.5)
    until(lambda: watched.found("probe") == ["notes/a.md"])


def test_a_mistake_in_the_settings_is_told_once_and_work_goes_on_when_it_is_mended(
    watched: Watching, write: Write
) -> None:
    config = watched.kb.config_path
    config.write_text("folders = [")
    write("notes/a.md", "a probe\n")
    until(lambda: watched.said)
    write("notes/b.md", "a probe\n")
    with pytest.raises(AssertionError):
        until(lambda: watched.found("probe"), 0.5)
    config.write_text("")
    until(lambda: watched.found("probe") == ["notes/a.md", "notes/b.md"])
    until(lambda: len(watched.said) == 3)
    assert watched.said[0].startswith(f"not indexed: {config}: ")
    assert watched.said[0].endswith("; trying again")
    assert watched.said[1:] == ["indexing again", "2 notes indexed"]


def test_a_damaged_index_is_made_anew(watched: Watching, write: Write) -> None:
    write("notes/a.md", "a probe\n")
    until(lambda: watched.found("probe"))
    for file in (watched.kb.cache_dir / "index").iterdir():
        file.write_bytes(b"")
    write("notes/b.md", "a loss\n")
    until(lambda: watched.index.seen() and watched.agrees())


def test_a_deleted_cache_is_made_anew(watched: Watching, write: Write) -> None:
    write("notes/a.md", "a probe\n")
    until(lambda: watched.found("probe"))
    shutil.rmtree(watched.kb.cache_dir)
    until(lambda: (watched.kb.cache_dir / "watch" / "heartbeat").exists())
    write("notes/b.md", "a loss\n")
    until(lambda: len(watched.index.seen()) == 3)


def test_a_root_that_goes_away_and_comes_back_is_watched_again(watched: Watching, write: Write) -> None:
    root = watched.kb.root
    write("notes/a.md", "a probe\n")
    until(lambda: watched.found("probe") == ["notes/a.md"])
    root.rename(root.with_name("aside"))
    shutil.rmtree(root.with_name("aside"))
    until(lambda: watched.said[-1] == f"not indexed: {root} is gone; trying again")
    assert watched.found("probe") == ["notes/a.md"]  # an unmounted disk is no reason to forget everything
    (root / ".carrel").mkdir(parents=True)
    write("notes/b.md", "a loss\n")
    until(lambda: watched.found("loss") == ["notes/b.md"])
    write("notes/b.md", "a spike\n")
    until(lambda: watched.found("spike") == ["notes/b.md"])
    assert watched.agrees()


def test_a_root_that_is_replaced_by_another_folder_is_watched(watched: Watching, write: Write) -> None:
    root = watched.kb.root
    other = root.with_name("other")
    (other / ".carrel").mkdir(parents=True)
    (other / "notes").mkdir()
    (other / "notes" / "b.md").write_text("a loss\n")
    write("notes/a.md", "a probe\n")
    until(lambda: watched.found("probe"))
    root.rename(root.with_name("aside"))
    other.rename(root)
    until(lambda: watched.found("loss") == ["notes/b.md"])
    assert watched.found("probe") == []
    write("notes/b.md", "a spike\n")
    until(lambda: watched.found("spike") == ["notes/b.md"])


# --- what watchdog does not tell ----------------------------------------------------------------------------------

KILLING = {InotifyFD: "handle_event", EventEmitter: "queue_events", InotifyObserver: "dispatch_events"}


@pytest.mark.parametrize("kind", KILLING, ids=lambda kind: kind.__name__)
def test_a_thread_of_watchdog_that_ends_is_noticed_and_replaced(
    watched: Watching, write: Write, kind: type, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a watch that is in no table")

    victims = [thread for thread in threading.enumerate() if isinstance(thread, kind)]
    for victim in victims:
        setattr(victim, KILLING[kind], fail)
    write("notes/a.md", "a probe\n")
    write("notes/b.md", "a loss\n")
    until(lambda: "a thread that listens has ended; listening anew" in watched.said)
    write("notes/c.md", "a spike\n")
    until(watched.agrees)
    assert watched.found("spike") == ["notes/c.md"]
    assert capfd.readouterr().err == ""


def test_watchdog_that_lives_and_hears_nothing_is_noticed_and_replaced(kb: KnowledgeBase, write: Write) -> None:
    with watching(kb, replace(QUICK, rest=0.5, heartbeat=0.5)) as running:
        until(lambda: (kb.cache_dir / "watch" / "heartbeat").exists())
        for thread in threading.enumerate():
            if isinstance(thread, InotifyFD):
                thread.handle_event = lambda event: None  # type: ignore[method-assign]  # of this one thread
        until(lambda: "nothing was heard for 0.5 seconds; listening anew" in running.said)
        write("notes/a.md", "a probe\n")
        until(lambda: running.found("probe") == ["notes/a.md"])


def test_when_listening_cannot_be_mended_it_looks_from_time_to_time(
    kb: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InotifyFD, "handle_event", lambda reader, event: None)
    with watching(kb, replace(QUICK, heartbeat=0.2)) as running:
        until(lambda: len(running.said) == 3)
        write("notes/a.md", "a probe\n")
        until(lambda: running.found("probe") == ["notes/a.md"])
    again = "nothing was heard for 0.2 seconds; listening anew"
    gave_up = "nothing was heard for 0.2 seconds; looking every 0.1 s instead of listening"
    assert running.said[:3] == [again, again, gave_up]


def test_a_warning_of_watchdog_makes_it_look_and_stays_off_the_terminal(
    watched: Watching, write: Write, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for thread in threading.enumerate():
        if isinstance(thread, InotifyFD):
            monkeypatch.setattr(thread, "handle_event", lambda event: None)
    write("notes/a.md", "a probe\n")
    with pytest.raises(AssertionError):
        until(lambda: watched.found("probe"), 0.5)
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    until(lambda: watched.found("probe") == ["notes/a.md"])
    assert capfd.readouterr().err == ""


def test_broken_records_of_watchdog_do_not_keep_its_threads_alive(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a/b/c.md", "a probe\n")
    before, threads = watches(), set(threading.enumerate())
    observation = Observation(places(kb), kb.cache_dir / "watch", lambda hint: None)
    for thread in threading.enumerate():
        if isinstance(thread, InotifyEmitter):
            assert thread._inotify is not None
            thread._inotify._active_callbacks_by_path.clear()  # as moving folders does, one record at a time
            with pytest.raises(KeyError):
                thread._inotify.on_watch_deleted(next(iter(thread._inotify._active_callbacks_by_watch)))
    observation.close()
    assert watches() == before
    assert set(threading.enumerate()) == threads


def test_a_folder_of_notes_that_is_deleted_and_made_at_once_is_no_trouble(watched: Watching, write: Write) -> None:
    for number in range(5):
        shutil.rmtree(watched.kb.root / "papers")
        write("papers/a.md", f"a probe {number}\n")
        until(watched.agrees)
    write("papers/a.md", "a spike\n")
    until(lambda: watched.found("spike") == ["papers/a.md"])
    assert [line for line in watched.said if "listen" in line] == []


def test_a_folder_that_was_moved_away_is_watched_no_longer(kb: KnowledgeBase, write: Write, tmp_path: Path) -> None:
    deep = write("notes/gone/deep/a.md", "a probe\n").parent
    moved = {folder.stat().st_ino for folder in (deep, deep.parent)}
    with watching(kb, replace(QUICK, rest=0.3, heartbeat=60)) as running:  # a busy machine hears its heart late
        until(lambda: running.found("probe"))
        assert moved <= set(watches())
        deep.parent.rename(tmp_path / "gone")
        until(lambda: running.found("probe") == [])
        until(lambda: moved.isdisjoint(watches()))
    assert [line for line in running.said if "listening" in line] == []


def watches() -> list[int]:
    """The inodes of the folders that this process watches, once for each time that it does."""
    found: list[int] = []
    for file in Path("/proc/self/fdinfo").iterdir():
        with suppress(OSError):  # closed since it was listed
            found += (
                int(inode, 16) for inode in re.findall(r"^inotify wd:\S+ ino:(\S+)", file.read_text(), re.MULTILINE)
            )
    return sorted(found)


# --- without notices from the system --------------------------------------------------------------------------------


def test_told_to_poll_it_finds_every_change_and_uses_no_watches(kb: KnowledgeBase, write: Write) -> None:
    with watching(kb, poll=True) as running:
        note = write("notes/2026/a.md", "a probe\n")
        until(lambda: running.found("probe") == ["notes/2026/a.md"])
        note.rename(note.with_name("b.md"))
        until(lambda: running.found("probe") == ["notes/2026/b.md"])
        assert watches() == []
    assert running.said[0] == "looking every 0.1 s"
