"""A picker for the terminal, for where fzf is not installed: type to narrow, arrows to move, Enter to pick.

    Up Down Ctrl-P Ctrl-N   move          Backspace Ctrl-W Ctrl-U   take back a letter, a word, all
    PageUp PageDown         a page        Esc Ctrl-C Ctrl-G         leave

It draws on stderr, so that what is picked can go down a pipe.
"""

from __future__ import annotations

import os
import re
import select
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from carrel.cli.output import visible
from carrel.cli.searching.preview import preview
from carrel.cli.table import cut, width
from carrel.search.analysis import fold

if TYPE_CHECKING:
    from carrel.cli.searching.pick import Row

#: The smallest terminal that it draws on, in columns and lines, and from how many lines on there is a preview.
NARROWEST, LOWEST, WITH_PREVIEW = 20, 5, 14
#: Seconds after which a lone escape is the Esc key and no beginning of another, and between looks at the window's size.
ESCAPE, LOOK = 0.05, 0.5
_KEYS = {
    b"\r": "pick", b"\n": "pick", b"\x1b": "leave", b"\x03": "leave", b"\x07": "leave", b"\x04": "leave",
    b"\x10": "up", b"\x1b[A": "up", b"\x1bOA": "up", b"\x0e": "down", b"\x1b[B": "down", b"\x1bOB": "down",
    b"\x1b[5~": "page up", b"\x1b[6~": "page down", b"\x7f": "letter", b"\x08": "letter", b"\x17": "word",
    b"\x15": "all",
}  # fmt: skip
_KEY = re.compile(r"\x1b(?:\[[0-9;]*[~A-Za-z]|O[A-Za-z])?|.", re.DOTALL)


@dataclass
class Picker:
    """What is typed so far, and which of the rows that are left is selected.

    `left` are the numbers of the rows that all typed parts are in, whole or letter by letter; the whole ones first.
    """

    rows: Sequence[Row]
    typed: str = ""
    selected: int = 0
    left: list[int] = field(default_factory=list)
    _top: int = 0
    _folded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._folded = [fold(row.text) for row in self.rows]
        self.left = list(range(len(self.rows)))

    @property
    def picked(self) -> int | None:
        """The number of the selected row; None when nothing is left."""
        return self.left[self.selected] if self.left else None

    def press(self, key: str, page: int = 10) -> None:
        """Move or edit by a key of `_KEYS`; anything else that can be printed is typed."""
        steps = {"up": -1, "down": 1, "page up": -page, "page down": page}
        if key in steps:
            self.selected = max(0, min(len(self.left) - 1, self.selected + steps[key]))
            return
        match key:
            case "letter":
                self.typed = self.typed[:-1]
            case "word":
                self.typed = " ".join(self.typed.split(" ")[:-1])
            case "all":
                self.typed = ""
            case _ if key.isprintable():
                self.typed += key
        parts = fold(self.typed).split()
        misfits = {number: _misfit(parts, text) for number, text in enumerate(self._folded)}
        ranked = sorted((misfit, number) for number, misfit in misfits.items() if misfit is not None)
        self.left = [number for _, number in ranked]
        self.selected = self._top = 0

    def drawn(self, columns: int, lines: int) -> list[str]:
        """The picture: the prompt, the rows around the selected one, and below them, where there is room, its text."""
        shown = (lines - 1) // 2 if lines >= WITH_PREVIEW else lines - 1
        self._top = max(min(self._top, self.selected), self.selected - shown + 1)
        said = f"  {len(self.left)}/{len(self.rows)}"
        picture = [_tail(f"> {visible(self.typed)}", columns - width(said) - 1) + said]
        for at in range(self._top, self._top + shown):
            text = cut(self.rows[self.left[at]].text, columns - 3) if at < len(self.left) else ""
            picture.append(f"\x1b[7m> {text}\x1b[m" if at == self.selected and text else f"  {text}")
        if lines >= WITH_PREVIEW and self.picked is not None:
            row, room = self.rows[self.picked], lines - shown - 2
            picture.append("─" * (columns - 1))
            around, marked = preview(os.fspath(row.place), row.line, row.snippet, room)
            for at, text in enumerate(around):
                text = cut(text, columns - 1)
                picture.append(f"\x1b[1m{text}\x1b[m" if at == marked else text)
        return picture[:lines]


def _misfit(parts: list[str], text: str) -> int | None:
    """How many parts are in a text letter by letter only; None when one is not in it at all."""
    misfit = 0
    for part in parts:
        if part not in text:
            letters = iter(text)
            if not all(letter in letters for letter in part):
                return None
            misfit += 1
    return misfit


def _tail(text: str, room: int) -> str:
    """The end of a text that fits."""
    if width(text) <= room:
        return text
    end = text
    while end and width(f"> …{end}") > room:
        end = end[1:]
    return f"> …{end}" if end else ""


def can_pick(environment: Mapping[str, str]) -> bool:
    """Whether this terminal can be drawn on."""
    size = _size()
    able = environment.get("TERM", "dumb") not in ("dumb", "unknown", "")
    return able and os.name == "posix" and size.columns >= NARROWEST and size.lines >= LOWEST


def pick(rows: Sequence[Row]) -> int:
    """The number of the row that a person picks. Raises `click.Abort` when they leave."""
    picker = Picker(rows)
    with _screen():
        size = None
        keys: list[str] = []
        while True:
            now = _size()
            if keys or now != size:
                size = now
                picture = picker.drawn(size.columns, size.lines)
                at = width(picture[0].rpartition("  ")[0]) + 1
                _write("\x1b[H" + "\x1b[K\r\n".join(picture) + f"\x1b[K\x1b[J\x1b[1;{at}H")
            keys = _pressed(sys.stdin.fileno())
            for key in keys:
                if key == "leave":
                    raise click.Abort
                if key == "pick":
                    if picker.picked is not None:
                        return picker.picked
                else:
                    picker.press(key, max(1, size.lines // 2 - 1))


def _size() -> os.terminal_size:
    """Columns and lines; of a terminal that does not say, those of the oldest."""
    size = os.get_terminal_size(sys.stderr.fileno())
    return size if size.columns and size.lines else os.terminal_size((80, 24))


@contextmanager
def _screen() -> Iterator[None]:
    """The terminal's other screen, with every key passed on as it is pressed."""
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setraw(keyboard, termios.TCSADRAIN)
        _write("\x1b[?1049h")
        yield
    finally:
        _write("\x1b[?1049l")
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _pressed(keyboard: int) -> list[str]:
    """The keys that were pressed; none when nothing was for a while."""
    if not select.select([keyboard], [], [], LOOK)[0]:
        return []
    data = os.read(keyboard, 1024)
    if not data:
        return ["leave"]  # the terminal is gone
    # The rest of an arrow key, or of a letter of several bytes, may come a moment later.
    while _broken(data) and select.select([keyboard], [], [], ESCAPE)[0]:
        data += os.read(keyboard, 1024)
    pressed = [key.encode() for key in _KEY.findall(data.decode("utf-8", "ignore"))]  # several, when pasted or held
    return [_KEYS.get(key, "" if key[:1] == b"\x1b" else key.decode()) for key in pressed]


def _broken(data: bytes) -> bool:
    """Whether it ends inside a key."""
    try:
        return data.decode().endswith(("\x1b", "\x1b[", "\x1bO"))
    except UnicodeDecodeError as error:
        return error.end == len(data)
