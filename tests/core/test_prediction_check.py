"""What a hand wrote that nobody would be reminded of is told, with the line and what to write instead."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.parse import parse_note
from carrel.core.prediction import predictions, predicts
from carrel.core.prediction_check import FORM, problems
from carrel.core.secret import Secret

TODAY = date(2026, 11, 20)
SECRET = Secret("It works", "0" * 32)


def told(text: str, path: str = "notes/a.md") -> list[str]:
    return [str(problem) for problem in problems([parse_note(path, text.encode())], TODAY)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- [ ] p=0.7 by Friday: it works", "its day cannot be read"),
        ("- [ ] p=0.7 by 2026: it works", "its day cannot be read"),
        ("- [ ] p=,7: it works", "p=,7 is no probability"),
        ("- [ ] p=0.6-0.8: it works", "p=0.6-0.8 is no probability"),
        ("- [ ] p=170 %: it works", "p=170 % is no probability"),
        ("> - [ ] p=70 by 2026-12-01: it works", "p=70 is no probability"),
        ("- [ ] P=1.7: it works ^p-3f2ab", "p=1.7 is no probability"),
        ("- [ ] p=high: it works", "p=high is no probability"),
        ("- [-] p=0.7: it works", "its box is not one"),
        ("- [ ]p=0.7: it works", "its box is not one"),
        ("- [] p=0.7: it works", "its box is not one"),
        ("- [ ] p: 0.7: it works", "it does not begin with p="),
        ("- [ ] p=0.7 it works", "no colon and no claim follow"),
        ("- [ ] p=0.7: ", "no colon and no claim follow"),
    ],
)
def test_a_task_that_begins_as_a_prediction_and_is_none_is_told(line: str, why: str) -> None:
    assert told(f"---\ntags: [a]\n---\n\n{line}\n") == [
        f"notes/a.md:5: is no prediction, {why}; write {FORM} [bad-prediction]"
    ]


@given(
    st.sampled_from(["- [ ] p=0.7", "1) [x]  P = .25", "> * [X]\tp =70%", "- [/] p=0,1", "-[ ] p  = 0.0"]),
    st.text(st.sampled_from("0127.,% by-:→>= yesno^pa\t"), max_size=30).filter(
        lambda rest: re.match(r"[.,]?\w", rest) is None
    ),
)
def test_a_task_that_begins_as_a_prediction_is_read_or_told_and_never_lost(begin: str, rest: str) -> None:
    note = parse_note("notes/a.md", f"{begin}{rest}\n".encode())
    read, found = predictions(note), problems([note], TODAY)
    assert read or found
    assert not any("is no prediction" in problem.message for problem in found) or not read
    assert predicts(f"{begin}{rest}\n".encode()) or not read


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] P=NP: read the survey",
        "- [ ] plan = 0.7: it works",
        "- p=0.05: significant",
        "[1] p = 0.05 (Smith 2020)",
        "[a] p = 0.05: significant",
        "- [1] p = 0.05: Smith 2020",
        "[ ] p=0.7: it works",
        "- [ ] p=2: prove the lemma for the 2-norm",
        "- [ ] p=2 by induction: the lemma",
        "- [ ] p=70: predictors",
        "- [ ] p=0.7b: train the model",
        "- [ ] p=1 is the easy case",
        "- [ ] p=1,000: samples are enough",
        "- [ ] p=np is the question",
        "- [ ] p=high is too hot",
        "- [ ] P: 3 samples more",
        "- [ ] P: 0.5 ml more",
        "- [ ] p=NP: read the survey ^t-1",
        "```\n- [ ] p=high: it works\n```",
        "<!-- \n- [ ] p=high: it works\n-->",
        "- [ ] `p=high`: it works",
        "- [ ] p=0.7: it works ^p-1\n  because of the data",
        "- [ ] p=0.7: it works\n- [ ] a task ^t-1",
        "- [x] p=0.7: it works ^p-1 → yes 2026-11-20: `of` course",
    ],
)
def test_of_other_tasks_and_of_examples_nothing_is_said(line: str) -> None:
    assert told(f"{line}\n") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- [ ] p=0.7 by 2026-02-30: a", "by 2026-02-30: there is no such day"),
        ("- [x] p=0.7: a ^p-1", "is ticked, and has no outcome; write → yes 2026-12-01, or no, or void behind it"),
        (
            "- [x] p=0.7: from no -> yes, and back → no",
            "is ticked, and has no outcome; write → yes 2026-12-01, or no, or void behind it",
        ),
        ("- [x] p=0.7: a ^p-1 → true", "its outcome cannot be read; write → yes 2026-12-01, or no, or void"),
        ("- [x] p=0.7: a ^p-1 → yes 2026-11-31: b", "resolved on a day that there is not"),
        ("- [x] p=0.7: a ^p-1 → yes 2026-11-21", "resolved on 2026-11-21, which is still to come"),
        (
            "- [ ] p=0.7: a\n  b ^p-1",
            "its id or its outcome, in a line below, is not read; write all of it in one line",
        ),
        (
            "- [x] p=0.7: a ^p-1\n  → yes",
            "its id or its outcome, in a line below, is not read; write all of it in one line",
        ),
    ],
)
def test_an_outcome_or_a_day_that_cannot_be_is_told(line: str, said: str) -> None:
    assert told(f"{line}\n") == [f"notes/a.md:1: {said} [bad-prediction]"]


def test_ids_that_two_predictions_have_and_outcomes_before_their_day_are_told() -> None:
    notes = [
        parse_note("notes/2026-11-20.md", "- [x] p=0.5: a ^p-1 → yes 2026-11-19\n".encode()),
        parse_note("notes/b.md", b"- [ ] p=0.5: b ^p-1\n- [ ] p=0.5: c ^p-2\n"),
        parse_note("notes/c.md", b"<<<<<<< a\n- [ ] p=0.5: b ^p-1\n=======\n- [ ] p=high: b\n>>>>>>> b\n"),
    ]
    assert [str(problem) for problem in problems(notes, TODAY)] == [
        "notes/2026-11-20.md:1: resolved on 2026-11-19, before the day of its note, 2026-11-20 [early-outcome]",
        "notes/b.md:1: ^p-1 is the id of notes/2026-11-20.md:1 too [same-prediction]",
    ]


@pytest.mark.parametrize(
    ("claim", "ending", "said"),
    [
        (SECRET.sealed, "", ""),
        (SECRET.sealed, f" → yes 2026-11-20: {SECRET.told}", ""),
        (SECRET.sealed, " → void 2026-11-20: lost", ""),
        (SECRET.sealed, f" → yes 2026-11-20: {SECRET.told} well", "what was revealed is not what was hashed"),
        (SECRET.sealed, " → yes 2026-11-20", "its claim is secret, and was not revealed with its outcome"),
        ("It works", f" → yes 2026-11-20: {SECRET.told}", "its outcome reveals a secret, and its claim is no hash"),
    ],
)
def test_a_secret_that_is_not_what_was_hashed_is_told(claim: str, ending: str, said: str) -> None:
    box = "x" if ending else " "
    expected = [f"notes/a.md:1: {said} [broken-seal]"] if said else []
    assert told(f"- [{box}] p=0.7: {claim} ^p-1{ending}\n") == expected


def test_each_task_that_is_no_prediction_is_told_with_its_own_line() -> None:
    found = told("---\ntags: [a]\n---\n\n- [ ] p=high: a\n- [ ] p=0.5: b\n\n- [ ] p=low: c\n- [ ] p=even: d\n")
    assert [one.split(":")[1] for one in found] == ["5", "8", "9"]
