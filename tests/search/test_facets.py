"""Facets: how many of the matches have each value, with the values as they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.search.facets import Facet, facets
from carrel.search.index import SearchIndex, refresh
from carrel.search.query import parse_query
from carrel.store.knowledge_base import KnowledgeBase
from tests.search.conftest import TODAY

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


def test_nothing_has_no_values(count: Count) -> None:
    assert count("walrus", "kind", "mood") == {"kind": Facet((), 0), "mood": Facet((), 0)}
