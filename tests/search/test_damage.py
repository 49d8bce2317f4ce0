"""An index on disk that is damaged, whichever engine keeps it: noticed, made anew, and no answer changes."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from carrel.search import whoosh_index
from carrel.search.index import IndexDamaged, refresh
from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.search import Results
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]
Engine = type[SqliteIndex] | type[WhooshIndex]
Damage = Callable[[Path], None]

QUERIES = (
    "common",
    "walrus7",
    '"common walrus7"',
    "rating:>30",
    "walr*",
    "date:2026-01-12",
    "in:title zebra",
    "zebar~",
)
#: A word in the name of each kind of file.
WHOOSH = ("trm", "pst", "val", "wrd", "crc", "_stored.col", "day.col", "_text_len.col", "toc", "catalogue", "notes")
FILES = {WhooshIndex: WHOOSH, SqliteIndex: ("index.db",)}


@pytest.fixture
def place(request: pytest.FixtureRequest, kb: KnowledgeBase, write: Write, place: Path,
          monkeypatch: pytest.MonkeyPatch) -> Path:  # fmt: skip
    """Where the engine of the test has an index of forty notes: a few commits, and one note changed since."""
    monkeypatch.setattr(whoosh_index, "_RECENT", 10)
    index = request.getfixturevalue("engine")(place)
    for number in range(40):
        front = f"---\ndate: 2026-01-{number % 20 + 10}\nrating: {number}\n---\n"
        write(f"notes/{number:02}.md", f"{front}# Note {number}\n\ncommon walrus{number} text\n")
        if number in (20, 38):
            refresh(kb, index)
    write("notes/00.md", "# Note 0\n\ncommon zebra\n")
    refresh(kb, index)
    return place


engines = pytest.mark.parametrize("engine", [WhooshIndex, SqliteIndex])


def set_aside(place: Path) -> list[Path]:
    return list(place.parent.glob("index.bad-*"))


def files_in(place: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(place.iterdir())}


def put_back(place: Path, files: dict[Path, bytes]) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    for path, whole in files.items():
        path.write_bytes(whole)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def zero_but_for_its_head(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3].ljust(len(data), b"\0"))


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def another(path: Path) -> None:
    path.write_bytes(b"not an index")


#: What looks to SQLite like no index yet, or (behind what it counts as the file) is never read.
UNNOTICED = {(SqliteIndex, empty), (SqliteIndex, Path.unlink), (SqliteIndex, lengthen), (WhooshIndex, Path.unlink)}


@engines
@pytest.mark.parametrize(
    "damage", [cut, shorten, lengthen, empty, zero, zero_but_for_its_head, garbage, another, Path.unlink]
)
def test_a_damaged_file_changes_no_answer(engine: Engine, place: Path, ask: Ask, damage: Damage) -> None:
    files, expected = files_in(place), [ask(engine(place), query) for query in QUERIES]
    for kind in FILES[engine]:
        put_back(place, files)
        for path in [path for path in files if kind in path.name]:
            damage(path)
        assert [ask(engine(place), query) for query in QUERIES] == expected, kind
        # It is kept to be looked at, once. Losing the table of contents is having no index at all.
        unnoticed = (engine, damage) in UNNOTICED and kind in ("toc", "index.db")
        assert len(set_aside(place)) == (not unnoticed), kind
        for damaged in set_aside(place):
            shutil.rmtree(damaged)


def broken(whole: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """A file with a bit flipped, and here and there a few bytes zeroed, or its end cut off."""
    for number, at in enumerate(places):
        yield whole[:at] + bytes([whole[at] ^ 1 << number % 8]) + whole[at + 1 :]
        if number % 4 == 0 and whole[at : at + 8].strip(b"\0"):
            yield whole[:at] + bytes(len(whole[at : at + 8])) + whole[at + 8 :]
        if number % 16 == 0:
            yield whole[:at]


@engines
def test_damage_anywhere_changes_no_answer(engine: Engine, place: Path) -> None:
    """Asked without a refresh: the index itself knows that it is damaged, or answers as before."""
    queries = [parse_query(query, date(2026, 11, 20)) for query in QUERIES]
    expected = [engine(place).search(query, None, SCORE) for query in queries]
    seen, files, noticed = engine(place).seen(), files_in(place), 0
    for path, whole in files.items():
        head, most = (100, 60) if engine is SqliteIndex else (0, 9)
        for data in broken(whole, [*range(min(head, len(whole))), *range(head, len(whole), len(whole) // most + 1)]):
            put_back(place, {**files, path: data})
            index = engine(place)
            try:
                answers = [index.search(query, None, SCORE) for query in queries]
            except IndexDamaged:
                noticed += 1
            else:
                assert answers == expected or not any(total for _, total in answers)
                assert index.seen() in ({}, seen)
            for damaged in set_aside(place):
                shutil.rmtree(damaged)
    assert noticed > 100


def test_damage_to_what_a_killed_writer_left_of_sqlites_log_changes_no_answer(
    kb: KnowledgeBase, write: Write, tmp_path: Path, ask: Ask
) -> None:
    place = tmp_path / "cache" / "index"
    write("notes/a.md", "common walrus")
    refresh(kb, SqliteIndex(place))
    with closing(sqlite3.connect(place / "index.db", isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select * from seen").fetchall()  # so nobody moves the log into the database
        for name in "bc":
            write(f"notes/{name}.md", f"common zebra{name}")
            refresh(kb, SqliteIndex(place))
        files = files_in(place)
    assert [path.name for path in files] == ["index.db", "index.db-shm", "index.db-wal"]
    expected = [ask(SqliteIndex(tmp_path / "other" / "index"), query).hits for query in QUERIES]
    for path, whole in files.items():
        for data in broken(whole, range(0, len(whole), len(whole) // 10)):
            put_back(place, {**files, path: data})
            assert [ask(SqliteIndex(place), query).hits for query in QUERIES] == expected


@pytest.mark.parametrize("engine", [SqliteIndex])
def test_a_database_that_has_forgotten_its_format_is_no_new_one(engine: Engine, place: Path, ask: Ask) -> None:
    data = bytearray((place / "index.db").read_bytes())
    data[60:64] = bytes(4)  # SQLite's `user_version`
    (place / "index.db").write_bytes(data)
    assert ask(engine(place), "common").total == 40
    assert len(set_aside(place)) == 1


@pytest.mark.parametrize(("engine", "kind"), [(WhooshIndex, "catalogue"), (SqliteIndex, "index.db")])
def test_an_index_that_is_open_notices_damage_too(engine: Engine, kind: str, place: Path, ask: Ask) -> None:
    index = engine(place)
    expected = ask(index, "common")
    for path in [path for path in place.iterdir() if kind in path.name]:
        data = path.read_bytes()
        path.write_bytes(data[:-9] + bytes(9))
    assert ask(index, "common") == expected
    assert len(set_aside(place)) == 1


@engines
def test_an_index_of_another_format_is_made_anew(
    engine: Engine, place: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ask(engine(place), "common")
    monkeypatch.setattr("carrel.search.catalogue.FORMAT", 999)
    monkeypatch.setattr("carrel.search.sqlite_index.FORMAT", 999)
    assert ask(engine(place), "common") == expected
    assert len(set_aside(place)) == 1


@engines
def test_only_the_last_damaged_index_is_kept(engine: Engine, place: Path, ask: Ask) -> None:
    for _ in range(3):
        for path in place.iterdir():
            path.write_bytes(b"damage")
        assert ask(engine(place), "common").total == 40
    assert len(set_aside(place)) == 1


@engines
def test_a_file_in_the_place_of_the_folder_is_set_aside(engine: Engine, place: Path, ask: Ask) -> None:
    shutil.rmtree(place)
    place.write_text("not an index")
    assert ask(engine(place), "zebra").total == 1


@engines
def test_the_index_is_its_owners_alone_and_one_that_others_could_have_written_is_not_used(
    engine: Engine, place: Path, ask: Ask
) -> None:
    assert [folder.stat().st_mode & 0o777 for folder in (place, place.parent)] == [0o700, 0o700]
    place.chmod(0o777)
    assert ask(engine(place), "common").total == 40
    assert place.stat().st_mode & 0o777 == 0o700
    assert len(set_aside(place)) == 1
