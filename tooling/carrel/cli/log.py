"""`carrel log`: an entry for the day, from the words given, a pipe, or the editor."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import line
from carrel.core.names import tag_name
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
    from carrel.cli.editor import discard, keep
    from carrel.core.log import MAX_BYTES, LogEntry
    from carrel.store.day import check_size

    at = _moment(app, moment) if moment else app.now
    names = _tags(tags)
    draft: Path | None = None
    if text and text != ("-",):
        written = " ".join(text)
    elif text == ("-",) or not sys.stdin.isatty():
        written = _decoded(sys.stdin.buffer.read(MAX_BYTES + 1))
    else:
        data, draft = _composed(app)
        written = _decoded(data)
    written = written.strip()
    try:
        if not written and not attach:
            raise UsageError("the entry is empty; nothing was written", 'say it: carrel log "what happened"')
        check_size(len(written.encode()))
        written = "\n\n".join([written, *(_attached(app, Path(name), at) for name in attach)]).strip()
        entry = LogEntry(at, written, names, line(project), app.kb.config.author, private)
        path = app.kb.append(entry, app.remark)
    except CarrelError as error:
        if draft is not None:
            keep(draft, error)
        raise
    if draft is not None:
        discard(draft)
    app.remark(f"saved {path}: {entry.at:%H:%M} {line(entry.title)}")


def _moment(app: App, written: str) -> datetime:
    from carrel.core.dates import parse_moment

    zone = None  # the machine's
    now = app.now  # says which setting is wrong, if the zone is none
    if app.kb.config.timezone:
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(app.kb.config.timezone)
    return parse_moment(written, now, zone)


def _decoded(data: bytes) -> str:
    """Text from a pipe. What is not UTF-8 becomes visible escapes rather than an error: a log must not lose output."""
    return data.decode("utf-8-sig", "backslashreplace").replace("\0", "\\x00").replace("\r\n", "\n")


def _composed(app: App) -> tuple[bytes, Path]:
    from carrel.cli.editor import compose, editor_command

    app.need_input("an entry", 'say it on the command line: carrel log "what happened"')
    return compose(editor_command(app.environment, app.kb.config.editor), "")


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags as they are read back from text; `two words` are two of them. Raises `UsageError`."""
    found = []
    for given in (name for one in tags for name in one.replace(",", " ").split()):
        name = tag_name(given)
        if not name:
            raise UsageError(f"{given!r} is no tag; nothing was written", "a tag begins with a letter, as in -t sae")
        found.append(name)
    return tuple(dict.fromkeys(found))


def _attached(app: App, source: Path, at: datetime) -> str:
    """Markdown that shows an attached image, or links any other file, as seen from the day's note."""
    path = PurePosixPath(app.kb.attach(source, at.year))
    target = path.relative_to(app.kb.config.log_folder).as_posix()
    image = path.suffix in (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif")
    return f"{'!' if image else ''}[{_label(source.stem)}](../{target})"


def _label(name: str) -> str:
    """A file's name as the text of a link: on one line, and nothing in it is markup.

    >>> _label("loss_curve"), _label("a](b) *c*\\n# d")
    ('loss_curve', 'a\\\\]\\\\(b\\\\) \\\\*c\\\\* \\\\# d')
    """
    return re.sub(r"[\\`*\[\]()<>#~$|&!^@%{}]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", line(name))
