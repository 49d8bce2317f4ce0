"""The record of a run: what is written is read back, whatever the command holds, and it is one entry of the day."""

from __future__ import annotations

import subprocess
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core.console import block, code, last_lines, plain_lines, uncoded
from carrel.core.log import entry_text
from carrel.core.parse import parse_note
from carrel.core.run import About, Run, expectation_entry, fields, read_run, run_entry, shell_form

AT = datetime(2026, 11, 20, 14, 32)
#: What a command line, a host or a branch may hold, with what Markdown and Carrel make something of.
texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("`*_[]()<>#$%|:\\'\" \n\t-~")), max_size=30
)
words = st.lists(texts, min_size=1, max_size=5)


def parsed(*entries: str) -> list[tuple[str, Run | None]]:
    note = parse_note("notes/2026/2026-11-20.md", ("---\nkind: log\n---\n\n" + "\n".join(entries)).encode())
    assert note.problems == ()
    return [(entry.title, read_run(entry.fields)) for entry in note.entries]


@given(words, texts, st.integers(0, 255), st.booleans(), st.sampled_from(["", "1 file", "2 files and 1 folder"]))
@settings(max_examples=300)
def test_a_run_is_read_back_as_it_was_written_and_the_next_entry_is_whole(
    command: list[str], why: str, exit_code: int, dirty: bool, unknown: str
) -> None:
    run = Run("r-abcde", shell_form(command), exit_code, seconds=1.5, dirty=dirty, unknown=unknown, directory="toy/a b")
    after = entry_text(run_entry(Run("r-after", "true"), About(AT, "After")))
    _, first = parsed(entry_text(run_entry(run, About(AT))), after)[0]
    assert first == run
    said = why.replace("\0", "")  # which no command line can hold
    both = parsed(entry_text(run_entry(run, About(AT, said), [block("x")])), after)
    assert [one for _, one in both] == [run, Run("r-after", "true")]


@given(words)
@settings(max_examples=60)
def test_the_command_that_is_shown_is_read_by_a_shell_as_the_words_that_were_run(command: list[str]) -> None:
    command = [word.replace("\0", "") for word in command]
    shown = shell_form(command)
    assert "\n" not in shown
    assert " ".join(shown.split()) == shown
    said = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {shown}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert said.stdout.decode().split("\0")[:-1] == command


def test_what_is_at_home_begins_with_a_tilde_and_bytes_that_are_no_text_are_escapes() -> None:
    assert shell_form(["/home/ada/bin/x", "/home/adam"], "/home/ada") == "~/bin/x /home/adam"
    assert shell_form(["caf\udce9"]) == "$'caf\\xe9'"


def test_every_field_is_read_back() -> None:
    run = Run(
        "r-abcde", "python train.py", 137, "SIGKILL", 12.3, "toy/src", "gpu3", "2 × NVIDIA A100", "1a2b" * 10, "main",
        True, "2 files", "uv.lock 0123456789ab", "warm-up", ("2026-11-20#^p-3f2ab", "2026-11-20#^p-3f2ac"),
        ("https://wandb.ai/a/b/runs/c", "runs/x y"), "github.com/lab/probes",
    )  # fmt: skip
    assert read_run(dict(fields(run))) == run
    assert read_run({"project": "toy"}) is None


def test_a_very_long_command_is_cut_and_says_so() -> None:
    run = Run("r-abcde", "x" * 5000)
    assert dict(fields(run))["command"] == f"`{'x' * 4000}… (1000 more characters)`"


def test_what_is_expected_stands_in_an_entry_of_its_own() -> None:
    text = entry_text(
        expectation_entry(About(AT, "Longer warm-up"), "true", "- [ ] p=0.7: It works ^p-abcde", "warm-up")
    )
    assert text == ("## 14:32 Before: Longer warm-up\n\n- [ ] p=0.7: It works ^p-abcde\n\nexperiment:: [[warm-up]]\n")


@given(texts)
def test_inline_code_is_read_back(text: str) -> None:
    text = " ".join(text.split())
    assert uncoded(code(text)) == text or not text.strip("` ")


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("a\r\nb\r\n", ["a", "b"]),
        ("  0%\r 50%\r100%\ndone", ["100%", "done"]),
        ("100%|###|\r", ["100%|###|"]),
        ("|\b/\b-\bok\n", ["ok"]),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07here\x1b(B", ["red here"]),
        ("before\n\x1b[?1049h\x1b[2Ja whole screen\x1b[?1049lafter", ["before", "after"]),
        ("\n\n  indented\n\n", ["  indented"]),
        ("a\x00b\x07c\u202ed", ["abcd"]),
        ("", []),
    ],
)
def test_output_is_shown_as_a_person_saw_it_in_the_end(written: str, lines: list[str]) -> None:
    assert plain_lines(written) == lines


@pytest.mark.parametrize(
    "line",
    ["```", "## 15:00 Not an entry", "run:: r-other", "- exit:: 0", "---", "<!-- open", "$$", "#tag", "[[link]]"],
)
def test_nothing_in_the_output_is_more_than_output(line: str) -> None:
    last = last_lines([line, "<<<<<<< ours", "=======", "=======", ">>>>>>> theirs"])
    run = Run("r-abcde", "true", 0)
    note = parse_note(
        "notes/2026/2026-11-20.md",
        b"---\nkind: log\n---\n\n" + entry_text(run_entry(run, About(AT, "x"), [block(last)])).encode(),
    )
    assert [(entry.title, read_run(entry.fields)) for entry in note.entries] == [("x", run)]
    assert (note.problems, note.tags, note.markup.links) == ((), (), ())
    assert line in note.body


def test_long_lines_are_cut_and_only_the_last_are_shown() -> None:
    assert last_lines([str(number) for number in range(100)]).split("\n") == [str(number) for number in range(80, 100)]
    assert last_lines(["x" * 1000]) == "x" * 300 + "…"
