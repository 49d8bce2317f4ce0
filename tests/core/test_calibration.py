"""Scores, buckets and intervals are those of closed forms, and of formulas found in another way."""

from __future__ import annotations

from collections import defaultdict
from math import inf, log
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.calibration import MANY, Forecast, curve, scores, wilson

FORECASTS = st.lists(st.builds(Forecast, st.integers(1, 99).map(lambda n: n / 100), st.booleans()), min_size=1)
TENTHS = [n / 10 for n in range(1, 10)]


def forecaster(said: dict[float, float], each: int = 1000) -> list[Forecast]:
    """Who gives each probability `each` times, of which so large a share comes true."""
    return [Forecast(p, number < round(true * each)) for p, true in said.items() for number in range(each)]


def test_a_perfect_forecaster_s_scores_are_the_variance_and_the_entropy_of_what_was_said() -> None:
    found = scores(forecaster({p: p for p in TENTHS}))
    assert found.brier == pytest.approx(sum(p * (1 - p) for p in TENTHS) / 9)
    assert found.log == pytest.approx(sum(-p * log(p) - (1 - p) * log(1 - p) for p in TENTHS) / 9)
    assert found.said == pytest.approx(0.5)
    assert found.share == pytest.approx(0.5)
    for bucket in curve(forecaster({p: p for p in TENTHS})):
        assert bucket.share == pytest.approx(bucket.said)
        assert bucket.least < bucket.said < bucket.most


def test_a_forecaster_who_says_every_probability_alike_comes_to_a_sixth_and_a_half() -> None:
    found = scores(forecaster({(n + 0.5) / 1000: (n + 0.5) / 1000 for n in range(1000)}, each=2000))
    assert found.brier == pytest.approx(1 / 6, abs=1e-6)  # the integral of p(1-p)
    assert found.log == pytest.approx(1 / 2, abs=1e-3)  # that of the entropy


def test_an_overconfident_forecaster_pays_the_square_of_what_was_said_too_much() -> None:
    found = scores(forecaster({0.9: 0.7, 0.1: 0.3}))
    assert found.brier == pytest.approx(0.7 * 0.3 + (0.9 - 0.7) ** 2)
    assert found.log == pytest.approx(-0.7 * log(0.9) - 0.3 * log(0.1))
    low, high = curve(forecaster({0.9: 0.7, 0.1: 0.3}))
    assert (low.low, low.share, high.low, high.share) == (0.1, 0.3, 0.9, 0.7)
    assert low.least > low.said  # its interval does not hold what was said
    assert high.most < high.said


@given(FORECASTS)
def test_the_brier_score_is_reliability_less_resolution_and_the_variance_of_what_happens(
    forecasts: list[Forecast],
) -> None:
    groups = defaultdict(list)
    for one in forecasts:
        groups[one.p].append(one.happened)
    count, base = len(forecasts), sum(one.happened for one in forecasts) / len(forecasts)
    shares = {p: sum(happened) / len(happened) for p, happened in groups.items()}
    reliability = sum(len(groups[p]) * (p - share) ** 2 for p, share in shares.items()) / count
    resolution = sum(len(groups[p]) * (share - base) ** 2 for p, share in shares.items()) / count
    assert scores(forecasts).brier == pytest.approx(reliability - resolution + base * (1 - base))  # Murphy 1973


@given(st.integers(1, 500).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_wilson_s_interval_ends_where_a_score_test_would_refuse_the_rate(seen: tuple[int, int]) -> None:
    happened, count = seen
    z = NormalDist().inv_cdf(0.975)

    def refused(rate: float) -> bool:
        return (happened / count - rate) ** 2 * count > z * z * rate * (1 - rate)

    least, most = wilson(happened, count)
    for inner, outer, edge in ((happened / count, 0.0, least), (happened / count, 1.0, most)):
        for _ in range(60):
            middle = (inner + outer) / 2
            inner, outer = (inner, middle) if refused(middle) else (middle, outer)
        assert edge == pytest.approx(inner, abs=1e-9)


@pytest.mark.parametrize(
    ("happened", "count", "least", "most"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_s_interval_is_that_of_the_tables(happened: int, count: int, least: float, most: float) -> None:
    assert [round(edge, 4) for edge in wilson(happened, count)] == [least, most]  # Newcombe 1998


@given(FORECASTS)
def test_every_prediction_is_in_one_bucket_and_every_share_within_its_interval(forecasts: list[Forecast]) -> None:
    buckets = curve(forecasts)
    assert sum(one.count for one in buckets) == len(forecasts)
    assert sum(one.happened for one in buckets) == sum(one.happened for one in forecasts)
    for one in buckets:
        assert one.low - 1e-9 <= one.said <= one.high + 1e-9
        assert 0 <= one.least <= one.share <= one.most <= 1


def test_edges_belong_to_the_bucket_above_and_a_few_predictions_make_five_buckets() -> None:
    few = [Forecast(n / 10, True) for n in range(11)]
    assert [(one.low, one.count) for one in curve(few)] == [(0.0, 2), (0.2, 2), (0.4, 2), (0.6, 2), (0.8, 3)]
    many = few * MANY
    assert [(one.low, one.count // MANY) for one in curve(many)] == [(n / 10, 1) for n in range(9)] + [(0.9, 2)]


def test_to_be_certain_and_wrong_is_infinitely_bad_and_certain_and_right_is_best() -> None:
    assert scores([Forecast(1.0, False)]).log == inf
    best = scores([Forecast(1.0, True), Forecast(0.0, False)])
    assert (best.brier, best.log) == (0.0, 0.0)
