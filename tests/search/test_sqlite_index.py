"""The index in SQLite: damage and kills do not hurt it, one process writes at a time, and it can be chosen."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.errors import CarrelError
from carrel.search.index import Changes, IndexUnusable, SearchIndex, Seen, refresh
from carrel.search.query import parse_query
from carrel.search.search import Results
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.tree import Everything, Phrase, Prefix, Word
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY
from tests.support import Carrel

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]
Damage = Callable[[bytes], bytes]


def one(number: int, text: str) -> tuple[str, Seen, Note]:
    note = parse_note(f"notes/{number:04}.md", text.encode())
    return note.path, Seen(Stamp(number, 1, 1, 1), note.digest), note


def found(index: SearchIndex, text: str) -> list[str]:
    return sorted(match.path for match in index.search(parse_query(text, TODAY), None)[0])  # type: ignore[call-arg]


@pytest.fixture
def some(write: Write, kb: KnowledgeBase, sqlite: SqliteIndex) -> SqliteIndex:
    """An index of forty notes."""
    for number in range(40):
        front = f"---\ndate: 2026-01-{number % 20 + 10}\nrating: {number}\n---\n"
        write(f"notes/{number:02}.md", f"{front}# Note {number}\n\ncommon walrus{number} text\n")
    refresh(kb, sqlite)
    return sqlite


def set_aside(index: SqliteIndex) -> int:
    return len(list(index.path.parent.glob("sqlite.bad-*")))


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: data[:100], id="cut short"),
        pytest.param(lambda data: bytes(len(data)), id="zeroed"),
        pytest.param(lambda data: random.Random(1).randbytes(len(data)), id="garbage"),
        pytest.param(lambda data: data[:4096] + bytes(len(data) - 4096), id="zeroed but for its head"),
        pytest.param(lambda data: b"not an index", id="another file"),
    ],
)
def test_a_damaged_file_is_noticed_and_the_index_made_anew(some: SqliteIndex, ask: Ask, damage: Damage) -> None:
    queries = ("common", "walrus7", "rating:>30", "walr*")
    expected = [ask(some, query).hits for query in queries]
    place = some.path / "index.db"
    place.write_bytes(damage(place.read_bytes()))
    assert [ask(some, query).hits for query in queries] == expected
    assert set_aside(some) == 1


@pytest.mark.parametrize("damage", [Path.unlink, lambda place: place.write_bytes(b"")])
def test_a_file_that_is_gone_or_empty_is_no_index_yet(
    some: SqliteIndex, ask: Ask, damage: Callable[[Path], object]
) -> None:
    damage(some.path / "index.db")
    assert ask(some, "common").total == 40


def test_a_flipped_bit_never_raises(some: SqliteIndex, ask: Ask) -> None:
    chance = random.Random(7)
    whole = (some.path / "index.db").read_bytes()
    for _ in range(25):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (some.path / "index.db").write_bytes(data)
        ask(some, "common walrus7 OR rating:>30")
        assert ask(some, "").total >= 39


def test_an_index_of_another_format_is_made_anew(some: SqliteIndex, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carrel.search.sqlite_index.FORMAT", 999)
    assert ask(some, "common").total == 40
    assert set_aside(some) == 1


def test_a_file_in_the_place_of_the_folder_is_set_aside(sqlite: SqliteIndex, write: Write, ask: Ask) -> None:
    sqlite.path.parent.mkdir()
    sqlite.path.write_text("not an index")
    write("notes/a.md", "walrus")
    assert ask(sqlite, "walrus").total == 1


def test_the_index_is_its_owners_alone_and_one_that_others_could_have_written_is_not_used(
    some: SqliteIndex, ask: Ask
) -> None:
    assert [folder.stat().st_mode & 0o777 for folder in (some.path, some.path.parent)] == [0o700, 0o700]
    some.path.chmod(0o777)
    assert ask(some, "common").total == 40
    assert some.path.stat().st_mode & 0o777 == 0o700
    assert set_aside(some) == 1


def test_a_python_whose_sqlite_has_no_full_text_engine_says_what_to_do(
    sqlite: SqliteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = "create virtual table prose using no_such_fts5 (text)"
    monkeypatch.setattr("carrel.search.sqlite_index._TABLES", tables)
    with pytest.raises(CarrelError) as caught:
        sqlite.update([one(1, "walrus")], [])
    assert caught.value.message == "the SQLite of this Python has no full-text engine (FTS5)"
    assert caught.value.hint == "`carrel config search.engine whoosh` chooses the engine that does without"
    assert not set_aside(sqlite)


# --- commits ----------------------------------------------------------------------------------------------------------


def test_words_are_forgotten_with_the_last_note_that_has_them(sqlite: SqliteIndex) -> None:
    sqlite.update([one(1, "editor"), one(2, "editing")], [])
    assert sqlite.search(Prefix("edito"), None)[1] == 1
    sqlite.update([one(1, "walrus")], [])
    assert sqlite.search(Prefix("edito"), None)[1] == 0
    assert sqlite.search(Word("edits"), None)[1] == 1
    sqlite.update([], ["notes/0002.md"])
    assert sqlite.search(Word("edits"), None)[1] == 0
    with closing(sqlite3.connect(sqlite.path / "index.db")) as db:
        assert {word for (word,) in db.execute("select term from vocabulary")} == {"0001", "walrus", "\ue000"}
        db.execute("insert into prose (prose) values ('integrity-check')")


def test_merging_what_comes_and_goes_changes_no_answer(sqlite: SqliteIndex) -> None:
    chance = random.Random(3)
    vocabulary = [f"word{number}" for number in range(30)]
    texts: dict[int, str] = {}
    for _ in range(60):
        number = chance.randrange(20)
        if number in texts and chance.random() < 0.3:
            del texts[number]
            sqlite.update([], [f"notes/{number:04}.md"])
        else:
            texts[number] = " ".join(chance.choices(vocabulary, k=20))
            sqlite.update([one(number, texts[number])], [])
        word = chance.choice(vocabulary)
        expected = {f"notes/{key:04}.md" for key, text in texts.items() if word in text.split()}
        assert {match.path for match in sqlite.search(Word(word), None)[0]} == expected
    assert set(sqlite.seen()) == {f"notes/{number:04}.md" for number in texts}


def test_a_word_that_most_notes_have_still_tells_them_apart(sqlite: SqliteIndex) -> None:
    sqlite.update([one(1, "a walrus among many other words"), one(2, "walrus, walrus"), one(3, "zebra")], [])
    matches, _ = sqlite.search(Word("walrus"), None)
    assert [match.path for match in matches] == ["notes/0002.md", "notes/0001.md"]
    assert matches[0].score > matches[1].score > 0.1


def test_a_phrase_may_be_as_long_as_a_note(sqlite: SqliteIndex) -> None:
    text = " ".join(f"w{number % 7}" for number in range(5000))
    sqlite.update([one(1, text), one(2, text[:-3])], [])
    assert [match.path for match in sqlite.search(Phrase(text), None)[0]] == ["notes/0001.md"]


def test_a_name_that_is_not_utf_8_is_kept(sqlite: SqliteIndex) -> None:
    note = parse_note("notes/\udcff.md", b"walrus")
    seen = Seen(Stamp(1, 2, -1, 2**64 - 1), note.digest)
    sqlite.update([(note.path, seen, note)], [])
    assert sqlite.seen() == {note.path: seen}
    assert [match.path for match in sqlite.search(Word("walrus"), None)[0]] == [note.path]


def test_while_another_process_writes_nothing_is_read_and_nothing_lost(
    kb: KnowledgeBase, some: SqliteIndex, write: Write, ask: Ask
) -> None:
    write("notes/a.md", "marimba")
    with closing(sqlite3.connect(some.path / "index.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert refresh(kb, some) == Changes(skipped=True)
        assert some.search(Word("marimba"), None) == ([], 0)
        assert some.search(Word("common"), None)[1] == 40
    assert refresh(kb, some) == Changes(updated=1)
    assert ask(some, "marimba").total == 1


WRITER = """
import sys
from pathlib import Path
from carrel.search.index import refresh
from carrel.search.sqlite_index import SqliteIndex
from carrel.store.knowledge_base import KnowledgeBase

