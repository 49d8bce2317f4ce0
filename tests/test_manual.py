"""The manual: its sessions print what it shows, and every page of it is reached from its first one."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import REPOSITORY
from tests.support import Carrel

PAGES = REPOSITORY / "site" / "pages"
_BLOCK = re.compile(r"```(?P<kind>console|sh)\n(?P<text>.*?)```", re.DOTALL)
#: Of a prediction: drawn by lot.
_ID = re.compile(r"\bp-[a-z2-7]{5}\b")


def test_the_tutorial_prints_what_it_shows(carrel: Carrel, kb: KnowledgeBase, request: pytest.FixtureRequest) -> None:
    page = PAGES / "tutorial.md"

    def happens(block: re.Match[str]) -> str:
        if block["kind"] == "sh":
            for line in block["text"].splitlines():
                if line.startswith("echo "):
                    subprocess.run(line, shell=True, check=True, cwd=kb.root)
            return block[0]
        steps = []
        for typed in re.findall(r"^\$ carrel (.*)$", block["text"], re.MULTILINE):
            said = carrel(*shlex.split(typed))
            assert said.code == 0, f"{typed}: {said.err}"
            steps.append(f"$ carrel {typed}\n{said.out}{said.err}")
        return "```console\n" + "\n".join(steps) + "```"

    text = page.read_text("utf-8")
    happened = _BLOCK.sub(happens, text)
    if request.config.getoption("--update"):
        page.write_text(happened, "utf-8")
        return
    text, happened = (_ID.sub("p-…", one) for one in (text, happened))
    assert text == happened, "`pytest tests/test_manual.py --update` writes what happened"


def test_every_page_of_the_manual_is_reached_from_home() -> None:
    links = {page.name: set(re.findall(r"\]\(([\w-]+\.md)", page.read_text("utf-8"))) for page in PAGES.glob("*.md")}
    reached: set[str] = set()
    fresh = {"index.md"}
    while fresh:
        reached |= fresh
        fresh = {name for page in fresh for name in links.get(page, ())} - reached
    assert set(links) - reached == set()
