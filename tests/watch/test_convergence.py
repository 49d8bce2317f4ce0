"""Whatever is done to the notes, in any order, the watcher's index soon equals one that is made from nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from carrel.store.knowledge_base import KnowledgeBase
from tests.watch.support import WORDS, contents, fresh, until, watching

FOLDERS = ("notes", "notes/a", "notes/a/b", "notes/c", "papers")
NAMES = ("one", "two", "three", "2026-11-20")
texts = st.lists(st.sampled_from(WORDS), max_size=6).map(lambda words: f"# {' '.join(words)}\n\n## 14:32 {words}\n")
places = st.builds(lambda folder, name: f"{folder}/{name}.md", st.sampled_from(FOLDERS), st.sampled_from(NAMES))
picks = st.integers(0, 1000)


class Desk(RuleBasedStateMachine):
    """What editors, sync tools and people do to a folder of notes while it is watched."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        base = Path(self.closing.enter_context(tempfile.TemporaryDirectory()))
        self.root, self.outside = base / "kb", base / "outside"
        self.outside.mkdir()
        for folder in (".carrel", "notes", "papers"):
            (self.root / folder).mkdir(parents=True)
        self.watched = self.closing.enter_context(watching(KnowledgeBase.open(self.root)))
        self.count = 0

    def notes(self) -> list[Path]:
        return sorted(self.root.glob("*/**/*.md"))

    def folders(self) -> list[Path]:
        return sorted(path for path in (self.root / "notes").glob("**/*") if path.is_dir())

    def new(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    @rule(place=places, text=texts)
    def write(self, place: str, text: str) -> None:
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        (self.root / place).write_text(text)

    @rule(folder=st.sampled_from(FOLDERS), text=texts, count=st.integers(5, 40))
    def bring_many(self, folder: str, text: str, count: int) -> None:
        target = self.root / folder / self.new("pulled") / "deep"
        target.mkdir(parents=True)
        for number in range(count):
            (target / f"{number}.md").write_text(text)

    @precondition(lambda self: self.notes())
    @rule(pick=picks, text=texts)
    def append(self, pick: int, text: str) -> None:
        with self.pick(pick).open("a") as file:
            file.write(text)

    @precondition(lambda self: self.notes())
    @rule(pick=picks, place=places)
    def rename(self, pick: int, place: str) -> None:
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        self.pick(pick).rename(self.root / place)

    @precondition(lambda self: self.notes())
    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        self.pick(pick).unlink()

    @precondition(lambda self: self.notes())
    @rule(pick=picks, text=texts)
    def replace(self, pick: int, text: str) -> None:
        note = self.pick(pick)
        temporary = note.with_name(f".{note.name}.tmp")
        temporary.write_text(text)
        temporary.replace(note)

    @precondition(lambda self: self.notes())
    @rule(pick=picks, text=texts, age=st.integers(0, 10**9))
    def restore(self, pick: int, text: str, age: int) -> None:
        note = self.pick(pick)
        note.unlink()
        note.write_text(text)
        os.utime(note, (age, age))

    @precondition(lambda self: self.notes())
    @rule(pick=picks, text=texts)
    def save_as_vim_does(self, pick: int, text: str) -> None:
        note = self.pick(pick)
        swap, probe, backup = (
            note.with_name(f".{note.name}.swp"),
            note.with_name("4913"),
            note.with_name(f"{note.name}~"),
        )
        swap.write_text("swap")
        probe.write_text("")
        probe.unlink()
        note.rename(backup)
        note.write_text(text)
        backup.unlink()
        swap.unlink()

    @precondition(lambda self: self.notes())
    @rule(pick=picks)
    def conflict(self, pick: int) -> None:
        note = self.pick(pick)
        shutil.copy(note, note.with_name(f"{note.stem}.sync-conflict-20261120-101010-ABC.md"))

    @precondition(lambda self: self.folders())
    @rule(pick=picks, other=picks)
    def move_folder(self, pick: int, other: int) -> None:
        folder = self.folders()[pick % len(self.folders())]
        targets = [one for one in (self.root / "notes", *self.folders()) if not one.is_relative_to(folder)]
        folder.rename(targets[other % len(targets)] / self.new("moved"))

    @precondition(lambda self: self.folders())
    @rule(pick=picks)
    def move_out(self, pick: int) -> None:
        self.folders()[pick % len(self.folders())].rename(self.outside / self.new("out"))

    @precondition(lambda self: any(self.outside.iterdir()))
    @rule(text=texts)
    def write_outside(self, text: str) -> None:
        for folder in self.outside.iterdir():
            (folder / "outside.md").write_text(text)

    @precondition(lambda self: any(self.outside.iterdir()))
    @rule(pick=picks)
    def move_back(self, pick: int) -> None:
        left = sorted(self.outside.iterdir())
        left[pick % len(left)].rename(self.root / "notes" / self.new("back"))

    @precondition(lambda self: self.folders())
    @rule(pick=picks)
    def delete_folder(self, pick: int) -> None:
        shutil.rmtree(self.folders()[pick % len(self.folders())])

    @rule(text=texts)
    def make_the_papers_anew(self, text: str) -> None:
        shutil.rmtree(self.root / "papers", ignore_errors=True)
        (self.root / "papers").mkdir()
        (self.root / "papers" / "elhage2022toy.md").write_text(text)

    @rule()
    def rest(self) -> None:
        self.agree()

    def agree(self) -> None:
        expected = contents(fresh(self.watched.kb))
        until(lambda: contents(self.watched.index) == expected)

    def pick(self, number: int) -> Path:
        return self.notes()[number % len(self.notes())]

    def teardown(self) -> None:
        with self.closing:
            self.agree()


def test_after_any_changes_the_index_is_what_a_rebuild_would_make() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # a failure here depends on time: there is nothing to shrink
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
