"""The remarks on how one works: what was found out before it was asked, what runs for long, what serves nothing."""

from __future__ import annotations

from datetime import date, datetime

from carrel.core.note import Note
from carrel.core.parse import parse_note
from carrel.core.practice_check import Line, Practice, practice_problems, to_be_dated

TODAY = date(2026, 11, 20)
BOTH = "## Hypothesis\n\nThe seed does not matter for the probe.\n\n## Result\n\nIt does, by 3 points.\n"
HYPOTHESIS, RESULT = "The seed does not matter for the probe.", "It does, by 3 points."


def note(path: str, kind: str, front: str = "", body: str = "") -> Note:
    return parse_note(path, f"---\nkind: {kind}\n{front}\n---\n{body}".encode())


def found(*notes: Note, history: dict[str, list[Line]] | None = None, days: int = 30) -> list[str]:
    return [str(one) for one in practice_problems(notes, Practice(TODAY, days, history or {}))]


def judged(*lines: tuple[str, str], front: str = "advances: q", body: str = BOTH) -> list[str]:
    """What is said of an experiment whose lines came in commits, each named after its day in November."""
    history = [Line(day, datetime(2026, 11, int(day)), text) for day, text in lines]
    question = note("q.md", "question")
    return found(note("e.md", "experiment", front, body), question, history={"e.md": history})


def test_a_result_without_a_hypothesis_is_told() -> None:
    said = ["e.md:1: has a result and no hypothesis [no-hypothesis]"]
    assert judged(body="## Hypothesis\n\n<!-- So? -->\n\n## Result\n\nIt does.\n") == said
    assert judged(front="advances: q\nverdict: refuted", body="") == said
    assert judged(body="## Hypothesis\n\n## Result\n") == []
    assert judged(front="advances: q\nhypothesis: It does not", body="## Result\n\nIt does.\n") == []


def test_git_tells_whether_the_hypothesis_was_there_before_the_result() -> None:
    late = "e.md:1: its hypothesis was first committed on 2026-11-03, after its result (2026-11-02 2) [late-hypothesis]"
    assert judged(("1", HYPOTHESIS), ("2", RESULT)) == []
    assert judged(("2", RESULT), ("3", HYPOTHESIS)) == [late]
    assert judged(("1", "state: planned"), ("2", "verdict: refuted"), ("3", HYPOTHESIS), ("4", RESULT)) == [late]
    assert judged(("1", "kind: experiment"), ("2", RESULT)) == [
        "e.md:1: its result was committed on 2026-11-02, its hypothesis as it reads now is not yet [late-hypothesis]"
    ]


def test_a_hypothesis_that_was_exchanged_afterwards_was_not_there_before() -> None:
    mended = "The sed does not mater for the probe."
    assert judged(("1", mended), ("2", RESULT), ("3", HYPOTHESIS)) == []
    other = "Larger layers learn what smaller ones cannot."
    assert len(judged(("1", other), ("2", RESULT), ("3", HYPOTHESIS))) == 1


def test_a_result_in_nearly_the_words_of_the_hypothesis_is_none() -> None:
    body = "## Hypothesis\n\nThe seed matters.\n\n## Result\n\nThe seed does not matter.\n"
    lines = (("1", "kind: experiment"), ("2", "The seed does not matter."), ("3", "The seed matters."))
    assert len(judged(*lines, body=body)) == 1


def test_both_at_once_is_told_of_a_note_that_was_committed_before_and_not_of_one_that_came_with_them() -> None:
    assert judged(("1", "state: planned"), ("2", HYPOTHESIS), ("2", RESULT)) == [
        "e.md:1: its hypothesis was first committed on 2026-11-02, together with its result [late-hypothesis]"
    ]
    assert judged(("2", "state: planned"), ("2", HYPOTHESIS), ("2", RESULT)) == []


