"""`carrel new`, `edit` and `show`: one note at a time."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.naming import named_note
from carrel.cli.output import echo, emit_one, line, page, visible
from carrel.core.note import KINDS, Visibility
from carrel.errors import NoteExists, NoteNotFound, UsageError
from carrel.store.named import find_note

if TYPE_CHECKING:
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.note import Heading, Note


WRITTEN_ELSEWHERE = {"log": 'carrel log "what happened"', "paper": "carrel paper add REF"}


@command()
@click.argument(
    "kind", metavar="KIND", shell_complete=lambda context, _, begun: [kind for kind in KINDS if kind.startswith(begun)]
)
@click.argument("title", nargs=-1, required=True, metavar="TITLE")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("-p", "--project", default="", metavar="NAME", help="The project that it belongs to.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other front-matter key.")
@click.option("--edit/--no-edit", "edit_it", default=None, help="Open it in your editor (default: on a terminal).")
@click.option("--dry-run", is_flag=True, help="Print the note and its path; write nothing.")
def new(
    app: App,
    kind: str,
    title: tuple[str, ...],
    tags: tuple[str, ...],
    project: str,
    settings: tuple[str, ...],
    edit_it: bool | None,
    dry_run: bool,
) -> None:
    """Begin a new note from its kind's template.

    Prints its path. KIND is note, experiment, project, question, idea, meeting or digest, or any that has a template of
    yours in .carrel/templates/KIND.md.
    """
    from carrel.cli.editor import editor_command, open_files
    from carrel.store.scaffold import note_text

    if kind in WRITTEN_ELSEWHERE:
        raise UsageError(f"a {kind} is not made with `new`", WRITTEN_ELSEWHERE[kind])
    own = app.kb.root / ".carrel" / "templates" / f"{kind}.md"
    if kind not in KINDS and not (re.fullmatch(r"[\w-]+", kind) and own.is_file()):
        raise UsageError(
            f"there is no kind {kind!r}", f"one of: {' '.join(k for k in KINDS if k not in WRITTEN_ELSEWHERE)}"
        )
    named = " ".join(" ".join(title).split())
    fields: dict[str, Writable] = {"title": named, "date": app.today, "kind": kind}
    if app.kb.config.author:
        fields["authors"] = [app.kb.config.author]
    if project:
        fields["project"] = project
    fields |= {"tags": _split(tags), "visibility": app.kb.config.visibility.value}
    chosen = _settings(settings)
    fields |= {key: value for key, value in chosen.items() if value is not None}
    options = [key for key, given in (("tags", tags), ("project", project)) if given]
    text = note_text(app.kb, kind, named, fields, chosen=[*chosen, *options])
    folder = app.kb.config.notes_folder
    if kind != "note":
        folder = f"{kind}s" if folder == "." else f"{folder}/{kind}s"
    path = app.kb.free_path(folder, named)
    if dry_run:
        echo(f"{path}\n\n{text}", newline=False)
        return
    app.kb.create(path, text)
    echo(path)
    if app.interactive if edit_it is None else edit_it:
        open_files(editor_command(app.environment, app.kb.config.editor), [app.kb.absolute(path)])


@command()
@click.argument("names", nargs=-1, metavar="[NOTE]...", shell_complete=complete_note)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a front-matter key; open no editor.")
@click.option("-i", "--interactive", is_flag=True, help="Pick the note from a list.")
def edit(app: App, names: tuple[str, ...], settings: tuple[str, ...], interactive: bool) -> None:
    """Open notes in your editor, or today's log.

    NOTE is a path, a file name, a title, an alias, or a day (yesterday, 2026-11-18). With --set it changes
    front-matter keys in place instead, and not one other byte.

    \b
    carrel edit elhage2022toy
    carrel edit elhage2022toy --set rating=5 --set reading=read
    """
    from carrel.cli.editor import editor_command, open_files

    if interactive:
        from carrel.cli.searching.find import pick_note

        paths = [pick_note(app, " ".join(names))]
    else:
        paths = [named_note(app, name) for name in names] or [_today(app)]
    if settings:
        for path in paths:
            app.kb.set_keys(path, _settings(settings))
            app.remark(f"saved {path}")
        return
    open_files(editor_command(app.environment, app.kb.config.editor), [app.kb.absolute(path) for path in paths])


@command()
@click.argument("name", metavar="NOTE[#HEADING]", required=False, shell_complete=complete_note)
@click.option("-i", "--interactive", is_flag=True, help="Pick the note from a list.")
@click.option("--path", "only_path", is_flag=True, help="Print its path only.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: front matter, body, entries, links, problems.")
@click.option("--raw", is_flag=True, help="Print the bytes as they are, control characters and all.")
def show(app: App, name: str | None, interactive: bool, only_path: bool, as_json: bool, raw: bool) -> None:
    """Print a note, or one section of it."""
    if name is None and not interactive:
        raise UsageError("which note?", "carrel show NAME, or -i to pick one")
    target, fragment = _with_section(app, name or "")
    if interactive:
        from carrel.cli.searching.find import pick_note

        path = pick_note(app, target)
    else:
        path = named_note(app, target)
    if only_path:
        echo(path)
        return
    if raw:
        sys.stdout.buffer.write(app.kb.read_bytes(path))
        return
    note = app.kb.read(path)
    if as_json:
        emit_one(note)
        return
    text = f"{_header(note)}\n\n{visible(note.body).strip()}"
    if fragment:
        from carrel.core.graph import LinkGraph
        from carrel.core.note import Link

        found = LinkGraph([note]).resolve(path, Link("", fragment))
        if found is None or found.missing:
            headings = ", ".join(heading.text for heading in note.markup.headings[:8])
            raise NoteNotFound(f"{target}#{fragment}", (headings,) if headings else ())
        text = visible(section(note.body, note.markup.headings, found.slug))
    page(text.rstrip("\n").split("\n"))
    for problem in note.problems:
        app.remark(str(problem))


def _with_section(app: App, name: str) -> tuple[str, str]:
    """A note's name and the heading after its `#`, unless the `#` is part of a name."""
    target, _, fragment = name.partition("#")
    if fragment:
        try:
            return find_note(app.kb, name), ""
        except NoteNotFound:
            return target, fragment
    return target, fragment


