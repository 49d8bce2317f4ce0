"""The one reader of a note: what it makes of any bytes, and that it never raises."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.log import MAX_BYTES
from carrel.core.note import Note, Visibility
from carrel.core.parse import parse_note


def note(text: str, path: str = "notes/a.md") -> Note:
    return parse_note(path, text.encode())


def codes(found: Note) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in found.problems]


def test_a_whole_note_is_read() -> None:
    found = note(
        '---\ntitle: "Probes: a plan"\ndate: 2026-11-20\nkind: Experiment\ntags: [sae, probes]\naliases: [PP]\n'
        'project: "[[Toy models|toys]]"\nauthors: [Ada, Grace]\nvisibility: lab\narxiv: 2310.06820\n'
        'advances: ["[[q1]]", "[[q2#why]]"]\n---\n\nSee #logit-lens and [[b]].\n'
    )
    assert (found.title, found.kind, found.date) == ("Probes: a plan", "experiment", date(2026, 11, 20))
    assert found.tags == ("sae", "probes", "logit-lens")
    assert (found.aliases, found.project, found.authors) == (("PP",), "Toy models", ("Ada", "Grace"))
    assert (found.visibility, found.metadata["arxiv"]) == (Visibility.LAB, "2310.06820")
    assert [(link.target, link.fragment, link.line) for link in found.relations] == [
        ("Toy models", "", 7), ("q1", "", 11), ("q2", "why", 11),
    ]  # fmt: skip
    assert (found.body, found.body_line) == ("\nSee #logit-lens and [[b]].\n", 13)
    assert [(link.target, link.line) for link in found.markup.links] == [("b", 14)]
    assert (found.problems, found.entries, found.name) == ((), (), "a")


@pytest.mark.parametrize(
    ("text", "path", "title"),
    [
        ("---\ntitle: From the front\n---\n# From the body\n", "notes/file.md", "From the front"),
        ("## Second level\n\n# From the body #tag\n# Another\n", "notes/file.md", "From the body #tag"),
        ("From the body\n=============\n", "notes/file.md", "From the body"),
        ("```\n# a comment\n```\n", "notes/file.md", "file"),
        ("---\ntitle:\n---\n", "notes/file.name.md", "file.name"),
        ("---\ntitle: |\n  Two\n  lines\n---\n", "notes/file.md", "Two lines"),
        ("", "notes/Ünï cödé.md", "Ünï cödé"),
    ],
)
def test_a_title_is_what_is_written_or_the_first_heading_or_the_name(text: str, path: str, title: str) -> None:
    assert note(text, path).title == title


@pytest.mark.parametrize(
    ("path", "front", "kind", "day"),
    [
        ("notes/2026/2026-11-20.md", "", "log", date(2026, 11, 20)),
        ("notes/2026/2026-11-20-ada.md", "", "log", date(2026, 11, 20)),
        ("notes/2026/2026-11-20.private.md", "", "log", date(2026, 11, 20)),
        ("journals/2026_11_20.md", "", "log", date(2026, 11, 20)),
        ("daily.2026.11.20.md", "", "note", None),
        ("notes/2026.11.20.md", "", "log", date(2026, 11, 20)),
        ("notes/2026-13-40.md", "", "log", None),
        ("notes/2026-11-20.md", "kind: note", "note", date(2026, 11, 20)),
        ("notes/2026-11-20.md", "date: 2025-01-02", "log", date(2025, 1, 2)),
        ("notes/2026-11-200.md", "", "note", None),
        ("papers/a.md", "citekey: a", "paper", None),
        ("notes/a.md", "date: 2026-1-2T10:00:00Z", "note", date(2026, 1, 2)),
        ("notes/a.md", "date: {created: 2026-01-02}", "note", date(2026, 1, 2)),
        ("notes/a.md", "date: spring 2026", "note", None),
    ],
)
def test_kind_and_day_are_what_is_written_or_what_the_name_says(
    path: str, front: str, kind: str, day: date | None
) -> None:
    found = note(f"---\n{front}\n---\n", path)
    assert (found.kind, found.date, found.problems) == (kind, day, ())


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("tags: [sae, '#probes', sae]", ("sae", "probes")),
        ("tags: sae, probes", ("sae", "probes")),
        ("tags: '#sae #probes'", ("sae", "probes")),
        ("tag: sae", ("sae",)),
        ("tags:\n- a b\n- c", ("a b", "c")),
        ("tags:", ()),
    ],
)
def test_tags_are_read_however_they_are_listed(line: str, tags: tuple[str, ...]) -> None:
    assert note(f"---\n{line}\n---\n").tags == tags


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("date: 2026-02-30", [(2, "bad-date")]),
        ("a: 1\ndate: [x]", [(3, "bad-date")]),
        ("title: [a]", [(2, "bad-title")]),
        ("tags: {a: b}", [(2, "bad-tags")]),
        ("authors: [[a]]", [(2, "bad-authors")]),
        ("visibility: shared", [(2, "bad-visibility")]),
        ("visibility: [lab]", [(2, "bad-visibility")]),
    ],
)
def test_a_key_that_does_not_fit_is_a_problem_at_its_line(front: str, expected: list[tuple[int, str]]) -> None:
    assert codes(note(f"---\n{front}\n---\n")) == expected


DAY = """---
kind: log
---
before

