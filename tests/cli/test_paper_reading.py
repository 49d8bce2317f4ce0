"""Reading by the clock, the list as a table, and opening papers; sessions by hand are in sessions/reading.txt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from carrel.cli.table import cut, table, width
from carrel.store.knowledge_base import KnowledgeBase
from tests.conftest import NOW
from tests.support import Carrel

Write = Callable[[str, str], Path]
TOY = "---\nkind: paper\ncitekey: toy\ntitle: Toy Models\nreading: queued\n---\n"


@pytest.fixture
def clock(own_home: Path) -> Path:
    """Where it is kept what is being read."""
    return own_home / ".local/state/carrel/reading.json"


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)


# --- by the clock ---------------------------------------------------------------------------------------------------


def test_the_clock_runs_from_start_to_stop(carrel: Carrel, write: Write, clock: Path) -> None:
    place = write("papers/toy.md", TOY)
    assert carrel("paper", "start").err == "nothing is being read\n"
    assert carrel("paper", "start", "toy").err == "started to skim toy; `carrel paper stop` records it\n"
    assert place.read_text() == TOY
    assert clock.stat().st_mode & 0o077 == 0, "what one reads is one's own business"
    shown = carrel("paper", "start", now=later(minutes=12))
    assert shown.out == "toy is being read (skim) since 14:32, 12 min\n"
    assert carrel("paper", "next").out == "toy  Toy Models\n    being read now\n"
    stopped = carrel("paper", "stop", "--rating", "4", now=later(minutes=12, seconds=20))
    assert (stopped.code, stopped.err) == (0, "saved papers/toy.md: skimmed in 12 min\n")
    assert place.read_text() == (
        "---\nkind: paper\ncitekey: toy\ntitle: Toy Models\nreading: skimmed\n"
        "sessions:\n  - {date: 2026-11-20, level: skim, minutes: 12}\nrating: 4\n---\n"
    )
    assert not clock.exists()
    nothing = carrel("paper", "stop")
    assert (nothing.code, nothing.err.splitlines()[0]) == (1, "carrel: nothing is being read")


def test_the_next_time_is_one_level_further_unless_it_is_said(carrel: Carrel, write: Write) -> None:
    place = write("papers/toy.md", TOY.replace("queued", "skimmed"))
    assert carrel("paper", "start", "toy").err.startswith("started to read toy")
    carrel("paper", "stop", "--unfinished", now=later(minutes=20))
    assert carrel("paper", "start", "toy").err.startswith("started to read toy"), "it was not finished"
    carrel("paper", "stop", "--level", "summarize", now=later(minutes=90))
    assert "reading: summarised\n" in place.read_text()
    assert carrel("paper", "start", "toy").err.startswith("started to reproduce toy")


def test_who_summarises_a_paper_signs_it_unless_somebody_has(
    carrel: Carrel, write: Write, settings: Callable[[str], None]
) -> None:
    settings('author = "Ada Lovelace"\n')
    place = write("papers/toy.md", TOY)
    assert carrel("paper", "read", "toy", "--level", "read").err == "saved papers/toy.md: read\n"
    assert carrel("paper", "read", "toy", "--level", "summarise", "--unfinished").err.endswith(", unfinished\n")
    assert "summariser" not in place.read_text()
    said = carrel("paper", "read", "toy", "--level", "summarise").err
    assert said == "saved papers/toy.md: summarised; summariser: Ada Lovelace\n"
    assert "\nsummariser: [Ada Lovelace]\n" in place.read_text()
    signed = place.read_text().replace("[Ada Lovelace]", "Ben")
    write("papers/toy.md", signed)
    assert carrel("paper", "read", "toy", "--level", "reproduce").err == "saved papers/toy.md: reproduced\n"
    assert "\nsummariser: Ben\n" in place.read_text()


def test_where_to_write_is_there_when_reading_starts(carrel: Carrel, write: Write) -> None:
    place = write("papers/toy.md", TOY.replace("reading: queued", "reading: skimmed\nsections: skim"))
    carrel("paper", "start", "toy")
    assert "\n## Summary\n" in place.read_text()
    assert "sessions" not in place.read_text()


@pytest.mark.parametrize("options", [["--discard"], ["--level", "skim", "--minutes", "5"]])
def test_sections_in_which_nothing_was_written_go_again_with_the_reading(
    carrel: Carrel, write: Write, options: list[str]
) -> None:
    before = TOY.replace("reading: queued", "reading: skimmed\nsections: skim") + "\n## TL;DR\r\n\n## Mine\n"
    for written in ("", "Sparse features are linear.\n"):
        place = write("papers/toy.md", before)
        carrel("paper", "start", "toy")
        with place.open("a") as file:
            file.write(written)
        begun = place.read_bytes()
        assert b"\n## Summary\n" in begun
        assert carrel("paper", "stop", *options).code == 0
        if options == ["--discard"]:
            assert place.read_bytes() == (begun if written else before.encode())
        assert ("## Summary" in place.read_text()) == bool(written)


def test_what_is_gone_can_be_discarded(carrel: Carrel, write: Write, clock: Path) -> None:
    place = write("papers/toy.md", TOY.replace("reading: queued", "reading: skimmed\nsections: skim"))
    carrel("paper", "start", "toy")
    place.unlink()
    assert carrel("paper", "stop", "--discard").code == 0
    assert not clock.exists()


def test_a_line_that_cites_a_paper_twice_is_shown_once(carrel: Carrel, write: Write) -> None:
    write("papers/toy.md", TOY)
    write("notes/c.md", "See [@toy], [[toy]] and [@toy, p. 3].\n\n[@toy]\n")
    assert carrel("paper", "show", "toy").out.endswith("Cited in 1\n\n  notes/c.md:1\n  notes/c.md:3\n")
    assert json.loads(carrel("paper", "show", "toy", "--json").out)["cited"] == [
        {"path": "notes/c.md", "line": 1},
        {"path": "notes/c.md", "line": 3},
    ]


def test_only_one_paper_is_read_at_a_time(carrel: Carrel, write: Write) -> None:
    write("papers/toy.md", TOY)
    write("papers/zoom.md", TOY.replace("toy", "zoom"))
    carrel("paper", "start", "toy")
    for key in ("toy", "zoom"):
        again = carrel("paper", "start", key, now=later(minutes=5))
        assert again.code == 1
        assert again.err.splitlines() == [
            "carrel: toy is being read (skim) since 14:32, 5 min",
            "        `carrel paper stop` records it, with --discard forgets it",
        ]
    assert carrel("paper", "stop", "--discard").err == "discarded: nothing is being read, and nothing was recorded\n"
    assert carrel("paper", "start", "zoom").code == 0


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(hours=9), "the clock has run 9 hours for toy, which is more than the 4 of a sitting"),
        (timedelta(days=12), "the clock has run 12 days for toy, which is more than the 4 of a sitting"),
        (-timedelta(hours=1), "the clock was set back since toy was started"),
    ],
)
def test_a_clock_that_cannot_be_right_asks_for_the_minutes(
    carrel: Carrel, write: Write, clock: Path, after: timedelta, said: str
) -> None:
    place = write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    asked = carrel("paper", "stop", now=NOW + after)
    assert (asked.code, asked.err) == (
        2,
        f"carrel: {said}\n        --minutes N says how long you read, --discard forgets it\n",
    )
    assert place.read_text() == TOY
    assert clock.exists()
    assert carrel("paper", "stop", "--minutes", "30", now=NOW + after).code == 0
    assert "- {date: 2026-11-20, level: skim, minutes: 30}\n" in place.read_text(), "of the day on which it began"


def test_summer_time_ends_while_reading_and_no_hour_is_gained(carrel: Carrel, write: Write) -> None:
    place = write("papers/toy.md", TOY)
    carrel("paper", "start", "toy", now=datetime.fromisoformat("2026-10-25T02:50:00+02:00"))
    carrel("paper", "stop", now=datetime.fromisoformat("2026-10-25T02:20:00+01:00"))
    assert "{date: 2026-10-25, level: skim, minutes: 30}" in place.read_text()


def test_it_is_recorded_in_the_knowledge_base_where_it_was_started(
    carrel: Carrel, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    monkeypatch.chdir(tmp_path)
    assert carrel("paper", "stop", now=later(minutes=9)).code == 0
    assert "minutes: 9}" in place.read_text()


def test_a_paper_that_was_renamed_is_found_and_one_that_was_deleted_is_told(
    carrel: Carrel, write: Write, clock: Path
) -> None:
    place = write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    renamed = place.rename(place.with_name("superposition.md"))
    write("papers/toy.md", TOY.replace("citekey: toy", "citekey: another"))
    assert carrel("paper", "stop", now=later(minutes=9)).err == "saved papers/superposition.md: skimmed in 9 min\n"
    carrel("paper", "start", "superposition")
    renamed.unlink()
    gone = carrel("paper", "stop", now=later(minutes=9))
    assert (gone.code, gone.err.splitlines()[0]) == (
        1,
        "carrel: toy, which is being read, is gone; nothing was recorded",
    )
    assert clock.exists()


def test_a_knowledge_base_that_moved_is_the_one_around_the_folder(
    carrel: Carrel, write: Write, kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    moved = tmp_path / "elsewhere"
    shutil.move(kb.root, moved)
    monkeypatch.chdir(tmp_path)
    lost = carrel("paper", "stop", now=later(minutes=9))
    assert (lost.code, lost.err.splitlines()[0]) == (1, f"carrel: {kb.root}, where toy is being read, is gone")
    assert carrel("paper", "stop", "--dir", str(moved), now=later(minutes=9)).code == 0
    assert "minutes: 9}" in (moved / "papers/toy.md").read_text()


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"since": 1}', "\x00", '{"level": "skim"}' * 9, "[" * 9999])
def test_a_damaged_clock_is_told_and_can_be_removed(carrel: Carrel, write: Write, clock: Path, damage: str) -> None:
    write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    clock.write_text(damage)
    for command in (["start"], ["stop"], ["start", "toy"]):
        said = carrel("paper", *command)
        assert (said.code, said.err) == (
            1,
            f"carrel: {clock}: does not say what is being read\n        `carrel paper stop --discard` removes it\n",
        )
    assert carrel("paper", "stop", "--discard").code == 0
    assert carrel("paper", "start", "toy").code == 0


def test_a_note_that_cannot_be_changed_keeps_the_clock_running(carrel: Carrel, write: Write, clock: Path) -> None:
    place = write("papers/toy.md", TOY)
    carrel("paper", "start", "toy")
    broken = TOY.replace("reading: queued", "sessions: many")
    place.write_text(broken)
    refused = carrel("paper", "stop", now=later(minutes=9))
    assert (refused.code, refused.err.splitlines()[0]) == (
        1,
        "carrel: papers/toy.md: sessions is no list; nothing was written",
    )
    assert place.read_text() == broken
    assert clock.exists()


# --- what is named --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["toy", "@toy", "[@toy]", "papers/toy.md", "Toy Models"])
def test_a_paper_is_named_as_it_is_cited_or_as_any_note(carrel: Carrel, write: Write, name: str) -> None:
    write("papers/toy.md", TOY)
    assert carrel("paper", "read", name, "--level", "skim").err == "saved papers/toy.md: skimmed\n"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "@", "toy\x00", "a" * 5000, "notes/a.md"])
def test_what_names_no_paper_is_told_in_a_line(carrel: Carrel, write: Write, name: str) -> None:
    write("papers/toy.md", TOY)
    write("notes/a.md", "text")
    said = carrel("paper", "read", name, "--level", "skim")
    assert said.code in (1, 2)
    assert said.err.startswith("carrel: ")
    assert "unexpected" not in said.err


def test_sessions_that_are_recorded_at_once_are_all_recorded(write: Write, kb: KnowledgeBase) -> None:
    place = write("papers/toy.md", TOY)
    command = [sys.executable, "-m", "carrel", "-q", "paper", "read", "toy", "--level", "skim", "--minutes"]
    running = [subprocess.Popen([*command, str(minutes)], cwd=kb.root) for minutes in range(1, 7)]
    assert [process.wait(60) for process in running] == [0] * 6
    recorded = [line for line in place.read_text().splitlines() if "minutes: " in line]
    assert sorted(recorded) == [f"  - {{date: {recorded[0][11:21]}, level: skim, minutes: {n}}}" for n in range(1, 7)]


def test_weeks_in_which_nothing_was_read_are_shown_too(carrel: Carrel, write: Write) -> None:
    first = "{date: 2026-10-30, level: read, minutes: 90}, {date: 2026-11-14, level: skim}"
    far = "{date: 2026-01-05, level: read}, {date: 9999-12-31, level: read}"
    write("papers/toy.md", f"---\nkind: paper\nsessions: [{first}, {far}]\n---\n")
    said = carrel("paper", "stats")
    weeks = [
        "2026-W44  1 h 30 min  read 1",
        "2026-W45              -",
        "2026-W46  ?           skim 1",
        "2026-W47              -",
        "…                     -",
        "9999-W52  ?           read 1",
    ]
    assert said.out.splitlines() == weeks
    assert said.err == "3 sessions, 1 h 30 min; of 1 paper: 1 queued\n"
    assert carrel("paper", "stats", "--since", "2026-01").out.splitlines()[:2] == [
        "2026-W02  ?           read 1",
        "…                     -",
    ]


def test_bytes_around_the_change_stay(carrel: Carrel, write: Write) -> None:
    place = write("papers/toy.md", "")
    old = b"\xef\xbb\xbf---\r\nkind: paper # mine\r\nsections: skim\r\nreading: queued\r\n---\r\n\r\n## TL;DR\r\nyes"
    place.write_bytes(old)
    carrel("paper", "read", "toy", "--level", "summarise", "--minutes", "60")
    new = place.read_bytes()
    assert new.startswith(b"\xef\xbb\xbf---\r\nkind: paper # mine\r\nsections: summarise\r\nreading: summarised\r\n")
    assert b"\r\n---\r\n\r\n## TL;DR\r\nyes\r\n\r\n## Summary\r\n\r\n<!-- What" in new
    assert new.count(b"\n") == new.count(b"\r\n")


# --- tables ---------------------------------------------------------------------------------------------------------


def test_columns_are_aligned_by_what_characters_take_on_a_terminal() -> None:
    rows = [["a", "概要 of all", "x"], ["bb", "e\u0301te\u0301", "yy"], ["", "", ""]]
    assert table(rows) == ["a   概要 of all  x", "bb  e\u0301te\u0301          yy", ""]
    assert {width(line.rstrip()) for line in table([[row[0], row[1], "|"] for row in rows])} == {18}
    assert table(rows, 16) == ["a   概要 of…  x", "bb  e\u0301te\u0301       yy", ""]


@pytest.mark.parametrize("room", range(1, 12))
def test_a_cut_text_is_never_wider_than_its_room(room: int) -> None:
    for text in ("Toy Models", "概要概要概要", "e\u0301e\u0301e\u0301 of all this", "👩‍🔬 in the lab"):
        assert width(cut(text, room)) <= room


def test_on_a_terminal_the_table_has_a_head_and_fits(kb: KnowledgeBase, write: Write) -> None:
    for number in range(2):
        write(f"papers/toy{number}.md", TOY.replace("toy", f"toy{number}").replace("Models", "Models of 概要 " * 20))
    reader, writer = os.openpty()
    command = [sys.executable, "-m", "carrel", "paper", "list"]
    environment = {**os.environ, "COLUMNS": "40", "LINES": "30", "NO_COLOR": "1"}
    subprocess.run(command, cwd=kb.root, stdout=writer, stderr=subprocess.PIPE, env=environment, check=True, timeout=60)
    os.close(writer)
    lines = os.read(reader, 9999).decode().splitlines()
    os.close(reader)
    assert lines == [
        "key   year  reading  authors  title",
        "toy0        queued            Toy Model…",
        "toy1        queued            Toy Model…",
    ]


def test_a_list_for_programs_has_every_field(carrel: Carrel, write: Write) -> None:
    write("papers/toy.md", TOY.replace("reading", "year: 2022\nauthors: [Nelson Elhage]\nmine: {a: [1, 2]}\nreading"))
    (row,) = json.loads(carrel("paper", "list", "--json").out)
    assert row == {
        "path": "papers/toy.md",
        "key": "toy",
        "title": "Toy Models",
        "authors": ["Nelson Elhage"],
        "year": "2022",
        "venue": "",
        "reading": "queued",
        "rating": None,
        "priority": None,
        "project": "",
        "tags": [],
        "date": None,
        "minutes": 0,
        "sessions": 0,
        "last": None,
        "fields": {
            "kind": "paper",
            "citekey": "toy",
            "title": "Toy Models",
            "year": "2022",
            "authors": ["Nelson Elhage"],
            "mine": {"a": ["1", "2"]},
            "reading": "queued",
        },
    }
    assert carrel("paper", "list", "-c", "key,mine").out == "toy  a: 1; 2\n"
    assert carrel("paper", "list", "-0").out == "papers/toy.md\0"


def test_numbers_are_sorted_as_numbers_and_what_is_missing_comes_last(carrel: Carrel, write: Write) -> None:
    for name, field in (("a", "pages: 9"), ("b", "pages: 10"), ("c", "x: 1"), ("d", "pages: xi")):
        write(f"papers/{name}.md", f"---\nkind: paper\n{field}\n---\n")
    assert carrel("paper", "list", "-s", "pages", "-c", "key").out.split() == ["a", "b", "d", "c"]
    assert carrel("paper", "list", "-s", "pages-", "-c", "key").out.split() == ["d", "b", "a", "c"]
    assert carrel("paper", "list", "-n", "1", "-c", "key").out.split() == ["a"]


def test_text_of_notes_does_not_drive_the_terminal(carrel: Carrel, write: Write) -> None:
    write("papers/toy.md", '---\nkind: paper\ntitle: "a\\e[31mb"\nreading: queued\n---\n')
    for command in ("list", "next", "show"):
        said = carrel("paper", command, *(["toy"] if command == "show" else []))
        assert "\x1b" not in said.out
        assert "a\\x1b[31mb" in said.out


# --- opening --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "options", "place"),
    [
        ("url: https://a.org/x\ndoi: 10.1000/1\npdf: https://a.org/x.pdf", [], "https://a.org/x"),
        ("url: https://a.org/x\npdf: https://a.org/x.pdf", ["--pdf"], "https://a.org/x.pdf"),
        ("arxiv: 2209.10652", [], "https://arxiv.org/abs/2209.10652"),
        ("arxiv: 2209.10652", ["--pdf"], "https://arxiv.org/pdf/2209.10652"),
        ("doi: https://doi.org/10.1000/1.", [], "https://doi.org/10.1000/1"),
        ("url: https://a.org/x\ndoi: 10.1000/1", ["--doi"], "https://doi.org/10.1000/1"),
        ("url: javascript:alert(1)\ndoi: 10.1000/1", ["--url"], ""),
        ("url: file:///etc/passwd", [], ""),
        ('url: "--version"', [], ""),
        ('url: "http://a.org/\\u202e x"', [], ""),
        ("url: http://", [], ""),
        ("pdf: ../outside.pdf", ["--pdf"], ""),
        ("pdf: /etc/passwd", ["--pdf"], ""),
        ("pdf: files/run.desktop", ["--pdf"], ""),
        ('pdf: "a\\0.pdf"', ["--pdf"], ""),
        (f"pdf: {'a' * 300}.pdf", ["--pdf"], ""),
        ("pdf: files/link.pdf", ["--pdf"], ""),
    ],
)
def test_only_addresses_on_the_web_are_opened(
    carrel: Carrel, write: Write, kb: KnowledgeBase, fields: str, options: list[str], place: str
) -> None:
    write("papers/toy.md", f"---\nkind: paper\n{fields}\n---\n")
    (write("papers/files/run.desktop", "").parent / "link.pdf").symlink_to("run.desktop")
    (kb.root.parent / "outside.pdf").write_bytes(b"%PDF-1.4")
    said = carrel("paper", "open", "toy", "--print", *options)
    assert (said.code, said.out) == ((0, f"{place}\n") if place else (1, ""))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # no waiting
def test_the_pdf_in_the_knowledge_base_is_opened_before_its_page(
    carrel: Carrel, write: Write, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write("papers/toy.md", "---\nkind: paper\npdf: files/toy.pdf\nurl: https://a.org/\n---\n")
    place = write("papers/files/toy.pdf", "%PDF-1.4")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert carrel("paper", "open", "toy").out == f"{place}\n", "no display: where it is"
    assert carrel("paper", "open", "toy", "--url").out == "https://a.org/\n"
    place.unlink()
    place.symlink_to("/etc/passwd")
    assert carrel("paper", "open", "toy").out == "https://a.org/\n"
    opener = tmp_path / "bin/xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    assert carrel("paper", "open", "toy").err == "opened https://a.org/\n"


# --- start-up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["list"], ["next"], ["read", "toy", "--level", "skim"], ["start"], ["stats"]])
def test_reading_loads_nothing_heavy(
    process: Callable[..., object], write: Write, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    write("papers/toy.md", TOY)
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    loaded = str(getattr(process("paper", *command), "stderr", ""))
    assert "carrel.core.reading" in loaded
    for heavy in ("whoosh", "mkdocs", "watchdog", "urllib3", "dateparser", "bibtexparser", "pylatexenc", "tomlkit"):
        assert f"| {heavy}\n" not in loaded.replace("|   ", "| "), heavy
