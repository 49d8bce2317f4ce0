"""The same question with other words: those that no note has, replaced by the nearest that there are."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.search.analysis import terms
from carrel.search.fuzzy import within
from carrel.search.tree import And, Field, Or, Query, Within, Word

#: From so many letters on, two typing errors leave a word recognisable.
LONG = 8


def plainly(asked: str, meant: str) -> bool:
    """Whether one word is so near to the other that it was meant; of short ones two errors make another word.

    >>> plainly("hackign", "hacking"), plainly("probes", "process"), plainly("superpositoin", "superposition")
    (True, False, True)
    """
    return within(asked, meant, 1 if len(asked) < LONG else 2)


def corrected(query: Query, nearest: Mapping[str, str]) -> Query:
    """`query` with the words that are keys of `nearest` (folded) replaced. Phrases stay: quotes mean "exactly so".

    >>> corrected(And((Word("Hackign"), Field("kind", Word("log")))), {"hackign": "hacking"})
    And(queries=(Word(text='hacking'), Field(name='kind', test=Word(text='log'))))
    """
    match query:
        case Word(text):
            found = terms(text)
            return Word(nearest.get(found[0].surface, text)) if len(found) == 1 else query
        case Field("title", Word() as word):
            inner = corrected(word, nearest)
            return Field("title", inner) if isinstance(inner, Word) else query
        case Within(parts, inside):
            return Within(parts, corrected(inside, nearest))
        case And(queries):
            return And(tuple([corrected(part, nearest) for part in queries]))
        case Or(queries):
            return Or(tuple([corrected(part, nearest) for part in queries]))
        case _:
            return query
