"""Did you mean …? For a word, a field or a value that no note has, the nearest that there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.search.analysis import Term, fold, terms
from carrel.search.fields import DAYS, FIELD_NAMES, MAX_VALUE, RESERVED, WHOLE, WORD, field_name, key
from carrel.search.filters import having
from carrel.search.fuzzy import nearest
from carrel.search.index import Suggestion
from carrel.search.tree import And, Field, Or, Phrase, Query, Within, Word
from carrel.search.written import quoted

if TYPE_CHECKING:
    from carrel.search.matching import Postings

#: Fields of the query language that need no value of a note.
_ASKED = frozenset(("title", *DAYS, *RESERVED))


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
        case Within(_, inner):
            yield from _asked(inner)
        case _:
            return


def _of_word(term: Term, postings: Postings) -> Suggestion:
    word = term.surface
    if not word.isalpha() or len(word) < 3 or any(postings.counts(field, term.stem) for field in ("text", "title")):
        return Suggestion(word, ())  # of numbers and the like, the nearest one means nothing
    # Who errs in the first letter has mostly put the second there.
    stems = dict(near.split(WHOLE) for start in {word[0], word[1]} for near in postings.terms("words", start))
    near = nearest(word, stems, lambda near: len(postings.counts("text", stems[near])), most=len(stems))
    different: dict[str, str] = {}  # of `probe` and `probes` one will do
    for one in near:
        different.setdefault(stems[one], one)
    return Suggestion(word, tuple(different.values())[:2])


def _of_field(field: Field, postings: Postings) -> Suggestion:
    name = field_name(field.name)
    if name in _ASKED:
        return Suggestion(f"{key(field.name)}:", ())
    if any(next(postings.terms("values", name + mark), None) for mark in (WHOLE, WORD)):
        return _of_value(field, name, postings)
    known = {value.partition(WHOLE)[0].partition(WORD)[0] for value in postings.terms("values", "")}
    aliases = {alias for alias, name in FIELD_NAMES.items() if name in known}
    near = nearest(field.name.casefold(), known | _ASKED | aliases, lambda name: 1 + (name in known))
    return Suggestion(f"{key(field.name)}:", tuple(f"{key(name)}:" for name in near))


def _of_value(field: Field, name: str, postings: Postings) -> Suggestion:
    """For a value that the field never has, the nearest that it has, whole or one of its words."""
    if not isinstance(field.test, Word | Phrase) or having(postings, name, field.test):
        return Suggestion(f"{key(field.name)}:", ())
    asked = fold(field.test.text)[:MAX_VALUE]
    if not any(map(str.isalpha, asked)):
        return Suggestion(f"{key(field.name)}:", ())
    for mark in (WHOLE, WORD):
        start = f"{name}{mark}"
        values = (term[len(start) :] for term in postings.terms("values", start))
        near = nearest(asked, values, lambda value: len(postings.counts("values", start + value)))  # noqa: B023  # used at once
        if near:
            asking = f"{key(field.name)}:"
            return Suggestion(f"{asking}{quoted(asked)}", tuple(f"{asking}{quoted(one)}" for one in near))
    return Suggestion(f"{key(field.name)}:", ())
