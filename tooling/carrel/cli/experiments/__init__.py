"""`carrel exp`: what is tried, how it goes, and what came of it."""

from __future__ import annotations

import click

from carrel.cli.app import common
from carrel.cli.listing import ListingGroup

#: Every command and where it is. The order is that of `carrel exp --help`.
COMMANDS = {
    "list": "carrel.cli.experiments.listing:list_",
    "show": "carrel.cli.experiments.page:show",
    "start": "carrel.cli.experiments.moves:start",
    "done": "carrel.cli.experiments.moves:done",
    "abandon": "carrel.cli.experiments.moves:abandon",
}


@click.group("exp", cls=ListingGroup, table=COMMANDS)
def experiments() -> None:
    """Start, end and list experiments; `carrel new experiment "…"` begins one.

    Alone it lists them.
    """


common(experiments)
