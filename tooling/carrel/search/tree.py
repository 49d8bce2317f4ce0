"""What can be asked: a small tree of frozen values, how to walk it, and the same question asked less strictly.

`query.py` makes the tree from text, `matching.py` answers it, `snippet.py` marks its words. A new kind of
question is one class here, one line in the parser, and one case in `matching.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, TypeAlias, dataclass_transform


@dataclass_transform(frozen_default=True)
class _Node:
    """What `@dataclass(frozen=True)` makes of a class, written once.

    There are fourteen kinds of nodes, and to generate the methods of each would take as long as a search takes
    to answer: 6 ms at every start.
    """

    __match_args__: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        type.__setattr__(cls, "__match_args__", tuple(cls.__annotations__))

    def __init__(self, *values: object, **named: object) -> None:
        names = self.__match_args__
        given = dict(zip(names, values, strict=False)) | named
        if len(values) + len(named) != len(names) or given.keys() != set(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names) or 'nothing'}")
        self.__dict__.update((name, given[name]) for name in names)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({fields})"


class Everything(_Node):
    """Every note and entry: what an empty query asks for."""


class Word(_Node):
    """A word, in any of its inflected forms. `top_k` and `SAE-7B` are words too."""

    text: str


class Phrase(_Node):
    """Words in this order, side by side: `"mode collapse"`."""

    text: str


class Prefix(_Node):
    """Words that begin so: `edi*`."""

    text: str


class Fuzzy(_Node):
    """Words at most `distance` typing errors away: `wrod~`."""

    text: str
    distance: int


class Compare(_Node):
    """Values greater or smaller than this one, as numbers where both are: `rating:>=4`."""

    operator: str
    value: str


class Between(_Node):
    """Values from `low` to `high`, both included, either may be "": `year:2020..2022`."""

    low: str
    high: str


class Present(_Node):
    """Any value at all: `doi:*`."""


class During(_Node):
    """Days from `first` to `last`, or this very text if it is not "": `read:"last month"`. See `values.during`."""

    first: date
    last: date
    text: str


Test: TypeAlias = Word | Phrase | Prefix | Fuzzy | Compare | Between | Present | During


class Field(_Node):
    """A test of one field: a front-matter key, or one of ours (`kind tag project author path cites links …`)."""

    name: str
    test: Test


class InPdf(_Node):
    """Pages of PDFs: `in:pdf`."""


class Within(_Node):
    """What matches with the words of `query` standing in one of these parts: `in:opinion probes`. It has such a part.

    A part is `title`, `code`, `pdf` (all of a page), or a section by its `fields.part_name`. A phrase stands in one
    part as a whole; within another `Within`, it stands in one of either. Fields are asked as they are elsewhere.
    """

    parts: tuple[str, ...]
    query: Query


class Orphan(_Node):
    """Notes, but for log days, that no other note links to or cites: `is:orphan`."""


class Dated(_Node):
    """Notes dated from `first` to `last`, both included; `date.min` and `date.max` leave an end open."""

    first: date
    last: date


class Not(_Node):
    """What does not match."""

    query: Query


class And(_Node):
    """What matches all."""

    queries: tuple[Query, ...]


class Or(_Node):
    """What matches any."""

    queries: tuple[Query, ...]


Text: TypeAlias = Word | Phrase | Prefix | Fuzzy
Query: TypeAlias = (
    Everything | Word | Phrase | Prefix | Fuzzy | Field | InPdf | Within | Orphan | Dated | Not | And | Or
)


def wanted(query: Query, *, in_fields: bool = True) -> Iterator[Text]:
    """The words and phrases that a match may hold: not those under a `-`, not those of a field but perhaps those that
    its text shows too, the title and the names of who is mentioned.

    >>> list(wanted(And((Word("a"), Not(Word("b")), Field("title", Prefix("c"))))))
    [Word(text='a'), Prefix(text='c')]
    """
    match query:
        case Word() | Phrase() | Prefix() | Fuzzy():
            yield query
        case Field("title" | "mentions" | "mention", (Word() | Phrase() | Prefix() | Fuzzy()) as test) if in_fields:
            yield test
        case And(queries) | Or(queries):
            for part in queries:
                yield from wanted(part, in_fields=in_fields)
        case Within(_, inner):
            yield from wanted(inner, in_fields=in_fields)
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
    >>> relaxed(And((Word("a"), Or((Field("tag", Word("x")), Field("tag", Word("y"))))))) is None
    True
    """
    if isinstance(query, Within):
        less = relaxed(query.query)
        return None if less is None else Within(query.parts, less)
    if not isinstance(query, And):
        return None
    words = tuple(part for part in query.queries if not isinstance(part, Within) and any(wanted(part, in_fields=False)))
    kept = tuple(part for part in query.queries if part not in words)
    inner = tuple(relaxed(part) or part if isinstance(part, Within) else part for part in kept)
    if len(words) < 2:
        return And((*inner, *words)) if inner != kept else None
    return And((*inner, Or(words))) if inner else Or(words)
