"""The notes of an edition by what brings them together: their kind, their day, their tags, who wrote them, what they
serve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from carrel.core.names import fold
from carrel.core.note import writers

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.note import Note
    from carrel.publish.edition.ties import Ties

#: What notes are grouped by. The keys are a kind, a year (2026), a month (2026-11), the page of a tag, of a person who
#: wrote it or whom it mentions, the path of a project or of what a note advances, whether a note holds predictions that
#: are "open" or "resolved".
By: TypeAlias = Literal["kind", "year", "month", "tag", "person", "mention", "project", "advances", "prediction"]

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


class Groups:
    """The groups by what they have in common, and by the key of each; `grouped` makes them."""

    def __init__(self, groups: Mapping[By, Mapping[str, tuple[Note, ...]]]) -> None:
        self._groups = groups
        self._years: dict[tuple[By, str], Mapping[str, tuple[Note, ...]]] = {}

    def keys(self, by: By) -> tuple[str, ...]:
        """The keys of the groups, in their order."""
        return tuple(self._groups[by])

    def group(self, by: By, key: str, year: str = "") -> tuple[Note, ...]:
        """The notes of a group, newest first, or those of one year; none where there is no such group."""
        if not year:
            return self._groups[by].get(key, ())
        if (by, key) not in self._years:
            years: dict[str, list[Note]] = defaultdict(list)
            for note in self._groups[by].get(key, ()):
                years[year_of_note(note)].append(note)
            self._years[by, key] = {one: tuple(notes) for one, notes in years.items()}
        return self._years[by, key].get(year, ())

    def count(self, by: By, key: str) -> int:
        """How many notes a group has."""
        return len(self._groups[by].get(key, ()))

    def said(self) -> object:
        """All that they hold, in plain values; years are among them, so a group's notes of one year as well."""
        return [
            (by, key, [note.path for note in notes]) for by, keys in self._groups.items() for key, notes in keys.items()
        ]


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
    return Groups(
        {by: {key: tuple(keys[key]) for key in (keys if by in dated else sorted(keys))} for by, keys in found.items()}
    )


def tags_near(names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """The pages of the tags above and below that of each page, given what the tag of a page is called."""
    pages = {fold(name): page for page, name in names.items()}
    near: dict[str, tuple[str, ...]] = {}
    for name in sorted(name for name in pages if "/" in name):
        parts = name.split("/")
        for above in ("/".join(parts[:end]) for end in range(1, len(parts))):
            if above in pages:
                near[pages[name]] = (*near.get(pages[name], ()), pages[above])
                near[pages[above]] = (*near.get(pages[above], ()), pages[name])
    return near


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


def year_of_note(note: Note) -> str:
    """The year under which a note is listed, "undated" where it has no day."""
    return f"{note.date.year:04}" if note.date else "undated"


def newest_first(note: Note) -> tuple[int, str]:
    """A sort key: dated notes newest first, then the rest; the path decides between equals."""
    return (-note.date.toordinal() if note.date else 0, note.path)
