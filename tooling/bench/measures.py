"""How well a ranking does against judgements: nDCG, average precision, recall, reciprocal rank; and a fair coin's word.

Definitions are trec_eval's: gains are linear, discounts are log2, what was not judged is not relevant, and a query for
which nothing is relevant is left out by the caller.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

#: What each document is worth for one query; documents that are not relevant are not in it.
Gains = Mapping[str, float]


def ndcg(ranking: Sequence[str], gains: Gains, depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `depth`, 0 to 1.

    >>> round(ndcg(["a", "x", "b"], {"a": 1, "b": 1}), 4)  # (1 + 1/2) / (1 + 1/log2(3))
    0.9197
    """
    ideal = _discounted(sorted(gains.values(), reverse=True)[:depth])
    return _discounted([gains.get(document, 0.0) for document in ranking[:depth]]) / ideal if ideal else 0.0


def _discounted(values: Sequence[float]) -> float:
    return math.fsum(value / math.log2(place + 1) for place, value in enumerate(values, 1))


def average_precision(ranking: Sequence[str], gains: Gains) -> float:
    """The mean, over the relevant documents, of the precision where each one stands; 0 for one that is not found.

    >>> average_precision(["a", "x", "b"], {"a": 1, "b": 1, "c": 1})  # (1/1 + 2/3 + 0) / 3
    0.5555555555555556
    """
    found, total = 0, 0.0
    for place, document in enumerate(ranking, 1):
        if document in gains:
            found += 1
            total += found / place
    return total / len(gains) if gains else 0.0


def recall(ranking: Sequence[str], gains: Gains, depth: int = 100) -> float:
    """The share of the relevant documents that is among the first `depth`."""
    return len(gains.keys() & set(ranking[:depth])) / len(gains) if gains else 0.0


def chance(ours: Sequence[float], theirs: Sequence[float], rounds: int = 2000) -> float:
    """How likely a difference of means at least this large is where there is none: a paired randomisation test.

    >>> chance([0.5, 0.6, 0.7], [0.5, 0.6, 0.7])
    1.0
    """
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    seen = abs(math.fsum(differences))
    coin = random.Random(1)
    as_large = sum(
        abs(math.fsum(value if coin.random() < 0.5 else -value for value in differences)) >= seen - 1e-12
        for _ in range(rounds)
    )
    return as_large / rounds
