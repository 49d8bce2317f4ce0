"""A day of many entries is read once: what a search does grows with it, not with its square."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from carrel.cli import main
from carrel.core.note import Note
from carrel.search.explain import explain
from carrel.search.facets import facets
from carrel.search.index import SearchIndex, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.mentions import mentions
from carrel.search.query import parse_query
from carrel.search.search import search
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.walk import Walk
from tests.search.conftest import TODAY

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Ask = Callable[[KnowledgeBase, SearchIndex], object]


def steps(asked: Callable[[], object]) -> int:
    """How many instructions of Python it takes."""
    taken = 0

    def count(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal taken
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        taken += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        asked()
    finally:
        sys.settrace(before)
    return taken


def day(entries: int, first: int) -> str:
    """A log day; each entry has a title and a tag of its own."""
    return "---\nkind: log\n---\n" + "".join(
        f"\n## {one // 60 % 24:02}:{one % 60:02} Entry n{one}x\n\nToy models, loss {one}. #t{one}\n"
        for one in range(first, first + entries)
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda kb, index: mentions(kb, index, kb.read("papers/toy.md"), None, None),
        lambda kb, index: facets(kb, index, parse_query("loss", TODAY), ["title", "tag"], None),
        lambda kb, index: search(kb, index, parse_query("loss", TODAY), None),
        lambda kb, index: explain(kb, index, search(kb, index, parse_query("loss", TODAY), None)),
    ],
    ids=["mentions", "facets", "search", "explain"],
)
def test_twice_as_many_entries_take_twice_the_steps(ask: Ask, kb: KnowledgeBase, write: Callable[..., Path]) -> None:
    write("papers/toy.md", "# Toy models")
    taken = []
    for entries, first in ((60, 0), (120, 1000)):  # each with words of its own: those met before cost nothing
        write("notes/2026-11-20.md", day(entries, first))
        index = MemoryIndex()
        refresh(kb, index)
        taken.append(steps(lambda index=index: ask(kb, index)))  # type: ignore[misc]  # mypy#4459
    assert taken[1] < 2.3 * taken[0]


def test_an_index_is_made_current_with_one_walk_of_the_disk(
    kb: KnowledgeBase, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("notes/first.md", "timbale")
    walks: list[str] = []
    walk = KnowledgeBase.walk

    def counted(kb: KnowledgeBase, only: str = "") -> Walk:
        walks.append(only)
        return walk(kb, only)

    monkeypatch.setattr(KnowledgeBase, "walk", counted)
    assert main.run(["--dir", str(kb.root), "index", "--quiet"]) == 0
    assert walks == [""]


def test_of_mentions_only_those_that_are_shown_are_made(kb: KnowledgeBase, write: Callable[..., Path]) -> None:
    write("papers/toy.md", "# Toy models")
    write("notes/2026-11-20.md", day(60, 0))
    index = MemoryIndex()
    refresh(kb, index)
    note = kb.read("papers/toy.md")
    found = mentions(kb, index, note, None, 5)
    assert (len(found.hits), found.total) == (5, 60)
    assert found.hits == mentions(kb, index, note, None, None).hits[:5]
    assert found.matches == mentions(kb, index, note, None, None).matches[:5]
    few, all_ = (steps(partial(mentions, kb, index, note, None, limit)) for limit in (5, None))
    assert few < 0.8 * all_


def test_values_of_one_note_are_asked_for_once(kb: KnowledgeBase, write: Callable[..., Path]) -> None:
    read: list[str] = []

    class Source:
        """The notes, and which of them were read."""

        stamps = kb.stamps

        def read(self, path: str) -> Note:
            read.append(path)
            return kb.read(path)

    write("notes/2026-11-20.md", day(60, 0))
    index = MemoryIndex()
    refresh(kb, index)
    found = facets(Source(), index, parse_query("loss", TODAY), ["title", "tag"], None)
    assert len(found["title"].values) == len(found["tag"].values) == 60
    assert read == ["notes/2026-11-20.md"]
