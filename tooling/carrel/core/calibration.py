"""How well stated probabilities agree with what happened: scores, and a curve with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, sqrt
from typing import NamedTuple

#: Resolved predictions below which neither curve nor scores say anything.
ENOUGH = 10
#: From so many on the curve has ten buckets, with fewer it has five.
MANY = 50
#: Standard deviations within which 95 % of a normal distribution lie.
_Z = 1.959963984540054


class Forecast(NamedTuple):
    """A resolved prediction: the probability that was given, and whether it came true."""

    p: float
    happened: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """The predictions with a probability from `low` to below `high` (up to 1 in the last).

    `said` is their mean probability, `share` how many of them came true, and between `least` and `most` the true
    rate lies with a confidence of 95 %, by Wilson's interval.
    """

    low: float
    high: float
    count: int
    happened: int
    said: float
    share: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over predictions. `brier` runs from 0 (best) over .25 (always one half) to 1.

    `log` is the natural logarithm of one over the probability that was given to what happened: 0 is best, .693 is
    always one half, and to be certain and wrong is infinite. `said` and `share` are as in `Bucket`.
    """

    count: int
    happened: int
    brier: float
    log: float
    said: float
    share: float


def scores(forecasts: Sequence[Forecast]) -> Scores:
    """The scores of at least one prediction.

    >>> one_half = scores([Forecast(0.5, True), Forecast(0.5, False)])
    >>> one_half.brier, round(one_half.log, 3)
    (0.25, 0.693)
    """
    count = len(forecasts)
    happened = sum(one.happened for one in forecasts)
    brier = sum((one.p - one.happened) ** 2 for one in forecasts) / count
    surprise = sum(_surprise(one.p if one.happened else 1 - one.p) for one in forecasts) / count
    return Scores(count, happened, brier, surprise, sum(one.p for one in forecasts) / count, happened / count)


def _surprise(p: float) -> float:
    return -log(p) if p > 0 else inf


def certain_and_wrong(forecasts: Sequence[Forecast]) -> list[Forecast]:
    """Those that gave no chance at all to what happened: with a single one the log score is infinite.

    >>> certain_and_wrong([Forecast(1.0, False), Forecast(1.0, True), Forecast(0.0, False)])
    [Forecast(p=1.0, happened=False)]
    """
    return [one for one in forecasts if one.p == 1 - one.happened]


def curve(forecasts: Sequence[Forecast]) -> list[Bucket]:
    """The buckets that hold predictions, from the lowest probability up.

    >>> [(one.low, one.count, one.share) for one in curve([Forecast(0.15, False), Forecast(0.9, True)])]
    [(0.0, 1, 0.0), (0.8, 1, 1.0)]
    """
    number = 10 if len(forecasts) >= MANY else 5
    inside: list[list[Forecast]] = [[] for _ in range(number)]
    for one in forecasts:  # in millionths, as it is written: 0.7 * 10 need not be 7
        inside[min(number - 1, round(one.p * 1_000_000) * number // 1_000_000)].append(one)
    return [_bucket(place / number, (place + 1) / number, held) for place, held in enumerate(inside) if held]


def _bucket(low: float, high: float, held: list[Forecast]) -> Bucket:
    count, happened = len(held), sum(one.happened for one in held)
    said = sum(one.p for one in held) / count
    return Bucket(low, high, count, happened, said, happened / count, *wilson(happened, count))


def wilson(happened: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a rate of which `happened` of `count` were seen (Wilson 1927): never beyond 0 or 1.

    >>> [round(edge, 4) for edge in wilson(7, 10)], [round(edge, 4) for edge in wilson(0, 10)]
    ([0.3968, 0.8922], [0.0, 0.2775])
    """
    rate, squared = happened / count, _Z * _Z
    middle = (rate + squared / (2 * count)) / (1 + squared / count)
    half = _Z / (1 + squared / count) * sqrt(rate * (1 - rate) / count + squared / (4 * count * count))
    return (0.0 if happened == 0 else middle - half), (1.0 if happened == count else middle + half)
