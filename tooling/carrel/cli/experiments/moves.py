"""`carrel exp start`, `done` and `abandon`: an experiment moves from one state to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import line
from carrel.core.experiment import VERDICTS, state
from carrel.errors import UsageError

#: So many experiments are named where one of several is wanted.
NAMED = 5

_DAY = click.option("--date", "day", default="", metavar="DAY", help="The day, if it is not today.")
_AGAIN = click.option("--again", is_flag=True, help="Also if it is over; git keeps what was said.")


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@_DAY
@_AGAIN
def start(app: App, name: str | None, day: str, again: bool) -> None:
    """Say that an experiment runs, from its first run on if it had any, else from now on.

    Without NOTE it is the only one that is planned; of several, pick one.

    \b
    carrel exp start seed-sweep
    carrel exp start seed-sweep --date monday
    """
    from carrel.core.experiment import start
    from carrel.core.section import section_text

    when, path = app.day(day), meant(app, name, "planned", "start")
    ran = None if day or again else _first_run(app, path)
    _move(app, path, lambda text, known: start(text, known, ran or when, again=again))
    note = app.kb.read(path)
    app.remark(f"saved {path}: runs since {ran}, its first run" if ran else f"saved {path}: runs since {when}")
    if not section_text(note, "Hypothesis"):
        app.remark("its hypothesis is empty: write it down before you look")


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@click.option("--verdict", type=click.Choice(VERDICTS), help="What became of the hypothesis.")
@click.option("--result", default="", metavar="TEXT", help="What came out; put at the end of that section.")
@click.option("--surprise", default="", metavar="TEXT", help="What you did not expect.")
@click.option("--next", "following", default="", metavar="TEXT", help="What follows from it.")
@_DAY
@_AGAIN
def done(
    app: App,
    name: str | None,
    verdict: str | None,
    result: str,
    surprise: str,
    following: str,
    day: str,
    again: bool,
) -> None:
    """Say how an experiment ended. Without NOTE it is the only one that runs; of several, pick one.

    What you say goes to the end of the sections Result, Surprise and Next; nothing else in the note changes. Of one
    that was never started, the day of its first run (`carrel run --exp`) is that of its start.

    \b
    carrel exp done seed-sweep --verdict refuted --result "the seed decides" --surprise "by 3 points"
    """
    from carrel.core.experiment import finish

    when, path = app.day(day), meant(app, name, "running", "done")
    if verdict is None:
        app.need_input("a verdict", f"carrel exp done {name or 'NOTE'} --verdict {'|'.join(VERDICTS)}")
        verdict = str(click.prompt("what became of the hypothesis", type=click.Choice(VERDICTS), err=True))
        result = result or _asked("what came out")
        surprise = surprise or _asked("what surprised you")
    told = {"Result": result, "Surprise": surprise, "Next": following}
    ran = None if again else _first_run(app, path)
    _move(app, path, lambda text, known: finish(text, known, when, str(verdict), told, first_run=ran, again=again))
    app.remark(f"saved {path}: {verdict}, {when}{f'; started {ran}, with its first run' if ran else ''}")
    _say_what_is_open(app, path)


@command()
@click.argument("name", metavar="NOTE", shell_complete=complete_note)
@click.argument("reason", nargs=-1)
@_DAY
@_AGAIN
def abandon(app: App, name: str, reason: tuple[str, ...], day: str, again: bool) -> None:
    """Give an experiment up, and say why.

    \b
    carrel exp abandon seed-sweep "the cluster is gone until March"
    """
    from carrel.cli.purposes import named_of_kind, said_or_asked, stem
    from carrel.core.experiment import abandon

    when, path = app.day(day), named_of_kind(app, name, "experiment")
    why = said_or_asked(app, reason, "a reason", f'carrel exp abandon {stem(path)} "why"')
    _move(app, path, lambda text, known: abandon(text, known, when, why, again=again))
    app.remark(f"saved {path}: abandoned {when}")
    _say_what_is_open(app, path)


def _move(app: App, path: str, change: Callable[[str, str], str]) -> None:
    from carrel.cli.purposes import stem

    app.kb.rewrite(path, lambda text: change(text, stem(path)))


def _say_what_is_open(app: App, path: str) -> None:
    """Of an experiment that is over, the predictions that can be resolved now."""
    from carrel.cli.experiments.entries import open_predictions
    from carrel.cli.predictions.made import told
    from carrel.cli.purposes import Purposes

    for each in open_predictions(app, path, Purposes(app, [app.kb.read(path)])):
        if known := each.one.id:
            app.remark(f"still open: {line(told(each)[0])}; carrel resolve {known} yes|no|void")


def _asked(what: str) -> str:
    return str(click.prompt(f"{what} (may stay empty)", default="", show_default=False, err=True))


def _first_run(app: App, path: str) -> date | None:
    """The day of the first run of an experiment that nobody has started yet."""
    from carrel.cli.experiments.entries import first_runs
    from carrel.cli.purposes import Purposes

    note = app.kb.read(path, head=True)
    return first_runs(app, Purposes(app, [note])).get(path) if state(note) == "planned" else None


def meant(app: App, name: str | None, wanted: str, move: str) -> str:
    """The path of the experiment that is named; else of the only one in a state, or the one that a person picks."""
    from carrel.cli.purposes import named_of_kind, notes_of, stem

    if name:
        return named_of_kind(app, name, "experiment")
    offered = [note for note in notes_of(app, "experiment") if state(note) == wanted]
    if not offered:
        raise UsageError(f"no experiment is {wanted}", f"carrel exp {move} NOTE; `carrel exp` lists them")
    if len(offered) == 1:
        app.remark(f"{stem(offered[0].path)} is the only experiment that is {wanted}")
        return offered[0].path
    names = [stem(note.path) for note in offered]
    some = ", ".join(names[:NAMED] + ["…"] * (len(names) > NAMED))
    app.need_input(f"one of {len(names)} experiments", f"carrel exp {move} NOTE: {some}")
    from carrel.cli.searching.pick import Row, choose

    rows = [Row(line(f"{note.title}  {note.path}"), app.kb.absolute(note.path)) for note in offered]
    return offered[choose(rows, app.environment)].path
