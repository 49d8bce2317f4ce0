"""Everything that can go wrong on purpose, as values with data and a hint.

    CarrelError
    ├── UsageError             the request cannot be understood (exit 2)
    │   ├── QuerySyntaxError   a search query, with the column
    │   └── DateNotUnderstood
    ├── NotFound               no knowledge base, no note, no paper of that name
    │   ├── RootNotFound
    │   ├── NoteNotFound
    │   └── NoteVanished       it was there when the folder was listed
    ├── Refused                doing it would lose or leak something
    │   ├── NoteExists
    │   ├── PaperExists        the same paper, perhaps under another spelling
    │   ├── NoteChanged        the file changed since it was read
    │   ├── OutsideRoot        a path that leaves the knowledge base
    │   ├── NotEditable        front matter that cannot be changed without guessing
    │   └── SiteLeaks          a built site holds what its audience may not see
    ├── WriteFailed            the disk said no; nothing was changed
    ├── ConfigInvalid
    ├── SourceError            an outside source (arXiv, a .bib file) did not give what was asked
    │   ├── SourceUnreachable
    │   └── SourceInvalid
    │       └── SourceUnknown  it answered, and has no such paper
    ├── BuildFailed            the site could not be built
    └── PublishFailed          a program that carries the site to its place could not do it

Only `cli/` turns these into messages and exit codes. Nothing here imports click or mkdocs.
"""

from __future__ import annotations


class CarrelError(Exception):
    """A failure that a person can act on: `message` says what and where, `hint` what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CarrelError):
    """The request cannot be understood."""

    exit_code = 2


class QuerySyntaxError(UsageError):
    """A search query that cannot be parsed; `column` is 1-based."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(f"column {column}: {message}", hint)
        self.column = column


class DateNotUnderstood(UsageError):
    """Words that name no date."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(
            f"not a date: {text!r}",
            hint or "try 2026-11-20, 2026-11, 2026-W47, today, yesterday, 'last tuesday' or '3 days ago'",
        )


class NotFound(CarrelError):
    """Something that was named does not exist."""


class RootNotFound(NotFound):
    """No knowledge base at `start` or above it."""

    def __init__(self, start: str, message: str = "") -> None:
        super().__init__(
            message or f"no knowledge base in {start} or a folder above it",
            "run `carrel init` here, or name one with --dir or CARREL_DIR",
        )


class NoteNotFound(NotFound):
    """No note answers to `name`."""

    def __init__(self, name: str, nearest: tuple[str, ...] = ()) -> None:
        hint = "did you mean " + " or ".join(nearest) + "?" if nearest else "`carrel list` shows what there is"
        super().__init__(f"no note called {name!r}", hint)
        self.name = name


class NoteVanished(NotFound):
    """A note that was listed but is gone or unreadable now."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class Refused(CarrelError):
    """Doing it would lose, overwrite or leak something."""


class NoteExists(Refused):
    """A file of that name is there already."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} exists already", f"`carrel edit {path}` opens it")
        self.path = path


class PaperExists(Refused):
    """The same paper is here already, at `path`: `shared` is an identifier of both, `other` the title there if it
    differs."""

    def __init__(self, title: str, path: str, shared: str = "", other: str = "") -> None:
        known = f", as {other!r}" if other else ""
        same = f" ({shared})" if shared else ""
        super().__init__(f"{title!r} is here already: {path}{known}{same}", f"carrel edit {path}")
        self.other = other
        self.path = path


class NoteChanged(Refused):
    """The file changed since it was read, so it was not replaced."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was being edited; nothing was written", "run the command again")
        self.path = path


class OutsideRoot(Refused):
    """A path that leads out of the knowledge base."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is outside the knowledge base")
        self.path = path


class NotEditable(Refused):
    """Front matter that cannot be changed without guessing what its writer meant."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}; nothing was written", "mend it by hand: `carrel edit` opens it")
        self.path = path


class SiteLeaks(Refused):
    """A built site holds what its audience may not see; it was thrown away.

    `places` say where and by which rule, and may be read by anyone; `told` say what was found, for the writer alone.
    """

    def __init__(self, places: tuple[str, ...], told: tuple[str, ...]) -> None:
        number = f"{len(places)} place{'' if len(places) == 1 else 's'}"
        super().__init__(
            f"the site was not published: it holds what is not shared, or a key, in {number}",
            "share the note, mend the text, or say why it may stand there in [publish.allow] of .carrel/config.toml",
        )
        self.places = places
        self.told = told


class WriteFailed(CarrelError):
    """The operating system refused a write; the file is as it was."""

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{path}: not saved: {reason}", hint)
        self.path = path


class ConfigInvalid(CarrelError):
    """A configuration file that cannot be used."""


class SourceError(CarrelError):
    """An outside source did not give what was asked."""


class SourceUnreachable(SourceError):
    """No answer, or an answer that says to come back later."""


class SourceInvalid(SourceError):
    """An answer, or a file, that cannot be understood."""


class SourceUnknown(SourceInvalid):
    """A source that answered, and has no such paper."""


class BuildFailed(CarrelError):
    """The site could not be built."""


class PublishFailed(CarrelError):
    """A program that carries the site to its place could not do it."""
