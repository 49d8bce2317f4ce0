"""Predictions as commands ask for them: found, narrowed, and how each of them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from carrel.cli.app import App
from carrel.cli.output import line, shown_path
from carrel.core.names import fold
from carrel.core.prediction import conflicted, made
from carrel.core.prediction import predictions as held_by

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.core.prediction import Made


_Function = TypeVar("_Function", bound=Callable[..., object])


class Narrowed(TypedDict):
    """What the filter options say, each "" or () when it is not given."""

    tag: tuple[str, ...]
    project: str
    author: str
    since: str
    until: str


def narrowing(function: _Function) -> _Function:
    """The options that narrow predictions; the days are those of the notes that hold them, as of a day of the log."""
    for option in (
        click.option("--until", default="", metavar="WHEN", help="In notes dated not after that day."),
        click.option("--since", default="", metavar="WHEN", help="In notes dated not before: 2026-11, 'last month'."),
        click.option("-a", "--author", default="", metavar="NAME", help="Made by."),
        click.option("--project", default="", metavar="NAME", help="Of that project."),
        click.option("-t", "--tag", multiple=True, metavar="TAG", help="With that tag; several: with all of them."),
    ):
        function = option(function)
    return function


def held(app: App, words: tuple[str, ...] = ()) -> list[Made]:
    """The predictions of all notes, or of those that answer to a query."""
    if not words:
        from carrel.store.containing import predicting

        return list(made(_whole(app, predicting(app.kb, remark=app.remark))))
    from carrel.cli.searching.asking import NO_FILTERS, query_of
    from carrel.cli.searching.current import answer
    from carrel.search.tree import And

    asked = And((query_of(app, " ".join(words), NO_FILTERS), query_of(app, "has:prediction", NO_FILTERS)))
    results = answer(app, asked, None)
    if results.fell_back:
        app.remark("no prediction stands with all of these words; these stand with some")
    places = {(hit.path, hit.anchor) for hit in results.hits}
    several = made(app.kb.read(path) for path in dict.fromkeys(hit.path for hit in results.hits))
    return [each for each in several if (each.note.path, each.entry.anchor if each.entry else "") in places]


def _whole(app: App, notes: Iterable[Note]) -> Iterator[Note]:
    """The notes, without those that hold both sides of a conflict; whose predictions are left out is told."""
    for note in notes:
        if not conflicted(note):
            yield note
        elif held_by(note):
            app.remark(f"{shown_path(note.path)} is left out: it holds both sides of a conflict")


def narrow(found: Iterable[Made], by: Narrowed, today: date) -> list[Made]:
    """Those of the predictions that all filters let through."""
    from carrel.core.dates import parse_period

    tags = [fold(tag.lstrip("#")) for tag in by["tag"]]
    since = parse_period(by["since"], today)[0] if by["since"] else date.min
    until = parse_period(by["until"], today)[1] if by["until"] else date.max
    dated = bool(by["since"] or by["until"])

    def passes(each: Made) -> bool:
        has = [fold(tag) for tag in each.tags] if tags else []
        return (
            all(any(tag == wanted or tag.startswith(f"{wanted}/") for tag in has) for wanted in tags)
            and (not by["project"] or fold(each.project) == fold(by["project"]))
            and (not by["author"] or any(fold(by["author"]) in fold(name) for name in each.authors))
            and (not dated or (each.note.date is not None and since <= each.note.date <= until))
        )

    return [each for each in found if passes(each)]


def state_of(each: Made, today: date) -> str:
    """open, due, or the outcome."""
    return each.one.outcome or ("due" if each.one.due(today) else "open")


def cells(each: Made, today: date) -> list[str]:
    """A prediction as a row of a table: id, probability, day, state, claim, place."""
    one = each.one
    claim, secret = told(each)
    claim = f"{claim[:26]}…" if secret == "sealed" else line(claim) + (f" (a secret; {secret})" if secret else "")
    place = f"{shown_path(each.note.path)}:{each.line}"
    return [one.id or "-", percent(one.p), str(one.by or ""), state_of(each, today), claim, place]


def told(each: Made) -> tuple[str, str]:
    """The claim, and of a secret one whether it is still sealed, or agrees with its hash: verified, or not verified."""
    from carrel.core.secret import is_sealed, revealed

    if not is_sealed(each.claim):
        return each.claim, ""
    secret = revealed(each.remark)
    if secret is None:
        return each.claim, "sealed"
    return secret.claim, "verified" if secret.sealed == each.claim else "not verified"


def percent(p: float) -> str:
    """A probability for people.

    >>> percent(0.7), percent(0.995)
    ('70 %', '99.5 %')
    """
    return f"{round(p * 100, 4):g} %"


def row(each: Made, today: date) -> dict[str, object]:
    """A prediction as `--json` shows it."""
    from carrel.core.secret import without_secret

    one, note, entry = each.one, each.note, each.entry
    claim, secret = told(each)
    return {
        "id": one.id,
        "p": one.p,
        "by": one.by,
        "state": state_of(each, today),
        "claim": claim,
        "outcome": one.outcome,
        "resolved": one.resolved,
        "remark": without_secret(each.remark) if secret else each.remark,
        "secret": secret,
        "path": note.path,
        "line": each.line,
        "title": entry.title if entry else note.title,
        "date": note.date,
        "authors": each.authors,
        "project": each.project,
        "tags": each.tags,
        "fields": entry.fields if entry else {},
    }
