"""The note that a person names on the command line, or the day."""

from __future__ import annotations

from carrel.cli.app import App
from carrel.errors import DateNotUnderstood, NoteNotFound
from carrel.store.named import find_note


def named_note(app: App, name: str) -> str:
    """The path of the note that `name` means: what `find_note` knows, or a day's log."""
    try:
        return find_note(app.kb, name)
    except NoteNotFound as nothing:
        from carrel.core.dates import parse_period
        from carrel.core.log import day_path

        try:
            first, last = parse_period(name, app.today)
        except DateNotUnderstood:
            raise nothing from None  # neither a note nor a day: the first is what was most likely meant
        author = app.kb.config.author if app.kb.config.per_author else ""
        path = day_path(app.kb.config.log_folder, first, author)
        if first == last and app.kb.absolute(path).is_file():
            return path
        raise
