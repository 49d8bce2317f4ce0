"""Measures of rankings against values worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from bench.measures import average_precision, chance, ndcg, recall

RANKING = ["d3", "x", "d1", "y", "d2"]
GAINS = {"d1": 1.0, "d2": 2.0, "d3": 1.0, "d4": 1.0}


def test_ndcg_weighs_gains_by_the_place_they_are_found_at() -> None:
    found = 1 + 1 / log2(4) + 2 / log2(6)
    ideal = 2 + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    assert ndcg(RANKING, GAINS) == pytest.approx(found / ideal)
    assert ndcg(RANKING, GAINS, depth=1) == pytest.approx(1 / 2)


def test_a_perfect_ranking_is_worth_one_and_one_without_hits_nothing() -> None:
    assert ndcg(["d2", "d1", "d3", "d4"], GAINS) == pytest.approx(1)
    assert ndcg([], GAINS) == ndcg(["x"], GAINS) == ndcg(["x"], {}) == 0


def test_average_precision_counts_relevant_documents_that_were_not_found_as_nothing() -> None:
    assert average_precision(RANKING, GAINS) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5 + 0) / 4)
    assert average_precision(RANKING, {}) == 0


def test_recall_looks_so_deep_and_no_deeper() -> None:
    assert recall(RANKING, GAINS) == 3 / 4
    assert recall(RANKING, GAINS, depth=2) == 1 / 4


def test_a_difference_that_is_always_the_same_way_is_no_chance_and_one_that_goes_both_ways_is() -> None:
    assert chance([0.5 + n / 100 for n in range(30)], [0.4 + n / 100 for n in range(30)]) < 0.01
    assert chance([0.5, 0.4] * 15, [0.4, 0.5] * 15) == 1
