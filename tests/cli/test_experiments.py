"""Experiments, questions, ideas and what they are for: moves on disk, lists, the way up, and what `check` says of them.

What they print is in sessions/experiments.txt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

from carrel.cli.ideas import drawn
from carrel.core.parse import parse_note
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]


def work(kind: str, front: str = "", body: str = "") -> str:
    return f"---\nkind: {kind}\n{front}\n---\n{body}"


def rows(carrel: Carrel, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(carrel(*arguments, "--json").out)
    return found


def names(carrel: Carrel, *arguments: str) -> list[object]:
    return [row["name"] for row in rows(carrel, *arguments)]


def codes(carrel: Carrel) -> list[object]:
    return [row["code"] for row in rows(carrel, "check")]


# --- moves ------------------------------------------------------------------------------------------------------


def test_a_move_keeps_the_mark_the_line_ends_and_the_comments_of_a_file(carrel: Carrel, write: Write) -> None:
    before = '\ufeff---\r\nkind: experiment  # mine\r\nstate: "running"\r\n---\r\nText\r\n\r\n## Result\r\n<!-- ? -->'
    place = write("notes/e.md", before)
    assert carrel("exp", "done", "e", "--verdict", "mixed", "--result", "It broke").code == 0
    assert place.read_bytes().decode() == (
        "\ufeff---\r\nkind: experiment  # mine\r\nstate: done\r\nended: 2026-11-20\r\nverdict: mixed\r\n---\r\n"
        "Text\r\n\r\n## Result\r\n<!-- ? -->\r\n\r\nIt broke\r\n"
    )


def test_a_note_that_cannot_be_changed_safely_is_left_as_it_is(carrel: Carrel, write: Write) -> None:
    place = write("notes/e.md", work("experiment", "state: running", "<!-- never closed\n"))
    before = place.read_bytes()
    said = carrel("exp", "done", "e", "--verdict", "mixed", "--result", "It broke")
    assert (said.code, said.err.splitlines()[0]) == (
        1, "carrel: notes/e.md: a comment or code before the end of Result is never closed; nothing was written",
    )  # fmt: skip
    assert place.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["exp", "start", "gone"], "carrel: no note called 'gone'"),
        (["exp", "start", "e", "--date", "2026-11-21"], "carrel: 2026-11-21 is still to come"),
        (["exp", "done"], "carrel: no experiment is running\n        carrel exp done NOTE; `carrel exp` lists them\n"),
        (
            ["exp", "abandon", "e"],
            "carrel: a reason is wanted, and there is no terminal to ask on\n        carrel exp ab",
        ),
        (
            ["exp", "start", "sweep sede"],
            "carrel: no note called 'sweep sede'\n        `carrel list` shows what there is",
        ),
        (["exp", "done", "e", "--verdict", "no"], "carrel: Invalid value for '--verdict': 'no' is not one of "),
        (["exp", "strat", "e"], "carrel: there is no command 'strat'. Did you mean start?"),
        (
            ["exp", "seed-sweep"],
            "carrel: there is no command 'seed-sweep'. `carrel exp show seed-sweep` shows one; `carrel exp list ",
        ),
        (["exp", "running"], "carrel: there is no command 'running'. `carrel exp list -s running` lists them."),
        (["ideas", "pruned"], "carrel: there is no command 'pruned'. `carrel ideas list --pruned` lists them."),
        (["questions", "a b"], "carrel: there is no command 'a b'. `carrel questions list 'a b'` looks for it."),
        (["ideas", "--random", "2", "--pruned"], "carrel: --random is for open ideas"),
        (["questions", "answer", "e", "x"], "carrel: notes/e.md is of kind experiment, no question"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(
    carrel: Carrel, write: Write, words: list[str], message: str
) -> None:
    place = write("notes/e.md", work("experiment"))
    said = carrel(*words)
    assert (said.code, said.out) in ((1, ""), (2, ""))
    assert said.err.startswith(message)
    assert place.read_text() == work("experiment")


def test_on_a_terminal_the_one_that_runs_is_picked_and_its_end_is_asked_for(kb: KnowledgeBase, write: Write) -> None:
    write("notes/a.md", work("experiment", "state: planned"))
    write("notes/b.md", work("experiment", "state: running"))
    write("notes/c.md", work("experiment", "state: running"))
    ours, theirs = os.openpty()
    environment = {**os.environ, "PATH": "/nowhere", "TERM": "dumb", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "carrel", "exp", "done"]
    with subprocess.Popen(command, cwd=kb.root, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, b"1\nrefuted\nIt broke\n\n")
        assert process.wait(60) == 0
    os.close(ours)
    note = kb.read("notes/b.md")
    assert (note.metadata["state"], note.metadata["verdict"], note.body) == (
        "done", "refuted", "\n## Result\n\nIt broke\n",
    )  # fmt: skip


def test_without_a_name_the_only_one_is_meant_and_several_are_named(
    carrel: Carrel, kb: KnowledgeBase, write: Write
) -> None:
    write("notes/a.md", work("experiment", "state: planned"))
    write("notes/b.md", work("experiment", "state: running"))
    said = carrel("exp", "done", "--verdict", "mixed")
    assert said.err == "b is the only experiment that is running\nsaved notes/b.md: mixed, 2026-11-20\n"
    assert carrel("exp", "start").err.splitlines()[:2] == [
        "a is the only experiment that is planned", "saved notes/a.md: runs since 2026-11-20",
    ]  # fmt: skip
    assert carrel("exp", "show").out.startswith("a\nnotes/a.md  running")
    write("notes/c.md", work("experiment", "state: running"))
    assert carrel("exp", "done", "--verdict", "mixed").err == (
        "carrel: one of 2 experiments is wanted, and there is no terminal to ask on\n"
        "        carrel exp done NOTE: a, c\n"
    )
    assert kb.read("notes/c.md").metadata["state"] == "running"


def test_a_name_in_part_brings_up_the_notes_that_it_may_mean(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", work("experiment", "title: Sweep of ten seeds"))
    write("notes/ten-seeds-and-why.md", work("question"))
    assert carrel("exp", "start", "Ten seeds").err == "carrel: no note called 'Ten seeds'\n        did you mean a?\n"


RUNS = """## 9:00 Expected

