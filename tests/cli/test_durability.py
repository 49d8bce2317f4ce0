"""Whole commands under fire: killed before each of their system calls, refused each of them, and many at once.

`strace` stops a command where it is told to. A first run lists the calls that touch the knowledge base; then the
command is run again for each of them, killed or failed there, until none is left. What must hold:

- a file is the old one or the new one, whole;
- what was reported as saved is there;
- the next command works, and takes away what a killed one left.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from carrel.cli.main import run
from carrel.store.knowledge_base import KnowledgeBase

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "link", "linkat", "symlink", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "truncate", "ftruncate", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "chown", "fchown",
    "setxattr", "flock",
)  # fmt: skip
#: What the disk says. EACCES is a PermissionError, the others are one OSError with another hint.
REFUSED, OTHERS = "error=EACCES", ("error=ENOSPC", "error=EIO", "error=EDQUOT", "error=EROFS")
#: The calls that bring text and names to the disk.
SAVING = ("write", "pwrite64", "fsync", "fdatasync", "link", "linkat", "rename", "renameat", "renameat2")
NOTE = "---\ntitle: A plan  # mine\nrating: 3\n---\n\nText that stays.\n"
DAY = "---\nkind: log\nvisibility: lab\n---\n\n## 9:00 Before\n\nText that stays.\n"


@dataclass(frozen=True)
class Command:
    """A command, what is there before it, and the same again with other words, to be run after the accident."""

    words: tuple[str, ...]
    again: tuple[str, ...]
    before: dict[str, str]


AT = ("--at", "2026-11-20 14:32")
COMMANDS = {
    "log, first of a day": Command(("log", "one", *AT), ("log", "two", *AT), {}),
    "log, later": Command(("log", "one", *AT), ("log", "two", *AT), {"notes/2026/2026-11-20.md": DAY}),
    "log with a figure": Command(
        ("log", "one", "--attach", "fig.png", *AT),
        ("log", "two", "--attach", "fig.png", *AT),
        {"notes/2026/2026-11-20.md": DAY, "fig.png": "png"},
    ),
    "new": Command(("new", "idea", "One"), ("new", "idea", "Two"), {"notes/plan.md": NOTE}),
    "edit --set": Command(
        ("edit", "notes/plan.md", "--set", "rating=4", "--set", "tags=[a, b]"),
        ("edit", "notes/plan.md", "--set", "rating=5"),
        {"notes/plan.md": NOTE},
    ),
    "paper add": Command(("paper", "add", "One", "--year", "2020"), ("paper", "add", "Two", "--year", "2020"), {}),
    "paper read": Command(
        ("paper", "read", "plan", "--level", "skim", "--minutes", "9", "--date", "2026-11-20"),
        ("paper", "read", "plan", "--level", "read", "--minutes", "40", "--date", "2026-11-21"),
        {"papers/plan.md": NOTE.replace("rating:", "kind: paper\nrating:")},
    ),
}


def prepared(root: Path, command: Command) -> Path:
    for folder in (".carrel", "notes", "papers"):
        (root / folder).mkdir(parents=True)
    for path, text in command.before.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def files_of(root: Path) -> dict[str, bytes]:
    """Every file but the lock and temporary ones."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != "lock" and path.suffix != ".tmp"
    }


@dataclass(frozen=True)
class Outcome:
    """How one run ended and what it left. `trace` is strace's listing."""

    root: Path
    code: int
    out: str
    err: str
    trace: str

    @property
    def acknowledged(self) -> bool:
        """Whether the person was told that it is done."""
        return self.err.startswith("saved ") or bool(self.out)

    @property
    def files(self) -> dict[str, bytes]:
        return files_of(self.root)


Traced = Callable[..., Outcome]


@pytest.fixture
def traced(tmp_path: Path, strace: str) -> Traced:
    """Run a command under strace in a fresh knowledge base, with one fault injected or none."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}

    def call(command: Command, name: str, fault: str = "") -> Outcome:
        root = prepared(tmp_path / name / "kb", command)
        listing = tmp_path / name / "trace"
        inject = ["-e", f"inject={fault}"] if fault else []
        inject += [] if "signal" in fault else ["--seccomp-bpf"]  # faster, but strace 6.1 then sends no signals
        calls = ",".join(f"?{call}" for call in CALLS)
        done = subprocess.run(
            [strace, "-f", "-qq", "-y", "-o", listing, "-e", f"trace={calls}", *inject,
             sys.executable, "-P", "-m", "carrel", *command.words],
            cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Outcome(root, done.returncode, done.stdout, done.stderr, listing.read_text("utf-8", "replace"))

    return call


def points(outcome: Outcome) -> list[tuple[str, int]]:
    """The calls of a run that touch the knowledge base: each one's name, and the how manieth of its name it is."""
    count: Counter[str] = Counter()
    found = []
    for line in outcome.trace.splitlines():
        called = re.match(r"\d+ +(\w+)\((.*)", line)
        if called:
            count[called[1]] += 1
            if str(outcome.root) in re.sub(r"AT_FDCWD<[^>]*>", "", called[2]):
                found.append((called[1], count[called[1]]))
    return found


