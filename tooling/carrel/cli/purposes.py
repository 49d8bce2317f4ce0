"""Experiments, questions, projects and ideas, found by the index; and which of them leads to what."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from carrel.cli.searching.asking import NO_FILTERS, query_of
from carrel.cli.searching.current import asked
from carrel.core.conflict import conflict_line
from carrel.core.graph import LinkGraph
from carrel.core.names import fold
from carrel.core.note import Note
from carrel.core.purpose import climb, upwards
from carrel.core.relations import relations
from carrel.errors import NoteNotFound, NoteVanished, Refused, UsageError
from carrel.store.named import LARGEST_LISTED, find_note
from carrel.store.walk import is_note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carrel.cli.app import App
    from carrel.core.note import Link
    from carrel.core.purpose import Step
    from carrel.search.index import Match, SearchIndex
    from carrel.search.tree import Query

#: Kinds of notes that lead to each other.
KINDS = ("experiment", "question", "project", "idea")
#: So many names that no note seems to have are looked up one by one; with more, all notes are read.
LOOKED_UP = 5


def notes_of(app: App, *kinds: str, words: tuple[str, ...] = ()) -> list[Note]:
    """The notes of these kinds that have all words of a query, by path."""
    found = _found(app, query_of(app, " ".join(words), {**NO_FILTERS, "kind": kinds}))
    return [note for note in found if note.kind in kinds]


def _found(app: App, query: Query, *, again: bool = False) -> list[Note]:
    """The notes that answer to a query, by path. It makes no hits of them, so each is read once.

    `again` is for who has just asked the index: it is not made current once more.
    """
    from carrel.search.order import BEST
    from carrel.search.search import answered
    from carrel.store.pdfs import Holdings

    def ask(source: Holdings, index: SearchIndex) -> tuple[list[Match], int]:
        return answered(source, index, lambda: index.search(query, None, BEST))

    matches, _ = ask(Holdings(app.kb), app.index) if again else asked(app, ask, ahead=True)
    found = []
    for path in sorted({match.path for match in matches if is_note(match.path)}):
        with suppress(NoteVanished):
            found.append(app.kb.read(path))
    return found


def named_of_kind(app: App, name: str, kind: str) -> str:
    """The path of the note of a kind that a person means.

    Raises `NotFound`, `UsageError` for another kind, `Refused` where it holds a conflict.
    """
    try:
        path = find_note(app.kb, name)
    except NoteNotFound as error:
        raise _with_nearer_ones(app, error, kind) from error
    found = app.kb.read(path, head=True)
    torn = any(problem.code == "conflict" for problem in found.problems)
    if torn and (number := conflict_line(app.kb.read_bytes(path).decode("utf-8-sig", "replace"))):
        raise Refused(
            f"{path}:{number}: holds both sides of a conflict",
            f"carrel edit {stem(path)}: keep what you want of it and delete the marks",
        )
    if found.kind != kind:
        raise UsageError(f"{path} is of kind {found.kind}, no {kind}", f"carrel list -k {kind}")
    return path


def _with_nearer_ones(app: App, error: NoteNotFound, kind: str) -> NoteNotFound:
    """The error, with the notes of a kind whose names or titles have all the words that were typed."""
    words = re.findall(r"\w+", fold(error.name))
    found = [note for note in notes_of(app, kind) if all(word in fold(f"{note.name} {note.title}") for word in words)]
    names = tuple(dict.fromkeys(stem(note.path) for note in found))
    return NoteNotFound(error.name, names[:LARGEST_LISTED]) if words and 0 < len(names) == len(found) else error


def said_or_asked(app: App, words: tuple[str, ...], what: str, instead: str) -> str:
    """The words that were typed, or what a person answers; `instead` says how to do without being asked."""
    said = " ".join(words).strip()
    if not said:
        app.need_input(what, instead)
        said = str(click.prompt(what, err=True)).strip()
    return said


def stem(path: str) -> str:
    """What a person calls the note of a path on the command line."""
    return path.rpartition("/")[2].removesuffix(".md")


class Purposes:
    """What leads to what. `notes` are those of `KINDS`, or some of them, as `notes_of` has just found them; others are
    known by their file names at first.
    """

    def __init__(self, app: App, notes: Iterable[Note]) -> None:
        self._app = app
        self._read = {note.path: note for note in notes}
        others = (Note(path, stem(path)) for path in app.kb.paths() if path not in self._read)
        self._graph = LinkGraph([*self._read.values(), *others])
        self._looked_up: dict[str, LinkGraph] = {}

    def note(self, path: str) -> Note:
        """The note of a path that something leads to."""
        if path not in self._read:
            try:
                self._read[path] = self._app.kb.read(path)
            except NoteVanished:
                return Note(path, stem(path))  # deleted meanwhile
        return self._read[path]

    def reached(self, source: str, link: Link) -> str:
        """The path of the note that a link in `source` leads to; "" for none."""
        target = self._graph.resolve(source, link) or self._by_title(link.target).resolve(source, link)
        return target.path if target else ""

    def leads(self, path: str) -> list[tuple[str, str]]:
        """What the note of a path is for: the names that it says, each with its note or ""."""
        return [(link.target, self.reached(path, link)) for link in upwards(self.note(path))]

    def climb(self, path: str) -> Step:
        """The way up from a note."""
        return climb(path, self.leads)

    def above(self, path: str) -> list[Note]:
        """What a note is for, one step up."""
        return [self.note(target) for _, target in self.leads(path) if target]

    def advancing(self, notes: Iterable[Note]) -> dict[str, list[Note]]:
        """Which of `notes` advance what, by path."""
        found: dict[str, list[Note]] = {}
        for note in notes:
            for target in dict.fromkeys(self.reached(note.path, link) for link, _ in relations(note, "advances")):
                if target:
                    found.setdefault(target, []).append(note)
        return found

    def _by_title(self, name: str) -> LinkGraph:
        """The notes of other kinds that a title or an alias may mean, which their file names do not tell."""
        if name not in self._looked_up:
            if len(self._looked_up) >= LOOKED_UP:
                self._graph = self._looked_up[name] = self._app.kb.graph()
                return self._graph
            quoted = '"' + name.replace('"', " ") + '"'
            query = query_of(self._app, f"title:{quoted} OR alias:{quoted}", NO_FILTERS)
            self._looked_up[name] = LinkGraph(_found(self._app, query, again=True))
        return self._looked_up[name]
