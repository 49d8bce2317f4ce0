"""`carrel search` at the terminal: what it opens, completes, picks, and how it speaks."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from carrel.cli.searching.pick import Row
from carrel.cli.searching.picker import Picker
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel

Write = Callable[[str, str], Path]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor called vim that writes down its arguments."""
    program, told = tmp_path / "bin" / "vim", tmp_path / "told"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(program))
    return told


def test_open_opens_the_first_hit_at_its_line(carrel: Carrel, write: Write, editor: Path, kb: KnowledgeBase) -> None:
    write("notes/a b.md", "# Soup\n\nno\n\nlentils and lentils")
    write("notes/c.md", "much else, and lentils " + "and more " * 30)
    assert carrel("search", "-o", "lentils").code == 0
    assert editor.read_text() == f"+5\n{kb.root}/notes/a b.md\n"


def test_open_says_when_there_is_nothing_to_open(carrel: Carrel, editor: Path) -> None:
    said = carrel("search", "--open", "walrus")
    assert (said.code, said.out, said.err) == (1, "", "carrel: nothing found to open\n")
    assert not editor.exists()


def test_the_keys_of_a_hit_are_as_promised_and_why_comes_only_when_asked(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "soup")
    keys = ["path", "line", "anchor", "kind", "title", "date", "tags", "project", "score", "snippet", "fields"]
    assert list(json.loads(carrel("search", "soup", "--jsonl").out)) == keys
    assert list(json.loads(carrel("search", "soup", "--jsonl", "--explain").out)) == [*keys, "why"]


def test_a_word_that_is_nowhere_is_replaced_only_when_nothing_else_is_found(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "reward hacking of models")
    assert carrel("search", "hackign").err == "no note has hackign; searching hacking\n"
    said = carrel("search", "hackign", "models")
    assert said.err.splitlines() == [
        "no note has all of these words; these have some",
        "no note has hackign; did you mean hacking?",
    ]
    assert carrel("search", "hackign", "-0").out == ""
    assert carrel("search", "hackign", "walruz").err.splitlines() == [
        "no note has hackign; searching hacking",
        "no note has all of these words; these have some",
    ]


def test_control_characters_of_notes_are_shown_in_hits_facets_and_explanations(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", '---\nmood: "a\\e[31mred"\n---\n# Ti\x1btle\n\nsoup \x1b[31m')
    said = carrel("search", "soup", "title:ti", "--explain").out + carrel("list", "--facets", "mood,a\x1bb").out
    assert "\x1b" not in said
    assert "   1  mood:a\\x1b[31mred" in said


def test_a_mistake_in_a_long_query_is_pointed_at_in_what_is_around_it(carrel: Carrel) -> None:
    said = carrel("search", "word " * 40 + "概要 (open " + "word " * 40)
    shown, caret = said.err.splitlines()[1:3]
    assert shown == "        …d word word word word word 概要 (open word word word word word…"
    assert caret == "        " + " " * (len(shown.split("(")[0]) + 2 - 8) + "^"  # two of its letters are twice as wide


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["@re"], ["@recent", "@red-team"]),
        (["re"], []),
        (["--sort", "o"], ["oldest"]),
        (["--facets", "kind,ye"], ["kind,year"]),
    ],
)
def test_the_shell_completes_saved_queries_orders_and_fields(
    typed: list[str], offered: list[str], kb: KnowledgeBase, process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    kb.config_path.write_text('[queries]\nrecent = "a"\nred-team = "b"\nother = "c"\n')
    environment = {
        **os.environ,
        "_CARREL_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["carrel", "search", *typed]),
        "COMP_CWORD": str(len(typed) + 1),
    }
    code = "import sys; sys.argv = ['carrel']; from carrel.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=kb.root, env=environment, capture_output=True, text=True, check=False
    )
    assert [line.partition(",")[2] for line in done.stdout.split()] == offered