def killed(call: str, turn: int) -> tuple[str, ...]:
    """A command ends at every point."""
    return ("signal=SIGKILL",)


def refusals(call: str, turn: int) -> tuple[str, ...]:
    """What the disk says at a command's point number `turn`: everything where it saves, elsewhere two things."""
    return (REFUSED, *OTHERS) if call in SAVING else (REFUSED, OTHERS[turn % len(OTHERS)])


def faults(
    traced: Traced, command: Command, kinds: Callable[[str, int], tuple[str, ...]]
) -> Iterator[tuple[str, Outcome, dict[str, bytes]]]:
    """The faults at each point of a command: its name, how the run ended, and the files of a run without faults."""
    traced(command, "warm")  # what is cached on a first run is not read again
    clean = traced(command, "clean")
    assert (clean.code, clean.acknowledged) == (0, True), clean.err
    where = points(clean)
    assert {"openat", "write", "fsync", "flock"} <= {call for call, _ in where}
    names = [f"{call}:{kind}:when={number}" for turn, (call, number) in enumerate(where) for kind in kinds(call, turn)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lambda fault: traced(command, fault.replace(":", "-"), fault), names)
        for name, outcome in zip(names, outcomes, strict=True):
            yield name, outcome, clean.files


def check_whole(name: str, outcome: Outcome, new: dict[str, bytes]) -> None:
    """Every file is the old or the new one, and the new one if that was reported."""
    old = files_of(outcome.root.parent.parent / "before")
    now = outcome.files
    for path in old.keys() | new.keys() | now.keys():
        assert now.get(path) in (old.get(path), new.get(path)), f"{name}: {path} is torn: {now.get(path)!r}"
    if outcome.acknowledged:
        assert now == new, f"{name}: reported as saved, and it is not there"


def check_next(name: str, outcome: Outcome, command: Command, capfd: pytest.CaptureFixture[str]) -> None:
    """The next command works, adds to what is there, and sweeps."""
    before = outcome.files
    os.chdir(outcome.root)
    assert run(list(command.again)) == 0, f"{name}: then {capfd.readouterr().err}"
    told = capfd.readouterr()
    assert told.out or "saved" in told.err
    after = outcome.files
    assert after != before
    kept = "Text that stays." if any("Text that stays." in text for text in command.before.values()) else ""
    assert all(
        kept in KnowledgeBase.open(outcome.root).read(path).body for path in command.before if path.endswith(".md")
    )
    if command.words[0] == "log":
        day = "notes/2026/2026-11-20.md"
        assert after[day].startswith(before.get(day, b""))
        titles = [entry.title for entry in KnowledgeBase.open(outcome.root).read(day).entries]
        assert titles in (["two"], ["one", "two"], ["Before", "two"], ["Before", "one", "two"]), name
    swept = [path for path in outcome.root.rglob("*.tmp") if path.parent in {(outcome.root / p).parent for p in after}]
    assert swept == [], f"{name}: temporary files stay"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_is_killed_anywhere_loses_nothing_and_tears_no_file(
    traced: Traced, command: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path / "before", command)
    reached = 0
    for name, outcome, new in faults(traced, command, killed):
        assert "+++ killed by SIGKILL +++" in outcome.trace, f"{name} was not reached"
        assert not outcome.acknowledged, f"{name}: every call comes before the report"
        check_whole(name, outcome, new)
        check_next(name, outcome, command, capfd)
        reached += 1
    assert reached >= 5


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_the_disk_refuses_anywhere_says_so_and_leaves_the_old_or_the_new(
    traced: Traced, command: Command, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path / "before", command)
    failed = 0
    for name, outcome, new in faults(traced, command, refusals):
        assert "(INJECTED)" in outcome.trace, f"{name} was not reached"
        check_whole(name, outcome, new)
        if outcome.acknowledged:  # what failed was not needed: sweeping, copying an owner
            assert outcome.code == 0, name
        else:
            assert outcome.code == 1, name
            lines = outcome.err.splitlines()
            assert re.match(r"carrel: \S.*(not saved|nothing was written|: )", lines[0]), f"{name}: {outcome.err}"
            assert "Traceback" not in outcome.err
            assert "unexpected" not in outcome.err, f"{name}: {outcome.err}"
            assert len(lines) <= 2
            failed += 1
        check_next(name, outcome, command, capfd)
    assert failed >= 15


