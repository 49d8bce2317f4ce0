"""`carrel log`: an entry for the day, from the words given, a pipe, or the editor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import line
from carrel.core.names import tag_names
from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from carrel.core.log import LogEntry


@command()
@click.argument("text", nargs=-1)
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("-p", "--project", default="", metavar="NAME", help="The project that the entry belongs to.")
@click.option("--at", "moment", default="", metavar="WHEN", help="Another time: 9:30, 'yesterday 18:00', 2026-11-18.")
@click.option("--attach", multiple=True, metavar="FILE", help="Copy a figure or file beside the log and show it.")
@click.option("--caption", "captions", multiple=True, metavar="TEXT", help="Of the first --attach; then of the next.")
@click.option("--exp", "experiment", default="", metavar="NOTE", shell_complete=complete_note, help="Its experiment.")
@click.option(
    "--value", "values", multiple=True, metavar="NAME=VALUE", help="A line `acc:: 0.83`; may be given several times."
)
@click.option("--private", is_flag=True, help="Into the day's private file, which no site ever shows.")
def log(
    app: App,
    text: tuple[str, ...],
    tags: tuple[str, ...],
    project: str,
    moment: str,
    attach: tuple[str, ...],
    captions: tuple[str, ...],
    experiment: str,
    values: tuple[str, ...],
    private: bool,
) -> None:
    """Write an entry into the day's log.

    The words are the entry. Without words it opens your editor; `-`, or a pipe, reads standard input.
    The first line becomes the heading, the rest the text. What is attached is copied to notes/assets/YYYY/, and
    `carrel verify` says later whether it is still the same.

    \b
    carrel log "Loss spikes at the end of warm-up" -t training
    carrel log "Loss spikes" --attach loss.png --caption "Run 12, seed 3"
    carrel log "A longer warm-up helps" --exp warm-up --value acc=0.83
    squeue | carrel log -
    """
    from carrel.cli.editor import discard, keep
    from carrel.core.log import MAX_BYTES, LogEntry

    if len(captions) > len(attach):
        raise UsageError(f"{captions[len(attach)]!r} is a caption of nothing", "each belongs to one --attach FILE")
    at = _moment(app, moment) if moment else app.now
    names = tag_names(tags)
    numbers = _values(values)
    fields = (*_experiment(app, experiment), *numbers)
    draft: Path | None = None
    if text and text != ("-",):
        written = " ".join(text)
    elif text == ("-",) or not sys.stdin.isatty():
        written = _decoded(sys.stdin.buffer.read(MAX_BYTES + 1))
    elif captions or values:
        written = ""  # something was said already
    else:
        data, draft = _composed(app)
        written = _decoded(data)
    written = written.strip()
    try:
        if numbers and not written and not attach:
            from carrel.core.entry_values import heading

            written = heading(numbers)
        if not written and not attach:
            raise UsageError("the entry is empty; nothing was written", 'say it: carrel log "what happened"')
        entry = LogEntry(at, written, names, line(project), app.kb.config.author, private, fields)
        entry, path = _saved(app, entry, attach, captions)
    except CarrelError as error:
        if draft is not None:
            keep(draft, error)
        raise
    if draft is not None:
        discard(draft)
    app.remark(f"saved {path}: {entry.at:%H:%M} {line(entry.title)}")


def _saved(app: App, entry: LogEntry, attach: tuple[str, ...], captions: tuple[str, ...]) -> tuple[LogEntry, str]:
    if not attach:
        return entry, app.kb.append(entry, app.remark)
    from itertools import zip_longest

    from carrel.store.attaching import append_with, read_source
    from carrel.store.day import check_size

    check_size(len(entry.text.encode()))
    pairs = zip_longest(attach, captions, fillvalue="")
    return append_with(app.kb, entry, [read_source(Path(name), line(said)) for name, said in pairs], app.remark)


def _experiment(app: App, name: str) -> tuple[tuple[str, str], ...]:
    """The line of an entry that links its experiment. Raises `UsageError`."""
    if not name:
        return ()
    from carrel.cli.of_experiment import experiment_note

    return (("experiment", f"[[{experiment_note(app, name, 'nothing was written').name}]]"),)


def _values(written: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The lines of an entry that --value says. Raises `UsageError`."""
    if not written:
        return ()
    from carrel.core.entry_values import value_fields

    pairs = [value.partition("=") for value in written]
    for key, equals, _ in pairs:
        if not equals:
            raise UsageError(f"--value {key}: it has no value; nothing was written", "--value acc=0.83")
    return value_fields((key, value) for key, _, value in pairs)


def _moment(app: App, written: str) -> datetime:
    from carrel.store.finding import read_moment

    return read_moment(written, app.now, app.kb.config)


def _decoded(data: bytes) -> str:
    """Text from a pipe. What is not UTF-8 becomes visible escapes rather than an error: a log must not lose output."""
    return data.decode("utf-8-sig", "backslashreplace").replace("\0", "\\x00").replace("\r\n", "\n")


def _composed(app: App) -> tuple[bytes, Path]:
    from carrel.cli.editor import compose, editor_command

    app.need_input("an entry", 'say it on the command line: carrel log "what happened"')
    return compose(editor_command(app.environment, app.kb.config.editor), "")
