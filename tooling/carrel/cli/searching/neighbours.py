"""What is like a note, and where it is named: `search --related` and `search --mentions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.cli.naming import named_note
from carrel.cli.output import line
from carrel.cli.searching.current import answer, asked
from carrel.errors import NoteNotFound
from carrel.store.named import find_note

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.core.note import Entry, Note
    from carrel.search.order import Order
    from carrel.search.search import Results
    from carrel.search.tree import Query


def related_to(app: App, name: str, query: Query, limit: int | None) -> Results:
    """What is like the note or the entry of that name, among what answers the query."""
    from carrel.search.related import related

    note, entry = _unit(app, name)
    return asked(app, lambda source, index: related(source, index, note, entry, query, limit))


def naming(app: App, name: str, query: Query, limit: int | None, order: Order) -> Results:
    """Where the note of that name, or else the person, is named without a link, among what answers the query."""
    from carrel.search.mentions import mentions

    try:
        note, _ = _unit(app, name)
    except NoteNotFound as missing:
        return _of_person(app, missing, name, query, limit, order)
    return asked(app, lambda source, index: mentions(source, index, note, query, limit, order))


def _of_person(app: App, missing: NoteNotFound, name: str, query: Query, limit: int | None, order: Order) -> Results:
    """Where a person is mentioned who has no note; raises `missing` when nobody of that name is."""
    from carrel.search.tree import And, Field, Phrase
    from carrel.search.written import written

    person = Field("mentions", Phrase(name.removeprefix("@")))
    results = answer(app, And((query, person)), limit, order)
    if not results.hits:
        missing.hint = f"{missing.hint}; of a person, {written(person)} finds each @mention"
        raise missing
    app.remark(f"no note is called {line(name)}; found by {line(written(person))}")
    return results


def _unit(app: App, name: str) -> tuple[Note, Entry | None]:
    """The note that `name` means, and the entry in it if it names one, as `2026-11-20#14:32` does."""
    target, _, fragment = name.partition("#")
    try:
        return app.kb.read(find_note(app.kb, name)), None  # the # may be a part of its name
    except NoteNotFound:
        note = app.kb.read(named_note(app, target))
    if not fragment:
        return note, None
    from carrel.core.graph import LinkGraph
    from carrel.core.note import Link

    found = LinkGraph([note]).resolve(note.path, Link("", fragment))
    entry = next((one for one in note.entries if found is not None and one.slug == found.slug), None)
    if entry is None:
        anchors = tuple(one.anchor for one in note.entries[:3])
        raise NoteNotFound(name, tuple(f"{target}#{anchor}" for anchor in anchors))
    return note, entry