def steps(outcome: Outcome) -> list[str]:
    """What a run did to reach the disk, and when it spoke: each call with the name of what it was about."""
    found = []
    for line in outcome.trace.splitlines():
        spoken = re.match(r"\d+ +write\([12]<[^>]*>, \"(?!\")", line)
        done = re.match(r"\d+ +(?:(write|fsync)\(\d+<([^>]*)>|(mkdir|link|rename)(?:at2?)?\(.*\"([^\"]*)\")", line)
        if spoken:
            found.append("say")
        elif done and str(outcome.root) in line:
            call, path = done[1] or done[3], Path(done[2] or done[4])
            found.append(f"{call} {path.name if path.suffix != '.tmp' else 'temporary'}")
    return found


NEW_FILE = ["write temporary", "fsync temporary"]


@pytest.mark.parametrize(
    ("command", "order"),
    [
        ("log, first of a day", ["mkdir 2026", "fsync notes", *NEW_FILE, "link 2026-11-20.md", "fsync 2026", "say"]),
        ("log, later", ["write 2026-11-20.md", "fsync 2026-11-20.md", "say"]),
        ("new", ["mkdir ideas", "fsync notes", *NEW_FILE, "link one.md", "fsync ideas", "say"]),
        ("edit --set", [*NEW_FILE, "rename plan.md", "fsync notes", "say"]),
    ],
)
def test_saved_is_said_when_the_bytes_and_the_name_are_on_the_disk(
    traced: Traced, command: str, order: list[str]
) -> None:
    assert steps(traced(COMMANDS[command], "kb")) == order


# --- many at once ----------------------------------------------------------------------------------------------------


def entries(root: Path) -> Counter[str]:
    return Counter(entry.title for note in KnowledgeBase.open(root).notes() for entry in note.entries)


def test_eight_processes_that_log_two_hundred_lines_each_lose_none(kb: KnowledgeBase) -> None:
    script = """
        import os, sys
        from carrel.cli.main import run
        for number in range(200):
            assert run(["log", f"line {sys.argv[1]}-{number}", "--at", "2026-11-20 14:32"]) == 0
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    running = [
        subprocess.Popen([*command, name], cwd=kb.root, stderr=subprocess.PIPE, text=True) for name in "abcdefgh"
    ]
    told = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * 8
    saved = Counter(
        line.partition("14:32 ")[2] for text in told for line in text.splitlines() if line.startswith("saved")
    )
    assert len(saved) == 1600
    assert entries(kb.root) == saved
    assert (kb.root / "notes/2026/2026-11-20.md").read_text().count("kind: log") == 1


def test_commands_of_every_kind_at_once_get_in_each_other_s_way_nowhere(kb: KnowledgeBase, process: object) -> None:
    (kb.root / "notes/plan.md").write_text(NOTE)
    words = [["log", f"line {number}", *AT] for number in range(8)]
    words += [["edit", "notes/plan.md", "--set", f"key{number}={number}"] for number in range(6)]
    words += [["new", "idea", f"Idea {number}"] for number in range(4)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "carrel", *one], cwd=kb.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for one in words
    ]
    told = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * len(words), told
    assert entries(kb.root) == Counter(f"line {number}" for number in range(8))
    plan = kb.read("notes/plan.md")
    assert {key: plan.metadata[key] for key in sorted(plan.metadata) if key.startswith("key")} == {
        f"key{number}": str(number) for number in range(6)
    }
    assert (kb.root / "notes/plan.md").read_text().startswith("---\ntitle: A plan  # mine\nrating: 3\n")
    assert len(list((kb.root / "notes/ideas").iterdir())) == 4
    assert list(kb.root.rglob("*.tmp")) == []


def test_of_many_that_make_a_note_of_one_name_each_success_is_a_file(kb: KnowledgeBase) -> None:
    script = """
        import sys
        from carrel.cli.main import run
        print(sum(run(["new", "idea", "The same"]) == 0 for _ in range(25)), file=sys.stderr)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    running = [
        subprocess.Popen(command, cwd=kb.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in "abcd"
    ]
    told = [process.communicate() for process in running]
    printed = [path for out, _ in told for path in out.split()]
    made = sorted(path.relative_to(kb.root).as_posix() for path in (kb.root / "notes/ideas").iterdir())
    assert sorted(printed) == made
    assert sum(int(err.splitlines()[-1]) for _, err in told) == len(made) >= 25
