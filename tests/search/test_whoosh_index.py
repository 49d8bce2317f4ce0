"""The index on disk: Whoosh reads it, kills do not hurt it, one process writes at a time."""

from __future__ import annotations

import fcntl
import gc
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carrel.core.note import Note, Stamp
from carrel.core.parse import parse_note
from carrel.search import whoosh_batch, whoosh_index
from carrel.search.index import Changes, IndexUnusable, SearchIndex, Seen, refresh
from carrel.search.order import SCORE
from carrel.search.search import Results
from carrel.search.tree import Everything, Word
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]


def one(number: int, text: str) -> tuple[str, Seen, Note]:
    note = parse_note(f"notes/{number:04}.md", text.encode())
    return note.path, Seen(Stamp(number, 1, 1, 1), note.digest), note


@pytest.fixture
def some(write: Write, kb: KnowledgeBase, whoosh: WhooshIndex, monkeypatch: pytest.MonkeyPatch) -> WhooshIndex:
    """An index of forty notes in a few segments, with a deleted document, and all kinds of files."""
    monkeypatch.setattr(whoosh_index, "_RECENT", 10)
    for number in range(40):
        front = f"---\ndate: 2026-01-{number % 20 + 10}\nrating: {number}\n---\n"
        write(f"notes/{number:02}.md", f"{front}# Note {number}\n\ncommon walrus{number} text\n")
        if number in (20, 38):
            refresh(kb, whoosh)
    write("notes/00.md", "# Note 0\n\ncommon zebra\n")
    refresh(kb, whoosh)
    return whoosh


# --- Whoosh itself ----------------------------------------------------------------------------------------------------


def test_stock_whoosh_opens_searches_and_walks_the_index(some: WhooshIndex, place: Path) -> None:
    from whoosh.index import open_dir
    from whoosh.query import Phrase, Term

    stock = open_dir(str(place), readonly=True)
    with stock.searcher() as searcher:
        assert searcher.doc_count() == 40
        common = searcher.search(Term("text", "common"), limit=None)
        assert len(common) == 40
        assert {hit["path"] for hit in common} == {f"notes/{number:02}.md" for number in range(40)}
        (zebra,) = searcher.search(Term("text", "zebra"))
        assert (zebra["path"], zebra["line"], zebra["anchor"]) == ("notes/00.md", 1, "")
        assert not searcher.search(Term("text", "walrus0"))
        (phrase,) = searcher.search(Phrase("text", ["common", "walrus7"]))
        assert phrase["path"] == "notes/07.md"
        reader = searcher.reader()
        for field, term in reader.all_terms():
            documents = list(reader.postings(field, term).all_ids())
            assert documents == sorted(set(documents))


def test_stock_whoosh_finds_the_same_documents_for_every_word(some: WhooshIndex, place: Path) -> None:
    from whoosh.index import open_dir
    from whoosh.query import Term

    with open_dir(str(place), readonly=True).searcher() as searcher:
        for term in searcher.lexicon("text"):
            word = term.decode()
            theirs = {hit["path"] for hit in searcher.search(Term("text", word), limit=None)}
            assert {match.path for match in some.search(Word(word), None)[0]} == theirs


def test_a_planted_pickle_is_not_run(some: WhooshIndex, place: Path, ask: Ask, tmp_path: Path) -> None:
    import pickle

    class Plant:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {tmp_path}/planted",)

    bomb = pickle.dumps(Plant())
    for path in place.iterdir():
        data = path.read_bytes()
        path.write_bytes(bomb + data[len(bomb) :])
    assert ask(WhooshIndex(place), "common").total == 40
    assert not (tmp_path / "planted").exists()


# --- commits ----------------------------------------------------------------------------------------------------------


def test_hundreds_of_single_saves_leave_few_segments_and_files(whoosh: WhooshIndex, place: Path) -> None:
    for number in range(300):
        assert whoosh.update([one(number, f"# Note {number}\n\nwalrus w{number}")], [])
    assert len(list(place.glob("*.trm"))) < 20
    assert len(list(place.iterdir())) < 20 * 9 + 3
    matches, total = whoosh.search(Word("walrus"), None)
    assert (total, sorted(match.path for match in matches)) == (300, [f"notes/{number:04}.md" for number in range(300)])
    assert [match.path for match in whoosh.search(Word("w77"), None)[0]] == ["notes/0077.md"]


