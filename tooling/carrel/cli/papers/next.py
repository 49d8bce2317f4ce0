"""`carrel paper next`: which paper to read next, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import emit, emit_paths, line, page
from carrel.cli.papers.listing import papers
from carrel.core.names import fold
from carrel.core.queue import cited, key_of, queue, waits
from carrel.errors import NoteVanished

if TYPE_CHECKING:
    from carrel.core.queue import Queued
    from carrel.core.reading import Level


@command("next")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=5, help="At most so many (default: 5).")
@click.option("-p", "--project", default="", metavar="NAME", help="Of that project only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
@click.option("-0", "--null", is_flag=True, help="Paths only, a NUL after each.")
def next_(app: App, limit: int, project: str, as_json: bool, as_jsonl: bool, null: bool) -> None:
    """Say what to read next, and why.

    What was begun comes first. Then counts the priority that you gave a paper (1 to 5; 3 if none); a hundred days
    in the queue, two citations in your notes, and being of the project of your last log are worth one step each.

    \b
    carrel edit elhage2022toy --set priority=5
    """
    from carrel.core.parse import parse_note

    begun = running(app)
    waiting = [
        note
        for note in papers(app)
        if (waits(note) or note.path in begun) and (not project or fold(note.project) == fold(project))
    ]
    keys = {key_of(note) for note in waiting}
    notes = ((data, partial(parse_note, path, data)) for path, data in texts(app))
    found = queue(waiting, app.today, cited(notes, keys) if keys else {}, last_project(app), begun)
    shown = found[:limit]
    if null:
        emit_paths(one.path for one in shown)
    elif as_json or as_jsonl:
        emit(shown, "jsonl" if as_jsonl else "json")
    else:
        page(text for one in shown for text in _reasoned(one))
    if not found:
        which = f"no paper of {project} is in the queue" if project else "the queue is empty"
        app.remark(f"{which}; `carrel paper add` puts papers into it")
    elif len(found) > limit:
        app.remark(f"{limit} of {len(found)}; -n {len(found)} shows all")


def texts(app: App) -> Iterator[tuple[str, bytes]]:
    """Every note's path and bytes; one that cannot be read is passed over."""
    for path in app.kb.paths():
        with suppress(NoteVanished):
            yield path, app.kb.read_bytes(path)


def _reasoned(one: Queued) -> tuple[str, str]:
    """A paper of the queue in two lines: which it is, and why it is there."""
    year = f" ({one.year})" if one.year else ""
    title = f"{click.style(line(one.key), bold=True)}  {line(one.title)}{year}"
    return title, click.style(f"    {' · '.join(line(reason) for reason in one.reasons) or 'in the queue'}", dim=True)


def running(app: App) -> dict[str, Level]:
    """The paper that is being read, if it is one of this knowledge base."""
    from carrel.store.timer import Timer

    running = Timer(app.environment).running()
    return {running.path: running.level} if running and running.root == str(app.kb.root) else {}


def last_project(app: App) -> tuple[str, str]:
    """The project of the last day with a log, and that day in words."""
    days: dict[str, list[str]] = {}
    for path in app.kb.paths():
        if (day := re.match(r"\d{4}-\d{2}-\d{2}(?=[-.])", path.rpartition("/")[2])) and day[0] <= app.today.isoformat():
            days.setdefault(day[0], []).append(path)
    if not days:
        return "", ""
    last = max(days)
    words = "today's log" if last == app.today.isoformat() else f"your log of {last}"
    named, whole = [""], [""]
    for path in sorted(days[last]):
        with suppress(NoteVanished):
            note = app.kb.read(path)
            named += [entry.project for entry in note.entries if entry.project]
            whole += [note.project] if note.kind == "log" else []
    return named[-1] or whole[-1], words
