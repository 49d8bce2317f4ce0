"""The documents of a note: one of each entry, and one of the rest, with all that they can be found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from carrel.core.mention import is_surely_paper, may_mention
from carrel.search.analysis import fold, last_signs, terms
from carrel.search.documents import Document, link_names
from carrel.search.fields import MAX_VALUE, NAMES, PART, RESERVED, WHOLE, WORD, field_name, part_name
from carrel.search.parts import parts
from carrel.search.traits import standing, traits
from carrel.search.units import Unit, front_tags, unit_tags

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note, Value

#: Front-matter keys that our own fields replace, and those whose values are not words a reader would search for.
_OURS = frozenset(
    ("title", "kind", "date", "tags", "tag", "aliases", "alias", "project", "authors", "author", "visibility")
)
_UNSPOKEN = frozenset(("path", "kind", "date", "visibility", "reading", "rating", "state", "sessions", "bibtype"))

#: The place of a value that is looked up whole, where it means nothing.
_FIRST = (0,)
#: The span of a whole document.
_ALL = (0, 2**31 - 1)


def note_documents(note: Note) -> Iterator[Document]:
    """The documents of a note, its entries' first."""
    common = _Common(note)
    for entry in (*note.entries, None):
        if (document := _document(note, common, entry)) is not None:
            yield document


class _Common:
    """What the documents of one note have in common: the front matter's values, and its words."""

    def __init__(self, note: Note) -> None:
        pairs = list(_front_matter(note))
        self.values = Values()
        for key, value in pairs:
            if key not in RESERVED:
                self.values.add(key, value)
        # A key `in` makes all of the note a part.
        self.parts = {PART + part_name(value): _ALL for key, value in pairs if key == "in"}
        if note.date and "year" not in dict(pairs):
            self.values.add("year", f"{note.date.year:04}")
        self.values.add_names("links", [name for link in note.relations for name in link_names(link.target)])
        self.values.places.update(dict.fromkeys(standing(note), _FIRST))
        spoken = [value for key, value in pairs if key.partition(".")[0] not in _UNSPOKEN]
        said = (note.title, *spoken)
        if not note.entries and note.name not in said and fold(note.name) not in map(fold, said):
            spoken.append(note.name)
        self.passages = spoken
        self.tags = front_tags(note) if note.entries else []


def _document(note: Note, common: _Common, entry: Entry | None) -> Document | None:
    """An entry, or a note; None for what a day does not say outside of its entries."""
    unit = Unit(note, entry)
    text = unit.text(unit.start, unit.end)
    if note.entries and not entry and not text.strip():
        return None
    values = Values(common.values)
    if entry is None:
        title, tags = note.title, unit_tags(note, None)
        heading = [title]
    else:
        title, tags = entry.title or entry.anchor, tuple(dict.fromkeys((*common.tags, *entry.tags)))
        heading = []  # its text begins with its heading
        for key, value in entry.fields.items():  # its `key:: value` lines
            if (name := field_name(key)) not in RESERVED:
                values.add(name, value)
    values.places[f"title{WHOLE}{fold(title)[:MAX_VALUE]}"] = _FIRST
    values.add_names("tag", tags)
    if links := unit.of(note.markup.links):
        values.add_names("links", [name for link in links for name in link_names(link.target)])
    if citations := unit.of(note.markup.citations):
        cited = [citation.key for citation in citations]
        values.add_names("cites", cited)
        values.add_names("links", cited)
        called = (citation.key for citation in citations if may_mention(citation) and not is_surely_paper(citation))
        values.add_names("mentions", called)
    values.places.update(dict.fromkeys(traits(unit, text), _FIRST))
    for name, spans in parts(unit, "" if entry else title):
        values.places[PART + name] = spans
    values.places.update(common.parts)
    passages = [*heading, text, *common.passages, *tags]
    return Document(
        path=note.path,
        line=entry.line if entry else 1,
        anchor=entry.anchor if entry else "",
        day=note.date.toordinal() if note.date else 0,
        title=title,
        passages=[*passages, *last_signs(passages)],
        values=values.places,
    )


class Values:
    """Values as terms. Two values of a key do not stand side by side, so that no phrase runs from one to the next."""

    def __init__(self, others: Values | None = None) -> None:
        self.places: dict[str, tuple[int, ...]] = others.places.copy() if others else {}
        self.ends: dict[str, int] = others.ends.copy() if others else {}

    def add(self, key: str, value: str) -> None:
        """A value that is found whole and by its words."""
        whole, words = _looked_up(key, value)
        self.places[whole] = _FIRST
        if words:
            places, start = self.places, self.ends.get(key, 0)
            for place, word in enumerate(words, start):
                places[word] = (*places[word], place) if word in places else (place,)
            self.ends[key] = start + len(words) + 1

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