def test_saving_one_note_again_and_again_leaves_one_document(whoosh: WhooshIndex, place: Path) -> None:
    for number in range(60):
        assert whoosh.update([one(1, f"walrus w{number}")], [])
    assert whoosh.search(Everything(), None)[1] == 1
    assert whoosh.search(Word("w58"), None)[1] == 0
    assert whoosh.search(Word("w59"), None)[1] == 1
    assert len(list(place.glob("*.trm"))) == 1


def test_merging_changes_no_answer(whoosh: WhooshIndex) -> None:
    chance = random.Random(3)
    vocabulary = [f"word{number}" for number in range(30)]
    texts: dict[int, str] = {}
    for _ in range(120):
        number = chance.randrange(40)
        if number in texts and chance.random() < 0.3:
            del texts[number]
            whoosh.update([], [f"notes/{number:04}.md"])
        else:
            texts[number] = " ".join(chance.choices(vocabulary, k=20))
            whoosh.update([one(number, texts[number])], [])
        word = chance.choice(vocabulary)
        expected = {f"notes/{key:04}.md" for key, text in texts.items() if word in text.split()}
        assert {match.path for match in whoosh.search(Word(word), None)[0]} == expected
    assert set(whoosh.seen()) == {f"notes/{number:04}.md" for number in texts}


def test_large_batches_become_several_segments(whoosh: WhooshIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoosh_batch, "MAX_WORDS", 500)
    assert whoosh.update((one(number, f"walrus w{number} " * 9) for number in range(100)), [])
    assert whoosh.search(Word("walrus"), 10)[1] == 100
    assert [match.path for match in whoosh.search(Word("w99"), None)[0]] == ["notes/0099.md"]


def test_a_new_stamp_alone_writes_no_new_generation(whoosh: WhooshIndex, place: Path) -> None:
    path, seen, note = one(1, "walrus")
    whoosh.update([(path, seen, note)], [])
    before = sorted(file.name for file in place.iterdir())
    newer = Seen(Stamp(99, 1, 1, 1), seen.digest)
    assert whoosh.update([(path, newer, None)], [])
    assert sorted(file.name for file in place.iterdir()) == before
    assert WhooshIndex(place).seen() == {path: newer}
    assert WhooshIndex(place).search(Word("walrus"), None)[1] == 1


def test_an_index_that_is_open_sees_the_commits_of_others(whoosh: WhooshIndex, place: Path) -> None:
    whoosh.update([one(1, "walrus")], [])
    assert whoosh.search(Word("walrus"), None)[1] == 1
    WhooshIndex(place).update([one(2, "walrus")], [])
    assert whoosh.search(Word("walrus"), None)[1] == 2
    assert len(whoosh.seen()) == 2


@contextmanager
def lock_held(place: Path) -> Iterator[None]:
    place.parent.mkdir(exist_ok=True)
    with (place.parent / "index.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_while_another_process_writes_nothing_is_read_and_nothing_lost(
    kb: KnowledgeBase, whoosh: WhooshIndex, write: Write, place: Path, ask: Ask
) -> None:
    write("notes/a.md", "walrus")
    with lock_held(place):
        assert refresh(kb, whoosh) == Changes(skipped=True)
        assert whoosh.search(Word("walrus"), None) == ([], 0)
    assert refresh(kb, whoosh) == Changes(updated=1)
    assert ask(whoosh, "walrus").total == 1


WRITER = """
import sys
from pathlib import Path
from carrel.search.index import refresh
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

kb, index = KnowledgeBase.open(Path(sys.argv[1])), WhooshIndex(Path(sys.argv[2]))
for number in range(int(sys.argv[4])):
    (kb.root / "notes" / f"{sys.argv[3]}{number}.md").write_text(f"walrus {sys.argv[3]}{number}")
    refresh(kb, index)
    print(number, flush=True)
"""


