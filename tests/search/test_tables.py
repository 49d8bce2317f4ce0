"""Tables of queries: what a block finds becomes rows, once and no oftener, and nothing but tables is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from carrel.core.note import Problem
from carrel.errors import NoteChanged
from carrel.search.index import refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import BEST
from carrel.search.query import parse_query
from carrel.search.search import search
from carrel.search.tables import Asking, Plan, block_problems, notes_with_blocks
from carrel.store.knowledge_base import KnowledgeBase

DAY = date(2026, 11, 20)

Write = Callable[[str, str], Path]
#: Refreshes all tables; the notes that were written, and what went wrong.
Refresh = Callable[..., tuple[list[str], list[str]]]


@pytest.fixture
def fresh(kb: KnowledgeBase) -> Refresh:
    index = MemoryIndex()

    def call(today: date = DAY, saved: dict[str, str] | None = None) -> tuple[list[str], list[str]]:
        refresh(kb, index)
        asking = Asking(kb, index, today, saved or {})
        done: list[str] = []
        problems: list[Problem] = []
        for plan in [Plan.of(kb.read(path), asking) for path in notes_with_blocks(kb, index)]:
            problems += plan.problems
            if plan.tables:
                plan.carry_out(kb.rewrite)
                done.append(plan.note.path)
        return done, [str(problem) for problem in problems]

    return call


@pytest.fixture
def library(write: Write) -> None:
    write(
        "papers/toy.md",
        "---\ntitle: Toy models\nkind: paper\nauthors: [Elhage, Hume]\nyear: 2022\nrating: 5\n---\nreward\n",
    )
    write("papers/zoom.md", "---\ntitle: Zoom in\nkind: paper\nauthors: ['Olah, Chris', Cammarata]\nrating: 4\n---\n")
    write(
        "notes/2026/2026-11-19.md",
        "## 09:10 Reward\n\nreward went down #rl\n\nloss:: 0.3\n\n## 14:32 Reward\n\nreward again\n",
    )


def table(kb: KnowledgeBase, path: str = "notes/list.md") -> list[str]:
    """The lines of the table and its caption."""
    return [line for line in kb.read(path).body.split("\n") if line.startswith(("|", "*"))]


def listed(write: Write, block: str, path: str = "notes/list.md") -> Path:
    return write(path, f"```carrel\n{block}\n```\n")


@pytest.mark.usefixtures("library")
def test_papers_are_listed_with_authors_and_year(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    listed(write, "kind:paper\nsort: -rating")
    assert fresh() == (["notes/list.md"], [])
    assert table(kb) == [
        "| title | authors | year |",
        "|---|---|--:|",
        "| [Toy models](../papers/toy.md) | Elhage, Hume | 2022 |",
        "| [Zoom in](../papers/zoom.md) | Olah, Chris; Cammarata |  |",
        "*2 notes for `kind:paper`, last changed 2026-11-20*",
    ]


@pytest.mark.usefixtures("library")
def test_entries_are_listed_newest_first_with_any_field_that_is_asked_for(
    kb: KnowledgeBase, write: Write, fresh: Refresh
) -> None:
    listed(write, "reward kind:log\ncolumns: date, time, title, tags, loss, snippet, nothing, kind\nlimit: 1")
    fresh()
    assert table(kb)[2:] == [
        "| 2026-11-19 | 14:32 | [Reward](2026/2026-11-19.md#1432-reward) |  |  | reward again |  | log |",
        "*1 entry and 1 more for `reward kind:log`, last changed 2026-11-20*",
    ]
    listed(write, "went\ncolumns: tags, loss, date")
    fresh()
    assert table(kb) == [
        "| title | tags | loss | date |",
        "|---|---|--:|---|",
        "| [Reward](2026/2026-11-19.md#0910-reward) | rl | 0.3 | 2026-11-19 |",
        "*1 entry for `went`, last changed 2026-11-20*",
    ]


@pytest.mark.usefixtures("library")
def test_a_second_refresh_changes_nothing_whatever_the_day(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    listed(write, "reward")
    fresh()
    before = kb.read_bytes("notes/list.md")
    assert fresh(date(2027, 3, 1)) == ([], [])
    assert kb.read_bytes("notes/list.md") == before


@pytest.mark.usefixtures("library")
def test_notes_that_list_the_same_words_do_not_find_each_other_s_tables(
    kb: KnowledgeBase, write: Write, fresh: Refresh
) -> None:
    for name in ("a", "b"):
        write(f"notes/{name}.md", "# Lists\n\n```carrel\nreward\n```\n")
    assert fresh() == (["notes/a.md", "notes/b.md"], [])
    assert fresh() == ([], [])
    assert table(kb, "notes/a.md")[-1] == "*3 notes for `reward`, last changed 2026-11-20*"  # a paper, two entries
    index = MemoryIndex()
    refresh(kb, index)
    found = search(kb, index, parse_query("reward", DAY, {}), order=BEST).hits
    assert sorted({hit.path for hit in found}) == ["notes/2026/2026-11-19.md", "papers/toy.md"]
    assert kb.graph().backlinks("papers/toy.md") == ()


def test_notes_that_list_each_other_settle_at_once(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    for name in ("a", "b"):
        listed(write, "has:query", f"notes/{name}.md")
    assert fresh() == (["notes/a.md", "notes/b.md"], [])
    assert fresh() == ([], [])
    assert table(kb, "notes/a.md")[2:3] == ["| [b](b.md) |  |"]


def test_a_table_that_moves_entries_of_its_day_settles_at_once(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    day = "## 10:00 A\n\n```carrel\nprobe\n```\n\n## 11:00 A\n\nprobe\n\n# Later\n\n## 10:00 A\n\nprobe\n"
    write("notes/2026/2026-11-19.md", day)
    listed(write, "probe")
    assert fresh() == (["notes/2026/2026-11-19.md", "notes/list.md"], [])
    assert fresh() == ([], [])
    assert table(kb)[2:4] == [
        "| [A](2026/2026-11-19.md#1100-a) | 2026-11-19 |",
        "| [A](2026/2026-11-19.md#1000-a-1) | 2026-11-19 |",
    ]


def test_a_table_does_not_list_the_note_it_stands_in(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    write("notes/list.md", "---\nkind: project\n---\n```carrel\nkind:project\n```\n")
    write("notes/other.md", "---\nkind: project\n---\n")
    fresh()
    assert table(kb)[2:] == ["| [other](other.md) |  |", "*1 note for `kind:project`, last changed 2026-11-20*"]


def test_days_in_a_query_are_counted_from_the_day_that_is_given(
    kb: KnowledgeBase, write: Write, fresh: Refresh
) -> None:
    write("notes/new.md", "---\ndate: 2026-11-19\n---\n")
    listed(write, "since:yesterday")
    fresh()
    assert table(kb)[-1] == "*1 note for `since:yesterday`, last changed 2026-11-20*"
    assert fresh(date(2026, 11, 21)) == (["notes/list.md"], [])
    assert table(kb) == ["*No notes for `since:yesterday`, last changed 2026-11-21*"]


@pytest.mark.usefixtures("library")
def test_a_saved_query_is_asked_by_its_name(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    listed(write, "@good")
    fresh(saved={"good": "rating:>=5"})
    assert table(kb)[2:] == ["| [Toy models](../papers/toy.md) |  |", "*1 note for `@good`, last changed 2026-11-20*"]


@pytest.mark.usefixtures("library")
def test_a_frozen_table_is_filled_once_and_then_left_as_it_is(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    listed(write, "kind:paper\nfreeze: true")
    fresh()
    assert table(kb)[-1] == "*2 notes for `kind:paper`, frozen on 2026-11-20*"
    before = kb.read_bytes("notes/list.md")
    write("papers/new.md", "---\nkind: paper\n---\n")
    assert fresh(date(2026, 12, 1)) == ([], [])
    assert kb.read_bytes("notes/list.md") == before


@pytest.mark.usefixtures("library")
def test_a_table_that_is_frozen_later_keeps_the_rows_that_its_reader_saw(
    kb: KnowledgeBase, write: Write, fresh: Refresh
) -> None:
    place = listed(write, "kind:paper")
    fresh()
    write("papers/new.md", "---\nkind: paper\n---\n")
    place.write_text(place.read_text().replace("kind:paper\n```", "kind:paper\nfreeze: true\n```"))
    assert fresh(date(2026, 12, 1)) == (["notes/list.md"], [])
    assert table(kb)[2:] == [
        "| [Toy models](../papers/toy.md) | Elhage, Hume | 2022 |",
        "| [Zoom in](../papers/zoom.md) | Olah, Chris; Cammarata |  |",
        "*2 notes for `kind:paper`, frozen on 2026-11-20*",
    ]


@pytest.mark.parametrize(
    ("block", "line", "message"),
    [
        ("kind:paper\nzebra (", 5, "column 7: "),
        ("in:pdf reward", 4, "a table lists notes; pages of PDFs are found by `carrel search`"),
        ("limit: 4", 4, "there is no query in this block"),
    ],
)
def test_a_block_that_cannot_be_answered_is_told_with_file_and_line_and_keeps_its_table(
    kb: KnowledgeBase, write: Write, fresh: Refresh, block: str, line: int, message: str
) -> None:
    write("notes/list.md", f"# A\n\n```carrel\n{block}\n```\n\n```carrel\nkind:log\n```\n")
    done, problems = fresh()
    assert done == ["notes/list.md"]  # the second block has its table
    assert [problem.startswith(f"notes/list.md:{line}: {message}") for problem in problems] == [True]
    assert [str(one) for one in block_problems([kb.read("notes/list.md")], DAY, {})] == problems


@pytest.mark.usefixtures("library")
def test_what_a_person_wrote_into_a_table_stays(kb: KnowledgeBase, write: Write, fresh: Refresh) -> None:
    place = listed(write, "kind:paper")
    fresh()
    place.write_text(place.read_text().replace("| 2022 |", "| 2022, read twice |"))
    before = place.read_bytes()
    write("papers/new.md", "---\nkind: paper\n---\n")
    trouble = "the table was changed by hand and is left as it is; empty it to have it made anew"
    problems = [f"notes/list.md:1: {trouble} [touched-table]"]
    assert fresh() == ([], problems)
    assert [str(one) for one in block_problems([kb.read("notes/list.md")], DAY, {})] == problems
    assert place.read_bytes() == before


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("block", "slip"),
    [
        ("kind:paper\ncolumns: title, ratign", "`ratign`, which is a column here; did you mean `rating`?"),
        ("kind:log\ncolumns: title, lost", "`lost`, which is a column here; did you mean `loss`?"),
        ("kind:paper\ncolumns: Zebra", "`Zebra`, which is a column here"),
    ],
)
def test_a_column_that_no_note_has_a_field_for_is_told_with_the_nearest_that_there_is(
    kb: KnowledgeBase, write: Write, fresh: Refresh, block: str, slip: str
) -> None:
    listed(write, block)
    problems = [f"notes/list.md:1: no note has a field {slip} [unknown-column]"]
    assert fresh() == (["notes/list.md"], problems)
    assert [str(one) for one in block_problems([kb.read(path) for path in kb.stamps()], DAY, {})] == problems


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("columns", ["doi, priority, Tags, snippet", "loss", "sessions, meta.GPU", "time, rating"])
def test_a_column_may_be_empty_that_is_of_papers_or_that_another_note_has(
    kb: KnowledgeBase, write: Write, fresh: Refresh, columns: str
) -> None:
    write("notes/run.md", "---\nmeta:\n  GPU: 8\n---\n")
    listed(write, f"kind:paper\ncolumns: {columns}")
    assert fresh() == (["notes/list.md"], [])
    assert [*block_problems([kb.read(path) for path in kb.stamps()], DAY, {})] == []


@pytest.mark.usefixtures("library")
def test_byte_order_mark_line_ends_and_the_missing_last_one_stay(
    kb: KnowledgeBase, write: Write, fresh: Refresh
) -> None:
    front = "\ufeff---\r\ntitle: A  # mine\r\n---\r\n\r\ntwo blanks  \r\n"
    place = write("notes/list.md", f"{front}```carrel\r\nkind:paper\r\nlimit: 1\r\n```")
    fresh()
    text = place.read_bytes().decode()
    assert text.startswith(f"{front}```carrel\r\nkind:paper\r\nlimit: 1\r\n```\r\n\r\n<!-- carrel:table ")
    assert text.endswith(" 2026-11-20*\r\n\r\n<!-- /carrel:table -->")
    assert text.count("\n") == text.count("\r\n")
    assert fresh() == ([], [])


@pytest.mark.usefixtures("library")
def test_a_note_that_changes_meanwhile_is_left_to_the_next_time(kb: KnowledgeBase, write: Write) -> None:
    place = listed(write, "kind:paper")
    index = MemoryIndex()
    refresh(kb, index)

    def typed_then_rewritten(path: str, change: Callable[[str], str]) -> None:
        place.write_text("something else\n")
        kb.rewrite(path, change)

    with pytest.raises(NoteChanged):
        Plan.of(kb.read("notes/list.md"), Asking(kb, index, DAY, {})).carry_out(typed_then_rewritten)
    assert place.read_text() == "something else\n"


def test_a_note_that_is_damaged_is_not_written(kb: KnowledgeBase, fresh: Refresh) -> None:
    (kb.root / "notes/list.md").write_bytes(b"caf\xe9\n\n```carrel\nkind:paper\n```\n")
    assert fresh() == (
        [],
        ["notes/list.md:3: the note is damaged, see `carrel check`; no table is written [bad-query]"],
    )
