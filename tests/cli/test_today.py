"""`carrel today`: each section says what it is for, is left out when it is empty, and asks for nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import Carrel

Write = Callable[[str, str], Path]


def note(kind: str, body: str = "", **keys: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return f"---\nkind: {kind}\n{lines}---\n\n{body}"


@pytest.fixture
def friday(write: Write) -> None:
    """Something in every section, on 2026-11-20, and beside each what is not to be told."""
    write(
        "notes/experiments/seed-sweep.md", note("experiment", title="Seed sweep", state="running", started="2026-11-08")
    )
    write("notes/experiments/later.md", note("experiment", title="Later", state="planned", date="2026-11-01"))
    steps = "## Next\n\n- More seeds\n- A larger model\n\n## Other\n\nNo step\n"
    done = note("experiment", steps, title="Probes", state="done", date="2026-05-01", ended="2026-11-18")
    write("notes/experiments/done.md", done)
    write(
        "notes/projects/toy.md",
        note("project", "## Next\n\nWrite it up\n", title="Toy models", date="2026-01-01"),
    )
    write("notes/projects/other.md", note("project", "## Next\n\nNobody spoke of it\n", date="2026-01-01"))
    write(
        "notes/2026/2026-11-17.md",
        note("log", "## 09:00 Loss spikes\n\nnext:: try a smaller step\nproject:: toy\n\n"
             "- [ ] p=0.7 by 2026-11-20: It is the step ^p-aaaaa\n- [ ] p=0.2 by 2026-11-21: Not yet ^p-bbbbb\n"
             "- [x] p=0.2 by 2026-11-18: Told ^p-ccccc → no 2026-11-18\n"),
    )  # fmt: skip
    write("notes/2026/2026-11-12.md", note("log", "## 09:00 Too long ago\n\nnext:: forgotten\n"))
    write(
        "notes/2025/2025-11-20.md", note("log", "Before.\n\n## 16:00 Second\n\n## 08:15 First of that day\n\nText.\n")
    )
    write("notes/2024/2024-11-20.md", note("log", "A day without entries\n"))
    write("notes/2025/2025-11-21.md", note("log", "## 16:00 Another day\n"))
    write("notes/2026/2026-11-20.md", note("log", "## 10:00 This morning\n"))
    write("papers/a2020.md", note("paper", title="Alpha", year="2020", reading="queued", date="2026-11-18"))
    write("papers/b2021.md", note("paper", title="Beta", year="2021", reading="read", date="2026-11-18"))


def test_every_section_is_short_and_in_the_order_of_a_morning(carrel: Carrel, friday: None) -> None:
    assert carrel("today").out == (
        "Running\n"
        "  seed-sweep  12 days  Seed sweep\n"
        "\n"
        "Due\n"
        "  p-aaaaa  70 %  2026-11-20  It is the step\n"
        "\n"
        "To read\n"
        "  a2020  Alpha  queued 2 days\n"
        "\n"
        "Next, as of the last seven days\n"
        "  try a smaller step  2026-11-17 09:00 Loss spikes\n"
        "  More seeds          Probes\n"
        "  A larger model      Probes\n"
        "  Write it up         Toy models\n"
        "\n"
        "On this day\n"
        "  2025  08:15  First of that day\n"
        "  2025  16:00  Second\n"
        "  2024         A day without entries\n"
        "\n"
        "Today\n"
        "  10:00  This morning\n"
    )


def test_json_names_the_place_of_everything(carrel: Carrel, friday: None) -> None:
    told = json.loads(carrel("today", "--json").out)
    assert list(told) == ["date", "running", "due", "read", "next", "mentions", "past", "today"]
    assert told["date"] == "2026-11-20"
    assert told["running"] == [
        {"path": "notes/experiments/seed-sweep.md", "title": "Seed sweep", "since": "2026-11-08", "project": "",
         "authors": []}
    ]  # fmt: skip
    assert [(one["id"], one["path"], one["line"]) for one in told["due"]] == [
        ("p-aaaaa", "notes/2026/2026-11-17.md", 10)
    ]
    assert told["read"] == [{"path": "papers/a2020.md", "key": "a2020", "title": "Alpha", "reasons": ["queued 2 days"]}]
    assert [(one["text"], one["time"]) for one in told["next"]][:2] == [
        ("try a smaller step", "09:00"),
        ("More seeds", None),
    ]
    assert [(one["date"], one["title"], one["line"]) for one in told["past"]] == [
        ("2025-11-20", "First of that day", 9), ("2025-11-20", "Second", 7), ("2024-11-20", "2024-11-20", 1),
    ]  # fmt: skip
    assert [one["title"] for one in told["today"]] == ["This morning"]


def test_an_empty_day_says_so_kindly(carrel: Carrel) -> None:
    said = carrel("today")
    assert (said.code, said.out) == (0, "")
    assert said.err == 'nothing runs, nothing is due, nothing waits to be read; carrel log "…" writes the first line\n'


def test_a_long_section_is_cut_and_says_how_much_more_there_is(carrel: Carrel, write: Write) -> None:
    for number in range(11):
        write(f"notes/experiments/e{number:02}.md", note("experiment", title=f"E{number}", state="running"))
    said = carrel("today").out
    assert said.count("\n") == 1 + 8 + 1
    assert said.endswith("  and 3 more\n")
    assert len(json.loads(carrel("today", "--json").out)["running"]) == 11


def test_a_year_with_much_to_say_does_not_hide_the_years_before_it(carrel: Carrel, write: Write) -> None:
    for year in (2025, 2024, 2023):
        entries = "".join(f"## 1{hour}:00 Of {year}\n\n" for hour in range(9))
        write(f"notes/{year}/{year}-11-20.md", note("log", entries))
    shown = carrel("today").out.splitlines()
    assert [line.split()[0] for line in shown[1:-1]] == ["2025", "2025", "2024", "2024", "2023", "2023"]
    assert shown[-1] == f"  and {27 - 6} more"


def test_what_to_read_is_what_paper_next_says(carrel: Carrel, write: Write) -> None:
    """Citations decide here, and they are not counted for all: those in a paper's own note count for nothing."""
    for number in range(8):
        own = f"As [@k{number}] says.\n" if number % 2 else ""
        write(f"papers/k{number}.md", note("paper", own, title=f"K{number}", year="2020", reading="queued"))
    write(
        "papers/begun.md", note("paper", title="Begun", reading="skimmed", sessions="[{date: 2026-11-01, level: read}]")
    )
    write("papers/loud.md", note("paper", title="Loud", reading="queued", priority="1"))
    cites = [f"[@k{number}]" for number in (3, 5, 5, 6)] + ["`[@k7]`", "[@loud]" * 9]
    write("notes/n.md", note("note", " and ".join(cites)))
    expected = [one["key"] for one in json.loads(carrel("paper", "next", "-n", "3", "--json").out)]
    assert (
        [one["key"] for one in json.loads(carrel("today", "--json").out)["read"]] == expected == ["begun", "k5", "k3"]
    )


