"""Naming a paper on the command line: by its key, as it is cited, or as any note is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import click

from carrel.cli.app import App, complete_note
from carrel.core.names import in_folder
from carrel.core.reading import Level
from carrel.errors import UsageError

_Function = TypeVar("_Function", bound=Callable[..., object])

complete_paper = complete_note
LEVELS = tuple(level.verb for level in Level if level)


def named_paper(app: App, name: str) -> str:
    """The path of the paper that `name` means: `elhage2022toy`, `@elhage2022toy`, its path or its title.

    Raises `NoteNotFound`, `UsageError`.
    """
    key = re.sub(r"^\[?@|\]$", "", name.strip())
    path = in_folder(app.kb.config.papers_folder, f"{key}.md")
    if "/" in key or not app.kb.absolute(path).is_file():
        from carrel.cli.naming import named_note

        path = named_note(app, key)
    if app.kb.read(path, head=True).kind != "paper":
        raise UsageError(f"{path} is no paper", "`carrel paper list` lists those that are")
    return path


def level_named(word: str) -> Level:
    """The level of reading that a word on the command line names. Raises `UsageError`."""
    level = Level.named(word)
    if not level:
        raise UsageError(f"{word!r} is no level of reading", f"--level {'|'.join(LEVELS)}")
    return level


def level_option(text: str) -> Callable[[_Function], _Function]:
    """`--level`, with `text` as its help."""
    return click.option(
        "--level",
        type=level_named,
        metavar="|".join(LEVELS),
        help=text,
        shell_complete=lambda _context, _parameter, begun: [level for level in LEVELS if level.startswith(begun)],
    )
