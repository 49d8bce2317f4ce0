"""`carrel ideas` and `carrel prune`: what might be worth trying, and why it was not."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, common, complete_note
from carrel.cli.listing import ListingGroup, listing
from carrel.cli.notes_table import age, last_cut
from carrel.cli.output import emit, line, page
from carrel.core.experiment import stated, stated_day
from carrel.core.idea import STATES, state
from carrel.core.names import slugify
from carrel.errors import UsageError

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from carrel.core.note import Note

#: Every command and where it is. The order is that of `carrel ideas --help`.
COMMANDS = {
    "list": "carrel.cli.ideas:list_",
    "pursue": "carrel.cli.ideas:pursue",
    "prune": "carrel.cli.ideas:prune",
}


@click.group("ideas", cls=ListingGroup, table=COMMANDS)
def ideas() -> None:
    """List ideas, come across old ones again, take one up; `carrel prune` drops one.

    Alone it lists them.
    """


common(ideas)


@command("list")
@click.option("--open", "wanted", flag_value="open", help="Those that wait.")
@click.option("--pursued", "wanted", flag_value="pursued", help="Those that were taken up.")
@click.option("--pruned", "wanted", flag_value="pruned", help="Those that were dropped, and why.")
@click.option("--random", "few", type=click.IntRange(min=1), metavar="N", help="N open ones, rather old than new.")
@listing
def list_(
    app: App,
    words: tuple[str, ...],
    wanted: str | None,
    few: int | None,
    limit: int | None,
    as_json: bool,
    as_jsonl: bool,
) -> None:
    """List ideas: open ones, those that are pursued, those that were pruned and why; the latest first.

    QUERY is what `carrel search` understands.

    \b
    carrel ideas --random 3
    carrel ideas --pruned probes
    """
    from carrel.cli.purposes import notes_of
    from carrel.cli.searching.current import begin

    if few and wanted not in (None, "open"):
        raise UsageError("--random is for open ideas", f"leave out --{wanted}")
    begin(app)
    notes = notes_of(app, "idea", words=words)
    found = [note for note in notes if wanted is None or state(note) == wanted]
    if few:
        from random import SystemRandom

        found = drawn([note for note in notes if state(note) == "open"], few, app.today, SystemRandom())
    else:
        found.sort(key=_latest_first)
    found = found[:limit]
    if as_json or as_jsonl:
        emit(map(_row, found), "jsonl" if as_jsonl else "json")
    elif found:
        from carrel.cli.table import table

        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(table(last_cut([_cells(note, app.today) for note in found], room), room))
    if not found:
        narrowed = words or wanted or few
        app.remark("no idea fits" if narrowed else 'there is no idea yet: carrel new idea "…"')


def drawn(notes: Sequence[Note], number: int, today: date, random: Random) -> list[Note]:
    """So many of the notes by lot; one that is twice as old comes twice as often."""
    ages = {note.path: max(1, (today - note.date).days + 1 if note.date else 1) for note in notes}
    lots = {note.path: random.random() ** (1 / ages[note.path]) for note in notes}
    return sorted(notes, key=lambda note: -lots[note.path])[:number]


def _latest_first(note: Note) -> tuple[int, int, str]:
    number = STATES.index(state(note)) if state(note) in STATES else len(STATES)
    day = _day(note)
    return number, -day.toordinal() if day else 0, note.path


def _day(note: Note) -> date | None:
    """The day on which it was pruned, pursued or had."""
    return stated_day(note, state(note)) or note.date


def _cells(note: Note, today: date) -> list[str]:
    """An idea as a row of a table: state, day or age, name; its title, and why it was pruned.

    A title that the name says already gives way to the reason.
    """
    day, title, reason = _day(note), line(note.title), line(stated(note, "reason"))
    if reason:
        title = reason if slugify(note.title) == note.name else f"{title}: {reason}"
    return [line(state(note)), age(day, today) if state(note) == "open" else str(day or ""), line(note.name), title]


def _row(note: Note) -> dict[str, object]:
    """An idea as `--json` shows it."""
    return {
        "path": note.path,
        "name": note.name,
        "title": note.title,
        "state": state(note),
        "date": note.date,
        "pursued": stated_day(note, "pursued"),
        "pruned": stated_day(note, "pruned"),
        "reason": stated(note, "reason"),
        "project": note.project,
        "tags": note.tags,
        "authors": note.authors,
    }


@command()
@click.argument("name", metavar="NOTE", shell_complete=complete_note)
@click.option("--again", is_flag=True, help="Also one that was pruned.")
def pursue(app: App, name: str, again: bool) -> None:
    """Take an idea up.

    \b
    carrel ideas pursue distil-the-probe
    carrel new experiment "Distil the probe" --set "advances=[[distil-the-probe]]"
    """
    from carrel.cli.purposes import named_of_kind, stem
    from carrel.core.idea import pursue

    path = named_of_kind(app, name, "idea")
    app.kb.rewrite(path, lambda text: pursue(text, stem(path), app.today, again=again))
    app.remark(f"saved {path}: pursued {app.today}")


@command()
@click.argument("name", metavar="NOTE", shell_complete=complete_note)
@click.argument("reason", nargs=-1)
def prune(app: App, name: str, reason: tuple[str, ...]) -> None:
    """Drop an idea, and remember why.

    \b
    carrel prune distil-the-probe "the probe is small enough"
    """
    from carrel.cli.purposes import named_of_kind, said_or_asked, stem
    from carrel.core.idea import prune

    path = named_of_kind(app, name, "idea")
    why = said_or_asked(app, reason, "a reason", f'carrel prune {stem(path)} "why"')
    app.kb.rewrite(path, lambda text: prune(text, stem(path), app.today, why))
    app.remark(f"saved {path}: pruned {app.today}")
