"""How many of the matches are of each kind, tag, year or any other field, with the values as they are written.

The index counts folded values; how a value is written is read in one note that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.pdf import PdfText
from carrel.search.analysis import fold
from carrel.search.fields import MAX_VALUE, RESERVED, field_name
from carrel.search.order import NEWEST
from carrel.search.search import answered, read
from carrel.search.tree import And, Field, Not, Phrase, Present, Query

if TYPE_CHECKING:
    from carrel.core.note import Note, Value
    from carrel.search.index import Findable, NoteSource, SearchIndex

#: Values of these are written in small letters, and so as they are folded.
_SMALL = RESERVED.union(("kind", "visibility", "date", "year", "reading", "state"))


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
    spellings = _Spellings(source, index)
    for name in names:
        ranked = sorted(counts[name].items(), key=lambda one: (-one[1], one[0]))
        shown = ranked[:limit]
        found[name] = Facet(
            tuple((spellings.of(name, value), count) for value, count in shown),
            len(ranked) - len(shown),
        )
    return found


def _sum(counted: Sequence[tuple[str, int]]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for value, count in counted:
        total[value] = total.get(value, 0) + count
    return total


class _Spellings:
    """How folded values are written, as one note that has them writes them: a newer one rather than an older.

    No note is read twice, and of a note that is read all values are known: a day of a thousand entries is one note.
    """

    def __init__(self, source: NoteSource, index: SearchIndex) -> None:
        self._source, self._index = source, index
        self._notes: dict[str, Findable | None] = {}
        self._known: dict[str, dict[str, str]] = {}  # by field and by folded value

    def of(self, field: str, value: str) -> str:
        """A value as it is written, or as it is folded where no note tells."""
        if field in _SMALL or not any(map(str.isalpha, value)):
            return value
        known = self._known.setdefault(field, {})
        if value not in known:
            asked = Field(field, Phrase(value))
            matches, _ = answered(self._source, self._index, lambda: self._index.search(asked, 1, NEWEST))
            for match in matches:
                self._learn(field, match.path, known)
        return known.setdefault(value, value)

    def _learn(self, field: str, path: str, known: dict[str, str]) -> None:
        if path not in self._notes:
            self._notes[path] = read(self._source, path)
        note = self._notes[path]
        if note is not None and not isinstance(note, PdfText):
            for text in _written(note, field):
                known.setdefault(fold(text)[:MAX_VALUE], text)


def _written(note: Note, field: str) -> Iterator[str]:
    """The values of a field as a note writes them."""
    match field:
        case "path":
            yield note.path
        case "title":
            yield from (entry.title or entry.anchor for entry in note.entries)
            yield note.title
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
