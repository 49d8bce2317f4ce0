"""`carrel questions`: what is asked, what speaks for and against it, and what the answer was."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, common, complete_note
from carrel.cli.listing import ListingGroup, listing
from carrel.cli.notes_table import age
from carrel.cli.output import emit, line, page
from carrel.core.experiment import state as experiment_state
from carrel.core.experiment import stated, stated_day, verdict
from carrel.core.markdown import plain
from carrel.core.purpose import OVER
from carrel.core.question import Evidence, evidence, state
from carrel.core.section import section_points, section_text

if TYPE_CHECKING:
    from datetime import date

    from carrel.cli.purposes import Purposes
    from carrel.core.note import Note

#: Every command and where it is. The order is that of `carrel questions --help`.
COMMANDS = {"list": "carrel.cli.questions:list_", "answer": "carrel.cli.questions:answer"}
#: What stands before a piece of evidence.
_MARKS = {"for": "+", "against": "-", "undecided": "?", "open": "…"}


@click.group("questions", cls=ListingGroup, table=COMMANDS)
def questions() -> None:
    """List open questions with the evidence for and against them; answer one.

    Alone it lists them.
    """


common(questions)


@command("list")
@click.option("--all", "every", is_flag=True, help="Answered ones too.")
@listing
def list_(app: App, words: tuple[str, ...], every: bool, limit: int | None, as_json: bool, as_jsonl: bool) -> None:
    """List open questions, the oldest first, with what speaks for (+) and against (-) them.

    That is what a question's note lists under "Evidence for" and "Evidence against", and each experiment that advances
    it: confirmed counts for it, refuted against it, mixed for both. Others stand there with ?, those that are not over
    with … , and the answer with = .

    \b
    carrel questions
    carrel questions --all probes
    """
    from carrel.cli.purposes import KINDS, Purposes, notes_of
    from carrel.cli.searching.current import begin

    begin(app)
    wanted = {note.path for note in notes_of(app, "question", words=words)} if words else None
    notes = notes_of(app, *KINDS)
    purposes = Purposes(app, notes)
    advancing = purposes.advancing(note for note in notes if note.kind == "experiment")
    found = [
        note
        for note in sorted(notes, key=lambda note: (note.date is None, str(note.date), note.path))
        if note.kind == "question" and (wanted is None or note.path in wanted) and (every or state(note) not in OVER)
    ][:limit]
    known = [(note, list(evidence(note, advancing.get(note.path, ())))) for note in found]
    if as_json or as_jsonl:
        emit((_row(note, pieces, purposes) for note, pieces in known), "jsonl" if as_jsonl else "json")
    elif found:
        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(text for note, pieces in known for text in _lines(note, pieces, app.today, room))
    if not found:
        app.remark("no question is open" if not words else "no question fits")


def _lines(note: Note, found: list[Evidence], today: date, room: int) -> Iterator[str]:
    """A question and what is known of it: the answer, what speaks for it, against it, neither, what is to come."""
    asked = f"asked {age(note.date, today)}{' ago' * (note.date < today)}" if note.date else ""
    when = stated(note, "answered") if state(note) != "open" else asked
    about = "  ".join(line(part) for part in (note.name, "" if state(note) == "open" else state(note), when) if part)
    yield f"{click.style(line(note.title), bold=True)}  {click.style(about, dim=True)}"
    if answer := line(plain(" ".join(section_points(note, "Answer")))):
        yield from _wrapped(f"= {answer}", room)
    order = list(_MARKS)
    for one in sorted(found, key=lambda one: order.index(one.side)):
        yield from _wrapped(f"{_MARKS[one.side]} {line(plain(one.text))}{_of(one)}", room)
    if not found and not answer:
        yield "    nothing yet"


def _wrapped(text: str, room: int) -> list[str]:
    """A line below a question, in several where a terminal of `room` columns is too narrow for it."""
    if not room:
        return [f"  {text}"]
    return textwrap.wrap(text, room, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _of(one: Evidence) -> str:
    """Which experiment says so, and when."""
    if one.source is None:
        return ""
    ended = stated_day(one.source, "ended")
    what = verdict(one.source) or experiment_state(one.source)
    return f"  ({', '.join(line(part) for part in (one.source.name, what, str(ended or '')) if part)})"


def _row(note: Note, found: list[Evidence], purposes: Purposes) -> dict[str, object]:
    """A question as `--json` shows it."""
    return {
        "path": note.path,
        "name": note.name,
        "title": note.title,
        "state": state(note),
        "date": note.date,
        "answered": stated_day(note, "answered"),
        "answer": section_text(note, "Answer"),
        "advances": [above.path for above in purposes.above(note.path)],
        "tags": note.tags,
        "authors": note.authors,
        **{side: [_evidence_row(one) for one in found if one.side == side] for side in _MARKS},
    }


def _evidence_row(one: Evidence) -> dict[str, object]:
    source = one.source
    return {
        "text": one.text,
        "path": source.path if source else None,
        "state": experiment_state(source) if source else "",
        "verdict": verdict(source) if source else "",
        "ended": stated_day(source, "ended") if source else None,
    }


@command()
@click.argument("name", metavar="NOTE", shell_complete=complete_note)
@click.argument("words", nargs=-1, metavar="[ANSWER]...")
@click.option("--date", "day", default="", metavar="DAY", help="The day, if it is not today.")
@click.option("--again", is_flag=True, help="Also if it is answered; git keeps what was said.")
def answer(app: App, name: str, words: tuple[str, ...], day: str, again: bool) -> None:
    """Say what the answer is. It goes to the end of the note's section Answer.

    \b
    carrel questions answer do-probes-transfer "only within one family of models"
    """
    from carrel.cli.purposes import named_of_kind, said_or_asked, stem
    from carrel.core.question import answer

    when, path = app.day(day), named_of_kind(app, name, "question")
    said = said_or_asked(app, words, "an answer", f'carrel questions answer {stem(path)} "…"')
    app.kb.rewrite(path, lambda text: answer(text, stem(path), when, said, again=again))
    app.remark(f"saved {path}: answered {when}")
