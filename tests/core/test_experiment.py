"""Moves of experiments, ideas and questions change the bytes that they own; those that make no sense are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core import experiment, idea, question
from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.note import Note
from carrel.core.parse import parse_note
from carrel.core.section import section_text
from carrel.errors import Refused
from tests.insertions import only_put_in

DAY = date(2026, 11, 20)
TOLD = {"Result": "It depends\non the seed", "Surprise": "By 3 points", "Next": ""}
MOVES: dict[str, Callable[[str], str]] = {
    "start": lambda text: experiment.start(text, "x", DAY, again=True),
    "finish": lambda text: experiment.finish(text, "x", DAY, "refuted", TOLD, again=True),
    "abandon": lambda text: experiment.abandon(text, "x", DAY, "no time", again=True),
    "prune": lambda text: idea.prune(text, "x", DAY, "too: small"),
    "pursue": lambda text: idea.pursue(text, "x", DAY, again=True),
    "answer": lambda text: question.answer(text, "x", DAY, "Only within a family", again=True),
}
#: The keys that a move may set or remove, and what else it may put into a note.
OWNED = ("state:", "started:", "ended:", "verdict:", "reason:", "pruned:", "pursued:", "answered:")
SAID = {
    "finish": (("Result", "It depends\non the seed"), ("Surprise", "By 3 points")),
    "answer": (("Answer", "Only within a family"),),
}

lines = st.sampled_from([
    "state: planned", "state: running", "state:  'open'  # still", "# a comment", "title: Ünïcode", "tags: [a,  b]",
    "tags:\n  - a", "started: 2026-11-01", "key: >\n  folded\n\n  text", 'reason: "old"', "verdict: mixed", "ended:",
    "advances: '[[q]]'", "other:   so  ", "", "answered:\t2026-11-01",
])  # fmt: skip
fronts = st.one_of(
    st.just(""),
    st.lists(lines, unique_by=lambda line: line.partition(":")[0], max_size=6).map(
        lambda several: "---\n" + "".join(f"{line}\n" for line in several) + "---\n"
    ),
)
bodies = st.lists(
    st.sampled_from([
        "", "", "## Result", "## Surprise\nold", "## Next", "## Answer:", "Text  ", "- item", "```\n## Result\n```",
        "<!-- so -->", "## Hypothesis\n\nIt is so.", "### Deeper", "Surprise\n---", "\ttab", "> quote", "概要 é", "  ",
        "\t", "\x0c", "\u2028", "%%hidden%%", "Mixed\r", "Alone\rmore",
    ]),
    max_size=8,
).map("\n".join)  # fmt: skip


@settings(max_examples=200)
@given(fronts, bodies, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(sorted(MOVES)))
def test_a_move_changes_the_bytes_that_it_owns_and_no_others(
    front: str, body: str, newline: str, ends: bool, move: str
) -> None:
    text = (front + body + ("\n" if ends else "")).replace("\n", newline)
    try:
        new = MOVES[move](text)
    except (CannotEdit, Refused):
        return
    old_body, new_body = text[read(text).end :], new[read(new).end :]
    assert _foreign(new, new_body) == _foreign(text, old_body)
    line_end = "\r\n" if "\r\n" in text else "\n"
    if old_body == text:  # the front matter that is made has a blank line below it
        assert new_body.startswith(line_end)
        new_body = new_body.removeprefix(line_end)
    else:  # what comes first in the body has one too
        old_body, new_body = f"---{line_end}{old_body}", f"---{line_end}{new_body}"
    before, after = parse_note("notes/a.md", text.encode()), parse_note("notes/a.md", new.encode())
    assert not after.problems
    there = {one.text.rstrip(":") for one in before.markup.headings}
    pieces = [words if heading in there else f"## {heading}\n\n{words}" for heading, words in SAID.get(move, ())]
    assert only_put_in(old_body, new_body, "|".join(pieces).replace("\n", line_end) or "never")
    for heading, words in SAID.get(move, ()):
        assert section_text(after, heading).endswith(words)
        old = section_text(before, heading)
        assert section_text(after, heading).startswith(old)
    assert [one.text for one in after.markup.headings if one.text not in ("Result", "Surprise", "Answer")] == [
        one.text for one in before.markup.headings if one.text not in ("Result", "Surprise", "Answer")
    ]


def _foreign(text: str, body: str) -> list[str]:
    """The lines of a note's front matter that no move owns, to the byte."""
    front = text.removesuffix(body)
    return [line for line in front.splitlines(keepends=True) if line.strip("-\r\n") and not line.startswith(OWNED)]


