"""`carrel paper`: papers from any reference to a structured summary, one file per command or two."""

from __future__ import annotations

import click

from carrel.cli.app import common
from carrel.cli.lazy import LazyGroup

#: Every command and where it is. The order is that of `carrel paper --help`.
COMMANDS = {
    "add": "carrel.cli.papers.add:add",
    "next": "carrel.cli.papers.next:next_",
    "read": "carrel.cli.papers.reading:read",
    "start": "carrel.cli.papers.reading:start",
    "stop": "carrel.cli.papers.reading:stop",
    "list": "carrel.cli.papers.listing:list_",
    "show": "carrel.cli.papers.open:show",
    "open": "carrel.cli.papers.open:open_",
    "quotes": "carrel.cli.papers.quotes:quotes",
    "refs": "carrel.cli.papers.refs:refs",
    "cite": "carrel.cli.papers.cite:cite",
    "export": "carrel.cli.papers.export:export",
    "stats": "carrel.cli.papers.stats:stats",
    "update": "carrel.cli.papers.update:update",
}


@click.group(cls=LazyGroup, table=COMMANDS)
def paper() -> None:
    """Add, read, cite and keep papers: papers/KEY.md each."""


common(paper)
