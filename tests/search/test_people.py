"""Who is mentioned: `mentions:` finds the entries and notes where the site has a link to a person's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.index import SearchIndex
from carrel.search.search import Results

Ask = Callable[..., Results]
Write = Callable[[str, str], Path]

DAY = "notes/2026/2026-11-19.md"
NOTES = {
    DAY: """---
kind: log
date: 2026-11-19
authors: ["Ada Lovelace"]
---
## 09:00 Loss
Ask @grace-hopper, and @Grace too. Mail to ada@example.org.

## 10:00 Plan
@GraceHopper, @may and @charles know more; `@ada` is code.
""",
    "notes/plan.md": "---\nauthors: ['Hopper, Grace']\n---\n@ada_lovelace, then @Ada. <!-- @may -->\n",
    "notes/kelly.md": "---\nauthors: [Grace Kelly, May Chen]\n---\nNo: [@ada], -@ada, ![@ada](a.png), [@ada](x.md)\n",
    "notes/list.md": "---\nmentions: [Ada Lovelace]\n---\nSee @toy and @smith2020.\n",
    "papers/toy.md": "---\nkind: paper\ncitekey: toy\nauthors: [Toy Box, Charles Babbage]\n---\nText.\n",
    "papers/read.md": "---\nkind: paper\ncitekey: read2020\nauthors: [Nelson Elhage]\nsummariser: Kay Li\n---\n@kay.\n",
}


@pytest.fixture
def full(index: SearchIndex, write: Write) -> SearchIndex:
    """An index of notes by several people."""
    for path, text in NOTES.items():
        write(path, text)
    return index


LOSS, PLAN = "09:00 Loss", "10:00 Plan"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("mentions:ada", ["list", "plan"]),
        ("mentions:@Ada", ["list", "plan"]),
        ('mentions:"Ada Lovelace"', ["list", "plan"]),
        ('mentions:"Lovelace, Ada"', ["list", "plan"]),
        ("mention:ada-lovelace", ["list", "plan"]),
        ("mentions:gracehopper", [LOSS, PLAN]),
        ("mentions:grace", [LOSS]),  # two are called so: as it is written
        ("mentions:grace-kelly", []),
        ("mentions:may", [PLAN]),  # no month
        ("mentions:charles", [PLAN]),  # does not write here
        ("mentions:toy", []),  # a paper's key
        ('mentions:"Toy Box"', []),
        ("mentions:kay", ["read"]),
        ("mentions:elhage", []),
        ("mentions:grace*", [LOSS, PLAN]),
        ("mentions:*", [LOSS, PLAN, "list", "plan", "read"]),
        ("mentions:@", []),
        ("-mentions:* loss", []),
        ("mentions:may plan", [PLAN]),
    ],
)
def test_a_mention_is_found_by_any_name_of_who_is_meant(
    full: SearchIndex, ask: Ask, query: str, answer: list[str]
) -> None:
    found = ask(full, query)
    assert not found.fell_back
    assert sorted(hit.anchor or Path(hit.path).stem for hit in found.hits) == answer


@pytest.mark.parametrize(
    ("query", "line"),
    [("mentions:ada", 6), ('mentions:"Lovelace, Ada"', 6), ("mention:ada", 6), ("mentions:ada deep", 8), ("deep", 8)],
)
def test_a_hit_points_to_where_the_person_is_named(
    index: SearchIndex, ask: Ask, write: Write, query: str, line: int
) -> None:
    write("notes/by.md", "---\nauthors: [Ada Lovelace]\n---\n")
    write("notes/far.md", f"---\ntags: [x]\n---\nText.\n\nAs @ada said. {'Words. ' * 100}\n\nAnd @Ada, deep.\n")
    assert [hit.line for hit in ask(index, query).hits] == [line]


def test_who_is_meant_changes_with_the_notes_of_others(full: SearchIndex, ask: Ask, write: Write) -> None:
    write("notes/other.md", "---\nauthors: [Ada Smith]\n---\n")
    assert [hit.path for hit in ask(full, "mentions:ada").hits] == ["notes/plan.md"]
    assert [hit.path for hit in ask(full, "mentions:ada-smith").hits] == []
    write("papers/ada.md", "---\nkind: paper\n---\n")
    assert [hit.path for hit in ask(full, "mentions:ada").hits] == []
    assert sorted(hit.path for hit in ask(full, "mentions:ada-lovelace").hits) == ["notes/list.md", "notes/plan.md"]
