"""Picking one of many: with fzf where it is installed, else with our own picker, else from a numbered list."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHOWN = 30


class Row(NamedTuple):
    """What is picked from: a line of text; and for its preview a file with a line in it, or, without one, a text."""

    text: str
    place: Path | str = ""
    line: int = 1
    snippet: str = ""


def choose(rows: Sequence[Row], environment: Mapping[str, str]) -> int:
    """The number (from 0) of the row that a person picks. Raises `click.Abort` when they pick none."""
    if shutil.which("fzf", path=environment.get("PATH")):
        return _fzf(rows, environment)
    from carrel.cli.searching.picker import can_pick, pick

    return pick(rows) if can_pick(environment) else _numbered([row.text for row in rows])


def _fzf(rows: Sequence[Row], environment: Mapping[str, str]) -> int:
    """fzf runs the preview in a shell, so that is told nothing but a number: what it stands for is in a file."""
    from carrel.cli.output import to_json

    listed = "\0".join(f"{number}\t{row.text}" for number, row in enumerate(rows))
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="surrogateescape", prefix="carrel-", suffix=".json"
    ) as file:
        file.write(to_json([(os.fspath(row.place), row.line, row.snippet) for row in rows]))
        file.flush()
        preview = f"{shlex.quote(sys.executable)} -m carrel.cli.searching.preview {shlex.quote(file.name)} {{1}}"
        done = subprocess.run(
            ["fzf", "--read0", "--delimiter=\t", "--with-nth=2..", "--no-multi", "--reverse", "--height=80%",
             f"--preview={preview}", "--preview-window=down,50%,wrap"],
            input=listed, stdout=subprocess.PIPE, text=True, check=False, env={**environment, "SHELL": "/bin/sh"},
        )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        raise click.Abort
    return int(done.stdout.partition("\t")[0])


def _numbered(rows: list[str]) -> int:
    """A list that narrows with every word typed, until a number picks."""
    shown = list(range(len(rows)))
    while True:
        for number in shown[:SHOWN]:
            click.echo(f"{number + 1:>4}  {rows[number]}", err=True)
        if len(shown) > SHOWN:
            click.echo(f"      … {len(shown) - SHOWN} more", err=True)
        typed = click.prompt("number, or words to narrow", err=True).strip()
        if typed.isdigit() and 0 < int(typed) <= len(rows):
            return int(typed) - 1
        words = typed.lower().split()
        narrowed = [number for number in range(len(rows)) if all(word in rows[number].lower() for word in words)]
        if len(narrowed) == 1:
            return narrowed[0]
        shown = narrowed or shown
