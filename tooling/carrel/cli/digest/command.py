"""`carrel digest`: what a week brought, as a note that can be edited, sent and published."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from carrel.cli.app import App, command
from carrel.cli.digest.note import both_sides, digest_path, is_torn, read_digest
from carrel.cli.output import count, echo, line, shown_path
from carrel.core.conflict import conflict_line
from carrel.core.note import Visibility
from carrel.core.parse import parse_note
from carrel.errors import CarrelError, NoteExists, Refused, UsageError

if TYPE_CHECKING:
    from carrel.cli.digest.table import Form
    from carrel.core.digest import Issue, Part
    from carrel.core.digest_parts import Rewritten
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.note import Note

#: What a file that is replaced is called: a note is not.
_REPLACED = (".html", ".htm", ".txt", ".csv")
_Function = TypeVar("_Function", bound=Callable[..., object])


def _output(name: str, help: str) -> Callable[[_Function], _Function]:
    """An option that may name a file; without one it prints."""
    return click.option(f"--{name}", is_flag=False, flag_value="-", default="", metavar="[FILE]", help=help)


@command()
@click.option("--week", default="", metavar="WHEN", help="2026-W47, 47, 'last week', or any day of it.")
@click.option("--to", "audience", type=click.Choice(["lab", "public"]), help="Whom it is for (default: lab).")
@click.option("--force", is_flag=True, help="Write also the parts anew that were changed or taken out by hand.")
@click.option("--dry-run", is_flag=True, help="Print the note; write nothing.")
@_output("html", "As the HTML of a mail, printed or into a file; writes no note.")
@_output("text", "As the text of a mail.")
@_output("csv", "Its papers as the table of the Alignment Newsletter.")
@click.option("--json", "as_json", is_flag=True, help="Its papers as one JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Its papers as one JSON object a line.")
@click.option("--all", "every", is_flag=True, help="The papers of all weeks, with --csv, --json or --jsonl.")
def digest(
    app: App,
    week: str,
    audience: str | None,
    force: bool,
    dry_run: bool,
    html: str,
    text: str,
    csv: str,
    as_json: bool,
    as_jsonl: bool,
    every: bool,
) -> None:
    """Write the digest of a week: papers with summary and opinion, experiments, predictions, questions, the log.

    It is this week's; on a Monday, that of the week before. Only notes go in that those may see whom it is for. Edit
    it as you like: run again, it writes its own parts anew and leaves alone what you wrote, changed or took out.

    \b
    carrel digest
    carrel digest --week 2026-W47 --to public
    carrel digest --html digest.html
    carrel digest --all --csv database.csv
    """
    monday = _monday(app, week)
    to = Visibility(audience or "lab")
    known: list[tuple[Form, object]] = [("csv", csv), ("json", as_json), ("jsonl", as_jsonl)]
    forms = [form for form, wanted in known if wanted]
    if len(forms) + bool(html) + bool(text) + dry_run > 1:
        raise UsageError("one form at a time", "--html, --text, --csv, --json, --jsonl or --dry-run")
    if every and (not forms or week):
        raise UsageError("--all is for the papers of all weeks", "carrel digest --all --csv database.csv")
    if forms:
        from carrel.cli.digest.papers import papers_of
        from carrel.cli.digest.table import table

        _put(app, csv if forms == ["csv"] else "-", table(papers_of(app, to, None if every else monday), forms[0]))
        return
    path = digest_path(app, monday, to)
    old = read_digest(app, path, to)
    if html or text:
        from carrel.cli.digest.mail import mail

        if old is not None and is_torn(old):
            raise Refused(f"{path} holds a conflict", "carrel digest solves it as far as it can, and says what is left")
        note = old or parse_note(path, _new(app, path, monday, to).text.encode())
        _put(app, html or text, mail(app, note, to, text=bool(text)))
        return
    _write(app, path, monday, to, old, force=force, dry_run=dry_run)


def _write(app: App, path: str, monday: date, to: Visibility, old: Note | None, *, force: bool, dry_run: bool) -> None:
    from carrel.core.digest_merge import settled
    from carrel.core.digest_parts import Rewritten, rewritten
    from carrel.core.digest_text import parts
    from carrel.core.frontmatter_edit import CannotEdit

    if old is None:
        done = _new(app, path, monday, to)
        if not dry_run:
            try:
                app.kb.create(path, done.text)
            except NoteExists:  # somebody else made it meanwhile: it is theirs to be brought up to date
                _write(app, path, monday, to, read_digest(app, path, to), force=force, dry_run=False)
                return
    else:
        pieces, done = parts(_issue(app, monday, to, path)), Rewritten("")

        def change(text: str) -> str:
            nonlocal done
            if conflict_line(text):
                done = settled(both_sides(app, path, text), pieces, _untouched(app, monday, to, pieces), force=force)
                app.remark("the parts of both sides of the conflict were made anew")
            else:
                done = rewritten(text, pieces, force=force)
            return done.text

        if dry_run:
            try:
                change(app.kb.read_bytes(path).decode("utf-8-sig"))
            except (CannotEdit, UnicodeDecodeError) as error:
                raise CarrelError(f"{path} cannot be changed: {error}") from error
        else:
            app.kb.rewrite(path, change)
    for remark in _remarks(done):
        app.remark(line(remark))
    echo(done.text if dry_run else shown_path(path), newline=not dry_run)
    if number := conflict_line(done.text):
        raise CarrelError(
            f"{path}:{number}: what hands wrote on either side is left for you to bring together",
            f"carrel edit {Path(path).stem}: keep what you want of it, delete the marks; then run this again",
        )


def _new(app: App, path: str, monday: date, to: Visibility) -> Rewritten:
    """A digest that is not there yet. Raises `Refused` where there is nothing to tell."""
    from carrel.core.digest_parts import Rewritten
    from carrel.core.digest_text import parts
    from carrel.core.reading import week_of

    pieces = parts(_issue(app, monday, to, path))
    if not pieces:
        known = f"in {week_of(monday)} there is nothing that {'all' if to is Visibility.PUBLIC else 'the lab'} may see"
        raise Refused(known, f"`visibility: {to}` in a note shares it; --week takes another week")
    return Rewritten(_untouched(app, monday, to, pieces))


def _untouched(app: App, monday: date, to: Visibility, pieces: Sequence[Part]) -> str:
    """A new digest: the same bytes whoever makes it, and on whatever day, or two who make it would have a conflict."""
    from carrel.core.digest import title_of
    from carrel.core.digest_parts import rewritten
    from carrel.core.reading import week_of
    from carrel.store.scaffold import note_text

    title = title_of(monday)
    fields: dict[str, Writable] = {"title": title, "date": monday + timedelta(days=6), "kind": "digest"}
    fields |= {"week": week_of(monday), "visibility": to.value}
    return rewritten(note_text(app.kb, "digest", title, fields), pieces).text


def _issue(app: App, monday: date, to: Visibility, path: str) -> Issue:
    from carrel.cli.digest.week import issue_of

    issue = issue_of(app, monday, to, path)
    for paper in issue.papers:
        if bool(paper.summary) != bool(paper.opinion):
            has, lacks = ("a summary", "opinion") if paper.summary else ("an opinion", "summary")
            app.remark(line(f"{paper.path} has {has} and no {lacks}"))
    return issue


def _remarks(done: Rewritten) -> list[str]:
    said = [
        (done.kept, "changed by hand and kept", "--force writes {} anew"),
        (
            done.outdated,
            "changed by hand and kept, though nothing would be written there any more",
            "--force removes {}",
        ),
        (done.left_out, "taken out by hand and left out", "--force brings {} back"),
    ]
    return [
        f"{count(len(names), 'part')} {what} ({', '.join(names)}); {hint.format('it' if len(names) == 1 else 'them')}"
        for names, what, hint in said
        if names
    ]


def _monday(app: App, week: str) -> date:
    """The day with which the week begins."""
    if not week:
        day = app.today - timedelta(days=app.today.weekday() == 0)
        return day - timedelta(days=day.weekday())
    from carrel.core.dates import parse_period

    if number := re.fullmatch(r"[wW]?(\d{1,2})", week.strip()):  # the last one of that number
        this, of_today, _ = app.today.isocalendar()
        week = f"{this - (int(number[1]) > of_today)}-W{int(number[1]):02}"
    first, last = parse_period(week, app.today)
    if first.year > 9998:
        raise UsageError(f"{week!r} is at the end of the calendar", "as in --week 2026-W47, or 'last week'")
    if (last - first).days > 6 or first.year < 2:
        raise UsageError(f"{week!r} is more than a week", "as in --week 2026-W47, or 'last week'")
    return first - timedelta(days=first.weekday())


def _put(app: App, place: str, text: str) -> None:
    """Print a text, or write it into a file."""
    if place == "-":
        if sys.stdout.isatty():
            echo(text, newline=False)
        else:
            click.echo(text, nl=False)
        return
    from carrel.store import files

    file = Path(place)
    if not file.exists():
        files.create(file, text.encode())
    elif file.suffix.lower() in _REPLACED:
        files.replace(file, text.encode(), files.digest(files.read(file)))
    else:
        raise Refused(f"{place} is there already", f"a file that ends in {', '.join(_REPLACED)} would be replaced")
    app.remark(line(f"saved {place}"))
