"""The notes of an edition by what brings them together: their kind, their day, their tags, who wrote them, what they
serve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from carrel.core.note import writers

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.note import Note
    from carrel.publish.edition.ties import Ties

#: What notes are grouped by. The keys are a kind, a year (2026), a month (2026-11), the page of a tag, of a person who
#: wrote it or whom it mentions, the path of a project or of what a note advances, whether a note holds predictions that
#: are "open" or "resolved".
By: TypeAlias = Literal["kind", "year", "month", "tag", "person", "mention", "project", "advances", "prediction"]
Groups: TypeAlias = Mapping[By, Mapping[str, tuple["Note", ...]]]

#: Kinds with a list of their own, and its title. A kind that is not here is listed with the notes.
LISTS = {
    "project": "Projects",
    "experiment": "Experiments",
    "question": "Questions",
    "idea": "Ideas",
    "meeting": "Meetings",
    "digest": "Digests",
    "note": "Notes",
}


def grouped(
    notes: Iterable[Note],
    tags: Mapping[str, str],
    people: Mapping[str, str],
    handles: Mapping[str, str],
    ties: Mapping[str, Ties],
) -> Groups:
    """Every group of these notes, each newest first; so are years and months, other keys are sorted.

    `tags` gives a tag's page, `people` a writer's by name, `handles` by what follows an @; `ties` are by path.
    """
    found: dict[By, dict[str, list[Note]]] = {by: defaultdict(list) for by in get_args(By)}
    for note in sorted(notes, key=newest_first):
        found["kind"][list_of(note)].append(note)
        if note.date:
            found["year"][note.date.isoformat()[:4]].append(note)
            found["month"][note.date.isoformat()[:7]].append(note)
        for page in dict.fromkeys(tags[tag] for tag in note.tags):
            found["tag"][page].append(note)
        for page in dict.fromkeys(people[name] for name in writers(note) if name in people):
            found["person"][page].append(note)
        tied = ties[note.path]
        for page in dict.fromkeys(handles[called] for called in tied.mentions if called in handles):
            found["mention"][page].append(note)
        for path in tied.projects:
            found["project"][path].append(note)
        for path in tied.advances:
            found["advances"][path].append(note)
        for state in tied.foresees:
            found["prediction"][state].append(note)
    dated: tuple[By, ...] = ("year", "month")
    return {
        by: {key: tuple(keys[key]) for key in (keys if by in dated else sorted(keys))} for by, keys in found.items()
    }


def activity(counted: Iterable[tuple[Note, int]]) -> Mapping[date, int]:
    """How much was written on each day, given notes and how many entries each has: entries, and other notes."""
    found: dict[date, int] = {}
    for note, entries in counted:
        if note.date:
            found[note.date] = found.get(note.date, 0) + max(entries, 1)
    return found


def list_of(note: Note) -> str:
    """The list that a note belongs to: its kind, or "note" for kinds that we do not know."""
    return note.kind if note.kind in LISTS or note.kind in ("log", "paper") else "note"


def newest_first(note: Note) -> tuple[int, str]:
    """A sort key: dated notes newest first, then the rest; the path decides between equals."""
    return (-note.date.toordinal() if note.date else 0, note.path)
