"""`carrel paper read`, `start` and `stop`: what was read, how thoroughly and how long."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import echo, line
from carrel.cli.papers.named import LEVELS, complete_paper, level_option, named_paper
from carrel.core.frontmatter import read as front_matter
from carrel.core.frontmatter_edit import set_key
from carrel.core.names import in_folder
from carrel.core.queue import key_of
from carrel.core.reading import LONGEST, Level, Session, elapsed, reading, record, unfinished
from carrel.errors import CarrelError, Refused, RootNotFound, UsageError

if TYPE_CHECKING:
    from carrel.store.timer import Reading

MINUTES = click.IntRange(1, 24 * 60)
RATING = click.IntRange(1, 5)


@command("read")
@click.argument("key", metavar="KEY", shell_complete=complete_paper)
@level_option("How thoroughly you read it.")
@click.option("--minutes", type=MINUTES, metavar="N", help="How long it took.")
@click.option("--date", "day", default="", metavar="DAY", help="When, if not today.")
@click.option("--rating", type=RATING, metavar="N", help="What it is worth, 1 to 5.")
@click.option("--unfinished", "part", is_flag=True, help="There is more to read: it stays at the top of the queue.")
def read(
    app: App, key: str, level: Level | None, minutes: int | None, day: str, rating: int | None, part: bool
) -> None:
    """Record that you read a paper.

    Skimming takes about ten minutes, reading 30 to 60, reading and summarising 60 to 120; reproducing is days of
    work. A note that was begun with `paper add --level skim` gets the sections that the new level is for; one that you
    summarise and that says nobody's name gets yours as `summariser:`, for digests and lists.

    \b
    carrel paper read elhage2022toy --level skim --minutes 10
    carrel paper read elhage2022toy --level read --minutes 40 --date yesterday --rating 4
    """
    if level is None:
        raise UsageError("how thoroughly did you read it?", f"--level {'|'.join(LEVELS)}")
    path = named_paper(app, key)
    when = app.day(day)
    _save(app, path, Session(when, level, minutes or 0), finished=not part, rating=rating)


@command("start")
@click.argument("key", metavar="[KEY]", required=False, shell_complete=complete_paper)
@level_option("How thoroughly (default: one step further than before).")
def start(app: App, key: str | None, level: Level | None) -> None:
    """Start reading a paper, by the clock; without KEY, say what is being read.

    A note that takes sections gets those of the level at once, to write in while you read. `carrel paper stop` records
    the session. The clock is one for all your knowledge bases and survives a restart.
    """
    from carrel.store.timer import Reading, Timer

    timer = Timer(app.environment)
    running = timer.running()
    if key is None:
        if running is None:
            app.remark("nothing is being read")
        else:
            echo(line(_running(app, running)))
        return
    if running is not None:
        raise Refused(_running(app, running), "`carrel paper stop` records it, with --discard forgets it")
    path = named_paper(app, key)
    note = app.kb.read(path, head=True)
    level = level or unfinished(note) or Level(min(reading(note) + 1, Level.REPRODUCE))
    before = _open_sections(app, path, level)
    timer.start(Reading(str(app.kb.root), path, key_of(note), level, app.clock(), app.today, before))
    app.remark(f"started to {level.verb} {key_of(note)}; `carrel paper stop` records it")


@command("stop")
@level_option("How thoroughly you read it, if other than you meant to.")
@click.option("--minutes", type=MINUTES, metavar="N", help="How long it took, if the clock is wrong.")
@click.option("--rating", type=RATING, metavar="N", help="What it is worth, 1 to 5.")
@click.option("--unfinished", "part", is_flag=True, help="There is more to read: it stays at the top of the queue.")
@click.option("--discard", is_flag=True, help="Record nothing.")
def stop(app: App, level: Level | None, minutes: int | None, rating: int | None, part: bool, discard: bool) -> None:
    """Stop the clock and record the session.

    After --discard, or a level less deep than was begun, the note is what it was before if you wrote nothing in it.
    """
    from carrel.store.timer import Timer

    timer = Timer(app.environment)
    if discard:
        with suppress(CarrelError):  # a note that is gone, or a clock that is damaged, is forgotten all the same
            _take_back(app, timer.running())
        timer.clear()
        app.remark("discarded: nothing is being read, and nothing was recorded")
        return
    running = timer.running()
    if running is None:
        raise CarrelError("nothing is being read", "`carrel paper start KEY` starts the clock")
    path = _place(app, running)
    took = minutes or elapsed(running.since, app.clock()) or _asked(app, running)
    if level and level < running.level:
        _take_back(app, running)
    _save(app, path, Session(running.day, level or running.level, took), finished=not part, rating=rating)
    timer.clear()


def _save(app: App, path: str, session: Session, *, finished: bool, rating: int | None) -> None:
    new: list[str] = []
    signed = ""

    def recorded(text: str) -> str:
        nonlocal signed
        text = record(text, session, finished=finished, rating=rating)
        author = app.kb.config.author if finished and session.level >= Level.SUMMARISE else ""
        signed = "" if front_matter(text).metadata.get("summariser") else author
        if signed:
            text = set_key(text, "summariser", [signed])
        again = _unlocked(app, text, session.level)
        before = _headings(text)
        new[:] = [heading for heading in _headings(again) if heading not in before]
        return again

    app.kb.rewrite(path, recorded)
    took = f" {'in' if finished else 'for'} {session.minutes} min" if session.minutes else ""
    more = "" if finished else ", unfinished"
    sections = f"; new sections: {', '.join(new)}" if new else ""
    by = f"; summariser: {signed}" if signed else ""
    app.remark(line(f"saved {path}: {session.level.state}{took}{more}{by}{sections}"))


def _open_sections(app: App, path: str, level: Level) -> str:
    """Put in the sections of `level`, to write in while reading. Returns the text before, "" if there is none new."""
    before = ""

    def opened(text: str) -> str:
        nonlocal before
        new = _unlocked(app, text, level)
        before = "" if new == text else text
        return new

    app.kb.rewrite(path, opened)
    return before


def _take_back(app: App, running: Reading | None) -> None:
    """Take out the sections that the start put in, if nothing in the note was changed since."""
    if running is None or not running.before:
        return
    before, level = running.before, running.level
    app.kb.rewrite(_place(app, running), lambda text: before if text == _unlocked(app, before, level) else text)


def _unlocked(app: App, text: str, level: Level) -> str:
    """The text of a paper's note with the sections of `level`, if it takes any."""
    if "sections" not in front_matter(text).metadata:
        return text
    from carrel.core.unlock import unlock
    from carrel.store.scaffold import template

    return unlock(text, template(app.kb, "paper"), level)


