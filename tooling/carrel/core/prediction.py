"""Predictions: one line of a note each, `- [ ] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2a`.

It is resolved in place, `- [x] p=0.7 by 2026-12-01: Probes beat the lens ^p-3f2a → yes 2026-11-28: margin 0.06`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.core.note import Note

_LINE = re.compile(
    r"^[ \t>]*+[-*+] \[[ xX]\] p=(0?\.\d{1,6}|[01](?:\.\d{1,6})?|\d{1,3}%)(?: by (\d{4}-\d\d-\d\d))?: (.++)$",
    re.MULTILINE,
)
_OUTCOME = re.compile(r" (?:→|->) (yes|no|void)(?: (\d{4}-\d\d-\d\d))?(?:: (.*+))?$")
_ID = re.compile(r" \^([A-Za-z0-9-]{1,60}+)$")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What someone expects, with the probability `p`, from 0 to 1, and the day `by` which it is settled.

    `start` and `end` enclose the claim in the note's body, `remark` what was said when it was resolved. `id` is its
    block id without the caret, or "". `outcome` is "yes", "no", "void", or "" while it is open.
    """

    p: float
    by: date | None
    start: int
    end: int
    id: str = ""
    outcome: str = ""
    resolved: date | None = None
    remark: tuple[int, int] = (0, 0)


def predictions(note: Note) -> tuple[Prediction, ...]:
    """The predictions that a note holds, in the order of its text; examples in code and comments are none.

    >>> from carrel.core.parse import parse_note
    >>> note = parse_note("notes/a.md", "- [x] p=0.7 by 2026-12-01: It works ^p-1 → no 2026-11-28: it broke".encode())
    >>> one = predictions(note)[0]
    >>> one.p, note.body[one.start : one.end], one.id, one.outcome, note.body[slice(*one.remark)]
    (0.7, 'It works', 'p-1', 'no', 'it broke')
    """
    return tuple(_predictions(note)) if "] p=" in note.body else ()


def _predictions(note: Note) -> Iterator[Prediction]:
    opaque = sorted((*note.markup.code, *note.markup.comments))
    passed = 0
    for line in _LINE.finditer(note.body):
        while passed < len(opaque) and opaque[passed][1] <= line.start(1):
            passed += 1
        p = _probability(line[1])
        if p > 1 or (passed < len(opaque) and opaque[passed][0] < line.start(1)):
            continue
        claim, start = line[3].rstrip(), line.start(3)
        outcome = _OUTCOME.search(claim)
        claim = claim[: outcome.start()] if outcome else claim
        block = _ID.search(claim)
        end = start + (block.start() if block else len(claim))
        yield Prediction(
            p,
            _day(line[2]),
            start,
            end,
            block[1] if block else "",
            outcome[1] if outcome else "",
            _day(outcome[2]) if outcome else None,
            (start + outcome.start(3), start + outcome.end(3)) if outcome and outcome[3] else (0, 0),
        )


def _probability(written: str) -> float:
    return int(written[:-1]) / 100 if written.endswith("%") else float(written)


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None  # the 30th of February is no day to wait for
