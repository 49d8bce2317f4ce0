"""What of a note can be found: the documents that an index keeps for it.

A note is one document; a log day is one for each of its entries, and one for the text outside them. A document has
ranked text (everything a reader would call its words), a title, and *values*: every front-matter key with every
value under it, beside the fields that are ours. A value is looked up whole or by its words, which is how any key
filters, compares and ranges without being configured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from carrel.core.pdf import Page, PdfText
from carrel.search.analysis import fold, terms
from carrel.search.fields import FIELD_NAMES as FIELD_NAMES
from carrel.search.fields import MAX_VALUE as MAX_VALUE
from carrel.search.fields import NAMES as NAMES
from carrel.search.fields import PAGE as PAGE
from carrel.search.fields import PART, RESERVED
from carrel.search.fields import WHOLE as WHOLE
from carrel.search.fields import WORD as WORD
from carrel.search.fields import field_name as field_name
from carrel.search.parts import parts
from carrel.search.traits import standing, traits
from carrel.search.units import Unit
from carrel.search.units import unit_tags as unit_tags
from carrel.search.units import unit_text as unit_text

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note, Value
    from carrel.search.index import Findable

#: Front-matter keys that our own fields replace, and those whose values are not words a reader would search for.
_OURS = frozenset(
    ("title", "kind", "date", "tags", "tag", "aliases", "alias", "project", "authors", "author", "visibility")
)
_UNSPOKEN = frozenset(("path", "kind", "date", "visibility", "reading", "rating", "state", "sessions", "bibtype"))

#: The place of a value that is looked up whole, where it means nothing.
_FIRST = (0,)


@dataclass(frozen=True, slots=True)
class Document:
    """One findable unit: a note, an entry of a log day, or a page of a PDF. `day` is an ordinal, 0 for none.

    `line` is 1 for a note, the heading's line for an entry, and for a page its place in the file.

    `passages` are its words: title, body, and each front-matter value that is worth finding by a bare word; a phrase
    never runs from one into the next, because each begins one place behind the end of the last.

    `values` maps a key and `WHOLE` or `WORD` and a value to its places. Of a whole value they mean nothing, of its
    words they are their order. Beside the front matter's keys there are
    - `title`, whole; `links` and `cites`, the names that are pointed to; `year`, the date's if none is written;
    - `has` and `is`, see `traits.py`;
    - `in`, the parts of the text by the name of `parts.part_name`. Their places are spans, in order: the place of the
      first word, that behind the last, the next span's first word, … as `analysis.terms` counts over `passages`.
    """

    path: str
    line: int
    anchor: str
    day: int
    title: str
    passages: list[str]
    values: Mapping[str, tuple[int, ...]]


def documents(note: Findable) -> Iterator[Document]:
    """The documents of a note. A note with conflict marks, or a sync tool's copy, has none: it is two notes at once."""
    if isinstance(note, PdfText):
        yield from _pages(note)
        return
    if any(problem.code == "conflict" for problem in note.problems):
        return
    common = _Common(note)
    for entry in (*note.entries, None):
        if (document := _document(note, common, entry)) is not None:
            yield document


def _pages(pdf: PdfText) -> Iterator[Document]:
    """A document for each page with text. It has no title: the paper's is for the paper's note to be found by."""
    common = _Values()
    for key, value in (("path", pdf.path), ("kind", "pdf"), ("visibility", "private"), ("citekey", pdf.citekey)):
        if value:
            common.add(key, value)
    values = {**common.places, PAGE: (0,)}
    for number, page in enumerate(pdf.pages, 1):
        if page.text.strip():
            yield Document(pdf.path, number, page_anchor(page), 0, "", [page.text], values)


def page_anchor(page: Page) -> str:
    """How a page is named in a hit, as a citation's locator names it: `p. 3`."""
    return f"p. {page.label}"


def link_names(target: str) -> Iterator[str]:
    """The names by which `links:` finds a link: as it is written, and its last part.

    >>> list(link_names("../papers/Elhage2022toy.md"))
    ['../papers/elhage2022toy', 'elhage2022toy']
    """
    written = fold(target).removesuffix(".md").removeprefix("@")  # `[[@key]]` links a paper
    if written:
        yield written
    if "/" in written:
        yield written.rpartition("/")[2]


