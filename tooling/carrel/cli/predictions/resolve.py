"""`carrel resolve`: how a prediction ended, written into its line."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import line
from carrel.core.prediction import OUTCOMES, Made, conflicted, made, predictions
from carrel.errors import NotEditable, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from carrel.core.note import Note
    from carrel.core.secret import Secret

_ID = re.compile(r"\^?([A-Za-z0-9-]{1,60})")
_OUTCOME = click.Choice(OUTCOMES, case_sensitive=False)
_PLACE = re.compile(r"(.{1,4096}):(\d{1,7})")


@command()
@click.argument("name", metavar="[ID]", required=False)
@click.argument("outcome", metavar="[yes|no|void]", required=False, type=_OUTCOME)
@click.argument("words", nargs=-1, metavar="[REMARK]...")
@click.option("--date", "day", default="", metavar="DAY", help="When it was settled, if not today.")
@click.option("--again", is_flag=True, help="Change an outcome; git keeps the old one.")
def resolve(app: App, name: str | None, outcome: str | None, words: tuple[str, ...], day: str, again: bool) -> None:
    """Say how a prediction ended; only its line changes.

    ID is p-3f2ab or its beginning, or PATH:LINE for a prediction without one, which then gets one. Without ID, pick
    one of those that are due. Void is for what cannot be settled; it is not scored. A secret prediction is revealed.

    \b
    carrel resolve p-3f2ab yes "margin 0.06"
    carrel resolve notes/seed-sweep.md:12 void "the data set was withdrawn"
    """
    when = app.day(day)
    each = _named(app, name) if name else _picked(app)
    if each.one.outcome and not again:
        known = f"{each.one.outcome}{f' {each.one.resolved}' if each.one.resolved else ''}"
        raise Refused(f"{_called(each)} is resolved already: {known}", "--again changes the outcome")
    if not again and (unread := each.note.body[slice(*each.one.ending)].strip()) and not each.one.outcome:
        raise Refused(f"{_called(each)} has an outcome that cannot be read: {line(unread)}", "--again replaces it")
    if day and each.note.date and when < each.note.date:
        raise UsageError(f"{when} is before {each.note.date}, the day of {each.note.path}", "--date takes a later day")
    said = " ".join(words)
    if outcome is None:
        app.need_input("an outcome", f"carrel resolve {name or 'ID'} yes|no|void")
        app.remark(line(each.claim))
        outcome = click.prompt("did it come true", type=_OUTCOME, err=True)
        said = said or click.prompt("what happened (may stay empty)", default="", show_default=False, err=True)
    identity = _write(app, each, str(outcome), when, said)
    app.remark(f"saved {each.note.path}:{each.line}: {identity} → {outcome} {when}")


def _write(app: App, each: Made, outcome: str, day: date, said: str) -> str:
    """Write the outcome of a prediction. Returns its id, the one that it was given here if it had none."""
    from carrel.core.predicting import new_id, resolve_in
    from carrel.core.secret import is_sealed

    identity = each.one.id or new_id(os.urandom(5))
    if is_sealed(each.claim):
        said = "; ".join(part for part in (said.strip(), _revealed(app, each, outcome)) if part)
    app.kb.rewrite(each.note.path, lambda text: resolve_in(text, each, outcome, day, said, identity))
    return identity


def _revealed(app: App, each: Made, outcome: str) -> str:
    """What reveals a secret prediction; "" for a void one whose secret is not here."""
    from carrel.core.secret import revealed

    secret = revealed(each.remark) or _waiting(app, each)
    if secret is None and outcome != "void":
        raise NotFound(
            f"the claim of {_called(each)} is secret, and is not here",
            "it is in the .private.md file of who made it; without that, `void` is all that can be said",
        )
    return secret.told if secret else ""


def _waiting(app: App, each: Made) -> Secret | None:
    """The secret of a prediction. Raises `NotEditable` when it is not what was hashed."""
    from carrel.core.secret import waiting
    from carrel.store.containing import containing

    beside = each.note.path.rpartition("/")[0]  # there is the private day, unless somebody moved it
    for folder in dict.fromkeys((beside, "")) if each.one.id else ():
        for note in containing(app.kb, f"secret:: {each.one.id}".encode(), folder=folder, remark=app.remark):
            secret = waiting(note, each.one.id)
            if secret is not None and secret.sealed != each.claim:
                raise NotEditable(note.path, f"what it says of {each.one.id} no longer agrees with the hash")
            if secret is not None:
                return secret
    return None


def _named(app: App, name: str) -> Made:
    """The prediction that a person means. Raises `NotFound`, `UsageError` when it may be several."""
    place = _PLACE.fullmatch(name)
    if place is not None:
        return _at(app, place[1], int(place[2]))
    found = _ID.fullmatch(name)
    if found is not None:
        forms = (found[1], f"p-{found[1]}")
        held = [each for each in _held(app, found[1]) if each.one.id.startswith(forms)]
        for form in forms:
            if whole := [each for each in held if each.one.id == form]:
                return _only(whole, f"{form} is the id of several", "PATH:LINE names one of them")
        if held:
            return _only(held, f"{name} is the beginning of several", "a longer one tells them apart")
    raise NotFound(f"there is no such prediction: {name}", "`carrel predictions --open` lists them")


def _held(app: App, part: str) -> Iterator[Made]:
    """The predictions of notes that hold `part`. All notes are read: a note that was copied has the same ids."""
    from carrel.store.containing import predicting

    for note in predicting(app.kb, b"^", part.encode(), remark=app.remark):
        for one in predictions(note):
            yield Made(one, note)


def _only(found: list[Made], several: str, hint: str) -> Made:
    """The only one of `found`. Raises `UsageError` when there are `several`, `NotEditable` for both sides of one."""
    for each in found:
        _refuse_conflict(each.note)
    if len(found) > 1:
        some = ", ".join(f"{each.one.id} ({each.note.path}:{each.line})" for each in found[:4])
        raise UsageError(several, f"{some}{', …' if len(found) > 4 else ''}; {hint}")
    return found[0]


def _at(app: App, name: str, number: int) -> Made:
    from carrel.store.named import find_note

    path = find_note(app.kb, name)
    note = app.kb.read(path)
    _refuse_conflict(note)
    for each in made([note]):
        if each.line == number:
            return each
    raise NotFound(f"{path}:{number} is no prediction", "- [ ] p=0.7 by 2026-12-01: what you expect")


def _refuse_conflict(note: Note) -> None:
    if conflicted(note):
        raise NotEditable(note.path, "it holds both sides of a conflict; keep one and delete the marks")


def _picked(app: App) -> Made:
    """One that a person picks, of those that are due, or of all open ones while nothing is."""
    from carrel.cli.predictions.made import cells, held
    from carrel.cli.searching.pick import Row, choose
    from carrel.cli.table import table

    app.need_input("a prediction", 'carrel resolve ID yes|no|void "…"; `carrel predictions --due` lists them')
    waiting = sorted(
        (each for each in held(app) if not each.one.outcome),
        key=lambda each: (each.one.by is None, each.one.by or app.today, each.note.path, each.line),
    )
    offered = [each for each in waiting if each.one.due(app.today)] or waiting
    if not offered:
        raise UsageError("no prediction is open", 'carrel predict "…" -p 0.7 --by "in two weeks"')
    texts = table([cells(each, app.today) for each in offered])
    rows = [Row(text, app.kb.absolute(each.note.path), each.line) for text, each in zip(texts, offered, strict=True)]
    return offered[choose(rows, app.environment)]


def _called(each: Made) -> str:
    return each.one.id or f"{each.note.path}:{each.line}"