def test_without_git_the_days_of_the_note_tell() -> None:
    assert judged(front="advances: q\ndate: 2026-11-10\nended: 2026-11-09") == [
        "e.md:1: its note is of 2026-11-10, and the experiment had ended on 2026-11-09 [late-hypothesis]"
    ]
    assert judged(front="advances: q\ndate: 2026-11-10\nended: 2026-11-10") == []


def test_only_experiments_with_both_are_looked_up_in_git() -> None:
    several = [
        note("a.md", "experiment", "", BOTH),
        note("b.md", "experiment", "verdict: mixed"),
        note("c.md", "note", "", BOTH),
    ]
    assert to_be_dated(several) == ["a.md"]


def test_an_experiment_that_runs_for_long_is_asked_after() -> None:
    running = note("e.md", "experiment", "state: running\nstarted: 2026-10-20\nadvances: q")
    question = note("q.md", "question")
    assert found(running, question) == ["e.md:1: runs for 31 days, since 2026-10-20 [long-running]"]
    assert found(running, question, days=31) == []
    assert found(running, question, days=0) == []


def test_a_project_without_an_open_experiment_is_told_where_there_are_experiments() -> None:
    idle = "p.md:1: has no experiment that is planned or running [idle-project]"
    project, question = note("p.md", "project"), note("q.md", "question", "project: p")
    assert found(project, question) == []
    assert found(project, question, note("e.md", "experiment", "state: done\nadvances: q")) == [idle]
    assert found(project, question, note("e.md", "experiment", "advances: q")) == []
    assert found(project, question, note("e.md", "experiment", "advances: q\nproject: p")) == []
    assert found(note("p.md", "project", "state: closed"), note("e.md", "experiment", "state: done\nadvances: p")) == []


def test_an_experiment_that_serves_no_question_is_told() -> None:
    def said(front: str, *others: Note) -> list[str]:
        return [one for one in found(note("e.md", "experiment", front), *others) if "idle" not in one]

    nothing = "e.md:1: serves no question: it advances nothing [serves-no-question]"
    assert said("title: E") == [nothing]
    assert said("project: p", note("p.md", "project")) == [nothing]
    assert said("advances: '[[i]]'", note("i.md", "idea")) == [
        "e.md:1: serves no question: what it advances leads to none [serves-no-question]"
    ]
    assert said("advances: '[[i]]'", note("i.md", "idea", "advances: q"), note("q.md", "question")) == []
    assert said("advances: '[[p]]'", note("p.md", "project")) == []
    assert said("state: abandoned") == []


def test_a_question_that_is_for_nothing_is_told_where_work_has_a_purpose() -> None:
    project, work = note("p.md", "project"), note("e.md", "experiment", "advances: q")
    nothing = "q.md:1: advances nothing, and belongs to no project: what is it for? [serves-nothing]"
    assert nothing in found(project, work, note("q.md", "question"))
    assert nothing in found(
        work, note("q.md", "question"), note("r.md", "question", "advances: a"), note("a.md", "note")
    )
    assert nothing not in found(work, note("q.md", "question"))  # who has no purposes at all does not work that way
    for front in ("state: answered", "project: p", "advances: p", "advances: gone"):
        assert nothing not in found(project, work, note("q.md", "question", front))
    taken_up = nothing.replace("q.md", "i.md")
    assert taken_up in found(project, work, note("i.md", "idea", "state: pursued"))
    assert taken_up not in found(project, work, note("i.md", "idea"))


def test_a_name_that_leads_nowhere_and_a_circle_are_told() -> None:
    assert found(note("q.md", "question", "advances: gone")) == [
        "q.md:1: advances: no note is called gone [broken-advances]"
    ]
    assert found(note("a.md", "question", "advances: b"), note("b.md", "project", "advances: a")) == [
        f"{path}:1: advances itself, by way of what it advances [circular-advances]" for path in ("a.md", "b.md")
    ]


def test_who_makes_no_experiments_hears_nothing() -> None:
    assert found(note("p.md", "project"), note("q.md", "question"), note("n.md", "note")) == []
