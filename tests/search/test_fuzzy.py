"""Typing errors between two words, against the plain definition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.errors import QuerySyntaxError
from carrel.search import matching
from carrel.search.documents import Document
from carrel.search.fuzzy import within
from carrel.search.memory_index import _Postings
from carrel.search.order import SCORE
from carrel.search.query import MAX_COMPARED, parse_query

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("a", "", 1), ("loss", "loss", 0), ("loss", "los", 1), ("loss", "lsos", 1), ("probe", "robed", 2)],
)
def test_known_distances(first: str, second: str, distance: int) -> None:
    assert within(first, second, distance)
    assert not within(first, second, distance - 1)


def distance(first: str, second: str) -> int:
    """The definition of the optimal string alignment distance, word for word."""

    @cache
    def of(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        best = min(of(i - 1, j) + 1, of(i, j - 1) + 1, of(i - 1, j - 1) + (first[i - 1] != second[j - 1]))
        if i > 1 and j > 1 and first[i - 1] == second[j - 2] and first[i - 2] == second[j - 1]:
            best = min(best, of(i - 2, j - 2) + 1)
        return best

    return of(len(first), len(second))


words = st.text(alphabet="abc", max_size=7)


@given(words, words, st.integers(0, 3))
def test_within_is_the_definition(first: str, second: str, limit: int) -> None:
    assert within(first, second, limit) == (distance(first, second) <= limit)


class Counted(_Postings):
    """An index in memory that knows what was read of it."""

    def __init__(self, found: list[Document]) -> None:
        super().__init__(found)
        self.read: list[str] = []

    def terms(self, field: str, start: str) -> Iterator[str]:
        self.read.append(f"{field} {start}")
        return super().terms(field, start)

    def counts(self, field: str, term: str) -> dict[int, float]:
        self.read.append(f"{field} {term}")
        return super().counts(field, term)


def test_what_many_fuzzy_words_and_beginnings_need_is_read_once() -> None:
    text = "Probes find that sparse features share few neurons."
    postings = Counted([Document("a.md", 1, "", 0, "Sparse superposition", ["Sparse superposition", text], {})])
    query = parse_query("superpositon~ (sprase~ OR spares~ OR sup*) -spade~ pro* -(pro* zebra)", TODAY)
    found, _ = matching.search(query, postings, None, SCORE)
    assert [match.path for match in found] == ["a.md"]
    vocabulary = [one for one in postings.read if one.startswith("words ")]
    assert sorted(vocabulary) == ["words pro", "words s", "words sup"]
    assert {one for one in postings.read if postings.read.count(one) > 1 and one.startswith("text ")} == set()


@pytest.mark.parametrize(
    "part",
    [
        "w{}~2",
        "w{}*",
        "-w{}~",
        "title:w{}~",
        "author:w{}*",
        "path:>{}",
        "n:{}..9",
        "read:<2026-0{}",
        "(in:a w{})",
        "mention:w{}",
    ],
)
def test_a_query_compares_with_all_there_is_so_often_at_most(part: str) -> None:
    parts = [part.format(number % 9 + 1) for number in range(MAX_COMPARED + 1)]
    most = " ".join(parts[:-1])
    parse_query(f"{most} " + "word tag:sae is:open date:2026-11 " * 100, TODAY)
    with pytest.raises(QuerySyntaxError) as raised:
        parse_query(" ".join(parts), TODAY)
    column = len(most) + 2 + part.startswith("-")
    assert str(raised.value) == f"column {column}: this is too much to compare"
    assert raised.value.hint.startswith("at most 32 words with * or ~")


def test_saved_queries_are_counted_with_the_query_they_stand_in() -> None:
    saved = {"many": "pro* " * (MAX_COMPARED - 1)}
    parse_query("@many sup*", TODAY, saved)
    with pytest.raises(QuerySyntaxError, match="this is too much to compare"):
        parse_query("@many sup* spa*", TODAY, saved)
