"""A digest's text, and the parts in it: Carrel writes its own anew, and not one byte beside them."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from carrel.core.digest import (
    Asked,
    EndedExperiment,
    Issue,
    Noted,
    Part,
    ReadPaper,
    Settled,
    file_name,
    passage,
    title_of,
)
from carrel.core.digest_parts import rewritten
from carrel.core.digest_text import parts
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.parse import parse_note
from carrel.core.prediction import predictions
from carrel.core.reading import Level
from tests.insertions import only_put_in

MONDAY = date(2026, 11, 16)
TOY = ReadPaper(
    path="papers/elhage2022toy.md",
    link="../../papers/elhage2022toy.md",
    title="Toy models",
    byline="Elhage et al.",
    venue="Transformer Circuits",
    year="2022",
    url="https://arxiv.org/abs/2209.10652",
    category="Interpretability",
    highlight=True,
    summarisers=("Ada",),
    summary="Features are put in superposition.",
    opinion="- It holds.\n- It matters.",
    prerequisites=("Linear algebra", "[reps](../reps.md)"),
    read_more=("https://example.org",),
)


def texts(issue: Issue) -> dict[str, str]:
    return {f"{part.section}: {part.name}": part.text for part in parts(issue)}


# --- the text ---------------------------------------------------------------------------------------------------


def test_a_paper_keeps_its_summary_and_the_opinion_of_it_apart() -> None:
    assert texts(Issue(MONDAY, papers=(TOY,))) == {
        "Highlights: papers/elhage2022toy.md": "### [Toy models](../../papers/elhage2022toy.md)\n\n"
        "Elhage et al., Transformer Circuits, 2022 · Interpretability · "
        "[the paper](https://arxiv.org/abs/2209.10652) · summarised by Ada\n\n"
        "**Summary:** Features are put in superposition.\n\n"
        "**Opinion**\n\n- It holds.\n- It matters.\n\n"
        "**Prerequisites:** Linear algebra; [reps](../reps.md)\n\n"
        "**Read more:** https://example.org"
    }


def test_papers_stand_by_category_and_those_of_which_nothing_is_told_in_a_line() -> None:
    papers = (
        ReadPaper("papers/c.md", "c.md", "C [draft]", byline="Kim", year="2020", level=Level.SKIM),
        ReadPaper("papers/b.md", "b.md", "B", summary="So."),
        ReadPaper("papers/a.md", "a.md", "A", category="Robustness", opinion="Wrong."),
        ReadPaper("papers/d.md", "d.md", "D", category="Evaluation", summary="So."),
    )
    assert texts(Issue(MONDAY, papers=papers)) == {
        "Papers: papers/d.md": "### [D](d.md)\n\nEvaluation\n\n**Summary:** So.",
        "Papers: papers/a.md": "### [A](a.md)\n\nRobustness\n\n**Opinion:** Wrong.",
        "Papers: papers/b.md": "### [B](b.md)\n\n**Summary:** So.",
        "Also read: read": "- [C \\[draft\\]](c.md) (Kim, 2020), skimmed",
    }


def test_experiments_predictions_and_questions_say_what_came_of_them_and_by_whom_where_several_write() -> None:
    day = date(2026, 11, 19)
    issue = Issue(
        MONDAY,
        experiments=(
            EndedExperiment("e.md", "e.md", "Sweep", day, "refuted", ("Ada",), result="No.", surprise="Yes."),
        ),
        predictions=(Settled("p.md", "Day", "It works", 0.7, "no", day, "it broke", ("Sam",)),),
        questions=(Asked("q.md", "Why?", True, True, "Because."), Asked("r.md", "How?", True, False)),
    )
    assert texts(issue) == {
        "Experiments: e.md": "### [Sweep](e.md): refuted\n\nEnded 2026-11-19, by Ada\n\n**Result:** No.\n\n"
        "**Surprise:** Yes.",
        "Predictions: predictions": "- 70 % for “It works” → **no**: it broke ([Day](p.md), Sam)",
        "Questions: questions": "- Opened: [How?](r.md)\n- Answered: [Why?](q.md) Because.",
    }


def test_an_answer_is_told_from_its_question_and_a_writer_is_named_once() -> None:
    questions = (Asked("q.md", "Why so", True, True, "No."), Asked("r.md", "How?", True, True, "So.", ("Ada",)))
    settled = Settled("d.md", "2026-11-19 · Sam", "It works", 0.7, "no", date(2026, 11, 19), "", ("Sam",))
    found = texts(Issue(MONDAY, questions=questions, predictions=(settled,)))
    assert found["Questions: questions"] == "- Answered: [Why so](q.md): No.\n- Answered: [How?](r.md) (Ada): So."
    assert found["Predictions: predictions"] == "- 70 % for “It works” → **no** ([2026-11-19 · Sam](d.md))"


def test_the_log_shows_what_each_person_marked_else_the_titles_of_the_entries() -> None:
    def noted(number: int, person: str, *, highlight: bool = False) -> Noted:
        return Noted(f"d.md#{number}", f"Entry {number}", "Words.", date(2026, 11, 17), highlight, (person,))

    entries = (noted(0, "Ada"), noted(1, "Ada", highlight=True), *(noted(number, "Sam") for number in range(2, 12)))
    lines = "\n".join(f"- Tue [Entry {number}](d.md#{number})" for number in range(2, 10))
    assert texts(Issue(MONDAY, entries=entries)) == {
        "Log: log Ada": "### Ada\n\n- Tue [Entry 1](d.md#1): Words.",
        "Log: log Sam": f"### Sam\n\n{lines}\n- and 2 more",
    }


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("- [x] p=0.7 by 2026-12-01: It works ^p-3f2ab → yes", "- p=0.7 by 2026-12-01: It works → yes"),
        ("It holds[^1].", "It holds."),
        ("`a[^1]` stays", "`a[^1]` stays"),
        ("```\nopen", "```\nopen\n```"),
        ("a %% b, or $$ c", r"a &#37;% b, or \$\$ c"),
        ("$$\nx <a\n$$ `<b>` H<sub>2</sub>O <https://e.org>", "$$\nx <a\n$$ `<b>` H<sub>2</sub>O <https://e.org>"),
        ("<details><!-- a", "&lt;details>&lt;!-- a"),
        ("`<!-- /carrel:digest -->`", "`<!-- /carrel digest -->`"),
    ],
)  # fmt: skip
def test_a_quoted_passage_is_nothing_of_its_own(written: str, shown: str) -> None:
    assert passage(written) == shown
    assert predictions(parse_note("notes/digests/a.md", passage(written).encode())) == ()


def test_a_digest_is_named_after_its_week_and_those_whom_it_is_for() -> None:
    assert title_of(date(2026, 12, 28)) == "Digest of week 53, 2026 (28 December to 3 January)"
    assert (file_name(date(2026, 12, 28), "lab"), file_name(MONDAY, "public")) == ("2026-w53.md", "2026-w47-public.md")


# --- its parts --------------------------------------------------------------------------------------------------

LOG, PAPER, OTHER = Part("Log", "log", "- One"), Part("Papers", "papers/a.md", "### A"), Part("Papers", "b--c", "### B")


def test_parts_come_in_order_each_below_its_heading() -> None:
    text = rewritten("Mine\n", [LOG]).text
    text = rewritten(text, [PAPER, LOG]).text
    text = rewritten(text, [PAPER, OTHER, LOG]).text
    assert re.sub(r" [0-9a-f]{8} -->", " -->", text) == (
        "Mine\n\n## Papers\n\n"
        "<!-- carrel:digest papers/a.md -->\n\n### A\n\n<!-- /carrel:digest -->\n\n"
        "<!-- carrel:digest b-%2Dc -->\n\n### B\n\n<!-- /carrel:digest -->\n\n"
        "## Log\n\n<!-- carrel:digest log -->\n\n- One\n\n<!-- /carrel:digest -->\n\n"
        "<!-- carrel:digest parts: papers/a.md b-%2Dc log -->\n"
    )
    assert rewritten("Mine\n", [PAPER, OTHER, LOG]).text == text


def test_what_a_person_changed_in_a_part_stays_until_it_is_forced() -> None:
    text = rewritten("", [PAPER, LOG]).text.replace("### A", "### A, in my words")
    again = rewritten(text, [Part("Papers", "papers/a.md", "### A2"), Part("Log", "log", "- Two")])
    assert (again.kept, again.outdated, again.left_out) == (["papers/a.md"], [], [])
    assert "### A, in my words" in again.text
    assert "- Two" in again.text
    assert "- One" not in again.text
    forced = rewritten(again.text, [Part("Papers", "papers/a.md", "### A2"), LOG], force=True)
    assert (forced.kept, "### A2" in forced.text, "in my words" in forced.text) == ([], True, False)


def test_lines_that_a_program_wrapped_anew_were_not_changed_by_a_person() -> None:
    text = rewritten("", [LOG]).text.replace("- One", "-   One ")
    assert rewritten(text, [Part("Log", "log", "- Two")]).kept == []


def test_what_is_no_longer_there_goes_unless_a_person_changed_it() -> None:
    text = rewritten("Mine\n", [PAPER, LOG]).text.replace("- One", "- My own")
    again = rewritten(text, [])
    assert (again.kept, again.outdated) == ([], ["log"])
    assert "### A" not in again.text
    assert "- My own" in again.text


@pytest.mark.parametrize("emptied", [True, False])
def test_what_a_person_took_out_stays_out(emptied: bool) -> None:
    text = rewritten("", [PAPER, LOG]).text
    whole = re.compile(r"<!-- carrel:digest log .*?/carrel:digest -->\n\n", re.DOTALL)
    text = text.replace("- One", "") if emptied else whole.sub("", text)
    again = rewritten(text, [PAPER, OTHER, Part("Log", "log", "- Two")])
    assert "- Two" not in again.text
    assert "### B" in again.text  # what is new comes
    assert (again.kept, again.left_out) == ((["log"], []) if emptied else ([], ["log"]))
    assert "- Two" in rewritten(again.text, [PAPER, OTHER, Part("Log", "log", "- Two")], force=True).text


def test_marks_in_code_are_no_marks() -> None:
    text = "```\n" + rewritten("", [LOG]).text + "```\n"
    again = rewritten(text, [Part("Log", "log", "- Two")]).text
    assert again.startswith(text)
    assert "- Two" in again


def test_a_comment_that_is_never_closed_would_swallow_the_parts() -> None:
    with pytest.raises(CannotEdit, match="never closed"):
        rewritten("## Log\n\n<!-- open\n", [LOG])


PIECES = some.sampled_from([
    "\n", "\r\n", "a\rb\n", "Words\n", "Words\r\n", "## Log\n", "## papers \r\n", "Log\n---\n", "# T\n", "- item\n",
    "```\nx\n```\n", "<!-- a\nb -->\n", "    code\n", "> quote\n", "| a |\n|---|\n", "é\u2028x\n", "\x0c", "\x85",
    "---\ntitle: x # c\r\nweek:  2026-W47\n---\n", "<!-- carrel:digest x 00000000 -->\n",
    "<!-- /carrel:digest -->\n", "no end",
])  # fmt: skip
NOTES = some.lists(PIECES, max_size=10).map("".join)
WORDS = some.sampled_from(["- One", "### A\n\nB", "| a |\n|---|", "```\ncode\n```"])
PARTS = some.lists(
    some.builds(Part, some.sampled_from(["Highlights", "Papers", "Log"]), some.sampled_from("abcd"), WORDS),
    unique_by=lambda part: part.name,
    max_size=4,
).map(lambda found: sorted(found, key=lambda part: ["Highlights", "Papers", "Log"].index(part.section)))
_OWN = re.compile(r"<!-- carrel:digest [a-d] [0-9a-f]{8} -->.*?<!-- /carrel:digest -->", re.DOTALL)
_PARTS = r"<!-- carrel:digest parts:[ a-d]* -->"


@settings(max_examples=100)
@given(NOTES, PARTS)
def test_writing_parts_puts_them_in_and_keeps_every_byte_that_was_there(text: str, first: list[Part]) -> None:
    try:
        once = rewritten(text, first).text
    except CannotEdit:
        return
    assert any(
        only_put_in(text, once, rf"(?:## (?:{'|'.join(made)})(?:\r\n|\n){{2}})?{_OWN.pattern}|{_PARTS}")
        for made in product(("Highlights", "never"), ("Papers", "never"), ("Log", "never"))
    )  # a heading that is not there yet is made
    assert rewritten(once, first).text == once  # and again it changes nothing


@settings(max_examples=60)
@given(NOTES, PARTS, some.lists(WORDS, min_size=4, max_size=4))
def test_writing_parts_again_changes_no_byte_beside_them(text: str, first: list[Part], words: list[str]) -> None:
    try:
        once = rewritten(text, first).text
        edited = once.replace("- One", "- Mine", 1)
        second = [Part(part.section, part.name, new) for part, new in zip(first, words, strict=False)]
        twice = rewritten(edited, second).text
    except CannotEdit:
        return
    assert _OWN.sub("", twice) == _OWN.sub("", edited)
    assert "- Mine" in twice or "- Mine" not in edited


@settings(max_examples=60)
@given(NOTES, PARTS)
def test_parts_that_go_take_no_byte_beside_them_along(text: str, first: list[Part]) -> None:
    try:
        once = rewritten(text, first).text
        gone = rewritten(once, []).text
    except CannotEdit:
        return
    once, gone = (re.sub(_PARTS, "The last line", one) for one in (once, gone))
    assert only_put_in(gone, once, _OWN.pattern)
