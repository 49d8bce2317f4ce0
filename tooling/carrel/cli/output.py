"""How Carrel speaks: data to stdout, text of notes with control characters made visible, JSON for programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time

import click

# C0 and C1 controls but newline and tab, DEL, and the invisible characters that reorder or hide text
# (zero-width joiner stays: scripts and emoji need it). A note from elsewhere must not drive the terminal.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""`text` with control characters as `\x1b`; newlines and tabs stay.

    >>> visible("a\x1b[31mred"), visible("tab\tstays")
    ('a\\x1b[31mred', 'tab\tstays')
    """
    return _HIDDEN.sub(lambda hidden: hidden[0].encode("unicode_escape").decode(), text)


def line(text: str) -> str:
    """`text` on one line, safe to print."""
    return visible(" ".join(text.split()))


def shown_path(path: str) -> str:
    r"""A path on one line, as it is but for what would drive the terminal or break the line.

    >>> shown_path("notes/two words.md"), shown_path("notes/two\nlines.md")
    ('notes/two words.md', 'notes/two\\nlines.md')
    """
    return visible(path).replace("\n", "\\n").replace("\t", "\\t")


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "note"), count(0, "finding")
    ('1 note', '0 findings')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def echo(text: str, *, newline: bool = True) -> None:
    """Print text that may come from a note."""
    click.echo(visible(text), nl=newline)


def plain(value: object) -> object:
    """A value of ours as JSON has it: dataclasses as objects, dates as ISO texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [plain(inner) for inner in value]
    if isinstance(value, (date, time)):
        return value.isoformat() if isinstance(value, date) else f"{value:%H:%M}"
    return value


def emit(rows: Iterable[object], form: str) -> None:
    """Print rows as one JSON list (`form` "json") or one object a line ("jsonl")."""
    if form == "jsonl":
        for row in rows:
            click.echo(to_json(row))
    else:
        click.echo(to_json(list(rows), indent=2))


def emit_one(value: object) -> None:
    """Print one thing as a JSON object."""
    click.echo(to_json(value, indent=2))


def to_json(value: object, indent: int | None = None) -> str:
    """A value of ours as JSON. Letters of every script stay; what would drive a terminal is escaped."""
    import json

    text = json.dumps(plain(value), ensure_ascii=False, indent=indent)
    return _HIDDEN.sub(lambda hidden: json.dumps(hidden[0])[1:-1], text)


def emit_paths(paths: Iterable[str]) -> None:
    """Print paths with a NUL after each, for `xargs -0`."""
    sys.stdout.write("".join(f"{path}\0" for path in dict.fromkeys(paths)))


def page(lines: Iterable[str]) -> None:
    """Print lines, through the pager when they are more than the terminal holds."""
    printed = list(lines)
    if sys.stdout.isatty():
        import shutil

        if sum(text.count("\n") + 1 for text in printed) >= shutil.get_terminal_size().lines:
            click.echo_via_pager("\n".join(printed) + "\n")
            return
    for text in printed:
        click.echo(text)
