"""The notes of an edition by what brings them together: their kind, their day, their tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from carrel.core.note import Note

#: What notes are grouped by. The keys are a kind, a year (2026), a month (2026-11), the page of a tag.
By: TypeAlias = Literal["kind", "year", "month", "tag"]
Groups: TypeAlias = Mapping[By, Mapping[str, tuple["Note", ...]]]

#: Kinds with a list of their own, and its title. A kind that is not here is listed with the notes.
LISTS = {
    "project": "Projects",
    "question": "Questions",
    "experiment": "Experiments",
    "idea": "Ideas",
    "meeting": "Meetings",
    "digest": "Digests",
    "note": "Notes",
}


def grouped(notes: Iterable[Note], tags: Mapping[str, str]) -> Groups:
    """Every group of these notes, each newest first; so are years and months, other keys are sorted.

    `tags` gives a tag's page.
    """
    found: dict[By, dict[str, list[Note]]] = {by: defaultdict(list) for by in ("kind", "year", "month", "tag")}
    for note in sorted(notes, key=newest_first):
        found["kind"][list_of(note)].append(note)
        if note.date:
            found["year"][f"{note.date.year:04d}"].append(note)
            found["month"][f"{note.date.year:04d}-{note.date.month:02d}"].append(note)
        for page in dict.fromkeys(tags[tag] for tag in note.tags):
            found["tag"][page].append(note)
    for by in ("kind", "tag"):
        found[by] = dict(sorted(found[by].items()))
    return {by: {key: tuple(some) for key, some in keys.items()} for by, keys in found.items()}


def list_of(note: Note) -> str:
    """The list that a note belongs to: its kind, or "note" for kinds that we do not know."""
    return note.kind if note.kind in LISTS or note.kind in ("log", "paper") else "note"


def newest_first(note: Note) -> tuple[int, str]:
    """A sort key: dated notes newest first, then the rest; the path decides between equals."""
    return (-note.date.toordinal() if note.date else 0, note.path)
