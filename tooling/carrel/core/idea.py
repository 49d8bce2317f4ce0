"""Ideas: open, pursued, or pruned with the reason why, which is what is worth remembering."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from carrel.core.experiment import stated
from carrel.core.frontmatter_edit import remove_key, set_key
from carrel.core.parse import parse_note
from carrel.errors import Refused

if TYPE_CHECKING:
    from carrel.core.note import Note

STATES = ("open", "pursued", "pruned")


def state(note: Note) -> str:
    """The state of an idea in small letters; open where it says none."""
    return stated(note, "state").lower() or "open"


def prune(text: str, name: str, day: date, reason: str) -> str:
    """The note's text with its idea dropped on `day`, and why. Raises `Refused`, `CannotEdit`."""
    note = parse_note("", text.encode(), head=True)
    if state(note) == "pruned":
        raise Refused(_pruned(note, name), f"carrel edit {name} --set reason=… changes the reason")
    for key, value in (("state", "pruned"), ("pruned", day), ("reason", " ".join(reason.split()))):
        text = set_key(text, key, value)
    return text


def pursue(text: str, name: str, day: date, *, again: bool = False) -> str:
    """The note's text with its idea taken up on `day`; one that was pruned only `again`. Raises `Refused`,
    `CannotEdit`.
    """
    note = parse_note("", text.encode(), head=True)
    if state(note) == "pruned" and not again:
        raise Refused(_pruned(note, name), "--again takes it up all the same")
    if state(note) == "pursued":
        raise Refused(f"{name} is pursued already", "carrel ideas --pursued lists what is")
    text = remove_key(remove_key(text, "pruned"), "reason") if again else text
    return set_key(set_key(text, "state", "pursued"), "pursued", day)


def _pruned(note: Note, name: str) -> str:
    said = ", ".join(part for part in (stated(note, "pruned"), stated(note, "reason")) if part)
    return f"{name} is pruned already{f': {said}' if said else ''}"
