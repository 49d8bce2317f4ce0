"""`carrel check` and `carrel doctor`: what is wrong with the notes, and with the installation."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TypeAlias

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, emit, line
from carrel.errors import CarrelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from carrel.core.note import Note
    from carrel.core.practice_check import Practice
    from carrel.core.prediction_history import Written

#: What was looked at, whether it is well, what was found, and what to do if it is not.
Finding: TypeAlias = tuple[str, bool, str, str]


@command()
@click.argument("names", nargs=-1, metavar="[NOTE]...")
@click.option("--strict", is_flag=True, help="Exit code 2 for warnings too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def check(app: App, names: tuple[str, ...], strict: bool, as_json: bool, as_jsonl: bool) -> int:
    """List what is wrong with the notes.

    One finding a line, as path:line: message [code]; exit code 2 if there is any but warnings. Front matter that
    cannot be read, conflicts, broken links and citations, names that differ only in case. Nothing is changed.

    \b
    Of papers:
      same-citekey   two under one citation key
      same-title     one that seems to be here twice
      cited-skimmed  one that a note builds on, and that was skimmed at most
      bad-session    a session that cannot be understood; so bad-reading,
                     bad-rating, bad-priority

    \b
    Of queries in notes:
      bad-query       a block that makes no table, for what it says
      touched-table   a table that was changed by hand, so is not refreshed
      unknown-column  one that no note has a field for

    \b
    Of digests:
      withdrawn  one that repeats a note that its readers may not see
                 any more

    \b
    Of predictions and purposes:
      bad-prediction     a task that begins as one and is none, or an
                         outcome or a day that cannot be
      same-prediction    two under one id
      early-outcome      one that was resolved before its note's day
      broken-seal        a secret one that is not what was hashed
      broken-advances    a name in advances: that is no note's
      circular-advances  a note that advances itself in the end

    \b
    Warnings, on how one works:
      edited-prediction   one whose p was changed after the day on which
                          it was first committed
      removed-prediction  one that was committed, and stands nowhere
                          any more
      no-hypothesis       a result, and no hypothesis
      late-hypothesis     a hypothesis that came after the result, as git or
                          the days of the note tell
      long-running        an experiment that has run for more than
                          practice.running_days
      idle-project        one without an experiment, planned or running
      serves-no-question  an experiment that advances no question or project
      serves-nothing      an open question, or an idea that is pursued, which
                          advances nothing and belongs to no project
    """
    from concurrent.futures import ThreadPoolExecutor
    from threading import Event

    from carrel.cli.naming import named_note
    from carrel.cli.progress import read_all
    from carrel.core.check import check_notes
    from carrel.core.note import Problem
    from carrel.core.practice_check import WARNINGS, practice_problems
    from carrel.core.prediction import made, written_ids
    from carrel.core.prediction_check import problems as prediction_problems
    from carrel.core.prediction_history import edited, removals
    from carrel.search.tables import block_problems
    from carrel.store.git_answer import GitSilent

    given_up, silent = Event(), False
    with ThreadPoolExecutor(1) as pool:  # git takes its time while the notes are read
        history = pool.submit(_predicted, app, given_up.is_set)
        try:
            notes = read_all(app)
            predicted = history.result()
        except GitSilent as error:
            app.remark(f"{error.message}: what it remembers of predictions and hypotheses is left out")
            predicted, silent = [], True
        finally:
            given_up.set()  # on Ctrl-C the thread would wait for git
    problems = check_notes(notes, app.kb.files())
    problems += prediction_problems(notes, app.today)
    problems += edited(made(notes), predicted, app.today)
    problems += removals(predicted, frozenset().union(*map(written_ids, notes)), app.today)
    practice = _practice(app, notes, silent=silent)
    problems += sorted(practice_problems(notes, practice), key=lambda one: (one.path, one.code))
    problems += block_problems(notes, app.today, app.kb.config.queries)
    problems += [Problem(skipped.path, 1, "skipped", skipped.reason) for skipped in app.kb.skipped()]
    if names:
        wanted = {named_note(app, name) for name in names}
        problems = [problem for problem in problems if problem.path in wanted]
    if as_json or as_jsonl:
        emit(problems, "jsonl" if as_jsonl else "json")
    else:
        for problem in problems:
            echo(line(str(problem)))
    warnings = [problem.code for problem in problems if problem.code in WARNINGS]
    mistakes = [problem.code for problem in problems if problem.code not in WARNINGS]
    found = [_counted(mistakes, "finding"), *([_counted(warnings, "warning")] if warnings else [])]
    app.remark(f"{count(len(notes), 'note')}, {'; '.join(found)}")
    return 2 if mistakes or (strict and warnings) else 0


def _predicted(app: App, given_up: Callable[[], bool]) -> list[Written]:
    """The lines of predictions as they were committed, of the folders that hold some; none without git."""
    from carrel.cli.predictions.edited import committed
    from carrel.store.containing import predicting
    from carrel.store.git_answer import GitSilent

    try:
        if folders := [one for one in app.kb.folder_names() if any(predicting(app.kb, folder=one, remark=_ignore))]:
            return committed(app, folders, given_up)
    except GitSilent:
        raise
    except CarrelError:
        pass
    return []


def _ignore(_: str) -> None:
    """What cannot be read is told by who reads every note."""


def _counted(codes: Sequence[str], noun: str) -> str:
    each = ", ".join(f"{number} {code}" for code, number in Counter(codes).most_common())
    return f"{count(len(codes), noun)}{': ' if each else ''}{each}"


def _practice(app: App, notes: Sequence[Note], *, silent: bool) -> Practice:
    """What the remarks on experiments go by; git is asked only if one has a hypothesis and a result, and then once:
    not if it was `silent` before.
    """
    from carrel.core.practice_check import Line, Practice, to_be_dated

    history: dict[str, list[Line]] = {}
    if not silent and (paths := to_be_dated(notes)):
        from carrel.store.git_answer import GitSilent
        from carrel.store.history import lines_added

        try:
            for one in lines_added(app.kb.root, paths, ".", app.environment):
                history.setdefault(one.path, []).append(Line(one.commit, one.at, one.line))
        except GitSilent as error:
            app.remark(f"{error.message}: what it remembers of hypotheses is left out")
        except CarrelError:
            pass  # without git, the days that the notes say are all that is known
    return Practice(app.today, app.kb.config.practice_running_days, history)


@command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def doctor(app: App, as_json: bool, as_jsonl: bool) -> int:
    """Look at the installation and the index.

    Says what to do about what is amiss; exit code 2 if anything is.
    """
    rows = [{"what": what, "ok": ok, "found": found, "hint": hint} for what, ok, found, hint in _examine(app)]
    if as_json or as_jsonl:
        emit(rows, "jsonl" if as_jsonl else "json")
    else:
        for row in rows:
            mark = click.style("ok  ", fg="green") if row["ok"] else click.style("!!  ", fg="red", bold=True)
            click.echo(f"{mark}{row['what']}: {line(str(row['found']))}")
            if not row["ok"] and row["hint"]:
                click.echo(f"      {row['hint']}")
    return 0 if all(row["ok"] for row in rows) else 2


def _examine(app: App) -> Iterator[Finding]:
    """What is looked at, whether it is well, what was found, what to do if not. One failure does not hide the rest."""
    for what, examination in (
        ("installation", _installation),
        ("editor", _editor),
        ("knowledge base", _knowledge_base),
        ("private files", _private_files),
        ("index", _index),
    ):
        try:
            yield from examination(app)
        except CarrelError as error:
            yield what, False, error.message, error.hint


def _installation(app: App) -> Iterator[Finding]:
    from carrel import __version__

    yield "carrel", True, f"{__version__}, Python {sys.version.split()[0]}", ""
    for package in ("Whoosh-Reloaded", "watchdog", "mkdocs", "mkdocs-material"):
        try:
            yield package, True, version(package), ""
        except PackageNotFoundError:
            yield package, False, "not installed", "pip install carrel"


def _editor(app: App) -> Iterator[Finding]:
    from carrel.cli.editor import editor_command

    yield "editor", True, " ".join(editor_command(app.environment, app.kb.config.editor, terminal=True)), ""


def _knowledge_base(app: App) -> Iterator[Finding]:
    root = app.kb.root
    yield "knowledge base", True, f"{root}, {count(len(app.kb.paths()), 'note')}", ""
    skipped = "; ".join(f"{one.path}: {one.reason}" for one in app.kb.skipped())
    yield "readable", not skipped, skipped or "everything", "`carrel check` lists what is wrong with notes"
    writable = os.access(root, os.W_OK)
    yield "writable", writable, "yes" if writable else "no", f"check who owns {root} (`ls -ld`)"
    free = shutil.disk_usage(root).free
    yield "disk", free > 100 * 2**20, f"{free / 2**30:.1f} GiB free", "make room: below 100 MiB a write may fail"


def _private_files(app: App) -> Iterator[Finding]:
    """Of a repository that is pushed to another place, what private files it hands on there."""
    from carrel.store.scaffold import PRIVATE_FILES
    from carrel.store.sharing import handed_on

    shared = handed_on(app.kb.root, next(iter(app.kb.config.folders), "."), app.environment)
    if shared is None:
        return
    meant = f"put the line {PRIVATE_FILES} into .gitignore; or !{PRIVATE_FILES} if nobody but you reads the repository"
    found = "git takes them, and the repository has a remote" if shared.takes else "git leaves them out"
    yield "private files", not shared.takes, found, meant
    if shared.tracked:
        found = f"{count(len(shared.tracked), 'private file')} for all who read the repository, as {shared.tracked[0]}"
        out = f"`git rm --cached -- '{PRIVATE_FILES}'` and a commit; the files stay here, and in earlier commits"
        yield "in git", False, found, out


def _index(app: App) -> Iterator[Finding]:
    place = app.kb.cache_dir
    from carrel.store.walk import is_note

    known = {path: one for path, one in app.index.seen().items() if is_note(path)}  # and not the PDFs
    on_disk = app.kb.stamps()
    behind = sum(path not in known or known[path].stamp != stamp for path, stamp in on_disk.items())
    found = f"{len(known)} of {count(len(on_disk), 'note')}, {behind} to be read at the next search"
    yield "index", True, f"{found}; in {place}", ""
    if place.exists():
        mode = place.stat().st_mode & 0o077
        yield "index is yours alone", not mode, "yes" if not mode else "no", f"chmod 700 {place}"
