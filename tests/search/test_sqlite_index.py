"""The index in SQLite: kills do not hurt it, one process writes at a time, and it can be chosen."""

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
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.errors import CarrelError
from carrel.search.index import Changes, IndexDamaged, IndexUnusable, SearchIndex, Seen, refresh
from carrel.search.order import BEST
from carrel.search.query import parse_query
from carrel.search.search import Results
from carrel.search.sqlite_index import SqliteIndex
from carrel.search.tree import Everything, Phrase, Prefix, Word
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY
from tests.support import Carrel

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]


def one(number: int, text: str) -> tuple[str, Seen, Note]:
    note = parse_note(f"notes/{number:04}.md", text.encode())
    return note.path, Seen(Stamp(number, 1, 1, 1), note.digest), note


def found(index: SearchIndex, text: str) -> list[str]:
    return sorted(match.path for match in index.search(parse_query(text, TODAY), None, BEST)[0])


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


def test_a_python_whose_sqlite_has_no_full_text_engine_says_what_to_do(
    sqlite: SqliteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = "create virtual table prose using no_such_fts5 (text)"
    monkeypatch.setattr("carrel.search.sqlite_index.TABLES", tables)
    with pytest.raises(CarrelError) as caught:
        sqlite.update([one(1, "walrus")], [])
    assert caught.value.message == "the SQLite of this Python has no full-text engine (FTS5)"
    assert caught.value.hint == "`carrel config search.engine whoosh` chooses the engine that does without"
    assert not set_aside(sqlite)


def test_a_python_whose_sqlite_cannot_be_read_as_a_whole_says_what_to_do(
    sqlite: SqliteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "Connection", object)
    with pytest.raises(CarrelError) as caught:
        sqlite.seen()
    assert caught.value.message == "the SQLite of this Python is too old, or lacks a part (sqlite3_serialize)"
    assert caught.value.hint == "`carrel config search.engine whoosh` chooses the engine that does without"


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
        assert {word for (word,) in db.execute("select word from forms")} == {"0001", "walrus"}
        db.execute("insert into prose (prose) values ('integrity-check')")


def test_what_is_forgotten_leaves_nothing(some: SqliteIndex) -> None:
    some.update([], [f"notes/{number:02}.md" for number in range(40)])
    with closing(sqlite3.connect(some.path / "index.db")) as db:
        for table in ("seen", "documents", "kept", "names", "held", "forms", "places"):
            assert db.execute(f"select * from {table}").fetchall() == []


def test_a_state_that_comes_back_has_another_version(sqlite: SqliteIndex) -> None:
    versions = []
    for _ in range(8):
        for changed, removed in ([one(1, "walrus")], []), ([], ["notes/0001.md"]):
            sqlite.update(changed, removed)
            versions.append(sqlite.version())
    assert len(set(versions)) == 16


def test_a_commit_is_not_made_on_top_of_damage(some: SqliteIndex) -> None:
    data = bytearray((some.path / "index.db").read_bytes())
    data[-5] ^= 1
    (some.path / "index.db").write_bytes(data)
    with pytest.raises(IndexDamaged):
        some.update([one(1, "walrus")], [])


def test_who_writes_is_told_what_it_replaces_and_never_waits_for_itself(some: SqliteIndex) -> None:
    version, file = some.version(), some.path / "index.db"
    said: list[str] = []

    def changed() -> Iterator[tuple[str, Seen, Note]]:
        with file.open("r+b") as damaged:
            damaged.seek(file.stat().st_size // 2)
            damaged.write(b"not as it was written")
        said.append(some.version())
        yield one(99, "zebra")

    def too_long(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    try:
        with suppress(IndexDamaged):
            some.update(changed(), [])
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert said == [version]


def test_words_of_grammar_count_nothing_here_either(sqlite: SqliteIndex) -> None:
    sqlite.update([one(1, "of of of it"), one(2, "probes it"), one(3, "filler text")], [])
    matches, _ = sqlite.search(parse_query("how OR of OR probes", TODAY), None, BEST)
    assert [match.path for match in matches] == ["notes/0002.md", "notes/0001.md"]


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


@pytest.mark.parametrize("refusal", ["ENOSPC", "EROFS"])
def test_a_search_does_without_an_index_that_the_system_refuses_to_write(
    carrel: Carrel, kb: KnowledgeBase, write: Write, strace: str, refusal: str
) -> None:
    write("notes/a.md", "marimba")
    assert carrel("config", "search.engine", "sqlite").code == 0
    inject = ["-e", "trace=pwrite64", "-e", f"inject=pwrite64:error={refusal}"]
    said = subprocess.run(
        [strace, "-f", "-qq", "-o", os.devnull, *inject, sys.executable, "-m", "carrel", "search", "marimba"],
        cwd=kb.root, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout.split()[0]) == (0, "notes/a.md:1")
    assert said.stderr.startswith(f"the index cannot be kept in {kb.cache_dir / 'sqlite'}: ")
    assert "searching without it, which is slower" in said.stderr
    assert carrel("search", "marimba").err == ""
    assert not list(kb.cache_dir.glob("*.bad-*"))


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
