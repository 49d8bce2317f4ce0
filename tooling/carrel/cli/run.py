"""`carrel run`: a command, run as if Carrel were not there, and an entry that tells of it."""

from __future__ import annotations

import os
import sys

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import line, visible
from carrel.core.names import tag_names
from carrel.errors import NoteNotFound, UsageError


@command(context_settings={"allow_interspersed_args": False})
@click.argument("words", metavar="CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("-m", "why", default="", metavar="WHY", help="Why you run it, or what you try: the entry's heading.")
@click.option("--expect", default="", metavar="CLAIM", help="What you expect: written before the command begins.")
@click.option("-p", "--probability", default="", metavar="P", help="How likely that is: 0.7 or 70%.")
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
    expect: str,
    probability: str,
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

    \b
    carrel run -- python train.py --lr 3e-4
    carrel run -m "Longer warm-up" --expect "loss < 0.3" -p 0.7 --figure 'plots/*.png' -- python train.py
    """
    from carrel.core.masking import masked, masked_words, secrets_of
    from carrel.core.run import About, Run, new_id, shell_form, title
    from carrel.running.keeping import NotKept
    from carrel.running.recorded import Asked, record
    from carrel.running.surroundings import home_of

    if probability and not expect.strip():
        raise UsageError("-p says how likely something is, and --expect says what", '--expect "acc > 0.8" -p 0.7')
    given = _as_given(words)
    shown, named = masked_words(given)
    secrets = named | secrets_of(app.environment)
    about = About(app.now, why, tag_names(tags), line(project), app.kb.config.author, private)
    expected, expected_id = _expected(expect, probability)
    known = Run(
        new_id(os.urandom(5)),
        shell_form((masked(word, secrets) for word in shown), home_of(app.environment)),
        experiment=_experiment(app, experiment),
        linked=tuple(line(one) for one in masked_words(linked).words if one.strip()),
    )
    asked = Asked(given, figures, expected, expected_id, secrets)
    try:
        ended, saved = record(app.kb, app.environment, asked, known, about, app.remark)
    except NotKept as error:
        click.echo(visible(error.text), err=True)
        raise
    app.remark(f"saved {saved}: {about.at:%H:%M} {line(title(about, known.command))}")
    return ended.code or (1 if ended.lost else 0)


def _as_given(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as they were typed: `carrel.cli.main` makes those readable that are no UTF-8."""
    given = tuple(sys.argv[-len(words) :])
    same = tuple(os.fsencode(word).decode("utf-8", "backslashreplace") for word in given) == words
    return given if same else words


def _expected(claim: str, written: str) -> tuple[str, str]:
    """The line that says what is expected, and its id if it is a prediction; nothing when nothing is."""
    if not claim.strip():
        return "", ""
    from carrel.core.predicting import new_id, one_line, prediction_line, probability

    if not written:
        return f"Expected: {one_line(claim)}", ""
    identity = new_id(os.urandom(5))
    return prediction_line(probability(written), None, claim, identity), identity


def _experiment(app: App, name: str) -> str:
    """The name of the experiment that is meant, "" for none."""
    if not name:
        return ""
    from carrel.store.named import find_note

    try:
        note = app.kb.read(find_note(app.kb, name), head=True)
    except NoteNotFound as error:
        raise UsageError(f"{error.message}; nothing was run", error.hint) from error
    if note.kind != "experiment":
        raise UsageError(
            f"{note.path} is of kind {note.kind}, no experiment; nothing was run", "carrel list -k experiment"
        )
    return note.name
