"""A prediction is one line of a note, and what looks like one in code is none."""

from __future__ import annotations

from datetime import date

import pytest

from carrel.core.note import Note
from carrel.core.parse import parse_note
from carrel.core.prediction import Prediction, made, predictions, predicts


def note(body: str) -> Note:
    return parse_note("notes/a.md", f"---\nvisibility: public\n---\n{body}".encode())


def claims(body: str) -> list[str]:
    made = note(body)
    return [made.body[one.start : one.end] for one in predictions(made)]


def test_an_open_prediction_has_its_probability_its_day_its_claim_and_its_id() -> None:
    made = note("Before.\n\n- [ ] p=0.7 by 2026-12-01: SAE probes beat the logit lens on refusal ^p-3f2a\n")
    (one,) = predictions(made)
    day, box, ending = date(2026, 12, 1), one.box, one.ending
    assert one == Prediction(0.7, day, one.start, one.end, "p-3f2a", box=box, ending=ending, row=2)
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
        "- [ ] p=1,000: samples are enough",
        "- [ ] p=1,5: more than certain",
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


@pytest.mark.parametrize(
    ("line", "claim", "identity", "outcome"),
    [
        ("- [ ] p=0.5: A → yes: B ^p-1", "A → yes: B", "p-1", ""),
        ("- [x] p=0.5: A → yes: B ^p-1 → no 2026-11-28: broke", "A → yes: B", "p-1", "no"),
        ("- [x] p=0.5: A -> void", "A", "", "void"),
        ("- [x] p=0.5: A → yes 2026-11-28: as Obsidian wants it ^p-1", "A", "p-1", "yes"),
        ("- [x] p=0.5: ticked by hand ^p-1", "ticked by hand", "p-1", ""),
        ("- [ ] p=0.5: 2 ^x and 3 ^p-1", "2 ^x and 3", "p-1", ""),
    ],
)
def test_an_outcome_stands_behind_the_id_and_never_in_an_open_claim(
    line: str, claim: str, identity: str, outcome: str
) -> None:
    made_of = note(line)
    (one,) = predictions(made_of)
    assert (made_of.body[one.start : one.end], one.id, one.outcome) == (claim, identity, outcome)


@pytest.mark.parametrize(
    ("line", "p", "by"),
    [
        ("- [ ] p = 0.7: a", 0.7, None),
        ("- [ ] P=0.7: a", 0.7, None),
        ("1. [ ] p=0.7: a", 0.7, None),
        ("-  [ ]  p=0,7 : a", 0.7, None),
        ("- [ ] p= 70 %:a", 0.7, None),
        ("- [ ] p=99.5% by 2026-12:a", 0.995, date(2026, 12, 31)),
        ("- [ ] p=0.7 by 2026-2: a", 0.7, date(2026, 2, 28)),
        ("- [ ] p=0.7 by 2026-12-1:a", 0.7, date(2026, 12, 1)),
        ("- [ ] p=0.7 by 2026-13: a", 0.7, None),
    ],
)
def test_what_a_hand_wrote_that_can_mean_one_thing_only_is_read_as_that(line: str, p: float, by: date | None) -> None:
    made_of = note(line)
    (one,) = predictions(made_of)
    assert (one.p, one.by, made_of.body[one.start : one.end]) == (p, by, "a")
    assert predicts(line.encode())


@pytest.mark.parametrize(
    ("ending", "outcome", "resolved", "remark"),
    [
        ("^p-1 → YES 2026-11-01", "yes", date(2026, 11, 1), ""),
        ("^p-1 → Void, withdrawn", "void", None, "withdrawn"),
        ("^p-1→no 2026-11-1 by a lot", "no", date(2026, 11, 1), "by a lot"),
        ("^p-1 => yes (2026-11-01).", "yes", date(2026, 11, 1), ""),
        ("→ yes, by a lot", "yes", None, "by a lot"),
        ("-> no – by a lot", "no", None, "by a lot"),
        ("^p-1 → yes-ish", "", None, ""),
        ("^p-1 → no change", "", None, ""),
        ("^p-1 → true", "", None, ""),
    ],
)
def test_an_outcome_behind_an_id_or_a_ticked_box_may_be_written_freely(
    ending: str, outcome: str, resolved: date | None, remark: str
) -> None:
    made_of = note(f"- [x] p=0.5: a {ending}")
    (one,) = predictions(made_of)
    assert made_of.body[one.start : one.end] == "a"
    assert (one.outcome, one.resolved, made_of.body[slice(*one.remark)]) == (outcome, resolved, remark)