def test_your_own_saved_query_goes_before_the_knowledge_base_s(
    carrel: Carrel, kb: KnowledgeBase, settings: Callable[[str], None]
) -> None:
    kb.config_path.write_text('[queries]\na = "shared"\nb = "shared"\n')
    settings('[queries]\na = "mine (x"\n')
    listed = [json.loads(line) for line in carrel("search", "--saved", "--jsonl").out.splitlines()]
    assert listed == [{"name": "a", "query": "mine (x"}, {"name": "b", "query": "shared"}]
    assert carrel("search", "@a").err.startswith("carrel: " + str(Path.home() / ".config/carrel/config.toml") + ": ")


ROWS = [Row(text) for text in ("2026 log Reward hacking", "2025 paper Toy models", "2025 log Modèles jouets", "x")]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("", [0, 1, 2, 3]),
        ("log", [0, 2]),
        ("LOG 2025", [2]),
        ("mod", [1, 2]),
        ("modeles", [2]),
        ("tymd", [1]),
        ("ol", [1, 2]),
        ("oo", [1, 2]),
        ("oy", [1]),
        ("zebra", []),
    ],
)
def test_what_is_typed_narrows_the_rows_by_parts_anywhere_and_letters_in_order(typed: str, left: list[int]) -> None:
    picker = Picker(ROWS)
    for letter in typed:
        picker.press(letter)
    assert sorted(picker.left) == left


def test_whole_parts_come_before_scattered_letters() -> None:
    picker = Picker([Row("table of others"), Row("a toy")])
    for letter in "to":
        picker.press(letter)
    assert picker.left == [1, 0]


def test_moving_stays_within_what_is_left() -> None:
    picker = Picker(ROWS)
    for key in ("up", "down", "down", "page down", "down"):
        picker.press(key)
    assert picker.picked == 3
    picker.press("l")
    assert picker.picked == 0
    picker.press("letter")
    assert (picker.typed, picker.left) == ("", [0, 1, 2, 3])
    for key in "ab c":
        picker.press(key)
    picker.press("word")
    assert picker.typed == "ab"
    assert picker.picked is None


def test_the_picture_fits_the_terminal_and_shows_the_text_around_the_line(tmp_path: Path) -> None:
    place = tmp_path / "a 'b'\n.md"
    place.write_text("\n".join(f"line {number} \x1b[2J" + "概要" * 40 for number in range(1, 100)))
    picker = Picker([Row("概要 " * 30, place, 50), *ROWS])
    picture = picker.drawn(40, 20)
    assert len(picture) <= 20
    assert picture[0] == ">   5/5"
    assert picture[1].startswith("\x1b[7m> 概要 概要")
    assert [line for line in picture if "\x1b[1mline 50 \\x1b[2J" in line]
    assert "\x1b[2J" not in "".join(picture)
    assert len(picker.drawn(20, 5)) == 5


class Terminal:
    """A terminal of 80 by 24 in which a command runs."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.seen = ""
        self.screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=inside, stdout=inside, stderr=inside, start_new_session=True
        )
        os.close(inside)

    def wait_for(self, text: str) -> None:
        """Read what is drawn until `text` is in it."""
        until = time.monotonic() + 30
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            if select.select([self.screen], [], [], 0.2)[0]:
                with suppress(OSError):
                    self.seen += os.read(self.screen, 65536).decode("utf-8", "replace")
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.screen, keys.encode())

    def ended(self) -> int:
        """The exit code, when it has ended."""
        until = time.monotonic() + 30
        with suppress(OSError):  # so ends a terminal that nothing writes to any more
            while time.monotonic() < until:
                if select.select([self.screen], [], [], 0.2)[0]:
                    self.seen += os.read(self.screen, 65536).decode("utf-8", "replace")
        os.close(self.screen)
        return self.process.wait(30)


@pytest.fixture
def terminal(kb: KnowledgeBase, editor: Path, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Run carrel in a terminal of its own, with no fzf but what the test puts there."""

    opened: list[Terminal] = []

    def call(*arguments: str, **environment: str) -> Terminal:
        path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
        settings = {**os.environ, "PATH": path, "TERM": "xterm", **environment}
        opened.append(Terminal([sys.executable, "-m", "carrel", *arguments], kb.root, settings))
        return opened[-1]

    yield call
    for screen in opened:
        screen.process.kill()
        screen.process.wait()


@pytest.fixture
def soups(write: Write) -> None:
    """Two notes."""
    write("notes/a.md", "# Lentil soup\n\nno\n\ncumin")
    write("notes/b 'c'.md", "# Onion soup\n\nbread\n\ncumin, and what it is good for")


