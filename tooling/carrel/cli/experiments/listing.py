"""`carrel exp list`: experiments by state, and what came of them."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.listing import listing
from carrel.cli.notes_table import age, last_cut
from carrel.cli.output import emit, line, page
from carrel.core.experiment import OPEN, STATES, VERDICTS, since, state, stated, stated_day, verdict

if TYPE_CHECKING:
    from carrel.cli.purposes import Purposes
    from carrel.core.note import Note

_ORDER = ("running", "planned", "done", "abandoned")


@command("list")
@click.option("-s", "--state", "states", multiple=True, type=click.Choice(STATES), help="Several: any of them.")
@click.option("--verdict", "verdicts", multiple=True, type=click.Choice(VERDICTS), help="Several: any of them.")
@listing
def list_(
    app: App,
    words: tuple[str, ...],
    states: tuple[str, ...],
    verdicts: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    as_jsonl: bool,
) -> None:
    """List experiments by state, those that run first, with what came of them, and what they advance or why they were
    given up.

    QUERY is what `carrel search` understands.

    \b
    carrel exp
    carrel exp list --verdict refuted
    """
    from carrel.cli.purposes import KINDS, Purposes, notes_of
    from carrel.cli.searching.current import begin

    begin(app)
    found = notes_of(app, "experiment", words=words) if words else notes_of(app, *KINDS)
    purposes = Purposes(app, found)
    found = [
        note
        for note in found
        if note.kind == "experiment"
        and (not states or state(note) in states)
        and (not verdicts or verdict(note) in verdicts)
    ]
    found = sorted(found, key=_newest_first)[:limit]
    if as_json or as_jsonl:
        emit((row(note, purposes, app.today) for note in found), "jsonl" if as_jsonl else "json")
    elif found:
        from carrel.cli.table import table

        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(table(last_cut([_cells(note, purposes, app.today) for note in found], room), room))
        _say_what_has_runs(app, [note for note in found if state(note) == "planned"], purposes)
    if not found:
        narrowed = words or states or verdicts
        app.remark("no experiment fits" if narrowed else 'there is no experiment yet: carrel new experiment "…"')


def _say_what_has_runs(app: App, planned: list[Note], purposes: Purposes) -> None:
    """Of what runs belong to and nobody has started, how to start it."""
    if not planned:
        return
    from carrel.cli.experiments.entries import first_runs

    ran = first_runs(app, purposes)
    for note in planned:
        if note.path in ran:
            known = line(note.name)
            app.remark(f"{known} has runs since {ran[note.path]}, and is planned: carrel exp start {known}")


def _newest_first(note: Note) -> tuple[int, int, str]:
    number = _ORDER.index(state(note)) if state(note) in _ORDER else len(_ORDER)
    day = since(note)
    return number, -day.toordinal() if day else 0, note.path


def _cells(note: Note, purposes: Purposes, today: date) -> list[str]:
    """An experiment as a row of a table: state, verdict, since when, name; why it was given up, or what it advances."""
    day = since(note)
    when = age(day, today) if state(note) in OPEN else str(day or "")
    serves = ", ".join(line(above.title) for above in purposes.above(note.path))
    reason = line(stated(note, "reason")) if state(note) == "abandoned" else ""
    return [line(state(note)), line(verdict(note)) or "-", when, line(note.name), reason or serves or "-"]


def row(note: Note, purposes: Purposes, today: date) -> dict[str, object]:
    """An experiment as `--json` shows it; `days` are those since it started or was planned, until today or its end."""
    first = stated_day(note, "started") or note.date
    last = today if state(note) in OPEN else stated_day(note, "ended")
    return {
        "path": note.path,
        "name": note.name,
        "title": note.title,
        "state": state(note),
        "verdict": verdict(note),
        "date": note.date,
        "started": stated_day(note, "started"),
        "ended": stated_day(note, "ended"),
        "days": (last - first).days if first and last else None,
        "reason": stated(note, "reason"),
        "advances": [above.path for above in purposes.above(note.path)],
        "project": note.project,
        "tags": note.tags,
        "authors": note.authors,
    }
