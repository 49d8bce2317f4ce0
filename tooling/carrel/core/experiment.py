"""Experiments: their states and verdicts, and each move from one state to the next, as a change of the note's text.

A move changes `state:` and its day in the front matter, and adds what is said to the section of that name. What came
out against the hypothesis is a result like any other: nothing here treats it differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from carrel.core.frontmatter_edit import remove_key, set_key
from carrel.core.parse import parse_note
from carrel.core.section import add_to_section, section_text
from carrel.errors import Refused

if TYPE_CHECKING:
    from carrel.core.note import Note

STATES = ("planned", "running", "done", "abandoned")
#: States of experiments that are still before us.
OPEN = ("planned", "running")
VERDICTS = ("confirmed", "refuted", "mixed", "inconclusive")


def stated(note: Note, key: str) -> str:
    """A front-matter value that is one line of text, or ""."""
    value = note.metadata.get(key, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def stated_day(note: Note, key: str) -> date | None:
    """The day that a key of the front matter says, if it is one."""
    try:
        return date.fromisoformat(stated(note, key)[:10])
    except ValueError:
        return None


def state(note: Note) -> str:
    """The state of an experiment in small letters; where it says none, done if it has a verdict, else planned."""
    return stated(note, "state").lower() or ("done" if verdict(note) else "planned")


def verdict(note: Note) -> str:
    """What came of it, in small letters; "" as long as nothing is said."""
    return stated(note, "verdict").lower()


def since(note: Note) -> date | None:
    """The day from which on its state is what it is, as far as it says."""
    return stated_day(note, {"running": "started", "planned": "date"}.get(state(note), "ended")) or note.date


def has_result(note: Note) -> bool:
    """Whether it says what came out: a verdict, or words of a result."""
    return bool(verdict(note) or section_text(note, "Result"))


def start(text: str, name: str, day: date, *, again: bool = False) -> str:
    """The note's text with its experiment running since `day`. Raises `Refused`, `CannotEdit`."""
    now = _state(text)
    if now != "planned" and now in STATES and not again:
        hint = "--again starts it once more" if now != "running" else f"carrel exp done {name} says how it ended"
        raise Refused(f"{name} is {now}{_when(text)}", hint)
    for key in ("ended", "verdict", "reason") if again else ():
        text = remove_key(text, key)
    return set_key(set_key(text, "state", "running"), "started", day)


def finish(
    text: str,
    name: str,
    day: date,
    verdict: str,
    told: Mapping[str, str],
    *,
    first_run: date | None = None,
    again: bool = False,
) -> str:
    """The note's text with its experiment done on `day`; `told` has words for sections, by their headings.

    One that is planned began with its first run, if it has any. Raises `Refused`, `CannotEdit`.
    """
    now = _state(text)
    if now == "planned" and first_run and not again:
        text = start(text, name, first_run)
    elif now in STATES and now != "running" and not again:
        hint = f"carrel exp start {name} --date DAY" if now == "planned" else "--again changes what was said"
        raise Refused(f"{name} was never started" if now == "planned" else f"{name} is {now}{_when(text)}", hint)
    _check_days(text, name, day)
    for heading, words in told.items():
        text = add_to_section(text, heading, words)
    text = remove_key(text, "reason") if again else text
    for key, value in (("state", "done"), ("ended", day), ("verdict", verdict)):
        text = set_key(text, key, value)
    return text


def abandon(text: str, name: str, day: date, reason: str, *, again: bool = False) -> str:
    """The note's text with its experiment given up on `day`, and why. Raises `Refused`, `CannotEdit`."""
    now = _state(text)
    if now in ("done", "abandoned") and not again:
        raise Refused(f"{name} is {now}{_when(text)}", "--again changes what was said")
    _check_days(text, name, day)
    text = remove_key(text, "verdict") if again else text
    for key, value in (("state", "abandoned"), ("ended", day), ("reason", " ".join(reason.split()))):
        text = set_key(text, key, value)
    return text


def _state(text: str) -> str:
    return state(parse_note("", text.encode(), head=True))


def _when(text: str) -> str:
    """Since when the state is what it is, for a message."""
    note = parse_note("", text.encode(), head=True)
    day = stated_day(note, "started" if state(note) == "running" else "ended")
    return f" since {day}" if day else " already"


def _check_days(text: str, name: str, ended: date) -> None:
    started = stated_day(parse_note("", text.encode(), head=True), "started")
    if started and ended < started:
        raise Refused(f"{name} cannot end on {ended}: it was started on {started}", "--date takes a later day")
