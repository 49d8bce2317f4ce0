"""`carrel run`: a command, run as if Carrel were not there, and an entry that tells of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import line, visible
from carrel.core.names import tag_names
from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from carrel.core.note import Note


@command(context_settings={"allow_interspersed_args": False})
@click.argument("words", metavar="CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("-m", "why", default="", metavar="WHY", help="Why you run it, or what you try: the entry's heading.")
@click.option("--expect", "claims", multiple=True, metavar="CLAIM", help="What you expect: written before it begins.")
@click.option("-p", "--probability", "chances", multiple=True, metavar="P", help="How likely that is: 0.7 or 70%.")
@click.option("--figure", "figures", multiple=True, metavar="GLOB", help="Keep the files of that name that it writes.")
@click.option("--exp", "experiment", default="", metavar="NOTE", shell_complete=complete_note, help="Its experiment.")
@click.option("--link", "linked", multiple=True, metavar="ID", help="The same run elsewhere: a W&B URL, an MLflow id.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("--project", default="", metavar="NAME", help="The project that it belongs to.")
@click.option("--private", is_flag=True, help="Into the day's private file, which no site ever shows.")
def run(
    app: App,
    words: tuple[str, ...],
    why: str,
    claims: tuple[str, ...],
    chances: tuple[str, ...],
    figures: tuple[str, ...],
    experiment: str,
    linked: tuple[str, ...],
    tags: tuple[str, ...],
    project: str,
    private: bool,
) -> int:
    """Run a command, and write an entry that tells of it.

    The command runs as if it stood alone, at your terminal or in a pipe, and its exit code is Carrel's. The entry has
    its last lines of output, its figures, and what it ran in: commit, packages, machine. The full output and what was
    not committed are kept beside it, and on no site; passwords and keys are masked.

    --expect may be given several times: each with a -p of its own, or one -p for all of them.

    \b
    carrel run -- python train.py --lr 3e-4
    carrel run -m "Longer warm-up" --expect "loss < 0.3" -p 0.7 --figure 'plots/*.png' -- python train.py
    """
    from carrel.cli.of_experiment import experiment_note
    from carrel.core.masking import masked, masked_words, secrets_of
    from carrel.core.run import About, Run, new_id, shell_form, title
    from carrel.running.keeping import NotKept
    from carrel.running.recorded import Asked, record
    from carrel.running.surroundings import home_of

    given = _as_given(words)
    shown, named = masked_words(given)
    secrets = named | secrets_of(app.environment)
    about = About(app.now, why, tag_names(tags), line(project), app.kb.config.author, private)
    expected = _expected(claims, chances)
    note = experiment_note(app, experiment, "nothing was run") if experiment else None
    known = Run(
        new_id(os.urandom(5)),
        shell_form((masked(word, secrets) for word in shown), home_of(app.environment)),
        experiment=note.name if note else "",
        linked=tuple(line(one) for one in masked_words(linked).words if one.strip()),
    )
    predictions = tuple(one.id for one in expected if one.id)
    written = ("\n" if predictions else "\n\n").join(one.line for one in expected)
    asked = Asked(given, figures, written, predictions, secrets, lambda: _tell_experiment(app, note))
    try:
        ended, saved = record(app.kb, app.environment, asked, known, about, app.remark)
    except NotKept as error:
        click.echo(visible(error.text), err=True)
        raise
    app.remark(f"saved {saved}: {about.at:%H:%M} {line(title(about, known.command))}")
    for one in expected:
        if one.id:
            app.remark(f"expected, {one.chance}: {line(one.claim)}; carrel resolve {one.id} yes|no|void")
    return ended.code or (1 if ended.lost else 0)


def _as_given(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as they were typed: `carrel.cli.main` makes those readable that are no UTF-8."""
    given = tuple(sys.argv[-len(words) :])
    same = tuple(os.fsencode(word).decode("utf-8", "backslashreplace") for word in given) == words
    return given if same else words


class _Expected(NamedTuple):
    """What is expected, as the line that says so; a prediction has an id and a chance, as "70 %"."""

    line: str
    claim: str
    id: str = ""
    chance: str = ""


def _expected(claims: tuple[str, ...], chances: tuple[str, ...]) -> list[_Expected]:
    """What the options say that is expected. Raises `UsageError` where it is not clear how likely which claim is."""
    claims = tuple(claim for claim in claims if claim.strip())
    chances = tuple(chance for chance in chances if chance.strip())
    if chances and not claims:
        raise UsageError("-p says how likely something is, and --expect says what", '--expect "acc > 0.8" -p 0.7')
    if len(chances) > 1 and len(chances) != len(claims):
        raise UsageError(
            f"{len(claims)} --expect and {len(chances)} -p: which belongs to which is not clear; nothing was run",
            "give each --expect a -p, or one -p for all",
        )
    if not claims:
        return []
    from carrel.core.predicting import new_id, one_line, prediction_line, probability

    if not chances:
        return [_Expected(f"Expected: {one_line(claim)}", claim) for claim in claims]
    found = []
    for claim, chance in zip(claims, chances * len(claims) if len(chances) == 1 else chances, strict=True):
        p, identity = probability(chance), new_id(os.urandom(5))
        line = prediction_line(p, None, claim, identity)
        found.append(_Expected(line, claim, identity, f"{round(p * 100, 4):g} %"))
    return found


def _tell_experiment(app: App, note: Note | None) -> None:
    """Start an experiment that was only planned, for this is its first run; say of one that it is over."""
    if note is None:
        return
    from carrel.core.experiment import OPEN, start, state

    now = state(note)
    if now == "planned":
        try:
            app.kb.rewrite(note.path, lambda text: start(text, note.name, app.today))
        except CarrelError as error:  # the run is worth more
            app.remark(f"{note.name} is still planned: {line(error.message)}")
        else:
            app.remark(f"saved {note.path}: runs since {app.today}, with this run")
    elif now not in OPEN:
        app.remark(f"{note.name} is {line(now)}; the run is kept with it all the same")
