"""The log's format: where a day lives, and that an entry says all that was typed and stays one section."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.inline_fields import inline_fields
from carrel.core.log import TITLE_LENGTH, LogEntry, day_header, day_path, entry_text, split_title
from carrel.core.note import Visibility
from carrel.core.parse import parse_note

AT = datetime(2026, 11, 20, 14, 32)


def written(text: str, **options: object) -> str:
    return entry_text(LogEntry(AT, text, **options))  # type: ignore[arg-type]  # the fields of LogEntry


def test_a_day_has_one_file_per_audience_and_author() -> None:
    day = date(2026, 11, 20)
    assert day_path("notes", day) == "notes/2026/2026-11-20.md"
    assert day_path("notes", day, private=True) == "notes/2026/2026-11-20.private.md"
    assert day_path("log/days", day, "Ada Lovelace") == "log/days/2026/2026-11-20-ada-lovelace.md"
    assert day_path(".", date(812, 1, 2)) == "0812/0812-01-02.md"
    assert day_path("notes", day, "???") == "notes/2026/2026-11-20.md"


@pytest.mark.parametrize("visibility", Visibility)
def test_a_day_s_file_reads_back_as_that_day(visibility: Visibility) -> None:
    note = parse_note("notes/x.md", day_header(date(2026, 11, 20), visibility, 'Ada "A" L: x').encode())
    assert (note.title, note.date, note.kind, note.visibility, note.authors, note.problems) == (
        "2026-11-20", date(2026, 11, 20), "log", visibility, ('Ada "A" L: x',), (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("Loss spikes", "Loss spikes", ""),
        ("Loss spikes\n\nat the end", "Loss spikes", "at the end"),
        ("\n\n  Loss   spikes  \r\nat\r\nthe end\n\n", "Loss spikes", "at\nthe end"),
        ("## Loss spikes\ntext", "Loss spikes", "text"),
        ("First. " + "word " * 30, "First.", ("word " * 30).strip()),
        ("w" * 150, "w" * 100 + "…", "w" * 150),
        ("word " * 30, ("word " * 20).strip() + "…", ("word " * 30).strip()),
        ("- one\n- two", "", "- one\n- two"),
        ("```\ncode\n```", "", "```\ncode\n```"),
        ("| a | b |\n|---|---|", "", "| a | b |\n|---|---|"),
        ("    indented\n    code", "", "    indented\n    code"),
        ("> quote\n> more", "", "> quote\n> more"),
        ("- a single item", "- a single item", ""),
    ],
)
def test_the_first_line_is_the_title_if_it_can_be_one(text: str, title: str, rest: str) -> None:
    assert split_title(text) == (title, rest)


@pytest.mark.parametrize(
    ("half", "close"),
    [("^[but only", "]"), ("^[as [@a, p. 3] has it", "]"), ("![the loss", "](loss.png)"), ("[[sae", "]]"),
     ("![[loss", ".png]]"), ("[here](a.md 'The", "')"), ("![](loss.png 'After", "')")],
)  # fmt: skip
def test_no_footnote_picture_or_link_is_cut_in_two_nor_leaves_its_first_sign(half: str, close: str) -> None:
    text = f"{'word ' * 17}{half} {'word ' * 9}end{close}"
    assert split_title(text) == (f"{'word ' * 16}word…", text)


PIECES = st.sampled_from(
    ["word ", "Sentence. ", "long " * 30, "x" * 120, "\n", "\n\n", "# h\n", "## 10:00 h\n", "h\n---\n", "h\n===\n",
     "```\n", "~~~~\n", "<!--",
     "-->", "- a\n", "> ", "    ", "| a |\n", "[[a]]", "#t ", "\r\n", "key:: v\n", "%%", "$$", "`", "---\n", "é字😀",
     "…", "* * *\n", "> ```\n", "- ```\n"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=200)


def letters(text: str) -> str:
    """What is there to be lost: everything but blanks, heading marks and underlines."""
    return re.sub(r"[\s#=-]+", "", text)


@settings(max_examples=400)
@given(TEXTS)
def test_splitting_off_a_title_loses_nothing(text: str) -> None:
    title, rest = split_title(text)
    assert "\n" not in title
    assert len(title) <= TITLE_LENGTH + 1
    whole = letters(text.replace("\r\n", "\n"))
    if title.endswith("…") and len(title) > 1 and letters(title[:-1]) != whole:
        assert letters(rest) == whole or letters(title + rest) == whole
    else:
        assert letters(title + rest) == whole


@settings(max_examples=400)
@given(TEXTS, st.sampled_from(["", "toy"]), st.sampled_from([(), ("sae", "probes")]))
def test_an_entry_is_one_section_whatever_was_typed_and_the_next_one_is_another(
    text: str, project: str, tags: tuple[str, ...]
) -> None:
    entry = written(text, project=project, tags=tags)
    after = entry_text(LogEntry(datetime(2026, 11, 20, 15, 0), "After", ("t",)))
    day = f"{day_header(AT.date(), Visibility.LAB)}\n{entry}\n{after}"
    note = parse_note("notes/2026/2026-11-20.md", day.encode())
    assert [found.time.isoformat("minutes") for found in note.entries] == ["14:32", "15:00"], day
    assert (note.entries[1].title, note.entries[1].tags) == ("After", ("t",))
    if project:
        assert note.entries[0].project == project
    assert set(tags) <= set(note.entries[0].tags)
    # A lone mark of a comment is escaped, so that a later entry does not end it.
    kept = (letters(entry), letters(entry.replace("\\%%", "%%")))
    assert any(letters(split_title(text)[1]) in one for one in kept)


def test_headings_in_the_text_are_nested_below_the_entry() -> None:
    text = "Notes\n# One\ntext\n## Two ##\nUnder\n-----\nOver\n====\n```\n# code\n```\n"
    assert written(text) == ("## 14:32 Notes\n\n### One\ntext\n#### Two ##\n#### Under\n### Over\n```\n# code\n```\n")
    assert written("Notes\n### Three\n###### Six") == "## 14:32 Notes\n\n### Three\n###### Six\n"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("out\n```\ncode", "## 14:32 out\n\n```\ncode\n```\n"),
        ("out\n~~~~ python\n```\ncode", "## 14:32 out\n\n~~~~ python\n```\ncode\n~~~~\n"),
        ("out\n> ```\n> code", "## 14:32 out\n\n> ```\n> code\n> ```\n"),
        ("out\n- ```\n  code", "## 14:32 out\n\n- ```\n  code\n  ```\n"),
        ("a <!-- b", "## 14:32 a <!-- b\n-->\n"),
        ("out\n```\ncode\n```\n", "## 14:32 out\n\n```\ncode\n```\n"),
    ],
)
def test_code_and_comments_that_are_left_open_are_closed(text: str, entry: str) -> None:
    assert written(text) == entry


def test_what_is_given_by_flags_stands_on_the_last_lines() -> None:
    assert written("Title\ntext", tags=("sae", "#probes"), project="toy") == (
        "## 14:32 Title\n\ntext\n\nproject:: toy\n#sae #probes\n"
    )
    assert written("", tags=()) == "## 14:32\n"


def test_inline_fields_are_key_and_value_of_a_line() -> None:
    text = "Loss:: 0.3 \n- Next step :: run it\n* a:: b:: c\nno::\n x:: indented\na::b\nnot: this\nhttp://x"
    assert inline_fields(text) == {"loss": "0.3", "next step": "run it", "a": "b:: c", "no": ""}
