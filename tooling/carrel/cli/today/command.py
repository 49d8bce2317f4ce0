"""`carrel today`: what runs, what is due, what to read, what was to be done next, and this day in other years."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import emit_one, line, page

if TYPE_CHECKING:
    from carrel.cli.today.day import Day, Written
    from carrel.core.note import Entry, Note

#: Lines of a section that are shown.
SHOWN = 8


@command()
@click.option("-a", "--author", default="", metavar="NAME", help="What is theirs, or nobody's.")
@click.option("--all", "everyone", is_flag=True, help="What is anybody's, also where each writes days of their own.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every line of every section.")
def today(app: App, author: str, everyone: bool, as_json: bool) -> None:
    """Say what runs, what is due, what to read, and what you wanted to do next.

    Next are the `next::` lines and the sections Next that the last seven days left, in the log, in meetings,
    experiments and projects. Where others write too, what they said in these days that mentions you (`@ada`) is there.
    What you wrote on this day in other years follows, and what you wrote today. A section with nothing in it is left
    out. In a knowledge base of several authors (`per_author`) it is about your own.

    \b
    carrel today
    carrel today --json
    """
    from carrel.cli.searching.current import begin
    from carrel.cli.today.day import day_of

    begin(app)
    config = app.kb.config
    name = author or (config.author if config.per_author and not everyone else "")
    day = day_of(app, name, author or config.author)
    if as_json:
        emit_one({"date": app.today, **_plain(day, app.today)})
    elif any(day):
        page(_printed(app, day))
    else:
        app.remark('nothing runs, nothing is due, nothing waits to be read; carrel log "…" writes the first line')


def _plain(day: Day, today: date) -> dict[str, object]:
    """The sections as `--json` has them."""
    from carrel.cli.predictions.made import row
    from carrel.core.experiment import since

    return {
        "running": [
            {"path": note.path, "title": note.title, "since": since(note), "project": note.project,
             "authors": note.authors}
            for note in day.running
        ],
        "due": [row(each, today) for each in day.due],
        "read": [{"path": one.path, "key": one.key, "title": one.title, "reasons": one.reasons} for one in day.read],
        "next": [{"text": one.text, **_place(one.note, one.entry)} for one in day.next],
        "mentions": [_place(*one) for one in day.mentions],
        "past": [_place(*one) for one in day.past],
        "today": [_place(*one) for one in day.today],
    }  # fmt: skip


def _place(note: Note, entry: Entry | None) -> dict[str, object]:
    return {
        "date": note.date,
        "time": entry.time if entry else None,
        "title": entry.title if entry else note.title,
        "path": note.path,
        "line": entry.line if entry else 1,
        "authors": note.authors,
        "project": (entry.project if entry else "") or note.project,
    }


def _printed(app: App, day: Day) -> Iterator[str]:
    from carrel.cli.notes_table import age
    from carrel.cli.predictions.made import percent, told
    from carrel.cli.table import table
    from carrel.core.experiment import since

    room = shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else 0
    sections = {
        "Running": [[line(note.name), age(since(note), app.today), line(note.title)] for note in day.running],
        "Due": [[each.one.id or "-", percent(each.one.p), str(each.one.by), line(told(each)[0])] for each in day.due],
        "To read": [[line(one.key), line(one.title), line(", ".join(one.reasons))] for one in day.read],
        "Next, as of the last seven days": [[line(one.text), _where(one.note, one.entry)] for one in day.next],
        "You are mentioned": [[str(one.note.date), *_said(one)] for one in day.mentions],
        "On this day": [[str(one.note.date)[:4], *_said(one)] for one in _some_of_each_year(day.past)],
        "Today": [_said(one) for one in day.today],
    }
    several = {"On this day": len(day.past)}
    first = True
    for heading, rows in sections.items():
        if not rows:
            continue
        yield from () if first else ("",)
        first = False
        yield click.style(heading, bold=True)
        yield from (f"  {text}" for text in table(rows[:SHOWN], room))
        if (more := several.get(heading, len(rows)) - len(rows[:SHOWN])) > 0:
            yield f"  and {more} more"


def _some_of_each_year(past: list[Written]) -> list[Written]:
    """The first lines of each year, as many of each, so that one year does not hide the others."""
    years = Counter(str(one.note.date)[:4] for one in past)
    most = max(1, SHOWN // max(1, len(years)))
    told = Counter[str]()
    some = []
    for one in past:
        year = str(one.note.date)[:4]
        told[year] += 1
        some += [one] if told[year] <= most else []
    return some


def _where(note: Note, entry: Entry | None) -> str:
    if entry is None:
        return line(note.title)
    return line(f"{note.date} {entry.anchor}")


def _said(one: Written) -> list[str]:
    """The time and the first words of an entry, with the names of those who wrote it where these are known."""
    note, entry = one
    words = entry.title or entry.text if entry else note.body.strip().partition("\n")[0] or note.title
    return [f"{entry.time:%H:%M}" if entry else "", line(words)[:200], line(", ".join(note.authors))]
