"""`carrel stats`: counts that can be done by hand, and a calendar that fits any terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]


def note(kind: str, body: str = "", **keys: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return f"---\nkind: {kind}\n{lines}---\n\n{body}"


@pytest.fixture
def year(write: Write) -> None:
    """A little of everything; today is Friday, 2026-11-20."""
    write("notes/2026/2026-11-20.md", note("log", "## 10:00 One\n\n## 11:00 Two\n\n## 12:00 Three\n\n## 13:00 Four\n"))
    write("notes/2026/2026-11-19.md", note("log", "## 10:00 One\n\nproject:: toy\n", authors="[Ben]"))
    write("notes/2026/2026-10-05.md", note("log", "Words without an entry.\n"))
    write("notes/2024/2024-10-05.md", note("log", "## 10:00 Long ago\n"))
    write("notes/2030/2030-01-01.md", note("log", "## 10:00 Still to come\n"))
    write("notes/a.md", note("note", date="2026-11-18", project="toy"))
    sessions = "[{date: 2026-11-02, level: skim, minutes: 10}, {date: 2026-11-03, level: read, minutes: 50}]"
    write("papers/a.md", note("paper", reading="read", sessions=sessions, authors="[Ben]", summariser="Ada"))
    write("papers/b.md", note("paper", reading="read", sessions="[{date: 2024-11-02, level: read, minutes: 90}]"))
    for name, keys in {
        "e1": {"state": "running", "started": "2024-01-01"},
        "e2": {"state": "done", "ended": "2026-06-01", "verdict": "refuted"},
        "e3": {"state": "done", "ended": "2026-06-02", "verdict": "refuted"},
        "e4": {"state": "done", "ended": "2026-06-03", "verdict": "confirmed"},
        "e5": {"state": "done", "ended": "2024-06-03", "verdict": "confirmed"},
    }.items():
        write(f"notes/experiments/{name}.md", note("experiment", **keys))
    lines = [f"- [x] p=0.9 by 2026-11-01: Claim {n} ^p-{n} → {'yes' if n < 9 else 'no'} 2026-11-01" for n in range(10)]
    lines += ["- [ ] p=0.5 by 2026-11-01: Due ^p-d", "- [ ] p=0.5: Open ^p-o"]
    lines += ["- [x] p=0.5: Void ^p-v → void 2026-11-01", "- [x] p=0.1: Long ago ^p-l → yes 2024-11-01"]
    write("notes/forecasts.md", note("note", "\n".join(lines)))


def test_the_counts_of_a_year_are_those_counted_by_hand(carrel: Carrel, year: None) -> None:
    said = carrel("stats").out.split("\n\n")[1]
    assert said == (
        "written           6 entries and 1 note on 4 days since 2025-11-17\n"
        "this month        6 on 3 days\n"
        "papers            1 skimmed, 1 read, in 1 h\n"
        "experiments       1 running, 3 done: 2 refuted, 1 confirmed\n"
        "predictions       2 open (1 due), 10 resolved, Brier score 0.090\n"
        "most days on end  3, until 2026-11-20\n"
    )


def test_the_calendar_has_a_column_for_each_week_and_darker_marks_for_fuller_days(carrel: Carrel, year: None) -> None:
    head, *days = carrel("stats").out.split("\n\n")[0].split("\n")
    assert head == "       Dec Jan Feb Mar  Apr May  Jun Jul Aug  Sep Oct Nov"
    assert [row[:5] for row in days] == ["Mon  ", "Tue  ", "Wed  ", "Thu  ", "Fri  ", "Sat  ", "Sun  "]
    assert [len(row) - 5 for row in days] == [53, 53, 53, 53, 53, 52, 52], "it ends today"
    assert (days[4][-1], days[3][-1], days[2][-1], days[1][-1]) == ("=", ":", ":", "."), "four, one, one, none"
    assert days[0][5 + 53 - 7] == ":", "the 5th of October was a Monday, six weeks before this one"
    assert max(map(len, (head, *days))) <= 80


def test_colours_are_for_a_terminal_without_no_color(kb: KnowledgeBase, year: None) -> None:
    """The same marks in either: the colour says nothing that they do not."""

    def on_a_terminal(**environment: str) -> str:
        ours, theirs = pty.openpty()
        variables = {**os.environ, "TERM": "xterm-256color", "PAGER": "cat", **environment}
        with os.fdopen(ours, "rb", buffering=0) as screen:
            command = [sys.executable, "-m", "carrel", "stats", "--dir", str(kb.root), "-q"]
            with subprocess.Popen(command, stdout=theirs, env=variables) as process:
                os.close(theirs)
                shown = b""
                with suppress(OSError):  # so a terminal says that the last who wrote to it is gone
                    while more := screen.read(65536):
                        shown += more
            assert process.returncode == 0
        return shown.decode().replace("\r\n", "\n")

    coloured, plain = on_a_terminal(), on_a_terminal(NO_COLOR="1")
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert click.unstyle(coloured) == plain


def test_since_author_and_project_narrow_all_of_it(carrel: Carrel, year: None) -> None:
    def told(*arguments: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(carrel("stats", *arguments, "--json").out)
        return found

    everything = told("--since", "2024")
    assert (everything["entries"], everything["notes"], everything["minutes"]) == (7, 1, 150)
    assert everything["verdicts"] == {"refuted": 2, "confirmed": 2}
    assert everything["predictions"] == {"open": 2, "due": 1, "resolved": 11, "void": 1}
    bens = told("--author", "ben")
    assert (bens["entries"], bens["notes"], bens["papers"]) == (1, 0, []), "the paper that he wrote is not his note"
    adas = told("--author", "ada")
    assert (adas["entries"], adas["minutes"]) == (0, 60)
    toy = told("--project", "toy")
    assert (toy["activity"], toy["predictions"]) == ({"2026-11-18": 1, "2026-11-19": 1}, {})


def test_json_holds_every_count_under_its_name(carrel: Carrel, year: None) -> None:
    told = json.loads(carrel("stats", "--json").out)
    activity = told.pop("activity")
    assert activity == {"2026-10-05": 1, "2026-11-18": 1, "2026-11-19": 1, "2026-11-20": 4}
    assert told == {
        "since": "2025-11-17", "until": "2026-11-20", "entries": 6, "notes": 1, "days": 4,
        "this_month": {"written": 6, "days": 3},
        "longest_run": {"days": 3, "first": "2026-11-18", "last": "2026-11-20"},
        "minutes": 60,
        "papers": [
            {"level": "skim", "papers": 1, "sessions": 1, "minutes": 10},
            {"level": "read", "papers": 1, "sessions": 1, "minutes": 50},
        ],
        "experiments": {"running": 1, "done": 3}, "verdicts": {"refuted": 2, "confirmed": 1},
        "predictions": {"open": 2, "due": 1, "resolved": 10, "void": 1}, "brier": 0.09,
    }  # fmt: skip


def test_a_gap_is_not_held_against_anyone_and_too_few_predictions_have_no_score(carrel: Carrel, write: Write) -> None:
    write("notes/2026/2026-03-05.md", note("log", "## 10:00 One\n\n- [x] p=0.5: A ^p-a → yes 2026-03-06\n"))
    said = carrel("stats").out.split("\n\n")[1]
    assert said == (
        "written      1 entry on 1 day since 2025-11-17\n"
        "predictions  0 open, 1 resolved\n"
    )  # fmt: skip


def test_what_is_still_to_come_has_no_numbers(carrel: Carrel) -> None:
    said = carrel("stats", "--since", "2030")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("carrel: '2030' is 2030-01-01, which is still to come\n")


def test_an_empty_knowledge_base_says_so(carrel: Carrel) -> None:
    said = carrel("stats")
    assert (said.code, said.out, said.err) == (0, "", "nothing is here yet\n")
    assert json.loads(carrel("stats", "--json").out)["longest_run"] is None