kb, index = KnowledgeBase.open(Path(sys.argv[1])), SqliteIndex(Path(sys.argv[2]))
for number in range(int(sys.argv[4])):
    (kb.root / "notes" / f"{sys.argv[3]}{number}.md").write_text(f"walrus {sys.argv[3]}{number}")
    refresh(kb, index)
    print(number, flush=True)
"""


@contextmanager
def writing(kb: KnowledgeBase, index: SqliteIndex, name: str, count: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", WRITER, str(kb.root), str(index.path), name, str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield process


def test_two_writers_and_a_reader_at_once_lose_nothing(kb: KnowledgeBase, sqlite: SqliteIndex, ask: Ask) -> None:
    with writing(kb, sqlite, "a", 20) as first, writing(kb, sqlite, "b", 20) as second:
        while first.poll() is None or second.poll() is None:
            matches, total = sqlite.search(Word("walrus"), None)
            assert len(matches) == total <= 40
    assert (first.returncode, second.returncode) == (0, 0)
    assert ask(sqlite, "walrus").total == 40
    assert not set_aside(sqlite)


def test_a_killed_writer_leaves_a_whole_index_old_or_new(kb: KnowledgeBase, sqlite: SqliteIndex, ask: Ask) -> None:
    chance = random.Random(11)
    for turn in range(6):
        with writing(kb, sqlite, f"t{turn}n", 1000) as process:
            time.sleep(chance.random() * 0.1)
            process.send_signal(signal.SIGKILL)
        known = set(sqlite.seen())
        assert {match.path for match in sqlite.search(Everything(), None)[0]} == known
        # The killed process may have left its last file without a word in it.
        assert ask(sqlite, "walrus").total == sum("walrus" in path.read_text() for path in kb.root.glob("notes/*.md"))
    assert not set_aside(sqlite)


def test_a_first_index_that_is_killed_leaves_none(
    kb: KnowledgeBase, sqlite: SqliteIndex, write: Write, ask: Ask
) -> None:
    write("notes/a.md", "walrus")
    fatal = "import os, carrel.search.documents as s; s.documents = lambda note: os.kill(os.getpid(), 9)\n"
    command = [sys.executable, "-c", fatal + WRITER, str(kb.root), str(sqlite.path), "b", "1"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (sqlite.path / "index.db").exists()
    assert (sqlite.seen(), sqlite.search(Everything(), None)) == ({}, ([], 0))
    assert ask(sqlite, "walrus").total == 2
    assert not set_aside(sqlite)


def test_a_disk_that_takes_no_more_is_one_clear_error_and_the_old_index_stays(
    kb: KnowledgeBase, some: SqliteIndex, write: Write, ask: Ask
) -> None:
    write("notes/large.md", " ".join(f"common{number}" for number in range(5000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, limits[1]))
    try:
        with pytest.raises(IndexUnusable) as caught:
            refresh(kb, some)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.message == f"the index cannot be kept in {some.path}: disk i/o error"
    assert some.search(Word("common"), None)[1] == 40
    assert ask(some, "common4999").total == 1
    assert not set_aside(some)


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_command_line_logs_searches_and_watches_with_either_engine_and_neither_reads_what_the_other_left(
    carrel: Carrel, kb: KnowledgeBase, process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    def hits(word: str) -> list[str]:
        said = carrel("search", word, "--jsonl")
        assert (said.code, said.err.count("Traceback")) == (0, 0)
        return [json.loads(line)["anchor"] for line in said.out.splitlines()]

    def place() -> str:
        return Path(json.loads(carrel("index", "--status", "--json").out)["place"]).name

    assert carrel("log", "A walrus, by Whoosh").code == 0
    assert hits("walrus") == ["14:32 A walrus, by Whoosh"]
    assert place() == "index"

    assert carrel("config", "search.engine", "sqlite").code == 0
    assert place() == "sqlite"
    assert carrel("log", "--at", "14:33", "A walrus, by SQLite").code == 0
    assert sorted(hits("walrus")) == ["14:32 A walrus, by Whoosh", "14:33 A walrus, by SQLite"]
    watcher = subprocess.Popen(
        [sys.executable, "-m", "carrel", "watch"], cwd=kb.root, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    try:
        assert watcher.stderr is not None
        assert b"watching" in watcher.stderr.readline()
        (kb.root / "notes" / "marimba.md").write_text("A marimba, by the watcher")
        index, patience = SqliteIndex(kb.cache_dir / "sqlite"), time.monotonic() + 20
        while not index.search(Word("marimba"), None)[1]:
            assert time.monotonic() < patience
            time.sleep(0.02)
    finally:
        watcher.terminate()
        watcher.communicate()

    (day,) = kb.root.glob("notes/2026/*.md")
    day.write_text(day.read_text().replace("A walrus, by SQLite", "A zebra"))
    assert carrel("config", "search.engine", "whoosh").code == 0
    assert (hits("walrus"), hits("zebra")) == (["14:32 A walrus, by Whoosh"], ["14:33 A zebra"])
    assert carrel("config", "search.engine", "sqlite").code == 0
    assert (hits("walrus"), hits("zebra")) == (["14:32 A walrus, by Whoosh"], ["14:33 A zebra"])
    assert not list(kb.cache_dir.glob("*.bad-*"))
