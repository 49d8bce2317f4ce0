"""`carrel run`: a real training script is run, and its entry holds what one wants to know of it a year later."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from carrel.core.prediction import predictions
from carrel.core.run import Run, read_run
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]
Process = Callable[..., subprocess.CompletedProcess[str]]
DAY = "notes/2026/2026-11-20.md"
TRAIN = Path(__file__).parent.parent / "running/train.py"
PYTHON = sys.executable


def runs(kb: KnowledgeBase) -> list[Run]:
    found = [read_run(entry.fields) for note in kb.notes() for entry in note.entries]
    return [run for run in found if run is not None]


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@lab.example", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def project(kb: KnowledgeBase, tmp_path: Path) -> Path:
    """A repository of code beside the knowledge base, with a change that is not committed and pinned packages."""
    root = tmp_path / "home" / "toy"
    (root / "src").mkdir(parents=True)
    shutil.copy(TRAIN, root / "src/train.py")
    (root / "uv.lock").write_text("numpy==2.0\n")
    (root / ".gitignore").write_text("plots/\n")
    git(root, "init", "-q", "-b", "warm-up")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "One")
    with (root / "src/train.py").open("a") as file:
        file.write("# a longer warm-up\n")
    return root


def test_a_training_script_with_a_figure_a_prediction_and_an_experiment(
    process: Process, kb: KnowledgeBase, write: Write, project: Path
) -> None:
    write("notes/experiments/warm-up.md", "---\ntitle: Longer warm-up\nkind: experiment\n---\n")
    secret = "k7Xq2Lm9" + "Vb4Tz8Rw"
    driver = project.parent / "bin"
    driver.mkdir()
    (driver / "nvidia-smi").write_text("#!/bin/sh\nprintf 'NVIDIA A100\\nNVIDIA A100\\n'\n")
    (driver / "nvidia-smi").chmod(0o755)
    said = process(
        "run", "--dir", str(kb.root), "-m", "Does a longer warm-up help?", "--expect", "acc > 0.8", "-p", "0.7",
        "--figure", "plots/*.png", "--exp", "warm-up", "--link", "https://wandb.ai/ada/toy/runs/a1", "-t", "training",
        "--project", "toy", "--", PYTHON, "train.py", "--lr", "0.5", "--api-key", secret,
        cwd=project / "src", env={**os.environ, "HOME": str(project.parent), "PATH": f"{driver}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert (said.returncode, said.stdout.splitlines()[1][:4]) == (0, "acc ")
    [note] = [note for note in kb.notes() if note.kind == "log"]
    before, entry = note.entries
    assert before.title == "Before: Does a longer warm-up help?"
    assert entry.title == "Does a longer warm-up help?"
    [prediction] = predictions(note)
    assert (prediction.p, note.body[prediction.start : prediction.end]) == (0.7, "acc > 0.8")
    assert before.start < prediction.start < before.end
    run = read_run(entry.fields)
    assert run is not None
    assert run.seconds is not None
    assert run == Run(
        id=run.id,
        command=f"{PYTHON} train.py --lr 0.5 --api-key '***'",
        exit=0,
        seconds=run.seconds,
        directory="toy/src",
        host=os.uname().nodename.partition(".")[0],
        gpu="2 × NVIDIA A100",
        commit=git(project, "rev-parse", "HEAD").strip(),
        branch="warm-up",
        dirty=True,
        environment=f"uv.lock {sha256(b'numpy==2.0' + bytes([10])).hexdigest()[:12]}",
        experiment="warm-up",
        predictions=(f"{note.name}#^{prediction.id}",),
        linked=("https://wandb.ai/ada/toy/runs/a1",),
    )
    assert (entry.project, entry.tags) == ("toy", ("training",))
    figure = (project / "src/plots/loss.png").read_bytes()
    shown = re.search(
        r"^!\[loss\]\(\.\./(assets/\d{4}/loss-\w+\.png)\) <!-- sha256:(\w+) -->$", entry.text, re.MULTILINE
    )
    assert shown is not None
    assert kb.read_bytes(f"notes/{shown[1]}") == figure
    assert shown[2] == sha256(figure).hexdigest()
    block = re.search(r"```text\n(.*?)\n```", entry.text, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert {said.stdout.splitlines()[1], "logged in with ***"} < set(lines)
    assert "step 200/200 loss 0." in block[1]
    assert len(lines) <= 4, "a progress bar is one line, or two where it was interrupted"
    kept = re.findall(r"\]\(\.\./(assets/\d{4}/\S+\.private\.\w+)\)", entry.text)
    [patch] = [kb.read_bytes(f"notes/{name}") for name in kept if name.endswith(".private.patch")]
    assert b"+# a longer warm-up\n" in patch
    everything = b"".join(path.read_bytes() for path in kb.root.rglob("*") if path.is_file())
    assert secret.encode() not in everything
    assert str(project.parent).encode() not in everything
    assert process("links", "--broken").stdout == ""
    assert process("verify").returncode == 0
    (kb.root / "notes" / shown[1]).write_bytes(figure + b"\0")
    verified = process("verify")
    assert verified.returncode == 2
    assert verified.stdout.endswith(f": notes/{shown[1]} was changed since it was attached [changed]\n")


def test_a_script_that_was_never_committed_is_kept_and_masked_and_its_run_is_dirty(
    process: Process, kb: KnowledgeBase, project: Path
) -> None:
    secret = "aZ3kQ9xW7bT5mN1r" + "L8vY2cF6hJ4dG0sP"
    git(project, "checkout", "-q", "--", ".")
    (project / "new.py").write_text(f"print('tried')\napi_key = '{secret}'\n")
    process("run", "--dir", str(kb.root), "--", PYTHON, "new.py", cwd=project)
    [run] = runs(kb)
    assert (run.dirty, run.unknown) == (False, "1 file")
    [path] = [path for path in kb.files() if path.endswith(".private.patch")]
    assert kb.read_bytes(path).decode().endswith("\n@@ -0,0 +1,2 @@\n+print('tried')\n+api_key = '***'\n")
    (project / "new.py").unlink()
    git(project, "apply", str(kb.root / path))
    assert (project / "new.py").read_text().startswith("print('tried')\n")
    assert process("search", "dirty:yes", "--jsonl").stdout.count("\n") == 1
    assert process("search", "dirty:no", "--jsonl").stdout == ""


def test_the_full_output_is_kept_beside_the_entry_when_that_shows_the_last_lines_only(
    process: Process, kb: KnowledgeBase
) -> None:
    process("run", "--", PYTHON, "-c", "for n in range(100): print('line', n)")
    [note] = kb.notes()
    text = note.entries[0].text
    assert "line 79\n" not in text
    assert "```text\nline 80\n" in text
    kept = re.search(r"^\[full output\]\(\.\./(\S+\.private\.txt)\)", text, re.MULTILINE)
    assert kept is not None
    assert kb.read_bytes(f"notes/{kept[1]}") == b"".join(b"line %d\n" % number for number in range(100))


def test_output_that_is_no_text_is_kept_and_not_shown(process: Process, kb: KnowledgeBase) -> None:
    process("run", "--", PYTHON, "-c", "import sys; sys.stdout.buffer.write(bytes(range(256)) * 12)", text=False)
    [note] = kb.notes()
    text = note.entries[0].text
    assert "Its output is 3072 bytes that are no text.\n\n[full output]" in text
    assert "```" not in text
    kept = re.search(r"^\[full output\]\(\.\./(\S+\.private\.bin)\)", text, re.MULTILINE)
    assert kept is not None
    assert kb.read_bytes(f"notes/{kept[1]}") == bytes(range(256)) * 12


def test_of_very_much_output_the_entry_says_how_much_is_kept(process: Process, kb: KnowledgeBase) -> None:
    process("run", "--", "sh", "-c", "yes line | head -c 9000000")
    [note] = kb.notes()
    assert "\n[the first and last 4 MB of 9 MB of output](" in note.entries[0].text


def test_secrets_of_the_environment_are_masked_in_the_output(process: Process, kb: KnowledgeBase) -> None:
    secret = "correct-horse-" + "battery"
    process("run", "--", "env", f"X={secret}", env={**os.environ, "MY_API_KEY": secret})
    everything = b"".join(path.read_bytes() for path in kb.root.rglob("*") if path.is_file())
    assert b"MY_API_KEY=***" in everything
    assert secret.encode() not in everything


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-p", "0.7", "--", "touch", "x"], "-p says how likely something is, and --expect says what"),
        (["--expect", "it works", "-p", "7", "--", "touch", "x"], "a probability of 7 is more than 1"),
        (
            ["--expect", "a", "-p", "0.7", "-p", "0.8", "--", "touch", "x"],
            "1 --expect and 2 -p: which belongs to which is not clear; nothing was run",
        ),
        (["--exp", "nothing", "--", "touch", "x"], "no note called 'nothing'; nothing was run"),
        (["--exp", "plan", "--", "touch", "x"], "notes/plan.md is of kind note, no experiment; nothing was run"),
        (["-t", "123", "--", "touch", "x"], "'123' is no tag; nothing was written"),
        ([], "Missing argument 'CMD...'."),
    ],
)
def test_what_was_asked_wrongly_is_said_before_anything_is_run(
    carrel: Carrel, kb: KnowledgeBase, write: Write, words: list[str], message: str
) -> None:
    write("notes/plan.md", "# Plan\n")
    said = carrel("run", *words)
    assert (said.code, said.err.splitlines()[0]) == (2, f"carrel: {message}")
    assert not (kb.root / "x").exists()
    assert list(kb.stamps()) == ["notes/plan.md"]


def test_the_heading_is_the_time_at_which_it_began(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("run", "-m", "Over midnight", "--", "true", now=datetime(2026, 11, 20, 23, 59)).err == (
        f"saved {DAY}: 23:59 Over midnight\n"
    )


def test_what_is_expected_without_a_probability_is_words(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("run", "--expect", "a small loss", "--", "true").code == 0
    note = kb.read(DAY)
    assert "Expected: a small loss" in note.entries[0].text
    assert predictions(note) == ()


def test_several_expectations_have_each_its_own_chance_or_all_the_same(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("run", "-q", "--expect", "a > 1", "-p", "0.6", "--expect", "b > 2", "-p", "90%", "--", "true")
    assert said.code == 0
    carrel("run", "--expect", "c", "--expect", "d", "-p", "0.7", "--", "true")
    carrel("run", "--expect", "e", "--expect", "f", "--", "true")
    note = kb.read(DAY)
    found = predictions(note)
    assert [(note.body[one.start : one.end], one.p) for one in found] == [
        ("a > 1", 0.6), ("b > 2", 0.9), ("c", 0.7), ("d", 0.7),
    ]  # fmt: skip
    assert [run.predictions for run in runs(kb)] == [
        tuple(f"{note.name}#^{one.id}" for one in found[:2]), tuple(f"{note.name}#^{one.id}" for one in found[2:]), (),
    ]  # fmt: skip
    assert "Expected: e\n\nExpected: f" in note.body


def test_after_the_run_each_prediction_is_named_with_what_resolves_it(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("run", "--expect", "loss < 0.3", "-p", "0.7", "--", "true")
    [one] = predictions(kb.read(DAY))
    assert said.err.splitlines()[1:] == [f"expected, 70 %: loss < 0.3; carrel resolve {one.id} yes|no|void"]
    assert carrel("resolve", one.id, "yes").code == 0


def test_the_first_run_of_a_planned_experiment_starts_it(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    path = "notes/experiments/warm-up.md"
    write(path, "---\nkind: experiment\nstate: planned\n---\n\n## Method\n")
    said = carrel("run", "--exp", "warm-up", "--", "grep", "state", path)
    assert said.err.splitlines()[0] == f"saved {path}: runs since 2026-11-20, with this run"
    assert kb.read_bytes(path) == (b"---\nkind: experiment\nstate: running\nstarted: 2026-11-20\n---\n\n## Method\n")
    assert "state: running" in kb.read(DAY).entries[0].text, "it runs while the command does"
    assert len(carrel("run", "--exp", "warm-up", "--", "true").err.splitlines()) == 1
    write(path, "---\nkind: experiment\nstate: done\n---\n")
    said = carrel("run", "--exp", "warm-up", "--", "true")
    assert said.err.splitlines()[0] == "warm-up is done; the run is kept with it all the same"
    assert [run.experiment for run in runs(kb)] == ["warm-up"] * 3


def test_a_planned_experiment_stays_so_when_nothing_ran_or_its_note_cannot_be_changed(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    place = write("notes/experiments/warm-up.md", "---\nkind: experiment\n---\n")
    assert carrel("run", "--exp", "warm-up", "--", "no-such-command").code == 127
    place.chmod(0o444)
    said = carrel("run", "--exp", "warm-up", "--", "true")
    assert said.code == 0
    assert said.err.startswith("warm-up is still planned: ")
    assert place.read_text() == "---\nkind: experiment\n---\n"


def test_a_private_run_is_in_the_private_file(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("run", "--private", "--", "true").code == 0
    assert list(kb.stamps()) == ["notes/2026/2026-11-20.private.md"]


def test_figures_that_did_not_come_are_said(carrel: Carrel, kb: KnowledgeBase) -> None:
    said = carrel("run", "--figure", "*.png", "--", "true")
    assert said.err.splitlines()[0] == "--figure *.png: no such file was written"


def test_more_figures_than_an_entry_shows_are_named_in_the_full_output(process: Process, kb: KnowledgeBase) -> None:
    made = "for n in range(10, 40): open(f'{n}.svg', 'w').write(f'<svg>{n}</svg>')"
    process("run", "--figure", "*.svg", "--", PYTHON, "-c", f"{made}\nprint('done')")
    [note] = kb.notes()
    [entry] = note.entries
    assert entry.text.count("![") == 24
    assert "\nOf 30 figures, 24 are kept; the full output names the others.\n" in entry.text
    [path] = [path for path in kb.files() if path.endswith(".private.txt")]
    assert kb.read_bytes(path).decode() == (
        "[carrel: figures that are not kept:]\n34.svg\n35.svg\n36.svg\n37.svg\n38.svg\n39.svg\n\ndone\n"
    )


def test_without_a_knowledge_base_nothing_is_run(process: Process, tmp_path: Path) -> None:
    said = process("run", "--", "touch", "x", cwd=tmp_path)
    assert said.returncode == 1
    assert said.stderr.startswith(f"carrel: no knowledge base in {tmp_path}")
    assert not (tmp_path / "x").exists()


def test_in_a_folder_that_is_gone_nothing_is_run(process: Process, kb: KnowledgeBase, tmp_path: Path) -> None:
    carrel = f"{PYTHON} -P -m carrel run --dir {kb.root} -- touch {tmp_path}/x"
    said = subprocess.run(
        ["sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && {carrel}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stderr) == (2, "carrel: the current folder is gone\n        cd to another\n")
    assert not (tmp_path / "x").exists()
    assert kb.stamps() == {}


def test_a_knowledge_base_that_cannot_be_written_is_said_before_anything_is_run(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write(DAY, "---\nkind: log\n---\n").chmod(0o444)
    said = carrel("run", "--", "touch", "x")
    assert (said.code, said.err.splitlines()[0]) == (1, f"carrel: {kb.root / DAY} is read-only; nothing was run")
    kb.config_path.write_text("per_author = true\n")
    assert carrel("run", "--", "touch", "x").err.startswith("carrel: per_author is set, and who writes is not known")
    assert not (kb.root / "x").exists()


# --- the disk is full ------------------------------------------------------------------------------------------------


def under(strace: str, kb: KnowledgeBase, fault: str, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run `carrel run` with a system call of Carrel's own (not of the command's) made to fail."""
    only = ["-P", str(kb.root / path)] if path else []
    return subprocess.run(
        [strace, "-qq", "-o", os.devnull, "-e", f"trace={fault.split(':')[0]}", "-e", f"inject={fault}", *only,
         PYTHON, "-P", "-m", "carrel", *words],
        cwd=kb.root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_disk_too_full_for_attachments_still_takes_the_entry(
    strace: str, process: Process, kb: KnowledgeBase
) -> None:
    (kb.root / "notes/assets").write_text("in the way: no folder can be made here")
    said = process(
        "run", "--figure", "*.png", "--", PYTHON, "-c", "open('a.png', 'w').write('png'); [print(n) for n in range(99)]"
    )
    assert said.returncode == 0, said.stderr
    [note] = kb.notes()
    text = note.entries[0].text
    assert "a.png was not kept: " in text
    assert "Full output was not kept: " in text
    assert "\n98\n```" in text
    assert [run.exit for run in runs(kb)] == [0]


def test_a_disk_too_full_for_the_entry_prints_it(
    strace: str, process: Process, kb: KnowledgeBase, write: Write
) -> None:
    day = write(f"notes/{datetime.now():%Y/%Y-%m-%d}.md", "---\nkind: log\n---\n")
    said = under(strace, kb, "write:error=ENOSPC:when=1+", "run", "-m", "Precious", "--", "echo", "0.83", path=str(day))
    assert said.stdout == "0.83\n"
    assert said.returncode == 1
    assert "## " in said.stderr
    assert "Precious\n\n```text\n0.83\n```" in said.stderr
    assert "exit:: 0" in said.stderr
    assert "carrel: the run is over, and its entry, printed above, could not be written: " in said.stderr
    assert "no space left on device" in said.stderr
    assert "do not run it again for that: make room, and the next `carrel run` here writes the entry" in said.stderr
    assert day.read_text() == "---\nkind: log\n---\n"
    said = process("run", "--", "true")
    assert re.fullmatch(
        r"a run that began at [\d-]{10} [\d:]{5} had no entry yet; what is known of it is in .*\nsaved .*\n",
        said.stderr,
    )
    entries = [entry for note in kb.notes() for entry in note.entries]
    assert [(entry.title, entry.fields["exit"]) for entry in entries] == [("Precious", "0"), ("Ran true", "0")]
    assert "```text\n0.83\n```" in entries[0].text


def test_where_the_entry_can_wait_nowhere_that_is_said(
    strace: str, kb: KnowledgeBase, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/none")
    day = write(f"notes/{datetime.now():%Y/%Y-%m-%d}.md", "---\nkind: log\n---\n")
    said = under(strace, kb, "write:error=ENOSPC:when=1+", "run", "-m", "Precious", "--", "echo", "0.83", path=str(day))
    assert "Precious\n\n```text\n0.83\n```" in said.stderr
    assert "do not run it again for that: make room, and paste the entry into the day's log" in said.stderr


def test_a_full_disk_keeps_the_exit_code_of_a_command_that_failed(
    strace: str, process: Process, kb: KnowledgeBase, write: Write
) -> None:
    day = write(f"notes/{datetime.now():%Y/%Y-%m-%d}.md", "---\nkind: log\n---\n")
    said = under(strace, kb, "write:error=ENOSPC:when=1+", "run", "--", "sh", "-c", "exit 3", path=str(day))
    assert said.returncode == 3
