"""How thoroughly papers were read: sessions as people write them, what unlocks sections, what to read next."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import carrel
from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.note import Note
from carrel.core.paper import Paper
from carrel.core.parse import parse_note
from carrel.core.queue import cited, queue, score
from carrel.core.reading import Level, Session, Week, elapsed, problems, reading, record, sessions, unfinished, weeks
from carrel.core.summary import paper_text
from carrel.core.unlock import unlock

TEMPLATE = (Path(carrel.__file__).parent / "skeletons" / "paper.md").read_text(encoding="utf-8")
DAY = date(2026, 11, 20)
SKIMMING = Session(DAY, Level.SKIM, 10)


def paper(front: str, path: str = "papers/a.md") -> Note:
    return parse_note(path, f"---\nkind: paper\n{front}\n---\n".encode())


def begun(level: Level | None, template: str = TEMPLATE) -> str:
    return paper_text(Paper("Toy", citekey="toy"), date=DAY, visibility="lab", template=template, level=level)


def headings(text: str) -> list[str]:
    return [heading.text for heading in parse_note("papers/toy.md", text.encode()).markup.headings]


# --- what a paper says of its reading -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("sessions: [{date: 2026-11-20, level: skim, minutes: 10}]", (SKIMMING,)),
        ("sessions:\n  - {date: 2026-11-20, level: skimmed, minutes: '10'}", (SKIMMING,)),
        ("sessions:\n- date: 2026-11-20\n  level: Skim\n  minutes: 10\n  where: train", (SKIMMING,)),
        ("sessions: {date: 2026-11-20, level: skim, minutes: 10}", (SKIMMING,)),
        ("sessions: [{date: 2026-11-20T09:30, level: skim}]", (Session(DAY, Level.SKIM),)),
        ("sessions: [{date: 2026-11-20, level: summarized}]", (Session(DAY, Level.SUMMARISE),)),
        ("sessions:", ()),
        ("sessions: []", ()),
        ("reading: read", ()),
    ],
)
def test_sessions_are_read_however_they_are_written(written: str, read_as: tuple[Session, ...]) -> None:
    note = paper(written)
    assert sessions(note) == read_as
    assert list(problems(note)) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("sessions: twice", "sessions: a list of {date, level, minutes} is wanted, not 'twice' [bad-session]"),
        ("sessions: [skim]", "sessions: number 1: {date, level, minutes} is wanted [bad-session]"),
        ("sessions: [{level: skim}]", "sessions: number 1: its date is missing [bad-session]"),
        (
            "sessions: [{date: 2026-02-30, level: skim}]",
            "sessions: number 1: there is no day '2026-02-30' [bad-session]",
        ),
        (
            "sessions: [{date: 2026-11-20, level: skin}]",
            "sessions: number 1: level: 'skin' is no level; did you mean skim? [bad-session]",
        ),
        (
            "sessions: [{date: 2026-11-20, level: read, minutes: an hour}]",
            "sessions: number 1: minutes: a number is wanted, not 'an hour' [bad-session]",
        ),
        ("reading: skimed", "reading: 'skimed' is no level; did you mean skimmed? [bad-reading]"),
        ("reading: [x]", "reading: one of queued, skimmed, read, summarised, reproduced is wanted [bad-reading]"),
        ("rating: 7", "rating: a number from 1 (low) to 5 is wanted [bad-rating]"),
        ("priority: high", "priority: a number from 1 (low) to 5 is wanted [bad-priority]"),
    ],
)
def test_what_cannot_be_understood_is_told_and_passed_over(written: str, said: str) -> None:
    note = paper(written)
    assert [str(problem) for problem in problems(note)] == [f"papers/a.md:1: {said}"]
    assert sessions(note) == ()
    assert reading(note) is Level.QUEUED


def test_one_odd_session_does_not_hide_the_others() -> None:
    note = paper("sessions:\n  - {date: 2026-11-21, level: read}\n  - later\n  - {date: 2026-11-20, level: skim}")
    assert [session.level for session in sessions(note)] == [Level.SKIM, Level.READ], "oldest first"


@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner)))
def test_no_front_matter_makes_reading_it_fail(value: object) -> None:
    def frozen(value: object) -> object:
        if isinstance(value, list):
            return tuple(map(frozen, value))
        return {key: frozen(inner) for key, inner in value.items()} if isinstance(value, dict) else value

    note = Note("papers/a.md", "A", metadata={"sessions": frozen(value), "reading": frozen(value)})  # type: ignore[dict-item]  # any value is the point
    assert reading(note) in Level
    assert unfinished(note) in (None, *Level)
    assert all(problem.path == note.path for problem in problems(note))


# --- recording a session --------------------------------------------------------------------------------------------


def test_reading_goes_up_and_never_down() -> None:
    text = "---\nreading: queued\n---\nBody"
    for level, expected in ((Level.SKIM, "skimmed"), (Level.SUMMARISE, "summarised"), (Level.READ, "summarised")):
        text = record(text, Session(DAY, level))
        assert read(text).metadata["reading"] == expected
    assert text.endswith("---\nBody")
    assert text.count("\n  - {date: 2026-11-20, level: ") == 3


def test_a_session_that_did_not_finish_the_paper_leaves_it_begun() -> None:
    text = record("---\nkind: paper\nreading: skimmed\n---\n", Session(DAY, Level.READ, 20), finished=False)
    note = parse_note("papers/a.md", text.encode())
    assert (reading(note), unfinished(note)) == (Level.SKIM, Level.READ)
    assert unfinished(parse_note("papers/a.md", record(text, Session(DAY, Level.READ, 30)).encode())) is None


def test_a_note_that_says_nothing_of_reading_begins_to() -> None:
    text = record("# Notes of old\n", Session(DAY, Level.READ, 20), finished=False, rating=4)
    assert text == (
        "---\nsessions:\n  - {date: 2026-11-20, level: read, minutes: 20}\nreading: queued\nrating: 4\n---\n\n"
        "# Notes of old\n"
    )


def test_where_the_sessions_are_no_list_nothing_is_recorded() -> None:
    with pytest.raises(CannotEdit, match="sessions is no list"):
        record("---\nsessions: twice\n---\n", SKIMMING)


# --- sections -------------------------------------------------------------------------------------------------------


def test_each_level_has_its_sections_in_the_order_of_the_template() -> None:
    text = begun(Level.SKIM)
    assert read(text).metadata["sections"] == "skim"
    assert headings(text) == ["TL;DR", "Opinion", "Questions"]
    text = unlock(text, TEMPLATE, Level.READ)
    assert headings(text) == [
        "TL;DR", "Summary", "Opinion", "Claims and evidence", "Limitations", "Questions", "Quotes",
    ]  # fmt: skip
    text = unlock(text, TEMPLATE, Level.SUMMARISE)
    assert read(text).metadata["sections"] == "summarise"
    whole = begun(None)
    assert headings(text) == headings(whole)
    assert text.partition("\n---\n")[2] == whole.partition("\n---\n")[2], "step by step is the same as at once"
    assert "level:" not in text


def test_a_note_with_all_sections_or_from_elsewhere_gets_none() -> None:
    for text in (begun(None), "# Of old\n", "---\nreading: queued\n---\n"):
        assert unlock(text, TEMPLATE, Level.REPRODUCE) == text


def test_what_was_deleted_or_renamed_does_not_come_back() -> None:
    text = begun(Level.READ).replace("## Quotes", "## Words").replace("## Opinion\n", "")
    for level in (Level.READ, Level.SUMMARISE, Level.REPRODUCE):
        text = unlock(text, TEMPLATE, level)
        assert "Quotes" not in headings(text)
        assert "Opinion" not in headings(text)
    assert "Method" in headings(text)


def test_a_section_that_is_there_already_is_left_alone() -> None:
    text = begun(Level.SKIM) + "\n## summary\n\nMy own.\n"
    assert headings(unlock(text, TEMPLATE, Level.READ)).count("Summary") == 0
    assert "\n## summary\n\nMy own.\n" in unlock(text, TEMPLATE, Level.READ)


def test_a_template_of_ones_own_says_its_levels_and_its_default() -> None:
    template = "---\nsections: skim\n---\n# {{title}}\n\n## Why\n\n## How, {{title}}? <!-- level: read -->\n\n{{key}}\n"
    text = begun(None, template)
    assert headings(text) == ["Toy", "Why"]
    assert headings(unlock(text, template, Level.READ)) == ["Toy", "Why", "How, Toy?"]
    unmarked = "## Why\n\n## How <!-- level: quickly -->\n"
    assert headings(begun(Level.SKIM, unmarked)) == ["Why", "How <!-- level: quickly -->"], "no level: left as it is"


@pytest.mark.parametrize("end", ["```\nnever closed\n", "<!-- never closed\n"])
def test_nothing_is_put_where_it_would_not_show(end: str) -> None:
    text = f"---\nsections: skim\n---\n\n## TL;DR\n\n{end}"
    new = unlock(text, "## TL;DR\n\n## Method <!-- level: read -->\n", Level.READ)
    assert new == text


CHUNKS = st.sampled_from(
    [
        "## TL;DR\n", "## Opinion\n", "## Questions ##\n", "Quotes\n------\n", "## My own\n", "# Title\n", "### Deep\n",
        "text with [[link]] and `code`\n", "```\n## Method\n```\n", "<!-- ## Summary -->\n", "\n", "\n\n", "- a\n  b\n",
        "> ## Summary\n", "| a |\n|---|\n", "$$\nx\n$$\n", "<!-- open\n", "```\n", "no end", " \t\n", "## Method\n",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(CHUNKS, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(list(Level)[1:]))
def test_unlocking_adds_whole_lines_and_changes_none(chunks: list[str], newline: str, level: Level) -> None:
    body = "".join(chunks).replace("\n", newline)
    text = f"---\nsections: skim\n---\n{body}"
    new = unlock(text, TEMPLATE, level)
    assert unlock(new, TEMPLATE, level) == new
    if level is Level.SKIM:
        assert new == text
        return
    front, _, after = new.partition("\n---\n")
    assert front == f"---\nsections: {level.verb}" or new == text
    guidance = {line.partition(" <!-- level")[0] for line in TEMPLATE.splitlines()} | {""}
    old = iter(body.splitlines(keepends=True))
    wanted = next(old, None)
    for line in after.splitlines(keepends=True):
        if wanted is not None and (line == wanted or line.rstrip("\r\n") == wanted):
            wanted = next(old, None)
        else:
            assert line.strip() in guidance
    assert wanted is None
    assert len(set(headings(new)) - set(headings(text))) == len(headings(new)) - len(headings(text))


# --- the queue ------------------------------------------------------------------------------------------------------


def test_the_score_of_a_paper_is_counted_in_steps_of_priority() -> None:
    assert score(4, 0, 0, False) == score(3, 100, 0, False) == score(3, 0, 2, False) == score(3, 0, 0, True)


def test_what_was_begun_comes_first_then_the_best_and_each_says_why() -> None:
    shelf = [
        paper("reading: queued\ndate: 2026-11-08\npriority: 5", "papers/urgent.md"),
        paper("reading: queued\ndate: 2026-11-20\nproject: Probes\nyear: 2020", "papers/mine.md"),
        paper("reading: queued\ndate: 2026-11-19\nproject: Probes\nyear: 2024", "papers/newer.md"),
        paper("reading: skimmed\nsessions: [{date: 2026-11-01, level: read, minutes: 20}]", "papers/begun.md"),
        paper("reading: read", "papers/read.md"),
        paper("priority: 1", "papers/silent.md"),
    ]
    found = queue(shelf, DAY, {"mine": 3, "read": 9}, ("probes", "today's log"))
    assert [(one.key, one.score, " · ".join(one.reasons)) for one in found] == [
        ("begun", 3.0, "begun to read, 20 min so far"),
        ("mine", 5.5, "queued today · cited 3 times in your notes · same project as today's log"),
        ("urgent", 5.12, "priority 5 · queued 12 days"),
        ("newer", 4.01, "queued 1 day · same project as today's log"),
        ("silent", 1.0, "priority 1"),
    ]
    assert queue(shelf, DAY, {}, running={"papers/read.md": Level.SUMMARISE})[1].reasons == ("being read now",)


def test_citations_are_counted_in_other_notes_and_outside_of_code() -> None:
    texts = {
        "notes/a.md": b"[@a, p. 3; @b] and @a. `@a` <!-- @a --> mail@a.org",
        "papers/a.md": b"---\nkind: paper\ncitekey: a\n---\n[@a] [@b]",
        "notes/none.md": b"no citation",
    }
    opened = []

    def note(path: str) -> Note:
        opened.append(path)
        return parse_note(path, texts[path])

    found = cited(((data, partial(note, path)) for path, data in texts.items()), ["a", "b"])
    assert found == {"a": 2, "b": 2}
    assert opened == ["notes/a.md", "papers/a.md"]


@settings(max_examples=300)
@given(st.text(alphabet="@ab1:.-_{}[]();,'\"*<é \n\\", max_size=40))
def test_no_citation_is_missed_by_looking_before_reading(text: str) -> None:
    note = parse_note("notes/n.md", text.encode())
    keys = {citation.key for citation in note.markup.citations}
    assert cited([(text.encode(), lambda: note)], keys).total() == len(note.markup.citations)


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (datetime(2026, 11, 20, 14, 0, 5), 1),
        (datetime(2026, 11, 20, 14, 41, 31), 42),
        (datetime(2026, 11, 20, 18), 240),
        (datetime(2026, 11, 20, 18, 1), None),
        (datetime(2026, 11, 20, 13), None),
        (datetime(2026, 11, 20, 13, 59, 30), 1),
    ],
)
def test_a_clock_that_was_forgotten_or_set_back_is_not_believed(now: datetime, minutes: int | None) -> None:
    assert elapsed(datetime(2026, 11, 20, 14), now) == minutes


def test_weeks_count_papers_sessions_and_minutes_by_level() -> None:
    shelf = [
        paper("sessions:\n  - {date: 2026-11-16, level: read, minutes: 40}\n  - {date: 2026-11-22, level: read}"),
        paper(
            "sessions: [{date: 2026-11-20, level: skim, minutes: 10}, {date: 2026-11-15, level: skim}]", "papers/b.md"
        ),
    ]
    assert weeks(shelf) == [
        Week("2026-W46", "skim", 1, 1, 0),
        Week("2026-W47", "skim", 1, 1, 10),
        Week("2026-W47", "read", 1, 2, 40),
    ]
    assert weeks(shelf, date(2026, 11, 20)) == [Week("2026-W47", "skim", 1, 1, 10), Week("2026-W47", "read", 1, 1, 0)]
