"""Typing errors between two words, against the plain definition."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.search.fuzzy import within


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
