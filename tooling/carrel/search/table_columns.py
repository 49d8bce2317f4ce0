"""The columns of tables of queries: what stands under each for a note or an entry, and which name must be a slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from carrel.core.markdown import plain
from carrel.core.paper import Paper
from carrel.search.fields import field_name
from carrel.search.fuzzy import nearest
from carrel.search.snippet import WIDTH, Marker, snippet
from carrel.search.units import unit_tags, unit_text

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note, Value

#: Columns with a meaning of their own, and keys that Carrel itself writes: a table may ask for what no note has yet.
_OURS = ("title", "date", "time", "kind", "path", "tags", "project", "authors", "aliases", "snippet", "visibility",
         "state", "reading", "rating", "priority", "sessions", *Paper.__dataclass_fields__)  # fmt: skip
_KNOWN = frozenset(map(field_name, _OURS))


def slip(column: str, others: Iterable[str]) -> str:
    """What to say of a column that is nothing of ours and no field of any note; `others` are fields of notes.

    >>> print(slip("Ratign", ()))
    no note has a field `Ratign`, which is a column here; did you mean `rating`?
    >>> print(slip("zebra", ("loss", "seed")))
    no note has a field `zebra`, which is a column here
    """
    name = column.casefold()
    near = nearest(name, _OURS, most=1) or nearest(name, others, most=1)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    return f"no note has a field `{column}`, which is a column here{meant}"


def is_ours(column: str) -> bool:
    """Whether Carrel gives a column a meaning, whatever the notes hold."""
    return field_name(column) in _KNOWN


def fields_of(note: Note) -> Iterator[str]:
    """The names under which something stands in a note, as columns have them."""
    yield from _keys(note.metadata)
    for entry in note.entries:
        yield from entry.fields


def _keys(values: Mapping[str, Value], above: str = "") -> Iterator[str]:
    for key, value in values.items():
        name = f"{above}{key.casefold()}"
        yield name
        if isinstance(value, Mapping):
            yield from _keys(value, f"{name}.")


def value_of(note: Note, entry: Entry | None, column: str, marker: Marker) -> str:
    """A value as plain text on one line; lists are joined, what is missing is ""."""
    match field_name(column):
        case "title":
            return plain((entry.title or entry.anchor) if entry else note.title) or note.name
        case "date":
            return note.date.isoformat() if note.date else ""
        case "time":
            return f"{entry.time:%H:%M}" if entry else ""
        case "kind":
            return note.kind
        case "path":
            return note.path
        case "tag":
            return ", ".join(unit_tags(note, entry))
        case "project":
            return (entry.project if entry else "") or note.project
        case "author":
            return _text(note.authors)
        case "alias":
            return _text(note.aliases)
        case "snippet":
            text = unit_text(note, entry)
            return plain(snippet(text.partition("\n")[2] if entry else text, marker, WIDTH).text)
        case name:
            return _text(entry.fields[name] if entry and name in entry.fields else _metadata(note, name))


def _metadata(note: Note, name: str) -> Value:
    """The value under a key, or under `key.inner`, whatever their case."""
    top: Value = note.metadata
    for part in (name,) if any(key.casefold() == name for key in note.metadata) else name.split("."):
        inner = [value for key, value in top.items() if key.casefold() == part] if isinstance(top, Mapping) else []
        top = inner[0] if inner else ""
    return top


def _text(value: Value) -> str:
    if isinstance(value, str):
        return plain(" ".join(value.split()))
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
    texts = [_text(inner) for inner in value]
    return ("; " if any("," in text for text in texts) else ", ").join(texts)
