"""What can be asked: a small tree of frozen values, how to walk it, and the same question asked less strictly.

`query.py` makes the tree from text, `matching.py` answers it, `snippet.py` marks its words. A new kind of
question is one class here, one line in the parser, and one case in `matching.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Everything:
    """Every note and entry: what an empty query asks for."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in any of its inflected forms. `top_k` and `SAE-7B` are words too."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, side by side: `"mode collapse"`."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so: `edi*`."""

    text: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words at most `distance` typing errors away: `wrod~`."""

    text: str
    distance: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Values greater or smaller than this one, as numbers where both are: `rating:>=4`."""

    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Between:
    """Values from `low` to `high`, both included, either may be "": `year:2020..2022`."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Present:
    """Any value at all: `doi:*`."""


@dataclass(frozen=True, slots=True)
class During:
    """Days from `first` to `last`, or this very text if it is not "": `read:"last month"`. See `values.during`."""

    first: date
    last: date
    text: str


Test: TypeAlias = Word | Phrase | Prefix | Fuzzy | Compare | Between | Present | During


@dataclass(frozen=True, slots=True)
class Field:
    """A test of one field: a front-matter key, or one of ours (`kind tag project author path cites links …`)."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class InPdf:
    """Pages of PDFs: `in:pdf`."""


@dataclass(frozen=True, slots=True)
class Within:
    """What matches with the words of `query` standing in one of these parts: `in:opinion probes`. It has such a part.

    A part is `title`, `code`, `pdf` (all of a page), or a section by its `fields.part_name`. A phrase stands in one
    part as a whole; within another `Within`, it stands in one of either. Fields are asked as they are elsewhere.
    """

    parts: tuple[str, ...]
    query: Query


@dataclass(frozen=True, slots=True)
class Orphan:
    """Notes, but for log days, that no other note links to or cites: `is:orphan`."""


@dataclass(frozen=True, slots=True)
class Dated:
    """Notes dated from `first` to `last`, both included; `date.min` and `date.max` leave an end open."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match."""

    query: Query


@dataclass(frozen=True, slots=True)
class And:
    """What matches all."""

    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What matches any."""

    queries: tuple[Query, ...]


Text: TypeAlias = Word | Phrase | Prefix | Fuzzy
Query: TypeAlias = (
    Everything | Word | Phrase | Prefix | Fuzzy | Field | InPdf | Within | Orphan | Dated | Not | And | Or
)


def wanted(query: Query) -> Iterator[Text]:
    """The words and phrases that a match may hold: not those under a `-`, not those of a field but the title.

    >>> list(wanted(And((Word("a"), Not(Word("b")), Field("title", Prefix("c"))))))
    [Word(text='a'), Prefix(text='c')]
    """
    match query:
        case Word() | Phrase() | Prefix() | Fuzzy():
            yield query
        case Field("title", (Word() | Phrase() | Prefix() | Fuzzy()) as test):
            yield test
        case And(queries) | Or(queries):
            for part in queries:
                yield from wanted(part)
        case Within(_, inner):
            yield from wanted(inner)
        case _:
            return


def asks_for_pages(query: Query) -> bool:
    """Whether it is pages of PDFs that are wanted.

    >>> asks_for_pages(And((Word("a"), InPdf()))), asks_for_pages(Not(InPdf()))
    (True, False)
    """
    match query:
        case InPdf():
            return True
        case And(queries) | Or(queries):
            return any(map(asks_for_pages, queries))
        case Within(parts, inner):
            return "pdf" in parts or asks_for_pages(inner)
        case _:
            return False


def relaxed(query: Query) -> Query | None:
    """The same question with any of its words instead of all; fields and exclusions stay. None if it asks that already.

    >>> relaxed(And((Word("a"), Word("b"), Field("kind", Word("log")))))
    And(queries=(Field(name='kind', test=Word(text='log')), Or(queries=(Word(text='a'), Word(text='b')))))
    """
    if isinstance(query, Within):
        less = relaxed(query.query)
        return None if less is None else Within(query.parts, less)
    if not isinstance(query, And):
        return None
    words = tuple(part for part in query.queries if isinstance(part, Word | Phrase | Prefix | Fuzzy | Or))
    kept = tuple(part for part in query.queries if part not in words)
    inner = tuple(relaxed(part) or part if isinstance(part, Within) else part for part in kept)
    if len(words) < 2:
        return And((*inner, *words)) if inner != kept else None
    return And((*inner, Or(words))) if inner else Or(words)
