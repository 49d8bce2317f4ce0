"""Facets: how many of the matches have each value, with the values as they are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.facets import Facet, facets
from carrel.search.index import SearchIndex, refresh
from carrel.search.query import parse_query
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY
from tests.support import Carrel

Write = Callable[[str, str], Path]
Count = Callable[..., dict[str, Facet]]


@pytest.fixture
def count(kb: KnowledgeBase, index: SearchIndex, write: Write) -> Count:
    """The facets of what answers a query, in a knowledge base of two papers and a day of two entries."""
    write(
        "papers/a.md",
        "---\nkind: paper\nyear: 2022\nauthors: [Nelson Elhage, É. Curie]\nvenue: {name: NeurIPS}\n"
        "tags: [SAE]\ndate: 2026-01-02\n---\nzebra",
    )
    write("papers/b.md", "---\nkind: paper\nyear: 2022\nauthors: [Nelson Elhage]\n---\nzebra")
    write(
        "notes/2026-11-20.md",
        "## 09:00 One\n\nzebra #sae [@Key20]\nproject:: Toy Models\n\n## 10:00 Two\n\nsoup #lunch",
    )

    def call(query: str, *fields: str, limit: int | None = 10) -> dict[str, Facet]:
        refresh(kb, index)
        return facets(kb, index, parse_query(query, TODAY), fields, limit)

    return call


def test_values_are_counted_the_most_frequent_first_and_as_they_are_written(count: Count) -> None:
    assert count("zebra", "kind", "author") == {
        "kind": Facet((("paper", 2), ("log", 1)), 0),
        "author": Facet((("Nelson Elhage", 2), ("É. Curie", 1)), 0),
    }


def test_fields_go_by_all_their_names_and_those_of_entries_and_mappings_count_too(count: Count) -> None:
    assert count("zebra", "authors", "project", "venue.name", "cites") == {
        "author": Facet((("Nelson Elhage", 2), ("É. Curie", 1)), 0),
        "project": Facet((("Toy Models", 1),), 0),
        "venue.name": Facet((("NeurIPS", 1),), 0),
        "cites": Facet((("Key20", 1),), 0),
    }


def test_a_value_that_is_written_in_two_ways_is_one(count: Count) -> None:
    assert count("zebra", "tag") == {"tag": Facet((("sae", 2),), 0)}


def test_what_has_no_year_has_its_date_s(count: Count) -> None:
    assert count("*", "year") == {"year": Facet((("2022", 2), ("2026", 2)), 0)}


def test_of_many_values_the_rest_is_told(count: Count) -> None:
    assert count("*", "author", limit=1) == {"author": Facet((("Nelson Elhage", 2),), 1)}


def test_titles_and_paths_are_as_they_are_written(count: Count) -> None:
    assert count("soup", "title", "path") == {
        "title": Facet((("Two", 1),), 0),
        "path": Facet((("notes/2026-11-20.md", 1),), 0),
    }


def test_every_line_is_a_query_that_narrows_to_its_count(carrel: Carrel, write: Write) -> None:
    values = ("plain", "two words", "//address", "\\share", ">5", "a..b", "stern*", "tippo~", "(group)", "OR", "k:v")
    names = ("my key", "C++", "2fa", "mood", "a: b", "überblick", "tag")
    for one, value in enumerate(values):
        front = "".join(f"{json.dumps(name)}: [{json.dumps(value)}]\n" for name in names if name != "tag")
        write(f"notes/{one}.md", f"---\n{front}tags: [t{one % 2}]\n---\n# {value} {one}\n\ntext")
        write(f"notes/{one}b.md", f"---\n{front}---\ntext")
    lines = carrel("list", "text", "--facets", f" {','.join(names)},title", "-n", "99").out.splitlines()
    counted = [(query, int(number)) for number, query in (line.split(maxsplit=1) for line in lines if line)]
    assert len(counted) == 6 * len(values) + 2 + 2 * len(values)
    for query, number in counted:
        found = json.loads(carrel("list", query, "--json").out)
        assert len(found) == number, query


def test_nothing_has_no_values(count: Count) -> None:
    assert count("walrus", "kind", "mood") == {"kind": Facet((), 0), "mood": Facet((), 0)}
