"""Closed, full and odd streams, odd arguments: what was saved is saved, and nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

CARREL = f"{sys.executable} -m carrel"
Write = Callable[[str, str], Path]


def shell(kb: KnowledgeBase, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in the knowledge base; `carrel` at its beginning is this package."""
    if command.startswith("carrel "):
        command = CARREL + command.removeprefix("carrel")
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=kb.root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        errors="replace",
    )


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_a_line_is_saved_and_the_exit_code_is_0_whatever_streams_are_closed(kb: KnowledgeBase, closing: str) -> None:
    said = shell(kb, f"carrel log 'a saved line' {closing}")
    assert said.returncode == 0, said.stderr
    assert [note.entries[0].title for note in kb.notes()] == ["a saved line"]


def test_a_reader_that_has_had_enough_is_no_error(kb: KnowledgeBase, write: Write) -> None:
    for number in range(300):
        write(f"notes/n{number}.md", "# A title long enough to fill the pipe " + "x" * 400)
    said = shell(kb, "carrel list | head -1")
    assert (said.returncode, said.stdout.count("\n"), said.stderr) == (0, 1, "")


def test_an_output_that_takes_nothing_is_said(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", "# A")
    said = shell(kb, "carrel list > /dev/full")
    assert said.returncode == 1
    assert said.stderr.splitlines()[0] == "carrel: standard output: no space left on device"
    assert "Traceback" not in said.stderr


def test_letters_survive_a_locale_that_has_none(kb: KnowledgeBase) -> None:
    said = shell(kb, "carrel log ünïcode", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert said.returncode == 0, said.stderr
    assert [note.entries[0].title for note in kb.notes()] == ["ünïcode"]


def test_bytes_that_are_no_letters_are_kept_as_escapes(kb: KnowledgeBase) -> None:
    said = shell(kb, "carrel log $'caf\\xe9'")
    assert said.returncode == 0, said.stderr
    assert [note.entries[0].title for note in kb.notes()] == ["caf\\xe9"]


def test_a_folder_that_is_gone_is_said(kb: KnowledgeBase) -> None:
    (kb.root / "notes/gone").mkdir()
    program = f"{sys.executable} -c 'from carrel.cli.main import main; main()'"
    said = shell(kb, f"cd notes/gone && rmdir ../gone && {program} list")
    assert said.returncode == 2
    assert said.stderr.splitlines()[0] == "carrel: the current folder is gone"


def test_json_escapes_what_would_drive_a_terminal_and_keeps_every_script(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", '---\ntitle: "C1 \\x9b and bidi \\u202e, 概要"\n---\nmarimba')
    said = carrel("search", "marimba", "--json")
    assert "\x9b" not in said.out
    assert "\u202e" not in said.out
    assert "概要" in said.out
    assert json.loads(said.out)[0]["title"] == "C1 \x9b and bidi \u202e, 概要"


def test_a_name_with_a_line_break_stays_on_its_line(carrel: Carrel, write: Write) -> None:
    write("notes/two\nlines.md", "[[nowhere]]")
    assert carrel("links", "--broken").out == "-> nowhere  nowhere  (notes/two\\nlines.md:1)\n"