@pytest.mark.parametrize(
    ("text", "claim", "outcome"),
    [
        ("it goes from no -> yes, and then back → no", "it goes from no -> yes, and then back → no", ""),
        ("labels flip no -> yes. We see this in GPT-2", "labels flip no -> yes. We see this in GPT-2", ""),
        ("labels flip no -> yes", "labels flip no -> yes", ""),
        ("labels become -> yes. We see this", "labels become -> yes. We see this", ""),
        ("A → yes: margin → no", "A → yes: margin → no", ""),
        ("A → yes 2026-11-27, then → no 2026-11-28", "A → yes 2026-11-27, then → no 2026-11-28", ""),
        ("A → yes 2026-11-27, and then → no", "A → yes 2026-11-27, and then → no", ""),
        ("A → yes (2026-11-27): margin → no", "A", "yes"),
        ("labels flip no -> yes → no 2026-11-28: not one", "labels flip no -> yes", "no"),
        ("the answer is no → yes 2026-11-28. It was", "the answer is no", "yes"),
        ("The map x ^T → y is linear", "The map x ^T → y is linear", ""),
        ("x ^T → no, and then y ^p-1 → yes", "x ^T → no, and then y", "yes"),
    ],
)
def test_of_a_ticked_line_only_what_can_mean_one_thing_is_its_outcome(text: str, claim: str, outcome: str) -> None:
    made_of = note(f"- [x] p=0.8: {text}")
    (one,) = predictions(made_of)
    assert (made_of.body[one.start : one.end], one.outcome) == (claim, outcome)


@pytest.mark.parametrize("ending", ["^p-1 → true", "^p-1 → no, by a lot", "^mine → no 2026-11-28: by a lot"])
def test_an_id_before_an_arrow_ends_an_open_claim_where_that_can_mean_one_thing_only(ending: str) -> None:
    made_of = note(f"- [ ] p=0.5: a {ending}")
    (one,) = predictions(made_of)
    assert made_of.body[one.start : one.end] == "a"
    assert f"^{one.id} " in ending
    assert one.outcome == ("" if "true" in ending else "no")


@pytest.mark.parametrize(
    "claim",
    [
        "A → no change in loss", "A → no, it stays", "2 ^2 → 4", "labels flip no → yes",
        "The map x ^T → y is linear at layer 5", "x ^T → no, it is linear",
    ],
)  # fmt: skip
def test_what_an_open_box_claims_is_a_claim_to_its_end(claim: str) -> None:
    assert claims(f"- [ ] p=0.5: {claim}") == [claim]


def test_a_prediction_has_the_tags_the_project_and_the_place_of_its_entry() -> None:
    day = parse_note(
        "notes/2026/2026-11-20.md",
        b"---\nproject: whole\n---\n## 9:00 One\n\n- [ ] p=0.5: a #sae ^p-1\n\nproject:: toy\n\n"
        b"## 10:00 Two\n\n- [ ] p=0.5: b\n",
    )
    first, second = made([day])
    assert (first.claim, first.tags, first.project, first.line) == ("a #sae", ("sae",), "toy", 6)
    assert (second.claim, second.tags, second.project, second.line) == ("b", (), "whole", 12)


def test_links_to_a_prediction_lead_to_it_also_when_it_is_resolved() -> None:
    found = note("- [ ] p=0.5: a ^p-1\n- [x] p=0.5: b ^p-2 → yes 2026-11-28: fine\n\nx ^no-id → maybe\n").markup.blocks
    assert found == {"p-1": 0, "p-2": 20}


def test_a_prediction_is_due_when_its_day_has_come_and_it_is_open() -> None:
    waiting, resolved, undated = predictions(
        note("- [ ] p=0.5 by 2026-12-01: a\n- [x] p=0.5 by 2026-12-01: b → no\n- [ ] p=0.5: c\n")
    )
    assert [waiting.due(date(2026, 11, 30)), waiting.due(date(2026, 12, 1))] == [False, True]
    assert not resolved.due(date(2027, 1, 1))
    assert not undated.due(date(2027, 1, 1))


def test_both_sides_of_a_conflict_are_no_predictions() -> None:
    both = "<<<<<<< HEAD\n- [x] p=0.7: a ^p-1 → yes\n=======\n- [x] p=0.7: a ^p-1 → no\n>>>>>>> theirs\n"
    assert [each.claim for each in made([note(both), note("- [ ] p=0.5: b\n")])] == ["b"]


def test_the_line_of_each_prediction_is_that_of_the_file() -> None:
    lines = "> - [ ] p=0.1: a\n- [ ] p=7: none\n\n- [ ] p=0.2: b\n<!--\n- [ ] p=0.3: hidden\n-->\n- [ ] p=0.4: c"
    note = parse_note("notes/a.md", f"---\ntitle: A\n---\n\n{lines}".encode())
    assert [(each.claim, each.line) for each in made([note])] == [("a", 5), ("b", 8), ("c", 12)]
