"""`carrel today`: what runs, what is due, what to read, what was to be done next, and this day in other years."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, line, page, to_json
from carrel.core.names import fold
from carrel.errors import NoteVanished

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from carrel.cli.day_notes import Found
    from carrel.core.note import Entry, Note
    from carrel.core.prediction import Made
    from carrel.core.queue import Queued

#: Papers to read, and lines of any other section, that are shown.
TO_READ, SHOWN = 3, 8


class Step(NamedTuple):
    """Something to be done next, and where that is said."""

    text: str
    note: Note
    entry: Entry | None


class Written(NamedTuple):
    """An entry, or a day of the log that has none."""

    note: Note
    entry: Entry | None


class Day(NamedTuple):
    """What `carrel today` says. The names are the keys of `--json`, in this order."""

    running: list[Note]
    due: list[Made]
    read: list[Queued]
    next: list[Step]
    past: list[Written]
    today: list[Written]


@command()
@click.option("-a", "--author", default="", metavar="NAME", help="What is theirs, or nobody's.")
@click.option("--all", "everyone", is_flag=True, help="What is anybody's, also where each writes days of their own.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every line of every section.")
def today(app: App, author: str, everyone: bool, as_json: bool) -> None:
    """Say what runs, what is due, what to read, and what you wanted to do next.

    Next are the `next::` lines and the sections Next that the last seven days left, in the log, in meetings,
    experiments and projects. What you wrote on this day in other years follows, and what you wrote today. A section
    with nothing in it is left out. In a knowledge base of several authors (`per_author`) it is about your own.

    \b
    carrel today
    carrel today --json
    """
    from carrel.cli.current import begin

    begin(app)
    config = app.kb.config
    name = author or (config.author if config.per_author and not everyone else "")
    day = _day(app, name)
    if as_json:
        click.echo(to_json({"date": app.today, **_plain(day, app.today)}, indent=2))
    elif any(day):
        page(_printed(app, day))
    else:
        app.remark('nothing runs, nothing is due, nothing waits to be read; carrel log "…" writes the first line')


def _day(app: App, author: str) -> Day:
    from carrel.cli.day_notes import find
    from carrel.core.experiment import since
    from carrel.core.prediction import made
    from carrel.store.containing import containing

    def theirs(note: Note) -> bool:
        return not author or not note.authors or any(fold(author) in fold(one) for one in note.authors)

    ours = [note for note in containing(app.kb, b"[ ] p=", remark=app.remark) if theirs(note)]
    due = sorted((each for each in made(ours) if each.one.due(app.today)), key=_due_first)
    found = find(app)
    running = [note for note in _notes(app, found.running) if theirs(note)]
    written = [one for one in _written(app, found.written) if theirs(one.note)]
    return Day(
        sorted(running, key=lambda note: (-(since(note) or date.min).toordinal(), note.path)),
        due,
        _to_read(app, found),
        list(_steps(app, found, [note for note in _notes(app, found.recent) if theirs(note)])),
        [one for one in written if one.note.date != app.today],
        [one for one in written if one.note.date == app.today],
    )


def _notes(app: App, paths: Iterable[str]) -> Iterator[Note]:
    for path in dict.fromkeys(paths):
        with suppress(NoteVanished):
            yield app.kb.read(path)


def _due_first(each: Made) -> tuple[date, str, int]:
    return each.one.by or date.max, each.note.path, each.line


def _to_read(app: App, found: Found) -> list[Queued]:
    """The first papers as `carrel paper next` has them."""
    from carrel.cli.day_notes import citing
    from carrel.cli.papers.next import last_project, running
    from carrel.core.parse import parse_note
    from carrel.core.queue import cited, front

    begun = running(app)
    papers = []
    for path in dict.fromkeys((*found.waiting, *begun)):
        with suppress(NoteVanished):
            papers.append(app.kb.read(path, head=True))

    def texts(keys: Collection[str]) -> Iterator[tuple[bytes, Callable[[], Note]]]:
        for path in citing(app, keys):
            with suppress(NoteVanished):
                data = app.kb.read_bytes(path)
                yield data, partial(parse_note, path, data)

    def exactly(keys: Collection[str]) -> Mapping[str, int]:
        return cited(texts(keys), keys)

    return front(papers, app.today, TO_READ, found.places, exactly, last_project(app), begun)


def _steps(app: App, found: Found, recent: list[Note]) -> Iterator[Step]:
    """The steps of the last days, the latest first; of the projects, those that these days were about."""
    from carrel.core.experiment import stated
    from carrel.core.next_steps import next_steps
    from carrel.core.purpose import OVER

    recent.sort(key=lambda note: (-(note.date or date.min).toordinal(), note.path))
    about = {fold(name) for note in recent for name in (note.project, *(one.project for one in note.entries)) if name}
    for note in recent:
        yield from (Step(step, note, entry) for entry, step in next_steps(note))
    seen = {note.path for note in recent}
    for note in _notes(app, found.projects if about else ()):
        names = {fold(name) for name in (note.name, note.title, *note.aliases)}
        if note.path not in seen and not names.isdisjoint(about) and stated(note, "state").lower() not in OVER:
            yield from (Step(step, note, entry) for entry, step in next_steps(note))


def _written(app: App, places: Mapping[str, list[int]]) -> Iterator[Written]:
    """The entries of some days, the days as they come, oldest entry first."""
    for note in _notes(app, places):
        wanted = [Written(note, entry) for entry in note.entries if entry.line in places[note.path]]
        yield from sorted(wanted, key=_time) or [Written(note, None)]


def _time(one: Written) -> time:
    return one.entry.time if one.entry else time()


def _plain(day: Day, today: date) -> dict[str, object]:
    """The sections as `--json` has them."""
    from carrel.cli.predictions import row
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
    from carrel.cli.predictions import percent, told
    from carrel.cli.table import table

    room = shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else 0
    sections = {
        "Running": [[line(note.name), _since(note, app.today), line(note.title)] for note in day.running],
        "Due": [[each.one.id or "-", percent(each.one.p), str(each.one.by), line(told(each)[0])] for each in day.due],
        "To read": [[line(one.key), line(one.title), line(", ".join(one.reasons))] for one in day.read],
        "Next, as of the last seven days": [[line(one.text), _where(one.note, one.entry)] for one in day.next],
        "On this day": [[str(one.note.date)[:4], *_said(one)] for one in day.past],
        "Today": [_said(one) for one in day.today],
    }
    first = True
    for heading, rows in sections.items():
        if not rows:
            continue
        yield from () if first else ("",)
        first = False
        yield click.style(heading, bold=True)
        yield from (f"  {text}" for text in table(rows[:SHOWN], room))
        if len(rows) > SHOWN:
            yield f"  and {len(rows) - SHOWN} more"


def _since(note: Note, today: date) -> str:
    from carrel.core.experiment import since

    day = since(note)
    return count((today - day).days, "day") if day and day <= today else str(day or "")


def _where(note: Note, entry: Entry | None) -> str:
    if entry is None:
        return line(note.title)
    return line(f"{note.date} {entry.anchor}")


def _said(one: Written) -> list[str]:
    """The time and the first words of an entry, with the names of those who wrote it where these are known."""
    note, entry = one
    words = entry.title or entry.text if entry else note.body.strip().partition("\n")[0] or note.title
    return [f"{entry.time:%H:%M}" if entry else "", line(words)[:200], line(", ".join(note.authors))]
