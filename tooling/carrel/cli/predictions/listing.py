"""`carrel predictions`: what was predicted, what is due, and what was changed afterwards."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from typing import TYPE_CHECKING, Unpack

import click

from carrel.cli.app import App, command
from carrel.cli.output import emit, page
from carrel.cli.predictions.made import Narrowed, cells, held, narrow, narrowing, row
from carrel.cli.searching.asking import complete_saved

if TYPE_CHECKING:
    from carrel.core.prediction import Made


@command()
@click.argument("words", nargs=-1, metavar="[QUERY]...", shell_complete=complete_saved)
@click.option("--due", "state", flag_value="due", help="Open, and their day has come.")
@click.option("--open", "state", flag_value="open", help="Open ones.")
@click.option("--resolved", "state", flag_value="resolved", help="Resolved ones.")
@narrowing
@click.option("--edited", is_flag=True, help="What git says was changed in them after they were made.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def predictions(
    app: App,
    words: tuple[str, ...],
    state: str | None,
    edited: bool,
    limit: int | None,
    as_json: bool,
    as_jsonl: bool,
    **narrowed: Unpack[Narrowed],
) -> None:
    """List predictions by the day they are due, the earliest first.

    QUERY is what `carrel search` understands, and finds the notes and entries that they stand in.

    \b
    carrel predictions --due
    carrel predictions --resolved -t interpretability --since 2026
    carrel predictions --edited
    """
    found = [each for each in narrow(held(app, words), narrowed, app.today) if _is(each, state, app.today)]
    found.sort(key=lambda each: (each.one.by is None, each.one.by or date.max, each.note.path, each.line))
    if edited:
        from carrel.cli.predictions.edited import print_edited

        some = bool(words or state or any(narrowed.values()))
        print_edited(app, found, limit, "jsonl" if as_jsonl else "json" if as_json else "", narrowed=some)
        return
    found = found[:limit]
    if as_json or as_jsonl:
        emit((row(each, app.today) for each in found), "jsonl" if as_jsonl else "json")
    elif found:
        from carrel.cli.table import table

        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(table([cells(each, app.today) for each in found], room))
    if not found:
        app.remark(_none(state, bool(words or any(narrowed.values()))))


def _is(each: Made, state: str | None, today: date) -> bool:
    if state == "due":
        return each.one.due(today)
    return state is None or bool(each.one.outcome) == (state == "resolved")


def _none(state: str | None, narrowed: bool) -> str:
    if narrowed:
        return "no prediction fits"
    if state == "due":
        return "nothing is due"
    return f"no prediction is {state}" if state else 'there is no prediction yet: carrel predict "…" -p 0.7'