def test_an_experiment_is_started_and_done() -> None:
    text = "---\nkind: experiment\nstate: planned  # since May\n---\n\n## Result\n\n## Next\n"
    running = experiment.start(text, "x", date(2026, 11, 1))
    assert running == (
        "---\nkind: experiment\nstate: running  # since May\nstarted: 2026-11-01\n---\n\n## Result\n\n## Next\n"
    )
    assert experiment.finish(running, "x", DAY, "refuted", TOLD) == (
        "---\nkind: experiment\nstate: done  # since May\nstarted: 2026-11-01\nended: 2026-11-20\nverdict: refuted\n"
        "---\n\n## Result\n\nIt depends\non the seed\n\n## Next\n\n## Surprise\n\nBy 3 points\n"
    )


@pytest.mark.parametrize(
    ("front", "move", "message"),
    [
        ("state: running\nstarted: 2026-11-01", "start", "x is running since 2026-11-01"),
        ("state: done\nended: 2026-11-01", "start", "x is done since 2026-11-01"),
        ("state: Abandoned", "start", "x is abandoned already"),
        ("verdict: mixed", "start", "x is done already"),
        ("", "finish", "x was never started"),
        ("state: done", "finish", "x is done already"),
        ("state: abandoned\nended: 2026-11-01", "finish", "x is abandoned since 2026-11-01"),
        ("state: running\nstarted: 2026-11-21", "finish", "x cannot end on 2026-11-20: it was started on 2026-11-21"),
        ("state: done", "abandon", "x is done already"),
        ("state: abandoned\nended: 2026-11-01", "abandon", "x is abandoned since 2026-11-01"),
        ("state: pruned\npruned: 2026-11-01\nreason: small", "prune", "x is pruned already: 2026-11-01, small"),
        ("state: pruned\nreason: small", "pursue", "x is pruned already: small"),
        ("state: pursued", "pursue", "x is pursued already"),
        ("state: answered\nanswered: 2026-11-01", "answer", "x is answered since 2026-11-01"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_with_a_hint(front: str, move: str, message: str) -> None:
    moves: dict[str, Callable[[str], str]] = {
        "start": lambda text: experiment.start(text, "x", DAY),
        "finish": lambda text: experiment.finish(text, "x", DAY, "mixed", {}),
        "abandon": lambda text: experiment.abandon(text, "x", DAY, "so"),
        "prune": lambda text: idea.prune(text, "x", DAY, "so"),
        "pursue": lambda text: idea.pursue(text, "x", DAY),
        "answer": lambda text: question.answer(text, "x", DAY, "so"),
    }
    with pytest.raises(Refused) as told:
        moves[move](f"---\n{front}\n---\n")
    assert told.value.message == message
    assert told.value.hint


def test_what_is_over_begins_again_without_what_was_said_of_its_end() -> None:
    over = "---\nstate: done\nstarted: 2026-10-01\nended: 2026-11-01\nverdict: mixed\n---\n"
    assert experiment.start(over, "x", DAY, again=True) == "---\nstate: running\nstarted: 2026-11-20\n---\n"
    pruned = "---\nstate: pruned\npruned: 2026-11-01\nreason: small\n---\n"
    assert idea.pursue(pruned, "x", DAY, again=True) == "---\nstate: pursued\npursued: 2026-11-20\n---\n"


def test_a_state_of_ones_own_is_no_obstacle() -> None:
    assert "state: running" in experiment.start("---\nstate: blocked\n---\n", "x", DAY)
    assert "state: done" in experiment.finish("---\nstate: blocked\n---\n", "x", DAY, "mixed", {})


def test_a_reason_is_one_line_of_front_matter_whatever_it_says() -> None:
    text = experiment.abandon("", "x", DAY, 'no: "time"\n# and no\tmoney')
    assert parse_note("notes/a.md", text.encode()).metadata["reason"] == 'no: "time" # and no money'


def made(front: str, body: str = "", path: str = "notes/e.md") -> Note:
    return parse_note(path, f"---\ntitle: {path}\nkind: experiment\n{front}\n---\n{body}".encode())


def test_evidence_is_what_the_question_lists_and_what_experiments_came_to() -> None:
    body = "## Evidence for\n\n- A paper\n\n## Evidence against\n\nA hunch\n"
    several = [
        made("state: done\nverdict: confirmed\nended: 2026-11-02", path="yes"),
        made("state: done\nverdict: refuted\nended: 2026-11-01", path="no"),
        made("verdict: Mixed\nended: 2026-11-03", path="both"),
        made("state: done\nverdict: inconclusive\nended: 2026-11-04", path="neither"),
        made("state: abandoned\nended: 2026-11-05", path="abandoned"),
        made("state: running", path="running"),
        parse_note("notes/p.md", b"---\nkind: paper\nverdict: confirmed\n---\n"),
    ]
    found = question.evidence(made("", body), several)
    assert [(one.side, one.text) for one in found] == [
        ("for", "A paper"), ("against", "A hunch"), ("against", "no"), ("for", "yes"), ("for", "both"),
        ("against", "both"), ("undecided", "neither"), ("undecided", "abandoned"), ("open", "running"),
    ]  # fmt: skip