def _header(note: Note) -> str:
    """What stands above a note's text: its title, and in one line what it is."""
    day = note.date.isoformat() if note.date else ""
    about = [note.path, note.kind, day, " ".join(f"#{tag}" for tag in note.tags), note.visibility.value]
    title = click.style(line(note.title), bold=True)
    return f"{title}\n{click.style('  '.join(line(part) for part in about if part), dim=True)}"


def section(body: str, headings: tuple[Heading, ...], slug: str) -> str:
    """The heading of that anchor with everything below it."""
    for number, heading in enumerate(headings):
        if heading.slug == slug:
            after = (later.start for later in headings[number + 1 :] if later.level <= heading.level)
            return body[heading.start : next(after, len(body))]
    return body


def _today(app: App) -> str:
    """Today's log, begun if it is not there yet."""
    from carrel.core.log import day_header, day_path

    config = app.kb.config
    path = day_path(config.log_folder, app.today, config.author if config.per_author else "")
    if not app.kb.absolute(path).exists():
        try:
            app.kb.create(path, day_header(app.today, config.visibility, config.author) + "\n")
        except NoteExists:
            return path  # another command began it just now
    return path


def _split(tags: tuple[str, ...]) -> list[str]:
    names = [name.strip().lstrip("#") for given in tags for name in given.split(",")]
    return list(dict.fromkeys(name for name in names if name))


def _settings(written: tuple[str, ...]) -> dict[str, Writable | None]:
    """`key=value` options: `[a, b]` is a list, a number or a date is written bare, nothing removes the key."""
    found: dict[str, Writable | None] = {}
    for one in written:
        key, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not key:
            raise UsageError(f"--set {one!r}: KEY=VALUE is wanted", "as in --set rating=4; --set rating= removes it")
        found[key] = _typed(value) if value else None
        if key == "visibility" and value and value not in tuple(Visibility):
            raise UsageError(f"visibility={value}: private, lab or public is wanted", "nothing was written")
        if key == "date" and value and not isinstance(found[key], date):
            raise UsageError(f"date={value}: there is no such day", "write it as 2026-11-20; nothing was written")
    return found


def _typed(value: str) -> Writable:
    if value.startswith("[") and value.endswith("]") and not value.startswith("[["):
        return _items(value)
    if re.fullmatch(r"0|-?[1-9]\d{0,8}", value):
        return int(value)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value  # digits that look like a date and are none: kept as the text they are
    return value


def _items(written: str) -> list[str]:
    """The items of a list: `[a, b]`, or as YAML has them, `["[[linear-algebra]]", "b, c"]`."""
    if '"' in written or "'" in written:
        from carrel.core.frontmatter import read

        found = read(f"---\nlist: {written}\n---\n").metadata.get("list")
        if isinstance(found, tuple) and all(isinstance(item, str) for item in found):
            return list(map(str, found))
    return [part.strip() for part in written[1:-1].split(",") if part.strip()]