## 9:05 Morning #sae
text [[a]]

project:: toy
- Loss:: 0.3
### Deeper
more #probes
## Not an entry
## 14:32
silent
## 23:59 Last ##
## 24:00 No such time
# 10:00 Not at this level
### 10:00 Nor at this
"""


def test_the_entries_of_a_day_are_its_timed_sections() -> None:
    found = note(DAY)
    assert [(entry.time, entry.title, entry.anchor, entry.slug, entry.line, entry.text) for entry in found.entries] == [
        (time(9, 5), "Morning #sae", "9:05 Morning #sae", "905-morning-sae", 6,
         "text [[a]]\n\nproject:: toy\n- Loss:: 0.3\n### Deeper\nmore #probes"),
        (time(14, 32), "", "14:32", "1432", 14, "silent"),
        (time(23, 59), "Last", "23:59 Last", "2359-last", 16, ""),
    ]  # fmt: skip
    assert [entry.tags for entry in found.entries] == [("sae", "probes"), (), ()]
    assert found.entries[0].fields == {"project": "toy", "loss": "0.3"}
    assert [entry.project for entry in found.entries] == ["toy", "", ""]
    assert [found.body[entry.start : entry.end].split("\n")[0] for entry in found.entries] == [
        "## 9:05 Morning #sae", "## 14:32", "## 23:59 Last ##",
    ]  # fmt: skip


def test_a_field_in_a_comment_or_in_code_is_none_and_a_value_holds_no_comment() -> None:
    found = note(
        "## 10:00 First %% a:: 1\nb:: 2 %%\n\n```\nc:: 3\n```\n\n<!--\nd:: 4\n-->\n"
        "e:: 5 <!-- f --> `g` %% h\ni:: 6 %%\nj:: `k %%`\n\n    l:: 7\n\n## 11:00 Next\n\na:: 8",
        "notes/2026-11-20.md",
    )
    assert [dict(entry.fields) for entry in found.entries] == [{"e": "5  `g`", "j": "`k %%`"}, {"a": "8"}]


def test_two_entries_of_one_minute_have_two_anchors() -> None:
    found = note("## 10:00 Same\na\n## 10:00 Same\nb\n", "notes/2026-11-20.md")
    assert [(entry.slug, entry.text) for entry in found.entries] == [("1000-same", "a"), ("1000-same-1", "b")]


def test_only_a_log_has_entries() -> None:
    assert note("## 10:00 A meeting\n", "notes/meetings/a.md").entries == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read_alike(newline: str) -> None:
    found = note(DAY.replace("\n", newline)[len("---\n") :], "notes/2026-11-20.md")
    assert [entry.title for entry in found.entries] == ["Morning #sae", "", "Last"]
    assert "\r" not in found.body


def test_a_bom_is_no_part_of_the_text() -> None:
    found = parse_note("notes/a.md", b"\xef\xbb\xbf---\ntitle: T\n---\nBody")
    assert (found.title, found.body, found.problems) == ("T", "Body", ())


def test_bytes_that_are_not_utf8_are_a_problem_and_the_rest_is_read() -> None:
    found = parse_note("notes/a.md", b"---\ntitle: T\n---\n# H\nna\xefve [[b]]\n")
    assert codes(found) == [(5, "not-utf8")]
    assert (found.title, found.body, [link.target for link in found.markup.links]) == (
        "T",
        "# H\nna\ufffdve [[b]]\n",
        ["b"],
    )


def test_nul_bytes_are_a_problem_and_the_rest_is_read() -> None:
    found = parse_note("notes/a.md", b"one\ntwo\0three [[b]]")
    assert (codes(found), found.body) == ([(2, "nul")], "one\ntwo\ufffdthree [[b]]")


def test_of_a_huge_note_the_beginning_is_read_to_the_end_of_a_line() -> None:
    found = parse_note("notes/a.md", b"# Title\n" + b"a line of words\n" * (MAX_BYTES // 16) + b"x" * 100)
    assert (codes(found), found.title) == ([(1, "too-large")], "Title")
    assert found.body.endswith("a line of words\n")
    assert MAX_BYTES - 20 < len(found.body) <= MAX_BYTES


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_conflict_marks_are_a_problem(newline: str) -> None:
    text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\n".replace("\n", newline)
    assert codes(note(text)) == [(1, "conflict")]
    assert codes(note("Text about <<<<<<< HEAD and\n=======\n and >>>>>>> it\n")) == []


@pytest.mark.parametrize(
    ("name", "conflict"),
    [
        ("a.sync-conflict-20261120-101010-ABCDEFG.md", True),
        ("a (conflicted copy 2026-11-20 101010).md", True),
        ("a (Ada's conflicted copy 2026-11-20).md", True),
        ("a.conflict-20261120T101010.md", True),
        ("On a conflicted copy.md", False),
        ("conflict-resolution.md", False),
    ],
)
def test_conflict_copies_are_known_by_their_names(name: str, conflict: bool) -> None:
    assert (codes(parse_note(f"notes/{name}", b"")) == [(1, "conflict")]) is conflict


def test_with_head_only_the_front_matter_is_read() -> None:
    found = parse_note("notes/a.md", b"---\ntitle: T\ntags: [a]\n---\n# H\n#b [[c]]\n", head=True)
    assert (found.title, found.tags, found.body, found.markup.links) == ("T", ("a",), "", ())


def test_the_same_bytes_have_the_same_digest_and_other_bytes_another() -> None:
    assert parse_note("a.md", b"x").digest == parse_note("b.md", b"x").digest != parse_note("a.md", b"y").digest


PIECES = st.sampled_from(
    [b"---\n", b"title: ", b"date: 2026-02-30\n", b"visibility: public\n", b"tags: [a]\n", b"a: {b: c}\n", b"\xff",
     b"\0", b"\r", b"\n",
     b"\xef\xbb\xbf", b"## 10:00 x\n", b"# h\n", b"[[a]]", b"`", b"```\n", b"#t ", b"[@k]", b"<<<<<<< a\n",
     b"=======\n", b">>>>>>> b\n",
     b"+++\n", b"{\n", b"}\n", "é字😀".encode(), b"\xed\xa0\x80", b"kind: log\n", b"project:: x\n", b"'", b'"', b": ",
     b"- "]
)  # fmt: skip


@settings(max_examples=500)
@given(
    st.binary(max_size=200) | st.lists(PIECES, max_size=30).map(b"".join),
    st.sampled_from(["notes/2026-11-20.md", "a.md", "papers/x (conflicted copy).md"]),
)
def test_whatever_the_bytes_are_a_note_comes_back(data: bytes, path: str) -> None:
    found = parse_note(path, data)
    assert found.path == path
    assert found.title
    assert all(problem.path == path and problem.line >= 1 for problem in found.problems)
    if found.problems:
        assert found.visibility is Visibility.PRIVATE
    assert all(0 <= entry.start < entry.end <= len(found.body) for entry in found.entries)
    found.body.encode()
    assert repr(found)


def test_every_note_of_the_real_inputs_is_read(data: Path) -> None:
    seen = problems = 0
    for file in sorted(data.rglob("*.md"))[:2500]:
        found = parse_note(file.relative_to(data).as_posix(), file.read_bytes())
        seen += 1
        problems += bool(found.problems)
    assert seen > 1000
    assert problems < seen / 20, "most real notes have nothing wrong with them"


def test_the_project_of_an_entry_may_be_written_as_a_link() -> None:
    day = b"---\nkind: log\n---\n## 9:00 One\n\nproject:: [[toy|The toy]]\n"
    assert [entry.project for entry in parse_note("notes/2026/2026-11-20.md", day).entries] == ["toy"]