def test_a_hit_is_picked_in_the_terminal_by_typing_and_opened_at_its_line(
    soups: None, terminal: Callable[..., Terminal], editor: Path, kb: KnowledgeBase
) -> None:
    screen = terminal("search", "-i", "cumin")
    screen.wait_for("2/2")
    screen.press("onion")
    screen.wait_for("> onion")
    screen.wait_for("1/2")
    screen.wait_for("and what it is good for")  # the preview
    screen.press("\r")
    assert screen.ended() == 0
    assert editor.read_text() == f"+5\n{kb.root}/notes/b 'c'.md\n"
    assert screen.seen.endswith("\x1b[?1049l")  # the screen is as it was


def test_arrows_move_and_escape_leaves_without_opening(
    soups: None, terminal: Callable[..., Terminal], editor: Path
) -> None:
    screen = terminal("list", "-i")
    screen.wait_for("2/2")
    screen.press("\x1b[B\x1b[A\x1b[B\x1b")
    assert screen.ended() == 130
    assert not editor.exists()


def test_a_terminal_that_cannot_be_drawn_on_gets_a_numbered_list(
    soups: None, terminal: Callable[..., Terminal], editor: Path
) -> None:
    screen = terminal("search", "-i", "cumin", TERM="dumb")
    screen.wait_for("number, or words to narrow")
    screen.press("lentil\n")
    assert screen.ended() == 0
    assert editor.read_text().endswith("/notes/a.md\n")


FZF = """#!/bin/sh
for argument; do case $argument in --preview=*) preview=${argument#--preview=};; esac; done
tr '\\0' '\\n' > FOLDER/rows
sh -c "$(printf %s "$preview" | sed "s/{1}/'1'/")" > FOLDER/preview
printf '1\\tx\\n'
"""


def test_fzf_is_given_a_preview_that_no_name_can_break_out_of(
    terminal: Callable[..., Terminal], write: Write, editor: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    write("notes/a.md", "# Lentil soup\n\ncumin cumin")
    write("notes/$(touch x) '`\n;.md", "# Onion soup\n\nbread\n\ncumin, and what it is good for")
    fzf = tmp_path / "bin" / "fzf"
    fzf.write_text(FZF.replace("FOLDER", str(tmp_path)))
    fzf.chmod(0o755)
    screen = terminal("search", "-i", "cumin", NO_COLOR="1")
    assert screen.ended() == 0
    assert "notes/$(touch x) '`\\n;.md:5" in (tmp_path / "rows").read_text()
    assert (tmp_path / "preview").read_text() == "# Onion soup\n\nbread\n\ncumin, and what it is good for\n"
    assert editor.read_text() == f"+5\n{kb.root}/notes/$(touch x) '`\n;.md\n"
    assert not (kb.root / "x").exists()


def test_a_terminal_that_shrinks_to_nothing_is_still_drawn() -> None:
    picker = Picker(ROWS)
    for key in "hostile 概要":
        picker.press(key)
    for columns in range(12):
        assert len(picker.drawn(columns, 2)) <= 2


def test_facets_of_what_a_note_leads_to_are_refused_and_not_those_of_everything(carrel: Carrel, write: Write) -> None:
    write("notes/a.md", "# Soup")
    refused = carrel("search", "--related", "a", "--facets", "kind")
    assert (refused.code, refused.out) == (2, "")
    assert "leave out --facets" in refused.err


def test_a_damaged_index_is_made_anew_whatever_the_order(carrel: Carrel, write: Write, kb: KnowledgeBase) -> None:
    write("notes/a.md", "---\nrating: 3\n---\n# Soup")
    write("notes/b.md", "---\nrating: 5\n---\n# Stew")
    assert carrel("index", "-q").code == 0
    (terms,) = kb.cache_dir.glob("index/*.trm")
    terms.write_bytes(b"")
    assert [row["title"] for row in json.loads(carrel("list", "--sort", "-rating", "--json").out)] == ["Stew", "Soup"]
    assert "no note has a field nosuch to sort by" in carrel("list", "--sort", "nosuch").err
