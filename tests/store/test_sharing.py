"""What git hands on of private files is what git itself says, and nothing of theirs is run to know it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.scaffold import GIT_IGNORES, PRIVATE_FILES
from carrel.store.sharing import HandedOn, handed_on
from tests.support import Carrel

Write = Callable[[str, str], Path]
Git = Callable[..., None]
DAY = "notes/2026/2026-11-20.private.md"


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Run git in a folder, with nobody's settings."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def call(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    return call


def test_without_a_repository_or_a_remote_nothing_is_handed_on(tmp_path: Path, git: Git) -> None:
    assert handed_on(tmp_path, "notes", os.environ) is None
    git("init", "-q")
    assert handed_on(tmp_path, "notes", os.environ) is None
    git("remote", "add", "origin", "../hub")
    assert handed_on(tmp_path, "notes", os.environ) == HandedOn(True, ())
    assert handed_on(tmp_path, "notes", {"PATH": "/nowhere"}) is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (GIT_IGNORES, HandedOn(False, ())),
        (f"{PRIVATE_FILES}\n", HandedOn(False, ())),
        ("**/*.private.*\n", HandedOn(False, ())),
        ("/notes/\n", HandedOn(False, ())),
        ("*.private.md\n", HandedOn(True, ())),  # and an output.private.txt?
        ("# *.private.*\n", HandedOn(True, ())),
        ("*.private.*\n!*.md\n", HandedOn(True, ())),
        ("!*.private.*\n", None),  # it is meant
        (GIT_IGNORES.replace(PRIVATE_FILES, f"!{PRIVATE_FILES}"), None),
    ],
)
def test_git_says_what_it_leaves_out(tmp_path: Path, git: Git, lines: str, said: HandedOn | None) -> None:
    git("init", "-q")
    git("remote", "add", "origin", "../hub")
    (tmp_path / ".gitignore").write_text(lines)
    assert handed_on(tmp_path, "notes", os.environ) == said


def test_private_files_are_private_in_capitals_too(tmp_path: Path, git: Git) -> None:
    (tmp_path / "notes").mkdir()
    git("init", "-q")
    git("config", "core.ignorecase", "false")
    git("remote", "add", "origin", "../hub")
    (tmp_path / ".gitignore").write_text("*.private.*\n")
    (tmp_path / "notes/a.Private.md").write_text("x")
    assert handed_on(tmp_path, "notes", os.environ) == HandedOn(True, ())
    git("add", "-A")
    assert handed_on(tmp_path, "notes", os.environ) == HandedOn(False, ("notes/a.Private.md",))
    git("rm", "-q", "--cached", "--", PRIVATE_FILES)
    (tmp_path / ".gitignore").write_text(GIT_IGNORES)
    assert handed_on(tmp_path, "notes", os.environ) == HandedOn(False, ())


def test_a_knowledge_base_within_a_repository_goes_by_the_repositorys_lines(tmp_path: Path, git: Git) -> None:
    inner = tmp_path / "lab" / "notes"
    inner.mkdir(parents=True)
    for path in ("lab/notes/a.private.md", "other.private.md"):
        (tmp_path / path).write_text("x")
    git("init", "-q")
    git("remote", "add", "origin", "../hub")
    git("add", "-A")
    (tmp_path / ".gitignore").write_text("*.private.*\n")
    assert handed_on(tmp_path / "lab", "notes", os.environ) == HandedOn(False, ("notes/a.private.md",))


def test_no_program_that_the_repository_names_is_run(tmp_path: Path, git: Git) -> None:
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f'#!/bin/sh\ntouch "{ran}"\n')
    trap.chmod(0o755)
    git("init", "-q")
    git("remote", "add", "origin", "../hub")
    git("add", "-A")
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand"):
        git("config", key, str(trap))
    assert handed_on(tmp_path, "notes", os.environ) == HandedOn(True, ())
    assert not ran.exists()


def test_doctor_says_what_others_may_read_and_how_to_mend_it(
    carrel: Carrel, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    write(DAY, "Secret.\n")
    write(".gitignore", "site/public/\n")
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], check=True)
    assert "private files" not in carrel("doctor").out
    subprocess.run(["git", "remote", "add", "origin", "../hub"], check=True)
    said = carrel("doctor")
    assert (
        "!!  private files: git takes them, and the repository has a remote\n"
        f"      put the line {PRIVATE_FILES} into .gitignore; or !{PRIVATE_FILES}"
        " if nobody but you reads the repository\n"
        f"!!  in git: 1 private file for all who read the repository, as {DAY}\n"
        f"      `git rm --cached -- '{PRIVATE_FILES}'` and a commit; the files stay here, and in earlier commits\n"
    ) in said.out
    assert said.code == 2
    write(".gitignore", f"{PRIVATE_FILES}\n")
    subprocess.run(["git", "rm", "-q", "--cached", "--", PRIVATE_FILES], check=True)
    said = carrel("doctor")
    assert "ok  private files: git leaves them out\nok  index" in said.out
