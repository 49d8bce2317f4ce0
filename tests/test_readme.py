"""The README: its commands print what it says they print."""

from __future__ import annotations

import re
import shlex

import pytest

from carrel.cli.main import COMMANDS
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY
from tests.support import Carrel

README = (REPOSITORY / "README.md").read_text("utf-8")


def test_the_readmes_commands_print_what_it_shows(carrel: Carrel, kb: KnowledgeBase) -> None:
    shown = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    assert shown
    for session in shown:
        happened = []
        for typed in re.findall(r"^\$ carrel (.*)$", session, re.MULTILINE):
            said = carrel(*shlex.split(typed))
            assert said.code == 0, said.err
            happened.append(f"$ carrel {typed}\n{said.out}{said.err}")
        assert "\n".join(happened) == session
    written = re.findall(r"```markdown\n(.*?)```", README, re.DOTALL)
    assert written == [(kb.root / "notes/2026/2026-11-20.md").read_text("utf-8")]


def test_the_readme_is_within_120_lines_and_shows_a_command_with_its_output_before_line_40() -> None:
    lines = README.splitlines()
    assert len(lines) <= 120
    assert lines.index("```console") < 40


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str, carrel: Carrel) -> None:
    said = carrel(name, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: carrel {name}")
    assert len(said.out.splitlines()) > 5
