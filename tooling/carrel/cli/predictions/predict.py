"""`carrel predict`: what you expect, and how surely, into today's log."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import echo, line
from carrel.core.names import tag_names
from carrel.errors import UsageError

if TYPE_CHECKING:
    from datetime import date, datetime

    from carrel.core.secret import Secret


@command()
@click.argument("claim", nargs=-1, required=True)
@click.option("-p", "--probability", default="", metavar="P", help="How likely it is: 0.7 or 70%.")
@click.option("--by", default="", metavar="WHEN", help="When it is settled: 'in two weeks', friday, 2026-12-01.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("--project", default="", metavar="NAME", help="The project that it belongs to.")
@click.option("--exp", "experiment", default="", metavar="NOTE", shell_complete=complete_note, help="Its experiment.")
@click.option("--at", "moment", default="", metavar="WHEN", help="Another time: 9:30, 'yesterday 18:00', 2026-11-18.")
@click.option("--private", is_flag=True, help="Into the day's private file, which no site ever shows.")
@click.option("--secret", is_flag=True, help="Share a hash of the claim only; `resolve` reveals it.")
def predict(
    app: App,
    claim: tuple[str, ...],
    probability: str,
    by: str,
    tags: tuple[str, ...],
    project: str,
    experiment: str,
    moment: str,
    private: bool,
    secret: bool,
) -> None:
    """Write down what you expect, before you look.

    An entry of the day's log, with a line that `carrel resolve` completes. Prints the prediction's id. Commit the log:
    git then shows when you made it.

    \b
    carrel predict "SAE probes beat the logit lens on refusal" -p 0.7 --by "in two weeks"
    carrel predict "the seed does not matter" -p 85% --by friday --exp seed-sweep
    """
    from carrel.core.log import LogEntry
    from carrel.core.predicting import new_id, prediction_entry, prediction_line
    from carrel.core.secret import make_secret
    from carrel.store.finding import read_moment

    if private and secret:
        raise UsageError("a private prediction is not shown to anyone, so it needs no --secret", "leave out one")
    at = read_moment(moment, app.now, app.kb.config) if moment else app.now
    names, author = tag_names(tags), app.kb.config.author
    fields = _experiment(app, experiment)
    due = _due(by, at)
    p = _probability(app, probability)
    identity = new_id(os.urandom(5))
    written = prediction_line(p, due, " ".join(claim), identity)
    sealed = make_secret(" ".join(claim), os.urandom(16)) if secret else None
    entry = LogEntry(at, "", names, line(project), author, private, fields)
    if sealed:
        written = prediction_line(p, due, sealed.sealed, identity)
        entry = replace(entry, text=f"Predicted, and sealed\n\n{written}")
    else:
        entry = prediction_entry(entry, written, " ".join(claim))
    with app.kb.exclusive():
        if sealed:
            _keep(app, sealed, identity, at)  # first: a hash without its claim would be worth nothing
        path = app.kb.append(entry, app.remark)
    echo(identity)
    when = f" by {due}" if due else "; with --by it would come up when it is due"
    app.remark(f"saved {path}: {round(p * 100, 4):g} %{when}")


def _probability(app: App, written: str) -> float:
    from carrel.core.predicting import probability

    if written:
        return probability(written)
    app.need_input("a probability", "carrel predict … -p 0.7")
    while True:
        try:
            return probability(click.prompt("how likely is it (0.7 or 70%)", err=True))
        except UsageError as error:
            app.remark(f"{error.message}: {error.hint}")


def _due(written: str, at: datetime) -> date | None:
    if not written:
        return None
    from carrel.core.due import due_day

    return due_day(written, at.date())


def _experiment(app: App, name: str) -> tuple[tuple[str, str], ...]:
    """The field that names the experiment which a prediction belongs to."""
    if not name:
        return ()
    from carrel.cli.of_experiment import experiment_note

    return (("experiment", f"[[{experiment_note(app, name, 'nothing was written').name}]]"),)


def _keep(app: App, secret: Secret, identity: str, at: datetime) -> None:
    """Put the claim and its salt into the day's private file, where `resolve` finds them."""
    from carrel.core.log import LogEntry

    entry = LogEntry(at, "Secret prediction", (), "", app.kb.config.author, True, secret.fields(identity))
    path = app.kb.append(entry, app.remark)
    app.remark(f"its claim waits in {path}; keep that file, and out of a repository that others read")
