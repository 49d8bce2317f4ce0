"""A first index by two processes: what one would have made, whatever becomes of the second."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.core.note import Note
from carrel.search import whoosh_batch, whoosh_parallel
from carrel.search.index import Changes, refresh
from carrel.search.search import Results
from carrel.search.tree import Everything
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]


@pytest.fixture
def notes(write: Write, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of forty notes, which are much."""
    monkeypatch.setattr(whoosh_parallel, "_MUCH", 10)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1})
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # servers of other tests may still be there
    paths = [f"notes/{number:02}.md" for number in range(40)]
    for number, path in enumerate(paths):
        write(path, f"# Note {number}\n\ncommon walrus{number} text\n")
    return paths


class Reader:
    """A knowledge base that says which process has read a note, in a file of the folder `told`."""

    def __init__(self, kb: KnowledgeBase, told: Path) -> None:
        self.stamps = kb.stamps
        self._kb = kb
        self._told = told
        told.mkdir()

    def read(self, path: str) -> Note:
        with (self._told / str(os.getpid())).open("a") as file:
            file.write(path + "\n")
        return self._kb.read(path)


def test_two_processes_read_half_each_and_make_one_index(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex, place: Path, ask: Ask, tmp_path: Path
) -> None:
    shown: list[tuple[int, int]] = []
    reader = Reader(kb, tmp_path / "told")
    assert refresh(reader, whoosh, lambda *progress: shown.append(progress)) == Changes(updated=40)
    read = [file.read_text().split() for file in (tmp_path / "told").iterdir()]
    assert sorted(path for paths in read for path in paths) == notes
    assert [len(paths) for paths in read] == [20, 20]
    assert shown == sorted(shown)
    assert shown[-1] == (40, 40)
    assert sorted(match.path for match in whoosh.search(Everything(), None)[0]) == notes
    assert ask(whoosh, "walrus7").total == ask(whoosh, "walrus8").total == 1
    assert set(WhooshIndex(place).seen()) == set(notes)
    assert refresh(kb, whoosh) == Changes()


def test_two_halves_that_are_much_together_become_two_segments(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex, place: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(kb, whoosh)
    assert len(list(place.glob("*.trm"))) == 1
    whoosh.update([], notes)
    monkeypatch.setattr(whoosh_batch, "MAX_WORDS", 600)  # each half has some 400
    assert refresh(kb, whoosh) == Changes(updated=40)
    assert len(list(place.glob("*.trm"))) == 2
    assert (ask(whoosh, "common").total, ask(whoosh, "walrus7").total) == (40, 1)


def test_what_was_indexed_before_is_replaced(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex, write: Write, ask: Ask
) -> None:
    refresh(kb, whoosh)
    for path in notes[5:]:
        write(path, "# Other\n\nzebra\n")
    (kb.root / notes[0]).unlink()
    assert refresh(kb, whoosh) == Changes(updated=35, removed=1)
    assert (ask(whoosh, "common").total, ask(whoosh, "zebra").total) == (4, 35)


def test_when_the_second_process_dies_the_first_does_everything(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex, ask: Ask
) -> None:
    class Mortal:
        stamps = staticmethod(kb.stamps)
        first = os.getpid()

        def read(self, path: str) -> Note:
            if os.getpid() != self.first:
                os._exit(1)
            return kb.read(path)

    assert refresh(Mortal(), whoosh) == Changes(updated=40)
    assert ask(whoosh, "common").total == 40


def test_an_error_in_reading_comes_through_and_changes_nothing(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex
) -> None:
    class Failing:
        stamps = staticmethod(kb.stamps)

        def read(self, path: str) -> Note:
            if path == notes[31]:
                raise RuntimeError(path)
            return kb.read(path)

    with pytest.raises(RuntimeError, match=notes[31]):
        refresh(Failing(), whoosh)
    assert whoosh.seen() == {}


FIRST_INDEX = """
import os, sys, time
from pathlib import Path
from carrel.search import whoosh_parallel
from carrel.search.index import refresh
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

kb = KnowledgeBase.open(Path(sys.argv[1]))
whoosh_parallel._MUCH = 10
os.sched_getaffinity = lambda process: {0, 1}
first = os.getpid()

class Slow:
    stamps = staticmethod(kb.stamps)

    def read(self, path):
        if os.getpid() != first:
            print(os.getpid(), flush=True)
        time.sleep(0.1)
        return kb.read(path)

refresh(Slow(), WhooshIndex(Path(sys.argv[2])))
"""


def test_when_the_first_process_is_killed_the_second_ends_and_the_index_can_be_made(
    kb: KnowledgeBase, notes: list[str], whoosh: WhooshIndex, place: Path, ask: Ask
) -> None:
    command = [sys.executable, "-c", FIRST_INDEX, str(kb.root), str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        first.stdout.readline()  # the second has begun
        first.kill()
        first.wait()
        assert ask(whoosh, "common").total == 40
        read = first.stdout.read().split()  # to the end: the second has closed it too
    assert len(read) < 10
