"""Predictions: one line of a note each, `- [ ] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2ab`.

It is resolved in place, `- [x] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2ab → yes 2026-11-28: margin 0.06`.
`core.predicting` writes such lines, `core.secret` those whose claim is told later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.note import Problem, writers

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note

#: How a prediction may end. Void: what it depended on did not come about; it is not scored.
OUTCOMES = ("yes", "no", "void")

_LINE = re.compile(
    r"^[ \t>]*+[-*+] \[([ xX])\] p=(0?\.\d{1,6}|[01](?:\.\d{1,6})?|\d{1,3}%)(?: by (\d{4}-\d\d-\d\d))?: (.++)$",
    re.MULTILINE,
)
_ENDED = r" (?:→|->) (yes|no|void)(?: (\d{4}-\d\d-\d\d))?(?:: (.*+))?$"
_OUTCOME = re.compile(_ENDED)
_ID = re.compile(r" \^([A-Za-z0-9-]{1,60}+)$")
_ID_AND_OUTCOME = re.compile(rf" \^([A-Za-z0-9-]{{1,60}}+)(?={_ENDED})")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What someone expects, with the probability `p`, from 0 to 1, and the day `by` which it is settled.

    `start` and `end` enclose the claim in the note's body, `remark` what was said when it was resolved. `id` is its
    block id without the caret, or "". `outcome` is "yes", "no", "void", or "" while it is open. `box` is where its box
    is ticked; `ending` encloses the outcome with its arrow, or is where that would stand.
    """

    p: float
    by: date | None
    start: int
    end: int
    id: str = ""
    outcome: str = ""
    resolved: date | None = None
    remark: tuple[int, int] = (0, 0)
    box: int = 0
    ending: tuple[int, int] = (0, 0)

    def due(self, today: date) -> bool:
        """Whether it is open and its day has come."""
        return not self.outcome and self.by is not None and self.by <= today


class Made(NamedTuple):
    """A prediction and the note that holds it."""

    one: Prediction
    note: Note

    @property
    def claim(self) -> str:
        """What is expected, as it is written."""
        return self.note.body[self.one.start : self.one.end]

    @property
    def remark(self) -> str:
        """What was said when it was resolved."""
        return self.note.body[slice(*self.one.remark)]

    @property
    def line(self) -> int:
        """The line of the file."""
        return self.note.body_line + self.note.body.count("\n", 0, self.one.start)

    @property
    def entry(self) -> Entry | None:
        """The entry of the log that it stands in."""
        return next((entry for entry in self.note.entries if entry.start <= self.one.start < entry.end), None)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of its entry, or of its note."""
        return self.entry.tags if self.entry else self.note.tags

    @property
    def project(self) -> str:
        """The project of its entry, or of its note."""
        return (self.entry.project if self.entry else "") or self.note.project

    @property
    def authors(self) -> tuple[str, ...]:
        """Whose prediction it is: one in the note of a paper is not the paper's authors'."""
        return writers(self.note)


def predictions(note: Note) -> tuple[Prediction, ...]:
    """The predictions that a note holds, in the order of its text; examples in code and comments are none.

    >>> from carrel.core.parse import parse_note
    >>> note = parse_note("notes/a.md", "- [x] p=0.7 by 2026-12-01: It works ^p-1 → no 2026-11-28: it broke".encode())
    >>> one = predictions(note)[0]
    >>> one.p, note.body[one.start : one.end], one.id, one.outcome, note.body[slice(*one.remark)]
    (0.7, 'It works', 'p-1', 'no', 'it broke')
    """
    return tuple(_predictions(note)) if "] p=" in note.body else ()


def read_line(line: str) -> Prediction | None:
    """The prediction that one line of a note is, without its line end; its places are those in the line."""
    found = _LINE.fullmatch(line)
    return _prediction(found) if found else None


def made(notes: Iterable[Note]) -> Iterator[Made]:
    """The predictions of several notes."""
    return (Made(one, note) for note in notes for one in predictions(note))


def _predictions(note: Note) -> Iterator[Prediction]:
    opaque = sorted((*note.markup.code, *note.markup.comments))
    passed = 0
    for line in _LINE.finditer(note.body):
        while passed < len(opaque) and opaque[passed][1] <= line.start(2):
            passed += 1
        if passed < len(opaque) and opaque[passed][0] < line.start(2):
            continue
        one = _prediction(line)
        if one is not None:
            yield one


def _prediction(line: re.Match[str]) -> Prediction | None:
    p = _probability(line[2])
    if p > 1:
        return None
    text, start = line[4].rstrip(), line.start(4)
    stop = len(text)
    if (block := _ID_AND_OUTCOME.search(text)) is not None:
        outcome = _OUTCOME.match(text, block.end())
    else:  # Obsidian knows an id at the end of its line only, so some put the outcome before it
        block = _ID.search(text)
        stop = block.start() if block else stop
        # An open box and an id: what looks like an outcome is part of the claim.
        outcome = None if block and line[1] == " " else _OUTCOME.search(text[:stop])
    end = min(found.start() for found in (block, outcome) if found) if block or outcome else stop
    ending = (outcome.start(), outcome.end()) if outcome else (len(text), len(text))
    return Prediction(
        p,
        _day(line[3]),
        start,
        start + end,
        block[1] if block else "",
        outcome[1] if outcome else "",
        _day(outcome[2]) if outcome else None,
        (start + outcome.start(3), start + outcome.end(3)) if outcome and outcome[3] else (0, 0),
        line.start(1),
        (start + ending[0], start + ending[1]),
    )


def _probability(written: str) -> float:
    return int(written[:-1]) / 100 if written.endswith("%") else float(written)


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None  # the 30th of February is no day to wait for


def problems(notes: Iterable[Note]) -> Iterator[Problem]:
    """What is wrong with the predictions of `notes`: an id that two of them have, or an outcome before its claim.

    >>> from carrel.core.parse import parse_note
    >>> lines = b"- [ ] p=0.7: It works ^p-1\\n- [ ] p=0.2: It breaks ^p-1\\n"
    >>> [str(problem) for problem in problems([parse_note("notes/a.md", lines)])]
    ['notes/a.md:2: ^p-1 is the id of notes/a.md:1 too [same-prediction]']
    """
    by_id: dict[str, list[Made]] = defaultdict(list)
    for each in made(notes):
        one, path = each.one, each.note.path
        if one.id:
            by_id[one.id].append(each)
        if one.resolved and each.note.date and one.resolved < each.note.date:
            message = f"resolved on {one.resolved}, before the day of its note, {each.note.date}"
            yield Problem(path, each.line, "early-outcome", message)
    for identity, twins in by_id.items():
        first, *others = sorted(twins, key=lambda each: (each.note.path, each.line))
        for other in others:
            message = f"^{identity} is the id of {first.note.path}:{first.line} too"
            yield Problem(other.note.path, other.line, "same-prediction", message)
