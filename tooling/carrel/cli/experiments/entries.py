"""The entries of the log that belong to experiments: those that name them in a line `experiment:: [[NOTE]]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from carrel.core.prediction import made
from carrel.core.relations import named
from carrel.core.run import is_run
from carrel.store.containing import containing

if TYPE_CHECKING:
    from datetime import date

    from carrel.cli.app import App
    from carrel.cli.purposes import Purposes
    from carrel.core.note import Entry, Note
    from carrel.core.prediction import Made


def entries_of(app: App, path: str, purposes: Purposes) -> list[tuple[Note, Entry]]:
    """The entries that name the experiment of a path, in the order in which they were written."""
    found = [(day, entry) for experiment, day, entry in _entries(app, purposes) if experiment == path]
    return sorted(found, key=lambda one: (str(one[0].date), one[1].time, one[0].path, one[1].line))


def first_runs(app: App, purposes: Purposes) -> dict[str, date]:
    """The day of the first run of each experiment that has any, by its path."""
    found: dict[str, date] = {}
    for path, day, entry in _entries(app, purposes):
        if is_run(entry.fields) and day.date is not None:
            found[path] = min(found.get(path, day.date), day.date)
    return found


def open_predictions(app: App, path: str, purposes: Purposes) -> list[Made]:
    """The predictions in the note of an experiment and in the entries that name it, as far as nobody resolved them."""
    entries = entries_of(app, path, purposes)
    places = {(day.path, entry.line) for day, entry in entries}
    notes = {path: purposes.note(path), **{day.path: day for day, _ in entries}}
    return [
        each
        for each in made(notes.values())
        if not each.one.outcome
        and (each.note.path == path or (each.entry is not None and (each.note.path, each.entry.line) in places))
    ]


def _entries(app: App, purposes: Purposes) -> Iterator[tuple[str, Note, Entry]]:
    """Each experiment that an entry names, and the entry."""
    for day in containing(app.kb, b"xperiment::", remark=app.remark):
        for entry in day.entries:
            links = (link for link, _ in named(entry.fields.get("experiment", "")) if link.target)
            for path in dict.fromkeys(purposes.reached(day.path, link) for link in links):
                if path:
                    yield path, day, entry
