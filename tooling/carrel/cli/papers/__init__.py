"""`carrel paper`: papers from any reference to a structured summary, one file per command or two."""

from __future__ import annotations

import click

from carrel.cli.app import common
from carrel.cli.lazy import LazyGroup

#: Every command and where it is. The order is that of `carrel paper --help`.
COMMANDS = {
    "add": "carrel.cli.papers.add:add",
}


@click.group(cls=LazyGroup, table=COMMANDS)
def paper() -> None:
    """Add, read, cite and keep papers: papers/KEY.md each."""


common(paper)
