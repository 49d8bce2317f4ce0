"""`carrel log`: an entry for the day, from the words given, a pipe, or the editor."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import line, visible
from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from datetime import datetime


@command()
@click.argument("text", nargs=-1)
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("-p", "--project", default="", metavar="NAME", help="The project that the entry belongs to.")
@click.option("--at", "moment", default="", metavar="WHEN", help="Another time: 9:30, 'yesterday 18:00', 2026-11-18.")
@click.option("--attach", multiple=True, metavar="FILE", help="Copy a figure or file beside the log and show it.")
@click.option("--private", is_flag=True, help="Into the day's private file, which no site ever shows.")
def log(
    app: App,
    text: tuple[str, ...],
    tags: tuple[str, ...],
    project: str,
    moment: str,
    attach: tuple[str, ...],
    private: bool,
) -> None:
    """Write an entry into the day's log.

    The words are the entry. Without words it opens your editor; `-`, or a pipe, reads standard input.
    The first line becomes the heading, the rest the text.

    \b
    carrel log "Loss spikes at the end of warm-up" -t training
    squeue | carrel log -
    """
    from carrel.core.log import LogEntry

    at = _moment(moment, app.now) if moment else app.now
    draft: Path | None = None
    if text and text != ("-",):
        written = " ".join(text)
    elif text == ("-",) or not sys.stdin.isatty():
        written = _decoded(sys.stdin.buffer.read())
    else:
        written, draft = _composed(app)
    written = written.strip()
    if not written and not attach:
        raise UsageError("the entry is empty; nothing was written", 'say it: carrel log "what happened"')
    try:
        written = "\n\n".join([written, *(_attached(app, Path(name), at) for name in attach)]).strip()
        entry = LogEntry(at, written, _tags(tags), line(project), app.kb.config.author, private)
        path = app.kb.append(entry)
    except CarrelError as error:
        if draft is not None:
            error.hint = f"{error.hint}\n        what you wrote is in {draft}".strip()
        raise
    if draft is not None:
        with suppress(OSError):  # a draft that stays in the temporary folder does no harm
            draft.unlink()
    app.remark(f"saved {path}: {entry.at:%H:%M} {line(entry.title)}")


def _moment(written: str, now: datetime) -> datetime:
    from carrel.core.dates import parse_moment

    return parse_moment(written, now)


def _decoded(data: bytes) -> str:
    """Text from a pipe. What is not UTF-8 becomes visible escapes rather than an error: a log must not lose output."""
    return data.decode("utf-8-sig", "backslashreplace").replace("\0", "\\x00").replace("\r\n", "\n")


def _composed(app: App) -> tuple[str, Path]:
    from carrel.cli.editor import compose, editor_command

    app.need_input("an entry", 'say it on the command line: carrel log "what happened"')
    return compose(editor_command(app.environment, app.kb.config.editor), "")


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags as they can stand in text: `#two words` would be one tag and a word."""
    names = [name for given in tags for name in given.replace(",", " ").split()]
    return tuple(dict.fromkeys("-".join(name.lstrip("#").split()) for name in names if name.lstrip("#")))


def _attached(app: App, source: Path, at: datetime) -> str:
    """Markdown that shows an attached image, or links any other file, as seen from the day's note."""
    path = app.kb.attach(source, at.year)
    folder = PurePosixPath(app.kb.config.log_folder, str(at.year))
    target = PurePosixPath(path).relative_to(folder.parent).as_posix()
    image = source.suffix.lower() in (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif")
    label = visible(source.stem).replace("[", "(").replace("]", ")")
    return f"{'!' if image else ''}[{label}](../{target})"
