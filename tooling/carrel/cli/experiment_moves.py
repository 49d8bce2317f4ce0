"""`carrel exp start`, `done` and `abandon`: an experiment moves from one state to the next."""

from __future__ import annotations

from collections.abc import Callable

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import line
from carrel.core.experiment import VERDICTS, state
from carrel.errors import UsageError

_DAY = click.option("--date", "day", default="", metavar="DAY", help="The day, if it is not today.")
_AGAIN = click.option("--again", is_flag=True, help="Also if it is over; git keeps what was said.")


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@_DAY
@_AGAIN
def start(app: App, name: str | None, day: str, again: bool) -> None:
    """Say that an experiment runs now. Without NOTE, pick one that is planned.

    \b
    carrel exp start seed-sweep
    carrel exp start seed-sweep --date monday
    """
    from carrel.core.experiment import start
    from carrel.core.section import section_text

    when, path = app.day(day), _one(app, name, "planned", "start")
    _move(app, path, lambda text, known: start(text, known, when, again=again))
    note = app.kb.read(path)
    app.remark(f"saved {path}: runs since {when}")
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
    """Say how an experiment ended. Without NOTE, pick one that runs.

    What you say goes to the end of the sections Result, Surprise and Next; nothing else in the note changes.

    \b
    carrel exp done seed-sweep --verdict refuted --result "the seed decides" --surprise "by 3 points"
    """
    from carrel.core.experiment import finish

    when, path = app.day(day), _one(app, name, "running", "done")
    if verdict is None:
        app.need_input("a verdict", f"carrel exp done {name or 'NOTE'} --verdict {'|'.join(VERDICTS)}")
        verdict = str(click.prompt("what became of the hypothesis", type=click.Choice(VERDICTS), err=True))
        result = result or _asked("what came out")
        surprise = surprise or _asked("what surprised you")
    told = {"Result": result, "Surprise": surprise, "Next": following}
    _move(app, path, lambda text, known: finish(text, known, when, str(verdict), told, again=again))
    app.remark(f"saved {path}: {verdict}, {when}")


@command()
@click.argument("name", metavar="NOTE", shell_complete=complete_note)
@click.argument("reason", nargs=-1, required=True)
@_DAY
@_AGAIN
def abandon(app: App, name: str, reason: tuple[str, ...], day: str, again: bool) -> None:
    """Give an experiment up, and say why.

    \b
    carrel exp abandon seed-sweep "the cluster is gone until March"
    """
    from carrel.core.experiment import abandon

    when, path = app.day(day), _one(app, name, "running", "abandon")
    _move(app, path, lambda text, known: abandon(text, known, when, " ".join(reason), again=again))
    app.remark(f"saved {path}: abandoned {when}")


def _move(app: App, path: str, change: Callable[[str, str], str]) -> None:
    from carrel.cli.purposes import stem

    app.kb.rewrite(path, lambda text: change(text, stem(path)))


def _asked(what: str) -> str:
    return str(click.prompt(f"{what} (may stay empty)", default="", show_default=False, err=True))


def _one(app: App, name: str | None, wanted: str, move: str) -> str:
    """The path of the experiment that is named, or that a person picks of those in a state."""
    from carrel.cli.purposes import named_of_kind, notes_of

    if name:
        return named_of_kind(app, name, "experiment")
    app.need_input("an experiment", f"carrel exp {move} NOTE; `carrel exp` lists them")
    offered = [note for note in notes_of(app, "experiment") if state(note) == wanted]
    if not offered:
        raise UsageError(f"no experiment is {wanted}", "`carrel exp` lists them")
    from carrel.cli.pick import Row, choose

    rows = [Row(line(f"{note.title}  {note.path}"), app.kb.absolute(note.path)) for note in offered]
    return offered[choose(rows, app.environment)].path
