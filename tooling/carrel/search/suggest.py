"""Did you mean …? For a word or a field that no note has, the nearest that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from carrel.search.analysis import Term, terms
from carrel.search.documents import FIELD_NAMES, WHOLE, WORD, field_name
from carrel.search.fuzzy import within
from carrel.search.index import Suggestion
from carrel.search.tree import And, Field, Or, Phrase, Query, Word

if TYPE_CHECKING:
    from carrel.search.matching import Postings

#: How many are suggested for one word.
MOST = 2
#: Fields of the query language that are no values of a note.
_ASKED = frozenset(("title", "date", "since", "after", "until", "before"))


def suggestions(query: Query, postings: Postings) -> tuple[Suggestion, ...]:
    """What is asked, is nowhere, and has something near it; each once, in the order of the query."""
    found = [_of_field(one, postings) if isinstance(one, Field) else _of_word(one, postings) for one in _asked(query)]
    return tuple(dict.fromkeys(one for one in found if one.nearest))


def _asked(query: Query) -> Iterator[Term | Field]:
    """The words and fields that a match may have, not those under a `-`."""
    match query:
        case Word(text) | Phrase(text) | Field("title", (Word(text) | Phrase(text))):
            yield from terms(text)
        case Field():
            yield query
        case And(queries) | Or(queries):
            for part in queries:
                yield from _asked(part)
        case _:
            return


def _of_word(term: Term, postings: Postings) -> Suggestion:
    word = term.surface
    if not word.isalpha() or len(word) < 3 or any(postings.counts(field, term.stem) for field in ("text", "title")):
        return Suggestion(word, ())  # of numbers and the like, the nearest one means nothing
    # Who errs in the first letter has mostly put the second there.
    stems = dict(near.split(WHOLE) for start in {word[0], word[1]} for near in postings.terms("words", start))
    nearest = _nearest(word, stems, lambda near: len(postings.counts("text", stems[near])))
    different: dict[str, str] = {}  # of `probe` and `probes` one will do
    for near in nearest:
        different.setdefault(stems[near], near)
    return Suggestion(word, tuple(different.values())[:MOST])


def _of_field(field: Field, postings: Postings) -> Suggestion:
    asked = f"{field.name}:"
    name = field_name(field.name)
    if name in _ASKED or any(next(postings.terms("values", name + mark), None) for mark in (WHOLE, WORD)):
        return Suggestion(asked, ())
    known = {value.partition(WHOLE)[0].partition(WORD)[0] for value in postings.terms("values", "")}
    aliases = {alias for alias, name in FIELD_NAMES.items() if name in known}
    nearest = _nearest(field.name.casefold(), known | _ASKED | aliases, lambda name: 1 + (name in known))
    return Suggestion(asked, tuple(f"{name}:" for name in nearest[:MOST]))


def _nearest(word: str, known: Iterable[str], weight: Callable[[str], int]) -> list[str]:
    """What is as few typing errors away as anything is, one or two: the weightiest first, the weightless not at all."""
    near = list(known)
    for errors in (1, 2) if len(word) > 4 else (1,):
        found = {one: weight(one) for one in near if within(one, word, errors)}
        if any(found.values()):
            return sorted(filter(found.get, found), key=lambda one: (-found[one], abs(len(one) - len(word)), one))
    return []