def test_in_a_team_it_is_about_your_own_days_and_all_tells_of_everyone(
    carrel: Carrel, write: Write, settings: Callable[[str], None], kb: object
) -> None:
    settings('author = "Ada Lovelace"\nper_author = true\n')
    for name, author in (("ada", "[Ada Lovelace]"), ("ben", "[Ben]")):
        write(f"notes/experiments/{name}.md", note("experiment", title=name, state="running", authors=author))
        write(f"notes/2026/2026-11-20-{name}.md", note("log", f"## 10:00 By {name}\n", authors=author))
    write("notes/experiments/shared.md", note("experiment", title="shared", state="running"))

    def running(*arguments: str) -> list[str]:
        return [one["title"] for one in json.loads(carrel("today", *arguments, "--json").out)["running"]]

    assert running() == ["ada", "shared"]
    assert running("--all") == ["ada", "ben", "shared"]
    assert running("--author", "ben") == ["ben", "shared"]
    assert "10:00  By ada  Ada Lovelace" in carrel("today").out
    assert "By ben" not in carrel("today").out


def test_who_mentioned_me_in_the_last_days_is_told_where_others_write(
    carrel: Carrel, write: Write, settings: Callable[[str], None]
) -> None:
    settings('author = "Ada Lovelace"\n')
    said = "## 09:00 No sweep\n\n@ada look at this\n\n## 09:30 Nobody\n\nNot you.\n"
    for day, author in (("2026-11-18", "Ben"), ("2026-11-17", "Ada Lovelace"), ("2026-11-12", "Ben")):
        write(f"notes/2026/{day}-{author[:3].lower()}.md", note("log", said, authors=f"[{author}]"))
    write("notes/m.md", note("meeting", "@AdaLovelace, 10 am", title="Plan", date="2026-11-19", authors="[Ben]"))
    write("notes/d.md", note("digest", "@ada", title="Week", date="2026-11-19", authors="[Ben]"))
    write("notes/nobodys.md", note("note", "@ada", title="Unsigned", date="2026-11-19"))
    assert carrel("today").out == (
        "You are mentioned\n"
        "  2026-11-19         @AdaLovelace, 10 am  Ben\n"
        "  2026-11-18  09:00  No sweep             Ben\n"
    )
    told = json.loads(carrel("today", "--json").out)["mentions"]
    assert [(one["path"], one["line"]) for one in told] == [("notes/m.md", 1), ("notes/2026/2026-11-18-ben.md", 6)]
    assert json.loads(carrel("today", "--author", "ben", "--json").out)["mentions"] == []


def test_what_a_digest_repeats_is_not_to_be_done_twice(carrel: Carrel, write: Write) -> None:
    write("notes/digests/2026-w47.md", note("digest", "## Next\n\n- More seeds\n", date="2026-11-18"))
    assert carrel("today").out == ""


def test_control_characters_of_notes_do_not_reach_the_terminal(carrel: Carrel, write: Write) -> None:
    write("notes/2026/2026-11-20.md", note("log", "## 10:00 Red \x1b[31m\n"))
    assert "\\x1b[31m" in carrel("today").out
