"""What git remembers of notes is asked without running anything of theirs, and read as it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.errors import NotFound
from carrel.store.history import MANY, ignored, lines_added
from carrel.store.knowledge_base import KnowledgeBase

Write = Callable[[str, str], Path]


@pytest.fixture
def git(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run git in the knowledge base, in which a repository has begun."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.org")
        monkeypatch.setenv(f"GIT_{name}_DATE", "2026-10-01T12:00:00+02:00")

    def call(*words: str) -> None:
        subprocess.run(["git", *words], cwd=kb.root, check=True, capture_output=True)

    call("init", "-q")
    return call


def lines(kb: KnowledgeBase) -> list[tuple[str, str]]:
    return [(one.path, one.line) for one in lines_added(kb.root, kb.folder_names(), r"\] p=", os.environ)]


def test_a_patch_that_a_note_quotes_is_text_and_its_lines_belong_to_the_note(
    kb: KnowledgeBase, write: Write, git: Callable[..., None]
) -> None:
    write("notes/quo te.md", "++ b/notes/other.md\n@@ -1 +1 @@\r\n- [ ] p=0.5: é ^p-1")
    write("notes/without.md", "nothing of it")
    write("elsewhere.md", "- [ ] p=0.5: not a note")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    assert lines(kb) == [
        ("notes/quo te.md", "++ b/notes/other.md"),
        ("notes/quo te.md", "@@ -1 +1 @@"),
        ("notes/quo te.md", "- [ ] p=0.5: é ^p-1"),
    ]
    first = lines_added(kb.root, kb.folder_names(), r"\] p=", os.environ)[0]
    assert first.at.isoformat() == "2026-10-01T12:00:00+02:00"


def test_lines_that_went_are_told_of_the_note_that_they_stood_in(
    kb: KnowledgeBase, write: Write, git: Callable[..., None]
) -> None:
    write("notes/a.md", "- [ ] p=0.5: one\n- [ ] p=0.5: two\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    write("notes/a.md", "- [ ] p=0.6: two\n")
    git("commit", "-qam", "two")
    (kb.root / "notes/a.md").unlink()
    git("commit", "-qam", "three")
    found = lines_added(kb.root, kb.folder_names(), r"\] p=", os.environ, gone=True)
    assert [(one.path, one.line[6:], one.gone) for one in found] == [
        ("notes/a.md", "p=0.5: one", False),
        ("notes/a.md", "p=0.5: two", False),
        ("notes/a.md", "p=0.5: one", True),
        ("notes/a.md", "p=0.5: two", True),
        ("notes/a.md", "p=0.6: two", False),
        ("notes/a.md", "p=0.6: two", True),
    ]
    assert len(lines(kb)) == 3


def test_of_very_many_notes_git_is_asked_by_their_folders(
    kb: KnowledgeBase, write: Write, git: Callable[..., None]
) -> None:
    write("notes/a [1]/x.md", "- [ ] p=0.5: x ^p-1\n")
    write("notes/a 1/x.md", "- [ ] p=0.5: y ^p-2\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    for number in (0, MANY):
        paths = ["notes/a [1]/x.md", *(f"notes/a [1]/{count}.md" for count in range(number))]
        found = lines_added(kb.root, paths, r"\] p=", os.environ)
        assert [(one.path, one.line) for one in found] == [("notes/a [1]/x.md", "- [ ] p=0.5: x ^p-1")]


def test_the_lines_of_a_renamed_note_and_of_a_deleted_one_are_remembered(
    kb: KnowledgeBase, write: Write, git: Callable[..., None]
) -> None:
    place = write("notes/a.md", "- [ ] p=0.5: x ^p-1\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    place.rename(kb.root / "notes/b.md")
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    (kb.root / "notes/b.md").unlink()
    git("commit", "-q", "-a", "-m", "three")
    assert lines(kb) == [("notes/a.md", "- [ ] p=0.5: x ^p-1"), ("notes/b.md", "- [ ] p=0.5: x ^p-1")]


def test_no_program_that_a_repository_names_is_run(
    kb: KnowledgeBase, write: Write, git: Callable[..., None], tmp_path: Path
) -> None:
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f'#!/bin/sh\ntouch "{ran}"\n')
    trap.chmod(0o755)
    write("notes/a.md", "- [ ] p=0.5: x ^p-1\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    for key in ("diff.external", "diff.md.textconv", "diff.md.command", "gpg.program", "core.pager", "core.fsmonitor"):
        git("config", key, str(trap))
    git("config", "log.showSignature", "true")
    write(".gitattributes", "*.md diff=md\n")
    assert lines(kb) == [("notes/a.md", "- [ ] p=0.5: x ^p-1")]
    assert not ignored(kb.root, ["notes/a.md", "a.log"], os.environ)
    assert not ran.exists()


def test_where_there_is_no_history_it_is_said(kb: KnowledgeBase, git: Callable[..., None]) -> None:
    with pytest.raises(NotFound, match="git has no history of"):
        lines(kb)
    (kb.root / ".git").rename(kb.root / "moved")
    with pytest.raises(NotFound, match="git has no history of"):
        lines(kb)
    with pytest.raises(NotFound, match="git cannot be run"):
        lines_added(kb.root, kb.folder_names(), "x", {"PATH": "/nowhere"})


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS"]
)
def test_variables_that_lead_git_elsewhere_are_not_heeded(
    kb: KnowledgeBase, write: Write, git: Callable[..., None], tmp_path: Path, name: str
) -> None:
    write("notes/a.md", "- [ ] p=0.5: x ^p-1\n")
    write(".gitignore", "*.log\n")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    environment = {**os.environ, name: "1" if name.endswith("SPECS") else str(tmp_path)}
    found = lines_added(kb.root, ["notes/a.md"], r"\] p=", environment)
    assert [one.line for one in found] == ["- [ ] p=0.5: x ^p-1"]
    assert ignored(kb.root, ["a.log", "a.txt"], environment) == {"a.log"}