def writer(kb: KnowledgeBase, place: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(kb.root), str(place), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_two_writers_and_a_reader_at_once_lose_nothing(
    kb: KnowledgeBase, whoosh: WhooshIndex, place: Path, ask: Ask
) -> None:
    writers = [writer(kb, place, name, 40) for name in "ab"]
    while any(process.poll() is None for process in writers):
        matches, total = whoosh.search(Word("walrus"), None)
        assert len(matches) == total <= 80
    assert [process.wait() for process in writers] == [0, 0]
    for process in writers:
        assert process.stdout is not None
        process.stdout.close()
    assert ask(whoosh, "walrus").total == 80
    assert not list(place.parent.glob("index.bad-*"))


def test_a_killed_writer_leaves_a_whole_index_old_or_new(kb: KnowledgeBase, place: Path, ask: Ask) -> None:
    chance = random.Random(11)
    for turn in range(8):
        process = writer(kb, place, f"t{turn}n", 1000)
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        time.sleep(chance.random() * 0.15)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        index = WhooshIndex(place)
        known = set(index.seen())
        assert {match.path for match in index.search(Everything(), None)[0]} == known
        # The killed process may have left its last file without a word in it.
        assert ask(index, "walrus").total == sum("walrus" in path.read_text() for path in kb.root.glob("notes/*.md"))
    assert not list(place.parent.glob("index.bad-*"))
    assert not [path for path in place.iterdir() if path.name.endswith(".new")]


def test_a_disk_that_takes_no_more_is_one_clear_error_and_the_old_index_stays(
    kb: KnowledgeBase, some: WhooshIndex, write: Write, ask: Ask
) -> None:
    write("notes/large.md", " ".join(f"common{number}" for number in range(5000)))
    before = sorted(some.path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(IndexUnusable) as caught:
            refresh(kb, some)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    gc.collect()  # a file that was left open would be complained of now
    assert sorted(some.path.iterdir()) == before  # what was written of it takes no room
    assert caught.value.message == f"the index cannot be kept in {some.path}: file too large"
    assert caught.value.hint == "files may not grow that large there (`ulimit -f`)"
    assert some.search(Word("common"), None)[1] == 40
    assert ask(some, "common4999").total == 1


@pytest.mark.parametrize("name", ["_MAIN_{}.new", "catalogue_{}.new", "catalogue_{}"])
def test_a_commit_that_fails_at_its_end_leaves_nothing_of_what_it_wrote(
    kb: KnowledgeBase, some: WhooshIndex, write: Write, ask: Ask, name: str
) -> None:
    for number in range(20):
        write(f"notes/new{number}.md", "common zebra")
    (generation,) = (int(toc.stem.rpartition("_")[2]) for toc in some.path.glob("*.toc"))
    obstacle = some.path / name.format(generation + 1)
    obstacle.mkdir()
    before = sorted(some.path.iterdir())
    with pytest.raises(IndexUnusable, match="is a directory"):
        refresh(kb, some)
    assert sorted(some.path.iterdir()) == before
    assert some.search(Word("common"), None)[1] == 40
    obstacle.rmdir()
    assert ask(some, "common").total == 60


def test_searching_loads_neither_whoosh_nor_its_parsers(kb: KnowledgeBase, some: WhooshIndex, place: Path) -> None:
    program = """
import sys
from datetime import date
from pathlib import Path
from carrel.search.index import refresh
from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.search import search
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

kb, index = KnowledgeBase.open(Path(sys.argv[1])), WhooshIndex(Path(sys.argv[2]))
assert search(kb, index, parse_query("common wal*", date(2026, 11, 20))).total == 39
print(*sorted(name for name in sys.modules if name.startswith("whoosh")))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(kb.root), str(place)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == []


def test_both_kinds_of_index_are_search_indexes() -> None:
    from carrel.search.memory_index import MemoryIndex

    kinds: list[SearchIndex] = [MemoryIndex(), WhooshIndex(Path("nowhere"))]
    assert [index.search(Everything(), None, SCORE) for index in kinds] == [([], 0), ([], 0)]
