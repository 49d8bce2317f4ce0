"""The experiment that something belongs to: a run, an entry, by what is typed behind `--exp`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.errors import NoteNotFound, UsageError

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.core.note import Note


def experiment_note(app: App, name: str, otherwise: str) -> Note:
    """The note of the experiment of that name. Raises `UsageError`, and says what was not done then: `otherwise`."""
    from carrel.store.named import find_note

    try:
        note = app.kb.read(find_note(app.kb, name), head=True)
    except NoteNotFound as error:
        raise UsageError(f"{error.message}; {otherwise}", error.hint) from error
    if note.kind != "experiment":
        raise UsageError(f"{note.path} is of kind {note.kind}, no experiment; {otherwise}", "carrel list -k experiment")
    return note
