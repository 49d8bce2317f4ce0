"""A prediction is one line of a note, and what looks like one in code is none."""

from __future__ import annotations

from datetime import date

import pytest

from carrel.core.note import Note
from carrel.core.parse import parse_note
from carrel.core.prediction import Prediction, predictions


def note(body: str) -> Note:
    return parse_note("notes/a.md", f"---\nvisibility: public\n---\n{body}".encode())


def claims(body: str) -> list[str]:
    made = note(body)
    return [made.body[one.start : one.end] for one in predictions(made)]


def test_an_open_prediction_has_its_probability_its_day_its_claim_and_its_id() -> None:
    made = note("Before.\n\n- [ ] p=0.7 by 2026-12-01: SAE probes beat the logit lens on refusal ^p-3f2a\n")
    (one,) = predictions(made)
    assert one == Prediction(0.7, date(2026, 12, 1), one.start, one.end, "p-3f2a")
    assert made.body[one.start : one.end] == "SAE probes beat the logit lens on refusal"


def test_a_resolved_prediction_says_how_it_ended_and_when_and_why() -> None:
    made = note("- [x] p=0.7 by 2026-12-01: It holds: yes → really ^p-3f2a → yes 2026-11-28: margin 0.06 → fine\n")
    (one,) = predictions(made)
    assert (one.id, one.outcome, one.resolved) == ("p-3f2a", "yes", date(2026, 11, 28))
    assert made.body[one.start : one.end] == "It holds: yes → really"
    assert made.body[slice(*one.remark)] == "margin 0.06 → fine"


@pytest.mark.parametrize(
    ("line", "p"),
    [
        ("- [ ] p=0.7: a", 0.7),
        ("* [ ] p=.25 by 2026-12-01: a", 0.25),
        ("  - [ ] p=70%: a", 0.7),
        ("> - [ ] p=1: a", 1.0),
        ("- [ ] p=0: a", 0.0),
        ("- [ ] p=0.5 by 2026-02-30: a", 0.5),
    ],
)
def test_a_probability_is_written_as_a_fraction_or_in_percent(line: str, p: float) -> None:
    (one,) = predictions(note(line))
    assert one.p == p
    assert one.by in (None, date(2026, 12, 1))


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] p=1.5: more than certain",
        "- [ ] p=101%: more than certain",
        "- p=0.5: no box",
        "- [ ] p=0.5 no colon",
        "- [ ] p=0.5:",
        "text - [ ] p=0.5: in a sentence",
    ],
)
def test_what_is_not_written_so_is_no_prediction(line: str) -> None:
    assert claims(line) == []


def test_examples_in_code_and_comments_are_no_predictions() -> None:
    body = (
        "```\n- [ ] p=0.1: fenced\n```\n\n- [ ] p=0.2: first\n\n<!--\n- [ ] p=0.3: hidden\n-->\n\n"
        "- [x] p=0.4: `code` in it → no\n"
    )
    assert claims(body) == ["first", "`code` in it"]
