"""`carrel verify`: are attached figures and files still what the entries were written about?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, emit, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.cli.progress import Bar
    from carrel.core.note import Note
    from carrel.store.verifying import Verdict

#: Files that a remark names.
_NAMED = 10


@command()
@click.argument("names", nargs=-1, metavar="[NOTE]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def verify(app: App, names: tuple[str, ...], as_json: bool, as_jsonl: bool) -> int:
    """Hash attached files again, and list those that changed or vanished.

    `carrel log --attach`, `carrel run` and `carrel.log` in Python write the SHA-256 of a file behind its link. One
    finding a line, as path:line: message [code]; exit code 2 if there is any. Nothing is changed.

    \b
    changed     the file is another one than was attached
    vanished    it is gone, and git does not ignore it
    unreadable  it cannot be read
    bad-record  what stands in the note names no file, or is no SHA-256

    Without a NOTE it also names attached files that no note links: a command that is killed before it writes its entry
    leaves such. They are no findings.

    \b
    carrel verify
    carrel verify today
    """
    from carrel.cli.progress import Bar
    from carrel.core.attachment import MARK
    from carrel.store.containing import containing
    from carrel.store.verifying import verify as verdicts

    if names:
        from carrel.cli.naming import named_note

        notes = [app.kb.read(path) for path in dict.fromkeys(named_note(app, name) for name in names)]
    else:
        notes = sorted(containing(app.kb, MARK.encode(), remark=app.remark), key=lambda note: note.path)
    with Bar("hashing", quiet=app.quiet) as bar:
        found = list(verdicts(app.kb, _shown(notes, bar)))
    away = _away(app, found)
    findings = [one for one in found if one.code != "same" and not (one.code == "vanished" and one.file in away)]
    if as_json or as_jsonl:
        emit(findings, "jsonl" if as_jsonl else "json")
    else:
        for verdict in findings:
            echo(line(str(verdict)))
    counts = ", ".join(f"{number} {code}" for code, number in Counter(one.code for one in findings).most_common())
    attached = f"{count(len(found), 'attachment')} in {count(len({one.path for one in found}), 'note')}"
    app.remark(f"{attached}, {count(len(findings), 'finding')}{': ' if counts else ''}{counts}")
    if away:
        app.remark(f"{count(len(away), 'file')} that git ignores may be on another machine: not here")
    if not names:
        _tell_unlinked(app)
    return 2 if findings else 0


def _tell_unlinked(app: App) -> None:
    from carrel.store.unlinked import unlinked

    left = unlinked(app.kb)
    if left:
        more = f", and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        app.remark(f"{count(len(left), 'file')} that no note links: {', '.join(map(line, left[:_NAMED]))}{more}")


def _away(app: App, found: list[Verdict]) -> frozenset[str]:
    """The files that are not here and that git carries nowhere: those of a colleague's runs, in most cases."""
    from carrel.store.git_answer import GitSilent
    from carrel.store.history import ignored

    gone = dict.fromkeys(verdict.file for verdict in found if verdict.code == "vanished")
    try:
        return ignored(app.kb.root, gone, app.environment) if gone else frozenset()
    except GitSilent as error:
        app.remark(f"{error.message}: files that it ignores are told of as vanished")
        return frozenset()


def _shown(notes: list[Note], bar: Bar) -> Iterator[Note]:
    for done, note in enumerate(notes):
        bar.show(done, len(notes))
        yield note
