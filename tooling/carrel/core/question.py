"""Questions: open or answered, and what speaks for and against what they ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.experiment import OPEN, stated, stated_day, verdict
from carrel.core.experiment import state as experiment_state
from carrel.core.frontmatter_edit import set_key
from carrel.core.parse import parse_note
from carrel.core.purpose import OVER
from carrel.core.section import add_to_section, section_points
from carrel.errors import Refused

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Where a verdict of an experiment that advances a question counts.
SIDES = {"confirmed": ("for",), "refuted": ("against",), "mixed": ("for", "against")}


class Evidence(NamedTuple):
    """What bears on a question. `side` is for, against, undecided (an experiment that is over and says neither), or
    open (one that is still before us); `source` is the experiment, None for what the question's own note says.
    """

    side: str
    text: str
    source: Note | None = None


def state(note: Note) -> str:
    """The state of a question in small letters; open where it says none."""
    return stated(note, "state").lower() or "open"


def evidence(question: Note, advancing: Iterable[Note]) -> Iterator[Evidence]:
    """What the note of a question says under "Evidence for" and "Evidence against", and the experiments that advance
    it, each by its verdict.
    """
    for side in ("for", "against"):
        yield from (Evidence(side, point) for point in section_points(question, f"Evidence {side}"))
    experiments = [note for note in advancing if note.kind == "experiment"]
    for note in sorted(experiments, key=lambda note: (stated_day(note, "ended") or note.date or date.max, note.path)):
        over = experiment_state(note) not in OPEN or verdict(note)
        for side in SIDES.get(verdict(note), ("undecided",)) if over else ("open",):
            yield Evidence(side, note.title, note)


def answer(text: str, name: str, day: date, words: str, *, again: bool = False) -> str:
    """The note's text with its question answered on `day`; the words go into its section "Answer".

    Raises `Refused`, `CannotEdit`.
    """
    note = parse_note("", text.encode(), head=True)
    if state(note) in OVER and not again:
        when = stated(note, "answered")
        raise Refused(f"{name} is {state(note)}{f' since {when}' if when else ' already'}", "--again answers it anew")
    return set_key(set_key(add_to_section(text, "Answer", words), "state", "answered"), "answered", day)
