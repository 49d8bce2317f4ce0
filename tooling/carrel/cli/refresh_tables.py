"""`carrel refresh-tables`: the tables below query blocks, made current."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, line, shown_path
from carrel.cli.searching.current import asked
from carrel.errors import CarrelError, NoteVanished, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from carrel.search.tables import Plan

#: How a query block begins, or something that looks like one.
_BLOCK = re.compile(rb"^ {0,3}(?:```|~~~)[`~]*[ \t]*carrel[ \t]*\r?$", re.MULTILINE)
#: How often tables are planned anew when the index changes meanwhile.
_TRIES = 3


@dataclass
class Refreshed:
    """What came of it: the notes that have query blocks, those of them that were not current, and what went wrong.

    `spared` were not current either, but left as they are.
    """

    notes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Take down what goes wrong with one note: the others have a right to be made current."""
        try:
            yield
        except NoteVanished:
            pass  # deleted since the index was made current
        except CarrelError as error:
            self.troubles.append(f"{error.message}; {error.hint}" if error.hint else error.message)


@command("refresh-tables")
@click.argument("names", nargs=-1, metavar="[NOTE]...")
@click.option("--check", is_flag=True, help="Write nothing; exit code 2 if a table is not current or cannot be made.")
@click.option("--dry-run", is_flag=True, help="Write nothing; list the notes that would change.")
def refresh_tables(app: App, names: tuple[str, ...], check: bool, dry_run: bool) -> int:
    """Make the tables of queries in notes current.

    A block of code that is called carrel holds a query; the table of what it finds stands below it. Prints the notes
    that changed; without NOTE, all notes that have such blocks are looked at. A table that was changed by hand is left
    alone, and so is one that says `freeze: true`.
    """
    from carrel.cli.naming import named_note

    made = refresh(app, [named_note(app, name) for name in names], write=not (check or dry_run))
    for path in made.changed:
        click.echo(shown_path(path))
    for trouble in made.troubles:
        app.remark(line(trouble))
    amiss = f", {count(len(made.troubles), 'problem')}" if made.troubles else ""
    verb = "to refresh" if check or dry_run else "refreshed"
    app.remark(f"{count(len(made.notes), 'note')} with tables, {len(made.changed)} {verb}{amiss}")
    if check:
        return 2 if made.changed or made.troubles else 0
    return 1 if made.troubles else 0


def refresh_before_build(app: App) -> None:
    """Make the tables of all notes current, but of those that somebody is at, saying what changed.

    Without any block no index is made.
    """
    if not _has_block(app):
        return
    from carrel.watch.in_use import in_use

    try:
        made = refresh(app, spared=lambda path: in_use(app.kb.absolute(path)))
    except CarrelError as error:  # the site makes its own tables
        app.remark(line(f"tables in notes are not refreshed: {error.message}"))
        return
    refreshed = [f"{path}: tables refreshed" for path in made.changed]
    spared = [f"{path}: somebody is at it, its tables are not refreshed" for path in made.spared]
    for text in (*refreshed, *spared, *made.troubles):
        app.remark(line(text))


def refresh(
    app: App,
    paths: Sequence[str] = (),
    *,
    write: bool = True,
    spared: Callable[[str], bool] = lambda _: False,
) -> Refreshed:
    """Make the tables of these notes current, or of all; without `write` only look. Raises `Refused`.

    What `spared` says of the path of a note that is not current: whether it is not to be written into.
    """
    asked(app, lambda *_: True)  # it makes the index current, or one in memory
    made, plans = _planned(app, paths)
    for plan in plans:
        made.troubles += map(str, plan.problems)
        if plan.tables and spared(plan.note.path):
            made.spared.append(plan.note.path)
            continue
        with made.going_on():
            if plan.tables and write:
                plan.carry_out(app.kb.rewrite)
            if plan.tables:
                made.changed.append(plan.note.path)
    return made


def _planned(app: App, paths: Sequence[str]) -> tuple[Refreshed, list[Plan]]:
    """What is to be done to tables, found in one version of the index, which is current. Raises `Refused`."""
    from carrel.search.index import refresh as refresh_index
    from carrel.search.tables import Asking, Plan, notes_with_blocks
    from carrel.store.pdfs import Holdings

    for _ in range(_TRIES):
        current = refresh_index(Holdings(app.kb), app.index).version
        if not current:
            break
        asking = Asking(Holdings(app.kb), app.index, app.today, app.kb.config.queries)
        made = Refreshed(list(paths) or notes_with_blocks(asking.source, asking.index))
        plans: list[Plan] = []
        for path in made.notes:
            with made.going_on():
                plans.append(Plan.of(app.kb.read(path), asking))
        if app.index.version() == current:
            return made, plans
    raise Refused(
        "another carrel is indexing, and what it has not reached yet would go from the tables", "try again soon"
    )


def _has_block(app: App) -> bool:
    """Whether any note has a query block. Those that have none are read once, and again when they changed."""
    from carrel.store import cache

    place = app.kb.cache_dir / "without-tables"
    without: dict[str, tuple[int, ...]] = {}
    with suppress(OSError, ValueError, AttributeError, TypeError):  # it is a cache
        without = {path: tuple(stamp) for path, stamp in json.loads(place.read_bytes()).items()}
    looked: dict[str, tuple[int, ...]] = {}
    for path, stamp in app.kb.stamps().items():
        if without.get(path) != tuple(stamp):
            with suppress(CarrelError):  # gone, or not to be read: the build says so
                if _BLOCK.search(app.kb.read_bytes(path)):
                    return True
        looked[path] = tuple(stamp)
    if looked != without:
        cache.save(place, json.dumps(looked).encode())
    return False
