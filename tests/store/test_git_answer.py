"""Nobody waits for ever for a git that does not answer, and what is left out for it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.git_answer import GitSilent, ask
from carrel.store.history import ignored
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.sharing import handed_on
from tests.support import Carrel

Write = Callable[[str, str], Path]
PREDICTION = "- [ ] p=0.5: it works ^p-3f2ab\n"


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git that never answers, and writes its process id into this file."""
    place, program = tmp_path / "began", tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho $$ > '{place}'\nexec sleep 1000\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr("carrel.store.history.HISTORY", 0.2)
    for module in ("history", "sharing"):
        monkeypatch.setattr(f"carrel.store.{module}.SMALL", 0.2)
    return place


def has_begun(began: Path) -> bool:
    return began.exists() and began.read_text().endswith("\n")


def is_over(began: Path) -> bool:
    try:
        os.kill(int(began.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_a_long_question_and_a_long_answer_are_given_whole(tmp_path: Path) -> None:
    text = b"notes/a.md\0" * 100_000
    for given_up in (None, lambda: False):
        assert ask(["cat"], tmp_path, os.environ, 60, text, given_up).stdout == text


def test_a_git_that_does_not_answer_is_ended(tmp_path: Path, silent: Path) -> None:
    with pytest.raises(GitSilent, match=r"^git did not answer within 0\.2 seconds$"):
        ignored(tmp_path, ["a"], os.environ)
    with pytest.raises(GitSilent):
        handed_on(tmp_path, "notes", os.environ)
    with pytest.raises(GitSilent):
        ask(["git"], tmp_path, os.environ, 1000, given_up=lambda: has_begun(silent))
    assert is_over(silent)


@pytest.mark.usefixtures("silent")
def test_commands_say_once_what_they_leave_out(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", PREDICTION)
    said = carrel("check")
    assert said.code == 0
    assert said.err == (
        "git did not answer within 0.2 seconds: what it remembers of predictions and hypotheses is left out\n"
        "1 note, 0 findings\n"
    )
    said = carrel("predictions", "--edited")
    assert (said.code, said.err.split("\n")[0]) == (1, "carrel: git did not answer within 0.2 seconds")
    write("notes/b.md", f"![x](none.png) <!-- sha256:{'0' * 64} -->\n")
    assert "git did not answer within 0.2 seconds: files that it ignores are told of as" in carrel("verify").err


def test_ctrl_c_ends_a_check_that_waits_for_git(kb: KnowledgeBase, write: Write, silent: Path) -> None:
    write("notes/a.md", PREDICTION)
    with subprocess.Popen([sys.executable, "-m", "carrel", "check"], cwd=kb.root, stderr=subprocess.PIPE) as check:
        while not has_begun(silent):
            assert check.poll() is None
            time.sleep(0.02)
        check.send_signal(signal.SIGINT)
        assert check.communicate(timeout=20)[1].decode().endswith("carrel: stopped\n")
    assert check.returncode == 130
    assert is_over(silent)
