"""Picking one of many: with fzf where it is installed, else from a numbered list."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 30


def choose(rows: list[str], environment: Mapping[str, str]) -> int:
    """The number (from 0) of the row that a person picks. Raises `click.Abort` when they pick none."""
    return _fzf(rows, environment) if shutil.which("fzf") else _numbered(rows)


def _fzf(rows: list[str], environment: Mapping[str, str]) -> int:
    text = "\n".join(f"{number}\t{row}" for number, row in enumerate(rows))
    done = subprocess.run(
        ["fzf", "--delimiter=\t", "--with-nth=2..", "--no-multi", "--reverse", "--height=60%"],
        input=text, stdout=subprocess.PIPE, text=True, check=False, env=dict(environment),
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
