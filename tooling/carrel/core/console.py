"""What a program wrote to a terminal, as text for a note: its last lines, without what drives the terminal."""

from __future__ import annotations

import re

#: Lines of output that an entry shows, and characters of each.
LINES, WIDTH = 20, 300

# A screen of its own, as an editor opens; control sequences; strings for the terminal, as its title; other escapes.
_SCREEN = re.compile(r"\x1b\[\?(?:1049|47)h.*?(?:\x1b\[\?(?:1049|47)l|\Z)", re.DOTALL)
_ESCAPE = re.compile(
    r"\x1b\[[0-?]{0,100}+[ -/]{0,9}+[@-~]|\x1b[\]PX^_][^\x07\x1b]{0,4096}+(?:\x07|\x1b\\)?|\x1b[ -/]{0,9}+[0-~]?"
)
# Controls but newline and tab, and the invisible characters that reorder or hide text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_TICKS = re.compile(r"`++")
# Lines that are more than text even within a block of code: a field of the entry, half a conflict of git.
_READ = re.compile(r"(?:[-*] )?\w[\w -]{0,40}::(?!\S)|[<>]{7} |={7}$")


def plain_lines(text: str) -> list[str]:
    """The lines that a person saw in the end: of a progress bar its last state, no colours, no blank edges.

    >>> plain_lines("\\x1b[31mred\\x1b[0m\\n  10%\\r  50%\\r 100%|###|\\n\\n")
    ['red', ' 100%|###|']
    """
    text = _ESCAPE.sub("", _SCREEN.sub("", text))
    lines = [_CONTROL.sub("", _overwritten(line)).expandtabs().rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    first = next((number for number, line in enumerate(lines) if line), 0)
    return lines[first:]


def last_lines(lines: list[str], most: int = LINES) -> str:
    """The last `most` of some lines, none longer than `WIDTH`; what would be read as more than output is indented.

    >>> last_lines(["epoch 1", "exit:: 0", "epoch 2"], 2)
    ' exit:: 0\\nepoch 2'
    """
    short = (line if len(line) <= WIDTH else f"{line[:WIDTH]}…" for line in lines[-most:])
    return "\n".join(f" {line}" if _READ.match(line) else line for line in short)


def block(text: str) -> str:
    """`text` as a fenced block, whatever is in it.

    >>> print(block("a\\n```\\nb"))
    ````text
    a
    ```
    b
    ````
    """
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def code(text: str) -> str:
    """`text`, one line, as inline code.

    >>> code("ls -l"), code("echo `pwd`")
    ('`ls -l`', '`` echo `pwd` ``')
    """
    ticks = "`" * (1 + max(map(len, _TICKS.findall(text)), default=0))
    pad = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def uncoded(text: str) -> str:
    """What `code` was given."""
    ticks = len(text) - len(text.lstrip("`"))
    if not ticks or not text.endswith("`" * ticks):
        return text
    inner = text[ticks : len(text) - ticks]
    return inner[1:-1] if inner.startswith(" ") and inner.endswith(" ") else inner


def _overwritten(line: str) -> str:
    """What stays of a line when carriage returns and backspaces are obeyed."""
    line = line.removesuffix("\r")
    if "\r" in line:
        line = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    if "\b" not in line:
        return line
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
