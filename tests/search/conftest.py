"""What the tests of search have at hand: each kind of index, and a way to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from carrel.search.index import SearchIndex, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import SCORE, Order
from carrel.search.query import parse_query
from carrel.search.search import Results, search
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

TODAY = date(2026, 11, 20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the index on disk is."""
    return tmp_path / "cache" / "index"


@pytest.fixture
def whoosh(place: Path) -> WhooshIndex:
    """An index on disk."""
    return WhooshIndex(place)


@pytest.fixture
def sqlite(tmp_path: Path) -> SqliteIndex:
    """An index in SQLite."""
    return SqliteIndex(tmp_path / "cache" / "sqlite")


@pytest.fixture(params=["memory", "whoosh", "sqlite"])
def index(request: pytest.FixtureRequest) -> SearchIndex:
    """Each kind of index in turn: they keep the same contract."""
    if request.param == "memory":
        return MemoryIndex()
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]  # pytest cannot say what a fixture is


@pytest.fixture
def ask(kb: KnowledgeBase) -> Callable[..., Results]:
    """Make an index current and ask it in the query language."""

    def call(index: SearchIndex, text: str, limit: int | None = None, order: Order = SCORE) -> Results:
        refresh(kb, index)
        return search(kb, index, parse_query(text, TODAY), limit, order=order)

    return call
