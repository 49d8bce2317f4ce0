"""`carrel paper list`: the papers as a table."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import emit, emit_paths, line, page
from carrel.core.names import fold, in_folder
from carrel.core.queue import key_of
from carrel.core.reading import STATES, grade, reading, sessions
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.core.note import Note, Value

COLUMNS = ("key", "year", "reading", "authors", "title")
#: Columns that a paper has besides the keys of its front matter.
COMPUTED = ("key", "path", "authors", "year", "title", "venue", "reading", "rating", "priority", "project", "tags",
            "date", "minutes", "sessions", "last")  # fmt: skip


@command("list")
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@click.option("-r", "--reading", "states", multiple=True, type=click.Choice(STATES), help="Several: any of them.")
@click.option("-p", "--project", default="", metavar="NAME", help="Of that project.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="With that tag; several: with all of them.")
@click.option("-c", "--columns", default=",".join(COLUMNS), metavar="NAMES", help="Any front-matter keys, with commas.")
@click.option("-s", "--sort", "order", default="date-", metavar="KEY", help="A column; with - behind it, downwards.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
@click.option("-0", "--null", is_flag=True, help="Paths only, a NUL after each, for xargs -0.")
def list_(
    app: App,
    words: tuple[str, ...],
    states: tuple[str, ...],
    project: str,
    tags: tuple[str, ...],
    columns: str,
    order: str,
    limit: int | None,
    as_json: bool,
    as_jsonl: bool,
    null: bool,
) -> None:
    """List papers, the latest first.

    QUERY is what `carrel search` understands. Besides the keys of the front matter there are the columns path,
    minutes and sessions (spent on it) and last (read).

    \b
    carrel paper list --reading queued --sort priority-
    carrel paper list sparse autoencoders -c key,rating,minutes,title
    """
    wanted = {fold(tag.lstrip("#")) for tag in tags}
    found = [
        note
        for note in papers(app, words)
        if (not states or reading(note).state in states)
        and (not project or fold(note.project) == fold(project))
        and wanted <= {fold(tag) for tag in note.tags}
    ]
    names = [name.strip() for name in columns.split(",") if name.strip()] or [*COLUMNS]
    by = order.removesuffix("-").removesuffix("+")
    _check(app, [*names, by], found)
    found = _sorted(found, by, downwards=order.endswith("-"))[:limit]
    if null:
        emit_paths(note.path for note in found)
    elif as_json or as_jsonl:
        emit((row(note) for note in found), "jsonl" if as_jsonl else "json")
    elif found:
        _print(names, found)
    if not found:
        app.remark(
            "no paper is so" if words or states or project or tags else "there is no paper yet: carrel paper add"
        )


def papers(app: App, words: tuple[str, ...] = ()) -> list[Note]:
    """The papers that answer to a query, their front matter only; all without one, at the cost of no index."""
    if not words:
        folder = in_folder(app.kb.config.papers_folder, "")
        return [note for note in app.kb.notes(folder, head=True) if note.kind == "paper"]
    from carrel.cli.searching.asking import NO_FILTERS, query_of
    from carrel.cli.searching.current import answer

    results = answer(app, query_of(app, " ".join(words), {**NO_FILTERS, "kind": ("paper",)}), None)
    if results.fell_back:
        app.remark("no paper has all of these words; these have some")
    return [app.kb.read(path, head=True) for path in dict.fromkeys(hit.path for hit in results.hits)]


def row(note: Note) -> dict[str, object]:
    """A paper as `--json` shows it."""
    read = sessions(note)
    return {
        "path": note.path,
        "key": key_of(note),
        "title": note.title,
        "authors": note.authors,
        "year": _text(note.metadata.get("year", "")),
        "venue": _text(note.metadata.get("venue", "")),
        "reading": reading(note).state,
        "rating": grade(note, "rating"),
        "priority": grade(note, "priority"),
        "project": note.project,
        "tags": note.tags,
        "date": note.date,
        "minutes": sum(session.minutes for session in read),
        "sessions": len(read),
        "last": read[-1].date if read else None,
        "fields": note.metadata,
    }


def _cell(note: Note, name: str) -> str:
    """What a column says of a paper, on one line."""
    if name == "authors":
        return _et_al(note.authors)
    if name in ("reading", *COMPUTED) and (
        name not in note.metadata or name in ("reading", "sessions", "tags", "date")
    ):
        value = row(note)[name]
        return line(", ".join(value) if isinstance(value, tuple) else "" if value in (None, 0) else str(value))
    return line(_text(note.metadata.get(name, "")))


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
    return "; ".join(map(_text, value))


def _et_al(authors: tuple[str, ...]) -> str:
    from carrel.core.person import Name

    last = [Name.parse(name).last or Name.parse(name).display for name in authors[:2]]
    return line(f"{last[0]} et al." if len(authors) > 2 else " & ".join(last)) if last else ""


def _check(app: App, names: Iterable[str], found: list[Note]) -> None:
    """Raise `UsageError` for a column that no paper has: it was mistyped."""
    for name in names:
        if name in COMPUTED or not found or any(name in note.metadata for note in found):
            continue
        known = {*COMPUTED, *(key for note in papers(app) for key in note.metadata)}
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, 1)
            raise UsageError(
                f"no paper has {name!r}", f"did you mean {close[0]}?" if close else "see --json for the keys"
            )


def _sorted(found: list[Note], by: str, *, downwards: bool) -> list[Note]:
    """Papers by a column, numbers as numbers, those without a value last."""

    def rank(note: Note) -> tuple[int, float, str]:
        text = _cell(note, by)
        if by == "reading":
            return 0, reading(note), ""
        number = re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", text)
        return (0, float(text), "") if number else (1, 0, fold(text))

    found = sorted(found, key=lambda note: note.path)
    some = sorted((note for note in found if _cell(note, by)), key=rank, reverse=downwards)
    return some + [note for note in found if not _cell(note, by)]


def _print(names: list[str], found: list[Note]) -> None:
    from carrel.cli.table import table

    rows = [[_cell(note, name) for name in names] for note in found]
    if sys.stdout.isatty():  # a person sees what the columns are; a program knows what it asked for
        head, *lines = table([names, *rows], shutil.get_terminal_size().columns)
        page([click.style(head, dim=True), *lines])
    else:
        page(table(rows))