class _Common:
    """What the documents of one note have in common: the front matter's values, and its words."""

    def __init__(self, note: Note) -> None:
        pairs = list(_front_matter(note))
        self.values = _Values()
        for key, value in pairs:
            if key not in RESERVED:
                self.values.add(key, value)
        self.values.add_names("links", [name for link in note.relations for name in link_names(link.target)])
        if note.date and "year" not in self.values.ends:
            self.values.add("year", f"{note.date.year:04}")
        self.values.places.update(dict.fromkeys(standing(note), _FIRST))
        spoken = [value for key, value in pairs if key.partition(".")[0] not in _UNSPOKEN]
        if not note.entries and fold(note.name) not in map(fold, (note.title, *spoken)):
            spoken.append(note.name)
        self.passages = spoken


def _document(note: Note, common: _Common, entry: Entry | None) -> Document | None:
    """An entry, or a note; None for what a day does not say outside of its entries."""
    unit = Unit(note, entry)
    text = unit.text(unit.start, unit.end)
    if note.entries and not entry and not text.strip():
        return None
    tags = unit_tags(note, entry)
    title = (entry.title or entry.anchor) if entry else note.title
    heading = [] if entry else [title]  # an entry's text begins with its heading
    values = _Values(common.values)
    for key, value in entry.fields.items() if entry else ():  # its `key:: value` lines
        if (name := field_name(key)) not in RESERVED:
            values.add(name, value)
    cited = [citation.key for citation in unit.of(note.markup.citations)]
    linked = [name for link in unit.of(note.markup.links) for name in link_names(link.target)]
    values.add_names("title", (title,))
    values.add_names("tag", tags)
    values.add_names("cites", cited)
    values.add_names("links", cited)
    values.add_names("links", linked)
    values.places.update(dict.fromkeys(traits(unit, text), _FIRST))
    values.places.update((PART + name, spans) for name, spans in parts(unit, "" if entry else title))
    return Document(
        path=note.path,
        line=entry.line if entry else 1,
        anchor=entry.anchor if entry else "",
        day=note.date.toordinal() if note.date else 0,
        title=title,
        passages=[*heading, text, *common.passages, *tags],
        values=values.places,
    )


class _Values:
    """Values as terms. Two values of a key do not stand side by side, so that no phrase runs from one to the next."""

    def __init__(self, others: _Values | None = None) -> None:
        self.places: dict[str, tuple[int, ...]] = others.places.copy() if others else {}
        self.ends: dict[str, int] = others.ends.copy() if others else {}

    def add(self, key: str, value: str) -> None:
        """A value that is found whole and by its words."""
        places, start = self.places, self.ends.get(key, 0)
        whole, words = _looked_up(key, value)
        places[whole] = _FIRST
        end = start
        for end, word in enumerate(words, start + 1):
            places[word] = (*places[word], end - 1) if word in places else (end - 1,)
        self.ends[key] = end + 1

    def add_names(self, key: str, values: Iterable[str]) -> None:
        """Values that are found whole."""
        for value in values:
            self.places[_whole(key, value)] = _FIRST


@lru_cache(maxsize=20_000)
def _whole(key: str, value: str) -> str:
    return f"{key}{WHOLE}{fold(value)[:MAX_VALUE]}"


@lru_cache(maxsize=20_000)
def _looked_up(key: str, value: str) -> tuple[str, tuple[str, ...]]:
    """The terms under which a value is found: whole, and by its words if it has several and is no name."""
    whole = fold(value)[:MAX_VALUE]
    single = whole.isascii() and whole.isalnum()
    words = () if key in NAMES or single else tuple(f"{key}{WORD}{term.surface}" for term in terms(value))
    return f"{key}{WHOLE}{whole}", words


def _front_matter(note: Note) -> Iterator[tuple[str, str]]:
    yield "path", note.path
    yield "kind", note.kind
    yield "visibility", note.visibility.value
    if note.date:
        yield "date", note.date.isoformat()
    if note.project:
        yield "project", note.project
    yield from (("author", author) for author in note.authors)
    yield from (("alias", alias) for alias in note.aliases)
    for key, value in note.metadata.items():
        if key.casefold() not in _OURS:
            yield from _pairs(field_name(key), value)


def _pairs(key: str, value: Value) -> Iterator[tuple[str, str]]:
    """Every text under a key; those of a mapping inside it as `key.inner`."""
    stack: list[tuple[str, Value]] = [(key, value)]
    while stack:
        name, top = stack.pop()
        if isinstance(top, str):
            if top.strip():
                yield name, top
        elif isinstance(top, Mapping):
            stack.extend(
                (f"{name}.{' '.join(inner.casefold().split())}", item) for inner, item in reversed(list(top.items()))
            )
        else:
            stack.extend((name, item) for item in reversed(top))
