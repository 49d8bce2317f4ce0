"""`carrel refresh-tables`: what it says and how it ends, and that an accident leaves the old note or the new one."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from carrel.cli.app import App
from carrel.cli.refresh_tables import refresh
from carrel.errors import Refused
from carrel.search.index import Match
from carrel.search.order import Order
from carrel.search.tree import Query
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase
from tests.cli.test_durability import Command, Traced, points, prepared, traced  # noqa: F401  # a fixture
from tests.support import Carrel

Write = Callable[[str, str], Path]

LIST = "---\nvisibility: lab\n---\n# List\n\n```carrel\nkind:paper\ncolumns: title\n```\n\nText that stays.\n"
PAPER = "---\ntitle: Toy\nkind: paper\nvisibility: lab\n---\n"
LATER = datetime(2027, 1, 2, 3, 4, tzinfo=ZoneInfo("Europe/Berlin"))


def test_only_what_is_named_is_refreshed(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", LIST)
    other = write("notes/b.md", LIST)
    said = carrel("refresh-tables", "a")
    assert (said.code, said.out, said.err) == (0, "notes/a.md\n", "1 note with tables, 1 refreshed\n")
    assert carrel("refresh-tables", "b", "--dry-run").out == "notes/b.md\n"
    assert other.read_text() == LIST
    assert carrel("refresh-tables", "nowhere").code == 1


def test_a_knowledge_base_without_queries_has_nothing_to_refresh(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", f"````\n{LIST}\n````\n")
    assert carrel("refresh-tables", "--check").code == 0
    assert carrel("refresh-tables").err == "0 notes with tables, 0 refreshed\n"


def test_a_table_that_was_changed_by_hand_is_a_finding_and_stays(carrel: Carrel, write: Write) -> None:
    write("papers/toy.md", PAPER)
    place = write("notes/a.md", LIST)
    carrel("refresh-tables")
    place.write_text(place.read_text().replace("| [Toy]", "| my favourite [Toy]"))
    before = place.read_bytes()
    told = (
        "notes/a.md:6: the table was changed by hand and is left as it is; empty it to have it made anew "
        "[touched-table]\n1 note with tables, 0 {}, 1 problem\n"
    )
    checked, run = carrel("refresh-tables", "--check"), carrel("refresh-tables")
    assert (checked.code, checked.out, checked.err) == (2, "", told.format("to refresh"))
    assert (run.code, run.out, run.err) == (1, "", told.format("refreshed"))
    assert carrel("check").out.splitlines() == told.splitlines()[:1]
    assert place.read_bytes() == before
    start, end = (before.decode().index(mark) for mark in ("\n\n| ", "<!-- /carrel"))
    place.write_text(before.decode()[:start] + before.decode()[end:])
    assert carrel("refresh-tables", now=LATER).code == 0
    assert "| [Toy](../papers/toy.md) |\n\n*1 note for `kind:paper`, last changed 2027-01-02*" in place.read_text()


def test_one_note_that_cannot_be_written_does_not_keep_the_others_from_it(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("notes/a.md", LIST).chmod(0o444)
    write("notes/b.md", LIST)
    said = carrel("refresh-tables")
    assert (said.code, said.out) == (1, "notes/b.md\n")
    assert said.err == (
        f"{kb.root}/notes/a.md is read-only; nothing was written; `chmod u+w {kb.root}/notes/a.md` makes it writable\n"
        "2 notes with tables, 1 refreshed, 1 problem\n"
    )


def test_without_an_index_on_disk_one_in_memory_does(
    carrel: Carrel, kb: KnowledgeBase, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    write("papers/toy.md", PAPER)
    write("notes/a.md", LIST)
    assert carrel("refresh-tables").out == "notes/a.md\n"
    assert "[Toy](../papers/toy.md)" in kb.read("notes/a.md").body


def test_while_another_is_indexing_no_row_is_taken_from_a_table(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    place = write("notes/a.md", LIST)
    carrel("refresh-tables")
    before = place.read_bytes()
    write("papers/toy.md", PAPER)
    with (kb.cache_dir / "index.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = carrel("refresh-tables")
    assert said.code == 1
    assert "another carrel is indexing, and what it has not reached yet would go from the tables" in said.err
    assert place.read_bytes() == before


@pytest.mark.parametrize("times", [1, 9])
def test_no_table_is_written_of_an_index_that_goes_away_while_it_is_asked(
    carrel: Carrel, kb: KnowledgeBase, write: Write, times: int
) -> None:
    write("papers/toy.md", PAPER)
    place = write("notes/a.md", LIST)
    carrel("index")

    class Fading(WhooshIndex):
        """Another process removes it after the first question, so many times."""

        asked = 0

        def search(self, query: Query, limit: int | None, order: Order | None = None) -> tuple[list[Match], int]:
            found = super().search(query, limit, order)
            if found[0] and self.asked < times:
                self.asked += 1
                shutil.rmtree(self.path)
            return found

    app = App(dir=str(kb.root))
    app.index = Fading(kb.cache_dir / "index")
    if times == 1:
        refresh(app)
        assert "[Toy](../papers/toy.md)" in place.read_text()
    else:
        with pytest.raises(Refused, match="another carrel is indexing"):
            refresh(app)
        assert place.read_text() == LIST


def test_a_build_makes_the_tables_in_notes_current_too(carrel: Carrel, kb: KnowledgeBase, write: Write) -> None:
    write("papers/toy.md", PAPER)
    os.utime(write("notes/a.md", LIST), (1_700_000_000, 1_700_000_000))
    said = carrel("build")
    assert said.err.startswith("notes/a.md: tables refreshed\n")
    assert "[Toy](../papers/toy.md)" in kb.read("notes/a.md").body
    assert '<td><a href="../papers/toy.html">Toy</a></td>' in (kb.root / "site/public/notes/a.html").read_text()


def test_a_block_is_found_in_a_note_that_had_none_when_it_was_last_built(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("papers/toy.md", PAPER)
    write("notes/a.md", "No table.\n")
    assert "refreshed" not in carrel("build").err
    assert "refreshed" not in carrel("build").err
    os.utime(write("notes/a.md", LIST), (1_700_000_000, 1_700_000_000))
    assert carrel("build").err.startswith("notes/a.md: tables refreshed\n")


def test_a_build_does_not_write_into_a_note_that_somebody_is_at(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("papers/toy.md", PAPER)
    just_saved = write("notes/a.md", LIST)
    held = write("notes/b.md", LIST)
    os.utime(held, (1_700_000_000, 1_700_000_000))
    (held.parent / ".b.md.swp").touch()
    said = carrel("build")
    assert said.err.startswith(
        "notes/a.md: somebody is at it, its tables are not refreshed\n"
        "notes/b.md: somebody is at it, its tables are not refreshed\n"
    )
    assert just_saved.read_text() == held.read_text() == LIST
    assert '<td><a href="../papers/toy.html">Toy</a></td>' in (kb.root / "site/public/notes/a.html").read_text()
    assert carrel("refresh-tables").out == "notes/a.md\nnotes/b.md\n"  # who asks for it has it


def test_a_refresh_that_is_killed_anywhere_leaves_the_old_note_or_the_new_one(
    traced: Traced,  # noqa: F811
    tmp_path: Path,
) -> None:
    command = Command(("refresh-tables",), (), {"notes/a.md": LIST, "papers/toy.md": PAPER})
    prepared(tmp_path / "before", command)
    traced(command, "warm")
    clean = traced(command, "clean")
    assert (clean.code, clean.out) == (0, "notes/a.md\n")
    new = clean.files["notes/a.md"]
    assert new != LIST.encode()
    where = [point for point in points(clean) if point[0] in ("write", "fsync", "rename", "unlink", "flock")]
    assert {"write", "fsync", "rename"} <= {call for call, _ in where}

    def killed(point: tuple[str, int]) -> bytes:
        call, number = point
        outcome = traced(command, f"{call}-{number}", f"{call}:signal=SIGKILL:when={number}")
        assert "+++ killed by SIGKILL +++" in outcome.trace
        assert not outcome.out
        assert outcome.files["papers/toy.md"] == PAPER.encode()
        return outcome.files["notes/a.md"]

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        assert set(pool.map(killed, where)) <= {LIST.encode(), new}
