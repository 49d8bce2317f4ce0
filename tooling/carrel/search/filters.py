"""Which documents have a value: the answers that filter and add nothing to a score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE, NAMES, PAGE, WHOLE, WORD
from carrel.search.fuzzy import within
from carrel.search.people import mentioning
from carrel.search.positions import in_order
from carrel.search.tree import Between, Compare, During, Fuzzy, Phrase, Prefix, Present, Test, Word
from carrel.search.values import between, comparison, during

if TYPE_CHECKING:
    from datetime import date

    from carrel.search.matching import Postings


def having(postings: Postings, name: str, test: Test) -> set[int]:
    """Documents that have a value under this `field_name` that passes the test."""
    match test:
        case Present() if name == "mentions":
            return mentioning(postings, None)
        case Word(text) | Phrase(text) if name == "mentions":
            return mentioning(postings, text)
        case Present():
            return _fitting(postings, name, lambda value: True)
        case Compare(operator, bound):
            return _fitting(postings, name, comparison(operator, fold(bound)))
        case Between(low, high):
            return _fitting(postings, name, between(fold(low), fold(high)))
        case During(first, last, text):
            literally = _equal(postings, name, text) if text else set()
            return _fitting(postings, name, during(first, last)) | literally
        case Prefix(text):
            start = fold(text)
            return holding(postings, chain(*(_starting(postings, name, kind, start) for kind in (WHOLE, WORD))))
        case Fuzzy(text, distance):
            near = fold(text)
            values = (
                value
                for kind in (WHOLE, WORD)
                for value in _starting(postings, name, kind, near[:1])
                if within(value.partition(kind)[2], near, distance)
            )
            return holding(postings, values)
        case Word(text) | Phrase(text):
            return _equal(postings, name, text)


def holding(postings: Postings, values: Iterable[str]) -> set[int]:
    """Documents that hold any of these terms of `values`."""
    found: set[int] = set()
    for value in values:
        found.update(postings.counts("values", value))
    return found


def dated(postings: Postings, first: date, last: date) -> Iterator[int]:
    """Documents of these days."""
    days, low, high = postings.days(), first.toordinal(), last.toordinal()
    return (document for document in postings.documents() if low <= days[document] <= high)


def orphans(postings: Postings) -> set[int]:
    """Notes, but for log days and PDFs, that no other note points to: by path, name, title, alias or citation key."""
    linked = set(_values(postings, "links"))
    apart = holding(postings, (PAGE, f"kind{WHOLE}log"))
    found = set(postings.documents()).difference(apart)
    for field in ("path", "title", "alias", "citekey"):
        for value in _values(postings, field):
            name = value.removesuffix(".md").rpartition("/")[2] if field == "path" else value
            if name in linked:
                sources = set(postings.counts("values", f"links{WHOLE}{name}"))
                named = postings.counts("values", f"{field}{WHOLE}{value}")
                found.difference_update(one for one in named if len(sources) > 1 or one not in sources)
    return found


def with_pdf(postings: Postings) -> set[int]:
    """Notes of papers of which pages of a PDF are indexed."""
    pages = postings.counts("values", PAGE).keys()
    if not pages:
        return set()
    owners = (set(documents) for _, documents in postings.valued("citekey"))
    return set().union(*(documents - pages for documents in owners if not pages.isdisjoint(documents)))


def _equal(postings: Postings, name: str, text: str) -> set[int]:
    """A value that is this text, or has it inside as words; a name only whole or up to a slash."""
    whole = f"{name}{WHOLE}{fold(text)[:MAX_VALUE]}"
    found = holding(postings, (whole,))
    if name in NAMES:
        return found | holding(postings, postings.terms("values", f"{whole}/"))
    words = [f"{name}{WORD}{term.surface}" for term in terms(text)]
    lists = [postings.counts("values", word) for word in words]
    return found.union(lists[0] if len(lists) == 1 else in_order(postings, "values", words, lists, ()))


def _starting(postings: Postings, name: str, kind: str, start: str) -> Iterator[str]:
    return postings.terms("values", f"{name}{kind}{start}")


def _fitting(postings: Postings, name: str, fits: Callable[[str], bool]) -> set[int]:
    """What has a value that fits; the values are looked at once each, not once for each document."""
    return holding(postings, (f"{name}{WHOLE}{value}" for value in _values(postings, name) if fits(value)))


def _values(postings: Postings, name: str) -> Iterator[str]:
    """Every whole value of a field."""
    start = f"{name}{WHOLE}"
    return (term[len(start) :] for term in postings.terms("values", start))