experiment:: [[e]]

## 10:00 Ran it

run:: r-2bcde
exit:: 0
experiment:: [[e]]
"""


@pytest.fixture
def ran(write: Write) -> None:
    """An experiment that nobody started, and its runs; an entry that is none comes before them."""
    write("notes/e.md", work("experiment", "state: planned"))
    write("notes/2026-11-10.md", "## 8:00 Plan\n\nexperiment:: [[e]]\n")
    write("notes/2026-11-13.md", RUNS)
    write("notes/2026-11-12.md", RUNS)


@pytest.mark.usefixtures("ran")
def test_what_was_run_and_never_started_began_with_its_first_run(carrel: Carrel, kb: KnowledgeBase) -> None:
    assert carrel("exp").err == "e has runs since 2026-11-12, and is planned: carrel exp start e\n"
    assert carrel("exp", "show", "e").err == "it has runs since 2026-11-12, and is planned: carrel exp start e\n"
    said = carrel("exp", "done", "e", "--verdict", "refuted")
    assert said.err == "saved notes/e.md: refuted, 2026-11-20; started 2026-11-12, with its first run\n"
    found = kb.read("notes/e.md").metadata
    assert (found["state"], found["started"], found["ended"]) == ("done", "2026-11-12", "2026-11-20")
    assert carrel("exp", "done", "e", "--verdict", "mixed", "--again").err == "saved notes/e.md: mixed, 2026-11-20\n"


@pytest.mark.usefixtures("ran")
def test_a_start_that_is_said_late_is_that_of_the_first_run_unless_a_day_is_named(carrel: Carrel) -> None:
    assert carrel("exp", "start", "e").err.splitlines()[0] == "saved notes/e.md: runs since 2026-11-12, its first run"
    said = carrel("exp", "start", "e", "--again", "--date", "2026-11-14").err
    assert said.splitlines()[0] == "saved notes/e.md: runs since 2026-11-14"


def test_what_was_expected_of_it_and_is_still_open_is_named_when_it_is_over(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "state: running", "- [ ] p=0.7: One ^p-a\n- [x] p=0.7: Two ^p-b → yes\n"))
    entries = "## 8:00 A\n\n- [ ] p=0.5: Three ^p-c\n\nexperiment:: [[e]]\n\n## 9:00 B\n\n- [ ] p=0.5: No ^p-d\n"
    write("notes/2026-11-10.md", entries)
    assert carrel("exp", "done", "e", "--verdict", "mixed").err.splitlines()[1:] == [
        "still open: One; carrel resolve p-a yes|no|void", "still open: Three; carrel resolve p-c yes|no|void",
    ]  # fmt: skip
    assert carrel("exp", "abandon", "e", "no", "--again").err.count("still open") == 2


def test_an_answer_is_put_in_without_another_byte_being_changed(carrel: Carrel, write: Write) -> None:
    front = "\ufeff---\r\nkind: question\r\nstate:  open   # yet\r\n---\r\n"
    before = front + "  Text  \r\n\r\n\r\n## Answer\r\n## More\r\n\r\nEnd"
    place = write("notes/q.md", before)
    assert carrel("questions", "answer", "q", "No.").code == 0
    after = before.replace("  open ", "  answered ").replace("# yet\r\n", "# yet\r\nanswered: 2026-11-20\r\n")
    assert place.read_bytes().decode() == after.replace("## Answer\r\n", "## Answer\r\n\r\nNo.\r\n\r\n")


# --- lists ------------------------------------------------------------------------------------------------------


def test_experiments_are_listed_by_state_and_a_refuted_one_like_any_other(carrel: Carrel, write: Write) -> None:
    write("notes/old.md", work("experiment", "state: running\nstarted: 2026-10-01"))
    write("notes/new.md", work("experiment", "state: running\nstarted: 2026-11-01"))
    write("notes/no.md", work("experiment", "state: done\nverdict: refuted\nended: 2026-11-02"))
    write("notes/yes.md", work("experiment", "state: done\nverdict: confirmed\nended: 2026-11-01", "About seeds"))
    write("notes/plan.md", work("experiment", "date: 2026-11-19"))
    write("notes/other.md", "verdict: refuted")
    assert names(carrel, "exp") == ["new", "old", "plan", "no", "yes"]
    assert names(carrel, "exp", "--state", "planned", "--state", "running", "-n", "2") == ["new", "old"]
    assert names(carrel, "exp", "list", "seeds") == ["yes"]
    assert [row["path"] for row in rows(carrel, "search", "kind:experiment verdict:refuted")] == ["notes/no.md"]
    assert carrel("exp", "list", "--verdict", "mixed").err == "no experiment fits\n"


def test_an_empty_knowledge_base_says_how_to_begin(carrel: Carrel) -> None:
    assert carrel("exp").err == 'there is no experiment yet: carrel new experiment "…"\n'
    assert carrel("ideas").err == 'there is no idea yet: carrel new idea "…"\n'
    assert carrel("questions").err == "no question is open\n"


def test_questions_come_oldest_first_with_what_speaks_for_and_against_them(carrel: Carrel, write: Write) -> None:
    write("notes/q.md", work("question", "title: Is it\ndate: 2026-11-01", "## Evidence for\n\n- [[p|A paper]]\n"))
    write("notes/r.md", work("question", "date: 2026-10-01\nstate: Open"))
    write("notes/s.md", work("question", "date: 2026-09-01\nstate: closed"))
    write("notes/e.md", work("experiment", "title: E\nadvances: Is it\nverdict: refuted\nended: 2026-11-10"))
    write("notes/f.md", work("experiment", "title: F\nadvances: '[[is IT]]'\nstate: running"))
    assert names(carrel, "questions") == ["r", "q"]
    assert names(carrel, "questions", "--all") == ["s", "r", "q"]
    assert names(carrel, "questions", "list", "paper") == ["q"]
    [question] = rows(carrel, "questions", "list", "paper")
    assert {side: [one["text"] for one in question[side]] for side in ("for", "against", "undecided", "open")} == {  # type: ignore[attr-defined]  # rows of JSON
        "for": ["[[p|A paper]]"], "against": ["E"], "undecided": [], "open": ["F"],
    }  # fmt: skip


def test_a_reason_is_kept_in_the_lists_and_a_title_that_says_more_than_the_name(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "state: abandoned\nended: 2026-11-02\nreason: no cluster\nadvances: q"))
    write("notes/f.md", work("experiment", "state: done\nverdict: mixed\nended: 2026-11-02\nreason: mine\nadvances: q"))
    write("notes/q.md", work("question"))
    write("notes/small-probe.md", work("idea", "title: Small probe\nstate: pruned\nreason: small enough"))
    write("notes/i7.md", work("idea", "title: Long one\nstate: pruned\nreason: too long"))
    assert carrel("exp").out == "done       mixed  2026-11-02  f  q\nabandoned  -      2026-11-02  e  no cluster\n"
    assert carrel("ideas").out == "pruned    i7           Long one: too long\npruned    small-probe  small enough\n"


def test_evidence_stands_side_by_side_in_plain_words(carrel: Carrel, write: Write) -> None:
    write(
        "notes/q.md",
        work("question", "title: Is it\ndate: 2026-11-01", "## Evidence against\n\n- See [[p|A *paper*]]\n"),
    )
    write("notes/e.md", work("experiment", "title: E\nadvances: q\nstate: running"))
    write("notes/f.md", work("experiment", "title: F\nadvances: q\nverdict: confirmed\nended: 2026-11-10"))
    assert carrel("questions").out == (
        "Is it  q  asked 19 days ago\n  + F  (f, confirmed, 2026-11-10)\n  - See A paper\n  … E  (e, running)\n"
    )


def test_an_answered_question_is_listed_with_its_answer(carrel: Carrel, write: Write) -> None:
    front = "state: answered\nanswered: 2026-11-02"
    write("notes/q.md", work("question", front, "## Answer\n\n**No.**\n\n- Not yet\n"))
    assert carrel("questions", "--all").out == "q  q  answered  2026-11-02\n  = No. Not yet\n"
    assert rows(carrel, "questions", "--all")[0]["answer"] == "**No.**\n\n- Not yet"


def test_old_ideas_come_up_more_often_than_new_ones() -> None:
    ideas = [parse_note(f"{day}.md", f"---\ndate: {day}\n---\n".encode()) for day in ("2026-01-01", "2026-11-19")]
    random, today = Random(7), date(2026, 11, 20)
    first = Counter(drawn(ideas, 1, today, random)[0].path for _ in range(1000))
    assert first["2026-01-01.md"] > 950 > first["2026-11-19.md"] > 0
    assert len(drawn(ideas, 5, today, random)) == 2


def test_only_open_ideas_come_up_again(carrel: Carrel, write: Write) -> None:
    for number, front in enumerate(("state: open", "", "state: pruned", "state: pursued", "state: open")):
        write(f"notes/i{number}.md", work("idea", front))
    assert set(names(carrel, "ideas", "--random", "9")) == {"i0", "i1", "i4"}
    assert len(names(carrel, "ideas", "--random", "2")) == 2
    assert names(carrel, "ideas", "--open") == ["i0", "i1", "i4"]


# --- what it is for ---------------------------------------------------------------------------------------------


def test_the_way_up_goes_by_titles_and_aliases_of_notes_of_any_kind(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "advances: ['[[q]]', '[[gone]]']"))
    write("notes/q.md", work("question", "project: The Project"))
    write("notes/p.md", work("project", "title: the project\nadvances: '[[Grand Plan]]'"))
    write("notes/agenda.md", "---\naliases: [grand plan]\nadvances: '[[In The Body]]'\n---\n")
    write("notes/last.md", "# In the body\n")
    why = json.loads(carrel("why", "e", "--json").out)
    found = []
    step = why
    while step["advances"]:
        [step] = step["advances"]
        found.append(step["path"])
    assert found == ["notes/q.md", "notes/p.md", "notes/agenda.md", "notes/last.md"]
    assert why["breaks"] == [{"path": "notes/e.md", "why": "no note is called gone"}]


def test_many_names_that_lead_nowhere_are_all_told(carrel: Carrel, write: Write) -> None:
    advances = ", ".join(f"gone {number}" for number in range(9))
    write("notes/e.md", work("experiment", f"advances: [{advances}, the body]"))
    write("notes/n.md", "# The body\n")
    said = carrel("why", "e").out.splitlines()
    assert said[1:] == [*(f"  ✗ no note is called gone {number}" for number in range(9)), "  → The body (note)"]


def test_without_a_note_it_is_asked_of_every_experiment_that_runs(carrel: Carrel, write: Write) -> None:
    assert carrel("why").err == "no experiment runs: carrel why NOTE says what another note is for\n"
    write("notes/e.md", work("experiment", "advances: q\nstate: running"))
    write("notes/f.md", work("experiment", "advances: p\nstate: running"))
    write("notes/g.md", work("experiment", "advances: p\nstate: planned"))
    write("notes/q.md", work("question", "advances: p"))
    write("notes/p.md", work("project"))
    assert carrel("why").out == (
        "e (experiment, running)\n  → q (question)\n    → p (project)\nf (experiment, running)\n  → p (project)\n"
    )
    told = json.loads(carrel("why", "--json").out)
    assert [(one["path"], one["breaks"]) for one in told] == [("notes/e.md", []), ("notes/f.md", [])]


def test_two_ways_that_meet_are_told_once_and_a_circle_is_cut(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "advances: [q, r]"))
    write("notes/q.md", work("question", "advances: p"))
    write("notes/r.md", work("question", "advances: p"))
    write("notes/p.md", work("project"))
    write("notes/c.md", work("question", "advances: d"))
    write("notes/d.md", work("question", "advances: c"))
    assert carrel("why", "e").out == (
        "e (experiment)\n  → q (question)\n    → p (project)\n  → r (question)\n    → p (project, see above)\n"
    )
    assert carrel("why", "c").out == "c (question)\n  → d (question)\n    → c (question: a circle)\n"


def test_an_experiment_shows_the_entries_that_name_it_whatever_they_call_it(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "title: Seed sweep"))
    write(
        "notes/2026-11-02.md", "## 9:00 Second\n\nexperiment:: [[Seed sweep]]\n\n## 10:00 Not\n\nexperiment:: [[f]]\n"
    )
    write("notes/2026-11-01.md", "## 9:00 First\n\n- Experiment:: see [[e|it]]\nrun:: r-abcde\nsignal:: SIGINT\n")
    shown = json.loads(carrel("exp", "show", "e", "--json").out)
    assert [(one["title"], one["path"]) for one in shown["entries"]] == [
        ("First", "notes/2026-11-01.md"), ("Second", "notes/2026-11-02.md"),
    ]  # fmt: skip
    assert carrel("exp", "show", "e").out.splitlines()[-2:] == [
        "2026-11-01 09:00  First   SIGINT  notes/2026-11-01.md:1",
        "2026-11-02 09:00  Second          notes/2026-11-02.md:1",
    ]


# --- check ------------------------------------------------------------------------------------------------------


@pytest.fixture
def commit(kb: KnowledgeBase) -> Callable[[str], None]:
    """Commit all notes on a day."""

    def at(day: str) -> None:
        ada = {"NAME": "Ada", "EMAIL": "ada@example.org", "DATE": f"{day}T12:00:00Z"}
        who = {f"GIT_{role}_{what}": said for role in ("AUTHOR", "COMMITTER") for what, said in ada.items()}
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", day]):
            environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
            subprocess.run(["git", *words], cwd=kb.root, check=True, capture_output=True, env=environment)

    return at


def test_git_tells_of_a_hypothesis_that_came_after_its_result(
    carrel: Carrel, write: Write, commit: Callable[[str], None]
) -> None:
    start, hypothesis = work("experiment", "advances: q"), "\n## Hypothesis\n\nSeeds do not matter.\n"
    result = "\n## Result\n\nThey do.\n"
    write("notes/q.md", work("question"))
    write("notes/honest.md", start + hypothesis)
    write("notes/late [1].md", start + result)
    commit("2026-11-01")
    write("notes/honest.md", start + hypothesis + result)
    write("notes/late [1].md", start + hypothesis + result)
    commit("2026-11-02")
    [late] = rows(carrel, "check")
    assert (late["path"], late["code"]) == ("notes/late [1].md", "late-hypothesis")
    assert str(late["message"]).startswith(
        "its hypothesis was first committed on 2026-11-02, after its result (2026-11"
    )


def test_warnings_are_listed_and_make_no_check_fail_but_a_strict_one(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "state: running\nstarted: 2026-10-01"))
    said = carrel("check")
    assert (said.code, said.err) == (0, "1 note, 0 findings; 2 warnings: 1 long-running, 1 serves-no-question\n")
    assert carrel("check", "--strict").code == 2
    write("notes/bad.md", "[[gone]]")
    assert carrel("check").code == 2


def test_how_long_an_experiment_may_run_is_a_setting(carrel: Carrel, write: Write) -> None:
    write("notes/e.md", work("experiment", "state: running\nstarted: 2026-10-01\nadvances: q"))
    write("notes/q.md", work("question"))
    assert codes(carrel) == ["long-running"]
    for days in ("50", "0"):
        assert carrel("config", "practice.running_days", days).code == 0
        assert codes(carrel) == []
    for wrong in ("many", "1.5"):
        assert carrel("config", "practice.running_days", wrong).code == 1


def test_two_predictions_under_one_id_are_a_finding(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "- [ ] p=0.7: x ^p-one\n- [ ] p=0.2: y ^p-one\n")
    assert codes(carrel) == ["same-prediction"]
    assert carrel("check").code == 2


def test_a_new_experiment_has_a_place_for_everything_and_nothing_is_said_of_it(
    carrel: Carrel, kb: KnowledgeBase
) -> None:
    carrel("new", "question", "Why")
    carrel("new", "experiment", "Seed sweep", "--set", "advances=[[why]]", "-p", "probes")
    note = kb.read("notes/experiments/seed-sweep.md")
    assert [heading.text for heading in note.markup.headings] == [
        "Hypothesis", "Why", "Prediction", "Method", "Runs", "Result", "Verdict", "Surprise", "Next",
    ]  # fmt: skip
    assert (note.metadata["state"], note.metadata["advances"], note.project) == ("planned", "[[why]]", "probes")
    assert codes(carrel) == []
