"""`carrel run` killed or refused by the disk at its own system calls: of a command that ran there is a true entry.

It is in the log or on the screen, and there is one of it.

`strace` stops Carrel, not the command. A first run lists the calls that touch the knowledge base.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from carrel.core.run import Run, read_run
from carrel.store.knowledge_base import KnowledgeBase

CALLS = ("fsync", "link", "flock", "unlink")
COMMAND = "touch ran; echo png > a.png; seq 30"


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and what it left in `root`."""

    root: Path
    code: int
    err: str
    trace: str

    @property
    def ran(self) -> bool:
        return (self.root / "ran").exists()

    @property
    def runs(self) -> list[Run]:
        found = [read_run(entry.fields) for note in KnowledgeBase.open(self.root).notes() for entry in note.entries]
        return [run for run in found if run is not None]


Traced = Callable[[str, str], Outcome]


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


@pytest.fixture
def traced(tmp_path: Path, strace: str) -> Traced:
    """Run a command under `carrel run` in a fresh knowledge base, with one fault injected or none."""

    def call(name: str, fault: str) -> Outcome:
        folder = tmp_path / name
        for part in (".carrel", "notes", "papers"):
            (folder / "kb" / part).mkdir(parents=True)
        words = ["run", "-m", "Precious", "--figure", "*.png", "--", "sh", "-c", COMMAND]
        traces = ["-e", f"trace={','.join(f'?{one}' for one in CALLS)}", *(["-e", f"inject={fault}"] if fault else [])]
        done = subprocess.run(
            [strace, "-qq", "-y", "-o", folder / "trace", *traces, sys.executable, "-P", "-m", "carrel", *words],
            cwd=folder / "kb", env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return Outcome(folder / "kb", done.returncode, done.stderr, (folder / "trace").read_text("utf-8", "replace"))

    return call


def points(outcome: Outcome) -> list[tuple[str, int]]:
    """The calls of a run that touch the knowledge base: each one's name, and the how manieth of its name it is."""
    count: Counter[str] = Counter()
    found = []
    for line in outcome.trace.splitlines():
        called = re.match(r"(\w+)\((.*)", line)
        if called:
            count[called[1]] += 1
            if str(outcome.root) in re.sub(r"AT_FDCWD<[^>]*>", "", called[2]):
                found.append((called[1], count[called[1]]))
    return found


def outcomes(traced: Traced, faults: Callable[[str, int], str]) -> Iterator[tuple[str, Outcome]]:
    traced("warm", "")
    clean = traced("clean", "")
    assert (clean.code, clean.ran, [run.exit for run in clean.runs]) == (0, True, [0])
    names = [faults(call, number) for call, number in points(clean)]
    assert len(names) >= 15
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda fault: traced(re.sub(r"\W", "-", fault), fault), names)
        yield from zip(names, done, strict=True)


@pytest.mark.parametrize("lasting", ["", "+"], ids=["for once", "from then on"])
def test_a_disk_that_is_full_anywhere_leaves_the_entry_in_the_log_or_on_the_screen(
    traced: Traced, lasting: str
) -> None:
    seen = set()
    for name, outcome in outcomes(traced, lambda call, number: f"{call}:error=ENOSPC:when={number}{lasting}"):
        written, printed = [run.exit for run in outcome.runs] == [0], "\nexit:: 0\n" in outcome.err
        assert len(outcome.runs) < 2, name
        assert "Traceback" not in outcome.err
        assert "unexpected" not in outcome.err, f"{name}: {outcome.err}"
        if not outcome.ran:
            assert outcome.code == 1, name
            assert not outcome.runs, name
        elif outcome.code == 0:
            assert written, f"{name}: {outcome.err}"
        else:
            assert printed, f"{name}: {outcome.err}"
            assert "no space left on device" in outcome.err
        seen.add((outcome.ran, printed))
    assert seen == {(False, False), (True, False), (True, True)}


def test_carrel_killed_anywhere_leaves_one_entry_once_the_next_run_is_over(traced: Traced) -> None:
    ends = set()
    for name, outcome in outcomes(traced, lambda call, number: f"{call}:signal=SIGKILL:when={number}"):
        assert outcome.code == -9, f"{name} was not reached"
        following = subprocess.run(
            [sys.executable, "-m", "carrel", "run", "--", "true"],
            cwd=outcome.root, env=environment(outcome.root.parent), capture_output=True, check=False,
        )  # fmt: skip
        assert following.returncode == 0, following.stderr
        *first, last = outcome.runs
        assert last.command == "true"
        assert len(first) == outcome.ran, f"{name}: {first}"
        ends |= {run.exit for run in first}
    assert ends == {0, None}
