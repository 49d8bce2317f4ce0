"""Whoever serves the site hears of a change to anything that it is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch.rhythm import Rhythm
from carrel.watch.surroundings import Surroundings


def hears(kb: KnowledgeBase, folder: Path, change: Callable[[], object], rest: float = 20.0) -> bool:
    """Whether waiting for the change ends before it is time for a look that nothing asked for."""
    rhythm = Rhythm(quiet=0.05, patience=1.0, rest=rest)
    surroundings = Surroundings(kb, [folder], say=lambda _: None, rhythm=rhythm)
    with surroundings.heard():
        change()
        began = time.monotonic()
        surroundings.wait(0.0)
        return time.monotonic() - began < rest - 0.1


@pytest.mark.parametrize(
    "path",
    ["notes/a.md", "notes/fig.png", "papers/new/b.md", "site/pages/index.md", "mkdocs.yml", ".carrel/config.toml"],
)
def test_a_change_is_heard_of(kb: KnowledgeBase, tmp_path: Path, path: str) -> None:
    for folder in ("site/pages", "papers/new"):
        (kb.root / folder).mkdir(parents=True)
    assert hears(kb, tmp_path, lambda: (kb.root / path).write_text("x"))


def test_a_change_of_the_theme_is_heard_of(kb: KnowledgeBase, tmp_path: Path) -> None:
    theme = tmp_path / "theme"
    (theme / "deep").mkdir(parents=True)
    assert hears(kb, theme, lambda: (theme / "deep/x.css").write_text("x"))


def test_a_folder_that_is_made_is_listened_to(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert hears(kb, tmp_path, lambda: (kb.root / "site/pages").mkdir(parents=True))


def test_what_editors_leave_beside_a_note_is_no_change(kb: KnowledgeBase, tmp_path: Path) -> None:
    def litter() -> None:
        for name in (".a.md.swp", "a.md~", "4913", "#a.md#", ".#a.md"):
            (kb.root / "notes" / name).write_text("x")

    assert not hears(kb, tmp_path, litter, rest=1.5)


def test_changes_that_come_together_are_one(kb: KnowledgeBase, tmp_path: Path) -> None:
    surroundings = Surroundings(kb, [tmp_path], say=lambda _: None, rhythm=Rhythm(quiet=0.3, patience=5.0))
    with surroundings.heard():
        for number in range(3):
            (kb.root / f"notes/{number}.md").write_text("x")
            time.sleep(0.05)
        surroundings.wait(0.0)
        assert surroundings._hints.empty()
