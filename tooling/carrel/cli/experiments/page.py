"""`carrel exp show`: one experiment with what it is for, what was said, and what was run for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.experiments.listing import row
from carrel.cli.output import emit_one, line, page, shown_path, visible
from carrel.core.experiment import state, stated, stated_day, verdict
from carrel.core.run import how_it_went, is_run
from carrel.core.section import section_text

if TYPE_CHECKING:
    from carrel.cli.purposes import Purposes
    from carrel.core.note import Entry, Note


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(app: App, name: str | None, as_json: bool) -> None:
    """Show an experiment with its runs and entries, the first one first. Without NOTE, the one that runs.

    They are the entries of the log with a line `experiment:: [[NOTE]]`, as `carrel run --exp NOTE` writes it.
    """
    from carrel.cli.experiments.entries import entries_of
    from carrel.cli.experiments.moves import meant
    from carrel.cli.purposes import KINDS, Purposes, notes_of
    from carrel.cli.searching.current import begin

    begin(app)
    path = meant(app, name, "running", "show")
    purposes = Purposes(app, notes_of(app, *KINDS))
    note = purposes.note(path)
    entries = entries_of(app, path, purposes)
    if as_json:
        rows = [_entry_row(day, entry) for day, entry in entries]
        emit_one({**row(note, purposes, app.today), "sections": _told(note), "entries": rows})
        return
    page([*_head(note, purposes), *_entry_lines(entries)])
    if state(note) == "planned" and (days := [str(day.date) for day, entry in entries if is_run(entry.fields)]):
        app.remark(f"it has runs since {days[0]}, and is planned: carrel exp start {line(note.name)}")


def _head(note: Note, purposes: Purposes) -> Iterator[str]:
    yield click.style(line(note.title), bold=True)
    started, ended = stated_day(note, "started"), stated_day(note, "ended")
    days = f"{started or '…'} to {ended}" if ended else f"since {started}" if started else str(note.date or "")
    about = (shown_path(note.path), state(note), verdict(note), days, stated(note, "reason"))
    yield click.style("  ".join(line(part) for part in about if part), dim=True)
    way = [purposes.note(step.path).title for step in purposes.climb(note.path).all() if not step.told]
    if way[1:]:
        yield f"serves {' → '.join(map(line, way[1:]))}"
    for heading, words in _told(note).items():
        yield ""
        yield click.style(heading, bold=True)
        yield visible(words)


def _entry_lines(entries: list[tuple[Note, Entry]]) -> Iterator[str]:
    from carrel.cli.table import table

    if entries:
        yield ""
        yield click.style("Runs and entries", bold=True)
        rows = []
        for day, entry in entries:
            said = _facts(entry)
            rows.append(
                [f"{day.date} {entry.time:%H:%M}", line(entry.title), said, f"{shown_path(day.path)}:{entry.line}"]
            )
        yield from table(rows)


def _facts(entry: Entry) -> str:
    """How a run ended and how long it took, or ""."""
    return ", ".join(how_it_went(entry.fields))


def _entry_row(day: Note, entry: Entry) -> dict[str, object]:
    return {
        "path": day.path,
        "line": entry.line,
        "anchor": entry.anchor,
        "date": day.date,
        "time": entry.time,
        "title": entry.title,
        "tags": entry.tags,
        "fields": entry.fields,
    }


def _told(note: Note) -> Mapping[str, str]:
    """The sections of an experiment that have words in them, in the order of its template."""
    headings = ("Hypothesis", "Why", "Prediction", "Method", "Result", "Verdict", "Surprise", "Next")
    return {heading: words for heading in headings if (words := section_text(note, heading))}
