"""A second process: what it tells, that it holds nothing of the first one, and that it ends with it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.forked import Child, ChildDied, Told

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")


def test_a_child_sends_what_it_made_and_says_how_far_it_is() -> None:
    def work(told: Told) -> list[int]:
        for number in range(1, 301):
            told(number)
        return [os.getppid(), 300]

    heard: list[int] = []
    with Child(work) as child:
        assert child.result(heard.append) == [os.getpid(), 300]
        assert child.done() == heard[-1] == 300
    assert heard == sorted(heard)


def test_more_than_a_pipe_holds_comes_through() -> None:
    with Child(lambda _: b"x" * 3_000_000) as child:
        assert child.result() == b"x" * 3_000_000


def out_of_memory() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    "end", [lambda: os._exit(9), lambda: 1 / 0, sys.exit, lambda: os.kill(os.getpid(), 9), out_of_memory]
)
def test_a_child_that_ends_before_it_has_sent_what_it_made_has_made_nothing(end: Callable[[], object]) -> None:
    with Child(lambda _: end()) as child, pytest.raises(ChildDied):
        child.result()


def test_half_of_what_a_child_was_to_send_is_nothing() -> None:
    class Unsendable:
        def __reduce__(self) -> str:
            os._exit(9)

    with Child(lambda _: ["x" * 1_000_000, Unsendable()]) as child, pytest.raises(ChildDied):
        child.result()


def test_a_child_that_nobody_waits_for_is_ended() -> None:
    before = time.monotonic()
    with Child(lambda _: time.sleep(60)) as child:
        assert child.done() == 0
    assert time.monotonic() < before + 30


def test_a_child_holds_no_lock_of_its_parent(tmp_path: Path) -> None:
    def work(told: Told) -> None:
        told(1)
        time.sleep(60)

    lock = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with Child(work) as child:
        while not child.done():
            time.sleep(0.001)
        os.close(lock)
        with (tmp_path / "lock").open() as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_child_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = """
import os, time
from pathlib import Path
from carrel.forked import Child
def work(told):
    Path("child").write_text(str(os.getpid()))
    told(1)
    time.sleep(60)
with Child(work) as child:
    while not child.done():
        time.sleep(0.001)
    os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == -9
    end = time.monotonic() + 20
    child = Path("/proc", (tmp_path / "child").read_text(), "stat")
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_child_that_cannot_be_begun_is_as_one_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", full)
    before = os.listdir("/proc/self/fd")
    with Child(lambda _: 1) as child:
        assert child.done() == 0
        with pytest.raises(ChildDied):
            child.result()
    assert len(os.listdir("/proc/self/fd")) == len(before)
