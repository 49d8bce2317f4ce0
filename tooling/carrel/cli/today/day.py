"""What `carrel today` tells: gathered from the notes that the index names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from carrel.cli.app import App
from carrel.core.names import fold
from carrel.errors import NoteVanished

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from carrel.cli.today.notes import Found
    from carrel.core.note import Entry, Note
    from carrel.core.prediction import Made
    from carrel.core.queue import Queued

#: Papers to read that are named.
TO_READ = 3


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
    mentions: list[Written]
    past: list[Written]
    today: list[Written]


def day_of(app: App, author: str, reader: str) -> Day:
    """The day; of an author, and of what nobody signed, where `author` is not "". `reader` is whom others mention."""
    from carrel.cli.today.notes import find
    from carrel.core.experiment import since
    from carrel.core.note import writers
    from carrel.core.prediction import made
    from carrel.store.containing import predicting

    def theirs(note: Note) -> bool:
        names = writers(note)
        return not author or not names or any(fold(author) in fold(one) for one in names)

    def of_another(note: Note) -> bool:
        names = writers(note)
        return bool(names) and not any(fold(reader) in fold(one) for one in names)

    ours = [note for note in predicting(app.kb, remark=app.remark) if theirs(note)]
    due = sorted((each for each in made(ours) if each.one.due(app.today)), key=_due_first)
    found = find(app, reader)
    running = [note for note in _notes(app, found.running) if theirs(note)]
    written = [one for one in _written(app, found.written) if theirs(one.note)]
    return Day(
        sorted(running, key=lambda note: (-(since(note) or date.min).toordinal(), note.path)),
        due,
        _to_read(app, found),
        list(_steps(app, found, [note for note in _notes(app, found.recent) if theirs(note)])),
        [one for one in _written(app, found.mentions) if of_another(one.note)],
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
    from carrel.cli.papers.next import last_project, running
    from carrel.cli.today.notes import citing
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
    """The entries of some days, or notes, as they come, of each the oldest entry first."""
    for note in _notes(app, places):
        wanted = [Written(note, entry) for entry in note.entries if entry.line in places[note.path]]
        yield from sorted(wanted, key=_time) or [Written(note, None)]


def _time(one: Written) -> time:
    return one.entry.time if one.entry else time()
