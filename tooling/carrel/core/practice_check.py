"""What the practice of research would have otherwise: a result without a hypothesis before it, work without a purpose.

These are remarks on how one works, no mistakes in the notes; those of `WARNINGS` can often not be mended any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.experiment import OPEN, has_result, state, stated, stated_day
from carrel.core.graph import LinkGraph
from carrel.core.idea import state as state_of_idea
from carrel.core.note import Problem
from carrel.core.purpose import OVER, PURPOSES, Step, climb, upwards
from carrel.core.question import state as state_of_question
from carrel.core.relations import relations
from carrel.core.section import section_text

if TYPE_CHECKING:
    from carrel.core.note import Link, Note

#: Findings that are worth knowing, and no reason for a check to fail.
WARNINGS = (
    "edited-prediction", "removed-prediction", "no-hypothesis", "late-hypothesis", "long-running", "idle-project",
    "serves-no-question", "serves-nothing",
)  # fmt: skip
#: How much alike two lines are that say the same, once a word was mended; and characters of them that are compared.
ALIKE, COMPARED = 0.6, 300


class Line(NamedTuple):
    """A line that a commit put into a note."""

    commit: str
    at: datetime
    text: str


class Practice(NamedTuple):
    """What `practice_problems` must be told. An experiment may run for `running_days` without a remark, 0 is for ever;
    `history` are the lines that were ever put into a note, by its path, the oldest first, as far as it is known.
    """

    today: date
    running_days: int
    history: Mapping[str, Sequence[Line]]


def practice_problems(notes: Iterable[Note], practice: Practice) -> Iterator[Problem]:
    """Every remark on the experiments, questions and projects among `notes`.

    >>> from carrel.core.parse import parse_note
    >>> note = parse_note("a.md", b"---\\nkind: experiment\\nstate: running\\nstarted: 2026-10-01\\n---\\n")
    >>> [str(one) for one in practice_problems([note], Practice(date(2026, 11, 20), 30, {}))][0]
    'a.md:1: runs for 50 days, since 2026-10-01 [long-running]'
    """
    seen = {note.path: note for note in notes}
    experiments = [note for note in seen.values() if note.kind == "experiment"]
    for note in experiments:
        yield from _unforeseen(note, practice)
        yield from _long_running(note, practice)
    if experiments or any("advances" in note.metadata for note in seen.values()):
        yield from _purposes(seen, experiments)


def to_be_dated(notes: Iterable[Note]) -> list[str]:
    """The experiments of which it depends on their history whether they had a hypothesis in time, by path."""
    return [note.path for note in notes if note.kind == "experiment" and has_result(note) and _hypothesis(note)]


def _hypothesis(note: Note) -> list[str]:
    written = section_text(note, "Hypothesis") or stated(note, "hypothesis")
    return [line.strip() for line in written.split("\n") if line.strip()]


def _unforeseen(note: Note, practice: Practice) -> Iterator[Problem]:
    if not has_result(note):
        return
    hypothesis = _hypothesis(note)
    if not hypothesis:
        yield Problem(note.path, 1, "no-hypothesis", "has a result and no hypothesis")
    elif why := _late(note, hypothesis, practice.history.get(note.path, ())):
        yield Problem(note.path, 1, "late-hypothesis", why)


def _late(note: Note, hypothesis: list[str], lines: Sequence[Line]) -> str:
    """Why its hypothesis seems not to have been there before its result; "" where it was, or where nobody can know.

    What counts is the hypothesis as it reads now, or nearly so: one that was exchanged later was not there before.
    """
    result = {line.strip() for line in section_text(note, "Result").split("\n") if line.strip()}
    came_out = next((line for line in lines if _concludes(line.text, result)), None)
    if came_out is not None:
        foreseen = next((line for line in lines if _says(line.text.strip(), hypothesis, result)), None)
        if foreseen is None:
            return f"its result was committed on {came_out.at:%Y-%m-%d}, its hypothesis as it reads now is not yet"
        if foreseen.commit == came_out.commit:
            if foreseen.commit != lines[0].commit:
                return f"its hypothesis was first committed on {foreseen.at:%Y-%m-%d}, together with its result"
        elif lines.index(foreseen) > lines.index(came_out):
            came = f"{came_out.at:%Y-%m-%d} {came_out.commit}"
            return f"its hypothesis was first committed on {foreseen.at:%Y-%m-%d}, after its result ({came})"
        else:
            return ""
    ended = stated_day(note, "ended")
    if ended and note.date and ended < note.date:
        return f"its note is of {note.date}, and the experiment had ended on {ended}"
    return ""


def _concludes(line: str, result: set[str]) -> bool:
    """Whether a line says what came out: a verdict, the state that has one, or a line of the result."""
    key, colon, value = line.partition(":")
    if colon and (key, value.strip().strip("'\"")) == ("state", "done"):
        return True
    return line.strip() in result or (key == "verdict" and bool(value.strip()))


def _says(line: str, hypothesis: list[str], result: set[str]) -> bool:
    """Whether a line is one of the hypothesis, or was once; a result often says nearly the same."""
    return line in hypothesis or (line not in result and any(_alike(line, one) for one in hypothesis))


def _alike(line: str, other: str) -> bool:
    matcher = SequenceMatcher(None, line[:COMPARED], other[:COMPARED], autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _long_running(note: Note, practice: Practice) -> Iterator[Problem]:
    began = stated_day(note, "started") or note.date
    if practice.running_days and state(note) == "running" and began:
        days = (practice.today - began).days
        if days > practice.running_days:
            yield Problem(note.path, 1, "long-running", f"runs for {days} days, since {began}")


def _purposes(notes: Mapping[str, Note], experiments: list[Note]) -> Iterator[Problem]:
    graph = LinkGraph(notes.values())

    def reached(note: Note, link: Link) -> str:
        target = graph.resolve(note.path, link)
        return target.path if target else ""

    @cache
    def leads(path: str) -> tuple[tuple[str, str], ...]:
        return tuple((link.target, reached(notes[path], link)) for link in upwards(notes[path]))

    busy: set[str] = set()
    for note in experiments:
        way = climb(note.path, leads)
        if state(note) in OPEN:
            busy.update(step.path for step in way.all())
            busy.update(reached(note, link) for link, _ in relations(note, "project"))
        if state(note) != "abandoned" and not _serves(note, way, notes):
            what = "what it advances leads to none" if stated_links(note) else "it advances nothing"
            yield Problem(note.path, 1, "serves-no-question", f"serves no question: {what}")
    if experiments and any(note.kind == "project" or _is_led_up(note) for note in notes.values()):
        yield from (_serving_nothing(note) for note in notes.values() if _asks(note) and not any(leads(note.path)))
    for note in notes.values():
        if note.kind == "project" and experiments and state(note) not in OVER and note.path not in busy:
            yield Problem(note.path, 1, "idle-project", "has no experiment that is planned or running")
        if "advances" not in note.metadata:
            continue
        for link, written in relations(note, "advances"):
            if not written and not reached(note, link):  # a [[link]] that is broken is told as such
                yield Problem(note.path, 1, "broken-advances", f"advances: no note is called {link.target}")
        if any(step.circle and step.path == note.path for step in climb(note.path, leads).all()):
            yield Problem(note.path, 1, "circular-advances", "advances itself, by way of what it advances")


def _asks(note: Note) -> bool:
    """Whether a note is a question that is open, or an idea that is taken up: work that is for something."""
    return (note.kind == "question" and state_of_question(note) not in OVER) or (
        note.kind == "idea" and state_of_idea(note) == "pursued"
    )


def _is_led_up(note: Note) -> bool:
    """Whether a note shows that questions here are for something; else each is an end in itself."""
    return note.kind == "question" and stated_links(note)


def _serving_nothing(note: Note) -> Problem:
    return Problem(note.path, 1, "serves-nothing", "advances nothing, and belongs to no project: what is it for?")


def stated_links(note: Note) -> bool:
    """Whether a note says itself what it advances."""
    return any(True for _ in relations(note, "advances"))


def _serves(note: Note, way: Step, notes: Mapping[str, Note]) -> bool:
    """Whether a note advances a question or a project. To belong to a project alone says nothing of what for."""
    return stated_links(note) and any(notes[step.path].kind in PURPOSES for step in way.all())
