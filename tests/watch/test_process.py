"""`carrel watch` as a process: how it ends, and what the system can do to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase
from tests.watch.support import contents, fresh, until

Write = Callable[[str, str], Path]
COMMAND = (sys.executable, "-m", "carrel", "watch")


@contextmanager
def running(kb: KnowledgeBase, log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it watches. What it says goes to `log`."""
    with log.open("wb") as said, subprocess.Popen(command or COMMAND, cwd=kb.root, stdout=said, stderr=said) as process:
        try:
            until(lambda: b"watching" in log.read_bytes() or process.poll() is not None)
            yield process
        finally:
            process.kill()


def agrees(kb: KnowledgeBase) -> bool:
    return contents(WhooshIndex(kb.cache_dir / "index")) == contents(fresh(kb))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_polite_kill_end_it_without_a_word(
    kb: KnowledgeBase, write: Write, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "said"
    write("notes/a.md", "a probe\n")
    with running(kb, log) as process:
        until(lambda: b"indexed" in log.read_bytes())
        process.send_signal(number)
        assert process.wait(20) == 0
    assert log.read_text() == f"watching {kb.root}; Ctrl-C ends it\n1 note indexed\n"


def test_ctrl_c_while_it_indexes_leaves_an_index_that_the_next_one_completes(
    kb: KnowledgeBase, write: Write, tmp_path: Path
) -> None:
    log = tmp_path / "said"
    for number in range(1500):
        write(f"notes/{number}.md", f"# {number}\n\n{'probe ' * 50}\n")
    with running(kb, log) as process:
        until(lambda: (kb.cache_dir / "index").is_dir())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert log.read_text() == f"watching {kb.root}; Ctrl-C ends it\n"
    with running(kb, log):
        until(lambda: b"1500 notes indexed\n" in log.read_bytes(), 60)
    assert agrees(kb)


def test_after_it_was_stopped_and_its_queue_overflowed_it_finds_everything(
    kb: KnowledgeBase, write: Write, tmp_path: Path
) -> None:
    log = tmp_path / "said"
    first, second = write("notes/one/a.md", "a probe\n"), write("notes/two/b.md", "a loss\n")
    with running(kb, log) as process:
        until(lambda: b"2 notes indexed" in log.read_bytes())
        process.send_signal(signal.SIGSTOP)
        (kb.root / "notes" / "one").rename(kb.root / "notes" / "three")
        length = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        moved = kb.root / "notes" / "three" / first.name
        for number in range(length):  # the same change twice in a row counts once
            os.utime(moved if number % 2 else second)
        for number in range(300):
            write(f"notes/new/{number}.md", "a refusal\n")  # of these the system tells nothing
        second.unlink()
        process.send_signal(signal.SIGCONT)
        until(lambda: agrees(kb), 60)
        write("notes/new/deep/last.md", "a spike\n")
        until(lambda: agrees(kb))
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    lines = log.read_text().splitlines()
    assert [line for line in lines if "Traceback" in line or "overflow" in line] == []


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("max_inotify_watches", "there are more folders than the system lets you watch"),
        ("max_inotify_instances", "too many programs of yours are watching folders"),
    ],
)
def test_past_the_limits_of_the_system_it_looks_every_two_seconds_and_says_so(
    kb: KnowledgeBase, write: Write, tmp_path: Path, limit: str, reason: str
) -> None:
    log = tmp_path / "said"
    for number in range(40):
        write(f"notes/{number}/a.md", f"note {number}\n")
    lower = f'echo {20 if "watches" in limit else 0} > /proc/sys/user/{limit} && exec "$@"'
    command = ("unshare", "-Ur", "sh", "-c", lower, "sh")
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let us lower its limits for a process")
    with running(kb, log, *command, *COMMAND):
        until(lambda: b"40 notes indexed" in log.read_bytes())
        for number in range(40):
            write(f"notes/{number}/b.md", "a probe\n")
        until(lambda: agrees(kb))
    said = log.read_text().splitlines()
    assert said[0].startswith(reason)
    assert said[0].endswith("; looking every 2 s instead of listening")
    assert said[1] == f"watching {kb.root}; Ctrl-C ends it"
