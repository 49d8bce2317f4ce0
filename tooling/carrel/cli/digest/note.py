"""The note of a digest: where it is, whether it may be written anew, and its two sides where git left a conflict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.conflict import conflict_line, sides
from carrel.core.digest import file_name
from carrel.core.names import in_folder
from carrel.core.parse import parse_note
from carrel.errors import Refused
from carrel.store.unmerged import unmerged

if TYPE_CHECKING:
    from datetime import date

    from carrel.cli.app import App
    from carrel.core.conflict import Sides
    from carrel.core.note import Note, Visibility


def digest_path(app: App, monday: date, to: Visibility) -> str:
    """Where the digest of a week is."""
    return in_folder(app.kb.config.notes_folder, f"digests/{file_name(monday, to.value)}")


def read_digest(app: App, path: str, to: Visibility) -> Note | None:
    """The digest that is there. Raises `Refused` where others read it than those whom it is for."""
    if not app.kb.absolute(path).is_file():
        return None
    note = app.kb.read(path)
    for one in _sides(app, note):
        if one.kind != "digest":
            raise Refused(
                f"{path} is of kind {one.kind}, no digest", "carrel edit opens it; another name frees the place"
            )
        if one.visibility is not to and one.visibility.visible_to(to):
            raise Refused(
                f"{path} is for the {one.visibility}, and what would go in is for the {to} only",
                f"--to {one.visibility} makes one for them",
            )
    return note


def _sides(app: App, note: Note) -> list[Note]:
    """The note; both of them where git left a conflict. Raises `Refused` where these cannot be told apart."""
    if not is_torn(note):
        return [note]
    both = both_sides(app, note.path, app.kb.read_bytes(note.path).decode("utf-8-sig", "replace"))
    return [parse_note(note.path, one.encode()) for one in (both.mine, both.theirs)]


def both_sides(app: App, path: str, text: str) -> Sides:
    """Both sides of a conflict, as git keeps them, else as its marks tell them apart. Raises `Refused`."""
    marked = sides(text)
    if (kept := unmerged(app.kb.root, path, text, app.environment)) is not None:
        return kept._replace(mine_name=marked.mine_name, theirs_name=marked.theirs_name) if marked else kept
    if marked is None:
        raise Refused(
            f"{path}:{conflict_line(text)}: holds a conflict whose marks do not stand as git sets them",
            f"carrel edit {Path(path).stem}: keep one side, and delete the marks",
        )
    return marked


def is_torn(note: Note) -> bool:
    """Whether it holds both sides of a conflict."""
    return any(problem.code == "conflict" for problem in note.problems)
