"""How many of the matches are of each kind, tag, year or any other field, with the values as they are written.

The index counts folded values; how a value is written is read in one note that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.pdf import PdfText
from carrel.search.analysis import fold
from carrel.search.documents import MAX_VALUE, field_name
from carrel.search.order import NEWEST
from carrel.search.search import answered, read
from carrel.search.tree import And, Field, Not, Phrase, Present, Query

if TYPE_CHECKING:
    from carrel.core.note import Note, Value
    from carrel.search.index import NoteSource, SearchIndex

#: Values of these are written in small letters, and so as they are folded.
_SMALL = frozenset(("kind", "visibility", "date", "year", "reading", "state"))


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of a field with their counts, as they are written, and how many more there are."""

    values: tuple[tuple[str, int], ...]
    more: int


def facets(
    source: NoteSource, index: SearchIndex, query: Query, fields: Sequence[str], limit: int | None = 10
) -> dict[str, Facet]:
    """The facets of what answers a query. The year of a note that has no key `year` is that of its date."""
    names = list(dict.fromkeys(map(field_name, fields)))
    counts = dict(answered(source, index, lambda: index.facets(query, names)))
    if "year" in counts:
        undated = And((query, Not(Field("year", Present()))))
        days = answered(source, index, lambda: index.facets(undated, ["date"]))["date"]
        counts["year"] = _sum([*counts["year"].items(), *((day[:4], count) for day, count in days.items())])
    found = {}
    for name in names:
        ranked = sorted(counts[name].items(), key=lambda one: (-one[1], one[0]))
        shown = ranked[:limit]
        found[name] = Facet(
            tuple((_spelling(source, index, query, name, value), count) for value, count in shown),
            len(ranked) - len(shown),
        )
    return found


def _sum(counted: Sequence[tuple[str, int]]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for value, count in counted:
        total[value] = total.get(value, 0) + count
    return total


def _spelling(source: NoteSource, index: SearchIndex, query: Query, field: str, value: str) -> str:
    """A folded value as the newest of the matches that has it writes it."""
    if field in _SMALL or not any(map(str.isalpha, value)):
        return value
    narrowed = And((query, Field(field, Phrase(value))))
    matches, _ = answered(source, index, lambda: index.search(narrowed, 1, NEWEST))
    for match in matches:
        note = read(source, match.path)
        if note is not None and not isinstance(note, PdfText):
            return next((text for text in _written(note, field) if fold(text)[:MAX_VALUE] == value), value)
    return value


def _written(note: Note, field: str) -> Iterator[str]:
    """The values of a field as a note writes them."""
    match field:
        case "tag":
            yield from note.tags
        case "author":
            yield from note.authors
        case "alias":
            yield from note.aliases
        case "project":
            yield note.project
        case "cites":
            yield from (citation.key for citation in note.markup.citations)
        case "links":
            yield from (link.target.removesuffix(".md") for link in (*note.markup.links, *note.relations))
    for entry in note.entries:
        yield from (value for key, value in entry.fields.items() if field_name(key) == field)
    yield from (text for key, value in note.metadata.items() for text in _texts(field_name(key), value, field))


def _texts(name: str, value: Value, field: str) -> Iterator[str]:
    """The texts under a key that are values of `field`; those of a mapping inside it are of `key.inner`."""
    if isinstance(value, str):
        if name == field:
            yield " ".join(value.split())
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(f"{name}.{key.casefold()}", inner, field)
    else:
        for inner in value:
            yield from _texts(name, inner, field)