def _headings(text: str) -> list[str]:
    from carrel.core.markdown import scan

    return [heading.text for heading in scan(text[front_matter(text).end :]).headings]


def _running(app: App, running: Reading) -> str:
    took = elapsed(running.since, app.clock())
    since = running.since.astimezone(app.clock().tzinfo)
    when = f"{since:%H:%M}" if took else f"{since:%Y-%m-%d %H:%M}"
    return f"{running.key} is being read ({running.level.verb}) since {when}" + (f", {took} min" if took else "")


def _place(app: App, running: Reading) -> str:
    """Where the paper that is being read is now, in the knowledge base where the clock was started if that is there."""
    from carrel.store.knowledge_base import KnowledgeBase

    if KnowledgeBase.root_above(Path(running.root)) == Path(running.root):
        app.dir = running.root
    try:
        kb = app.kb
    except RootNotFound as error:
        raise RootNotFound(running.root, f"{running.root}, where {running.key} is being read, is gone") from error
    if kb.absolute(running.path).is_file() and key_of(kb.read(running.path, head=True)) == running.key:
        return running.path
    for note in kb.notes(in_folder(kb.config.papers_folder, ""), head=True):
        if key_of(note) == running.key:
            return note.path
    raise CarrelError(
        f"{running.key}, which is being read, is gone; nothing was recorded",
        "`carrel paper read KEY --minutes N` records it for another paper, `paper stop --discard` forgets it",
    )


def _asked(app: App, running: Reading) -> int:
    """The minutes, from a person, where the clock cannot be believed."""
    ago = (app.clock() - running.since).total_seconds() / 60
    over = f"{ago / 60:.0f} hours" if ago < 48 * 60 else f"{ago / 60 / 24:.0f} days"
    what = (
        f"the clock was set back since {running.key} was started"
        if ago < 0
        else f"the clock has run {over} for {running.key}, which is more than the {LONGEST // 60} of a sitting"
    )
    if not app.interactive:
        raise UsageError(what, "--minutes N says how long you read, --discard forgets it")
    app.remark(f"carrel: {what}")
    minutes: int = click.prompt("how many minutes did you read", type=MINUTES, err=True)
    return minutes
