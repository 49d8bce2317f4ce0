"""Predictions: one line of a note each, `- [ ] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2ab`.

It is resolved in place, `- [x] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2ab → yes 2026-11-28: margin 0.06`.
`core.predicting` writes such lines, `core.secret` those whose claim is told later. Hands write them too: what can mean
one thing only is read as that, and `core.prediction_check` tells of what cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.note import writers

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note

#: How a prediction may end. Void: what it depended on did not come about; it is not scored.
OUTCOMES = ("yes", "no", "void")

_DAY = timedelta(days=1)
#: What every prediction has in it, and few other lines.
MARK = r"\][ \t]{1,4}+[pP][ \t]?+="
_MARK, _MARK_IN_BYTES = re.compile(MARK), re.compile(MARK.encode())
_LINE = re.compile(
    r"^[ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}+\[([ xX])\][ \t]{1,4}+[pP][ \t]?+=[ \t]?+"
    r"(0?\.\d{1,6}|0,\d{1,6}|[01](?:\.\d{1,6})?|\d{1,3}(?:[.,]\d{1,4})?[ \t]?%)"
    r"(?:[ \t]{1,4}+by[ \t]{1,4}+(\d{4}-\d\d?(?:-\d\d?)?))?[ \t]?:[ \t]*+([^ \t\n].*+)$",
    re.MULTILINE,
)
_ARROW = r"[ \t]?(?:→|->|=>)[ \t]?"
_SAID = r"((?i:yes|no|void))"
# Behind an id, or in a box that is ticked, no claim goes on: then an outcome may be written more freely.
_ENDED = (
    rf"{_ARROW}{_SAID}(?:,?[ \t]\(?(\d{{4}}-\d\d?-\d\d?)\)?)?"
    r"(?:(?:[ \t]?:|[ \t]?[,;.](?=[ \t]|$)|[ \t][–—-](?=[ \t])|(?<=[\d)])(?=[ \t]))[ \t]*+(.*+))?$"
)
_OUTCOME = re.compile(_ENDED)
_OUTCOME_OF_OPEN = re.compile(rf" (?:→|->) {_SAID}(?: (\d{{4}}-\d\d-\d\d))?(?:: (.*+))?$")
_ID = re.compile(r" \^([A-Za-z0-9-]{1,60}+)$")
# Before an arrow, `x ^T → y` is a formula: an id is what Carrel writes, or what a clear outcome follows.
_OWN_ID_AND_OUTCOME = re.compile(rf" \^(p-[A-Za-z0-9-]{{1,60}}+)(?={_ENDED})")
_ID_AND_OUTCOME = re.compile(rf" \^([A-Za-z0-9-]{{1,60}}+)(?={_ENDED})")
_ID_AND_ARROW = re.compile(rf" \^(p-[A-Za-z0-9-]{{1,60}}+)(?={_ARROW})")
# All that may be the outcome of a prediction without an id, and the day behind it; and what flips: `no -> yes`.
_ANY_OUTCOME = re.compile(rf"(\b(?i:yes|no|void)\b)?+({_ARROW}){_SAID}\b(?:,?[ \t]\(?(\d{{4}}-\d\d?-\d\d?))?")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What someone expects, with the probability `p`, from 0 to 1, and the day `by` which it is settled.

    `start` and `end` enclose the claim in the note's body, `remark` what was said when it was resolved. `id` is its
    block id without the caret, or "". `outcome` is "yes", "no", "void", or "" while it is open. `box` is where its box
    is ticked; `ending` encloses the outcome with its arrow, or is where that would stand. What is in it without an
    `outcome` cannot be read as one. `row` is how many lines of the body stand before it.
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
    row: int = 0

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
        return self.note.body_line + self.one.row

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
    return tuple(_predictions(note)) if _MARK.search(note.body) else ()


def predicts(text: bytes) -> bool:
    """Whether a note of these bytes may hold a prediction: few others do."""
    return _MARK_IN_BYTES.search(text) is not None


def read_line(line: str) -> Prediction | None:
    """The prediction that one line of a note is, without its line end; its places are those in the line."""
    found = _LINE.fullmatch(line)
    return _prediction(found) if found else None


def written_ids(note: Note) -> frozenset[str]:
    """The ids of all lines that read as predictions, also of examples in code and comments."""
    several = (_prediction(line) for line in _LINE.finditer(note.body)) if _MARK.search(note.body) else ()
    return frozenset(one.id for one in several if one is not None and one.id)


def made(notes: Iterable[Note]) -> Iterator[Made]:
    """The predictions of several notes. A note with both sides of a conflict has none: it is two notes at once."""
    return (Made(one, note) for note in notes if not conflicted(note) for one in predictions(note))


def conflicted(note: Note) -> bool:
    """Whether a note holds both sides of a conflict."""
    return any(problem.code == "conflict" for problem in note.problems)


def _predictions(note: Note) -> Iterator[Prediction]:
    opaque = sorted((*note.markup.code, *note.markup.comments))
    passed = row = counted = 0
    for line in _LINE.finditer(note.body):
        while passed < len(opaque) and opaque[passed][1] <= line.start(2):
            passed += 1
        if passed < len(opaque) and opaque[passed][0] < line.start(2):
            continue
        row, counted = row + note.body.count("\n", counted, line.start(1)), line.start(1)
        one = _prediction(line, row)
        if one is not None:
            yield one


def _prediction(line: re.Match[str], row: int = 0) -> Prediction | None:
    p = _probability(line[2])
    if p > 1:
        return None
    text, start = line[4].rstrip(), line.start(4)
    stop = len(text)
    if (block := _id_and_outcome(text, ticked=line[1] != " ")) is not None:
        outcome = _OUTCOME.match(text, block.end())
    elif (block := _ID.search(text)) is not None or (block := _ID_AND_ARROW.search(text)) is None:
        # Obsidian knows an id at the end of its line only, so some put the outcome before it
        stop = block.start() if block else stop
        # An open box and an id: what looks like an outcome is part of the claim.
        outcome = None if block and line[1] == " " else _outcome(text[:stop], ticked=line[1] != " ")
    else:
        outcome = None
    end = min(found.start() for found in (block, outcome) if found) if block or outcome else stop
    ending = (outcome.start(), outcome.end()) if outcome else (block.end() if block else stop, len(text))
    return Prediction(
        p,
        _day(line[3]),
        start,
        start + end,
        block[1] if block else "",
        outcome[1].lower() if outcome else "",
        _day(outcome[2]) if outcome else None,
        (start + outcome.start(3), start + outcome.end(3)) if outcome and outcome[3] else (0, 0),
        line.start(1),
        (start + ending[0], start + ending[1]),
        row,
    )


def _id_and_outcome(text: str, *, ticked: bool) -> re.Match[str] | None:
    """The id that an outcome follows. One that Carrel did not write is none in an open box with words behind it."""
    block = _OWN_ID_AND_OUTCOME.search(text) or _ID_AND_OUTCOME.search(text)
    if block is None or ticked or block[1].startswith("p-") or _OUTCOME_OF_OPEN.match(text, block.end()):
        return block
    return None


def _outcome(text: str, *, ticked: bool) -> re.Match[str] | None:
    """How a text without an id ends, if that can mean one thing only. Of several outcomes it is the one with a day,
    which is the last, or has a remark; `no -> yes` flips, and is none without a day; neither is what a new sentence
    follows.
    """
    several = list(_ANY_OUTCOME.finditer(text))
    dated = [one for one in several if one[4]]
    if len(dated or several) != 1:
        return None
    [one] = dated or several
    if (not dated and one[1]) or (one is not several[-1] and text[one.end() :].lstrip(") ")[:1] != ":"):
        return None
    found = (_OUTCOME if ticked else _OUTCOME_OF_OPEN).match(text, one.start(2))
    sentence = found is not None and not found[2] and found[3] and text[found.end(1)] == "."
    return None if sentence else found


def _probability(written: str) -> float:
    number = written.replace(",", ".")
    return round(float(number.rstrip("% \t")) / 100, 6) if number.endswith("%") else float(number)


def _day(written: str | None) -> date | None:
    """The day, of a month its last; None where none is written, or one that there is not."""
    if not written:
        return None
    year, month, *day = map(int, written.split("-"))
    try:
        return date(year, month, day[0]) if day else (date(year, month, 28) + timedelta(days=4)).replace(day=1) - _DAY
    except (ValueError, OverflowError):
        return None  # the 30th of February is no day to wait for
