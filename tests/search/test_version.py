"""`SearchIndex.version`: by it one process knows that another looked at the same state of the index."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from carrel.core.note import Stamp
from carrel.core.parse import parse_note
from carrel.search.index import SearchIndex, Seen
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.tree import Word
from carrel.search.whoosh_index import WhooshIndex

SEEN = Seen(Stamp(1, 1, 1, 1), "digest")


def add(index: SearchIndex, text: str) -> None:
    assert index.update([("notes/a.md", SEEN, parse_note("notes/a.md", text.encode()))], [])


def test_each_commit_gives_another_and_none_comes_twice(index: SearchIndex) -> None:
    versions = [index.version()]
    for text in ("walrus", "zebra", "walrus"):
        add(index, text)
        versions.append(index.version())
        assert index.version() == versions[-1], "only a commit changes it"
    index.update([], ["notes/a.md"])
    versions.append(index.version())
    assert len(set(versions)) == 5


@pytest.mark.parametrize("kind", [WhooshIndex, SqliteIndex])
def test_it_is_the_same_in_each_process_and_another_when_the_index_is_made_anew(
    kind: type[WhooshIndex | SqliteIndex], place: Path
) -> None:
    one = kind(place)
    add(one, "walrus")
    before = one.version()
    assert one.search(Word("walrus"), None)[1] == 1
    assert kind(place).version() == before
    shutil.rmtree(place)
    add(kind(place), "zebra")
    assert one.version() == kind(place).version() != before
    assert (one.search(Word("walrus"), None)[1], one.search(Word("zebra"), None)[1]) == (0, 1)
    shutil.rmtree(place)
    assert one.version() != before


@pytest.mark.parametrize("kind", [WhooshIndex, SqliteIndex])
def test_a_damaged_index_has_that_of_none(kind: type[WhooshIndex | SqliteIndex], place: Path) -> None:
    add(kind(place), "walrus")
    for file in place.iterdir():
        file.write_bytes(b"nonsense" * 1000)
    assert kind(place).version() == ""
