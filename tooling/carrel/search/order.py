"""In which order matches are shown: the best first, or by the values of any field.

Whatever the order, pages of PDFs come after all notes, and what has no value in a field comes after what has one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from operator import itemgetter
from typing import Protocol, TypeAlias

from carrel.search.index import Match
from carrel.search.values import rank

#: Documents and their scores.
Scores: TypeAlias = Mapping[int, float]
_Key: TypeAlias = tuple[int, float]

#: Pages that are shown of one PDF, the best ones, unless it is pages that are asked for.
PAGES_OF_PDF = 3


@dataclass(frozen=True, slots=True)
class Order:
    """`best` first (the score, with what newness adds), by `score` alone, or by a field, upwards or downwards."""

    by: str
    descending: bool = True

    @classmethod
    def named(cls, name: str) -> Order:
        """An order as it is written on the command line and in frozen tables.

        >>> Order.named("newest"), Order.named("-rating"), Order.named("title")
        (Order(by='date', descending=True), Order(by='rating', descending=True), Order(by='title', descending=False))
        """
        name = {"newest": "-date", "oldest": "date"}.get(name, name)
        if name in ("best", "score"):
            return cls(name)
        return cls(name.lstrip("-").casefold(), name.startswith("-"))


BEST, SCORE, NEWEST = Order("best"), Order("score"), Order("date")


class Units(Protocol):
    """What of an index the order of its documents needs."""

    def days(self) -> Sequence[int]:
        """The day of each document, 0 for none."""

    def unit(self, document: int) -> tuple[str, int, str]:
        """Path, line and anchor of a document."""

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, folded, and the documents that have it."""


#: What the newest notes' scores gain, and after how many days older ones gain half of that: a nudge among equals.
RECENCY, HALF_LIFE = 0.1, 365.0


def ordered(
    scores: Scores, pages: Collection[int], units: Units, limit: int | None, order: Order = BEST
) -> list[Match]:
    """The first matches in order; `pages` are those of `scores` that are pages of PDFs."""
    days = units.days()
    newest = max(map(days.__getitem__, scores), default=0) if order.by == "best" else 0
    if limit is not None and order.by in ("best", "score"):
        scores = _promising(scores, pages, limit)
    if order.by == "best":
        scores = _recent(scores, days, newest)
    key = _key(scores, units, order)
    listed = [((document in pages, key(document), -days[document]), document) for document in scores]
    if limit is not None and limit < len(listed):
        # Ties are told apart by path and line, which cost a look into the index: only for those that could be shown.
        worst = nsmallest(limit, listed)[-1][0]
        listed = [one for one in listed if one[0] <= worst]
    found = [(merit, Match(*units.unit(document), round(scores[document], 6))) for merit, document in listed]
    found.sort(key=lambda one: (one[1].path, one[1].line))
    if order.by == "date":
        found.sort(key=lambda one: (_time(one[1].anchor), one[1].line), reverse=order.descending)
    found.sort(key=itemgetter(0))
    return [match for _, match in found[:limit]]


def _promising(scores: Scores, pages: Collection[int], limit: int) -> Scores:
    """The scores among which the first `limit` are, whatever newness adds to them."""
    notes = {document: score for document, score in scores.items() if document not in pages} if pages else scores
    if len(notes) <= limit:
        return scores
    least = nlargest(limit, notes.values())[-1] / (1 + RECENCY) - 1e-5  # scores are told apart by six decimals
    return {document: score for document, score in notes.items() if score >= least}


def beyond_the_best(pages: Collection[int], scores: Scores, units: Units) -> set[int]:
    """The pages of each PDF but its best; of equals, the first ones are kept."""
    of_pdf: dict[str, list[tuple[float, int, int]]] = {}
    for document in pages:
        path, number, _ = units.unit(document)
        of_pdf.setdefault(path, []).append((-round(scores[document], 6), number, document))
    return {document for listed in of_pdf.values() for _, _, document in sorted(listed)[PAGES_OF_PDF:]}


def _recent(scores: Scores, days: Sequence[int], newest: int) -> Scores:
    """Scores with what newness adds, counted from the day of the newest match; what has no day gains nothing."""
    return {
        document: score * (1 + RECENCY * 0.5 ** ((newest - days[document]) / HALF_LIFE)) if days[document] else score
        for document, score in scores.items()
    }


def _key(scores: Scores, units: Units, order: Order) -> Callable[[int], _Key]:
    """What a document is sorted by, the least first."""
    if order.by in ("best", "score"):
        return lambda document: (0, -round(scores[document], 6))
    if order.by == "date":
        days, sign = units.days(), -1 if order.descending else 1
        return lambda document: (not days[document], sign * days[document])
    values = sorted(((rank(value), of) for value, of in units.valued(order.by)), key=itemgetter(0))
    if not order.descending:
        values.reverse()  # of several values, the last one that is written below counts: the first in the order
    places: dict[int, int] = {}
    place, last = 0, None
    for value, documents in values:
        place, last = place + (value != last), value
        places.update((document, -place) for document in documents if document in scores)
    return lambda document: (document not in places, places.get(document, 0))


def _time(anchor: str) -> str:
    """The time of an entry, with which its anchor begins; "" of a note, which is listed after its day's entries."""
    return anchor.partition(" ")[0].rjust(5, "0") if anchor else ""
