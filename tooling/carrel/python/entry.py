"""`carrel.log`: an entry of the log from a program."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from carrel.core.entry_values import heading
from carrel.core.log import LogEntry
from carrel.core.names import tag_names
from carrel.errors import CarrelError, NotFound, Refused, UsageError
from carrel.python.background import Pending, at_once, hand_over, hinted, known, not_saved, say
from carrel.python.figures import sources
from carrel.python.values import fields, readable
from carrel.store.attaching import append_with
from carrel.store.day import check_size
from carrel.store.finding import find, local_time, read_moment

if TYPE_CHECKING:
    from carrel.core.attachment import Source
    from carrel.store.knowledge_base import KnowledgeBase

#: How experiments' notes are linked, what is wrong with them, and a hint; by knowledge base and what was given.
_found: dict[tuple[Path, str], tuple[str, str, str]] = {}


class Saved(NamedTuple):
    """Where an entry stands: the day's file, and the heading of the entry in it."""

    path: Path
    heading: str


@overload
def log(
    text: str = "",
    *,
    figure: object = None,
    caption: str | Sequence[str] = "",
    tags: str | Iterable[str] = (),
    values: Mapping[str, object] | None = None,
    project: str = "",
    experiment: str = "",
    private: bool = False,
    at: date | str | None = None,
    dir: str | os.PathLike[str] | None = None,
    wait: Literal[True] = True,
) -> Saved: ...


@overload
def log(
    text: str = "",
    *,
    figure: object = None,
    caption: str | Sequence[str] = "",
    tags: str | Iterable[str] = (),
    values: Mapping[str, object] | None = None,
    project: str = "",
    experiment: str = "",
    private: bool = False,
    at: date | str | None = None,
    dir: str | os.PathLike[str] | None = None,
    wait: Literal[False],
) -> Pending: ...


def log(
    text: str = "",
    *,
    figure: object = None,
    caption: str | Sequence[str] = "",
    tags: str | Iterable[str] = (),
    values: Mapping[str, object] | None = None,
    project: str = "",
    experiment: str = "",
    private: bool = False,
    at: date | str | None = None,
    dir: str | os.PathLike[str] | None = None,
    wait: bool = True,
) -> Saved | Pending:
    """Write an entry into the day's log, as `carrel log` does; when it returns, the entry is on the disk.

    text: the first line becomes the heading, the rest the text.
    figure: a Matplotlib figure (or axes), a Pillow image, the path of any file, a picture or PDF as bytes or BytesIO,
        or a list of these. It is drawn and copied before the call returns; `carrel verify` knows its SHA-256.
    caption: what stands below the figure; for several, a list in their order.
    tags: `["sae", "probes"]`, or "sae probes".
    values: `{"acc": 0.83}` becomes the line `acc:: 0.83`, which `carrel search acc:>0.8` finds. NumPy's and PyTorch's
        numbers are numbers, and small arrays lists. Names are in lower case; what cannot stand in one becomes a hyphen.
    project, experiment: what it belongs to; an experiment by the name of its note, which must be there. With
        `wait=False` one that is not is said on stderr, and linked all the same: no training ends for it.
    private: into the day's private file, which no site ever shows.
    at: another time: a datetime, a date, or words as for `--at`.
    dir: the knowledge base, instead of the one around the current folder, CARREL_DIR's, or your setting's.
    wait: with False, return at once a `Pending`, whose `result()` waits; a thread writes the entry, and Python waits
        for it before it exits.

    Safe from several threads and processes at once. Raises `CarrelError`, and then nothing was written. With
    `wait=False` nothing that was handed over raises: what is wrong is said once on stderr, and raised by `result()`.
    """
    try:
        try:
            if not isinstance(text, str):
                raise UsageError(
                    f"{str(text)[:40]!r} is no text; nothing was written",
                    'for numbers: carrel.log(values={"loss": 0.31})',
                )
            lines = fields(values or {})
            names = tag_names(_texts(tags))
            kb = _knowledge_base(dir)
            files = sources(figure, caption)
            words = readable(text).strip()
            if not (words or files):
                words = heading(lines)
            if not (words or files):
                raise Refused("the entry is empty; nothing was written", 'say it: carrel.log("what happened")')
            check_size(len(words.encode()))
            entry = LogEntry(
                _moment(at, kb),
                words,
                names,
                readable(" ".join(project.split())),
                kb.config.author,
                private,
                (*_experiment(kb, experiment, wait=wait), *lines),
            )
        except Exception as error:  # whatever reading it may raise
            failure = known(error)
            if wait:
                raise failure  # noqa: B904  # it has its cause
            return not_saved(failure)
        if wait:
            return at_once(lambda: _saved(kb, entry, files))
        size = len(words) + sum(len(source.data) for source in files)
        return hand_over(lambda: _saved(kb, entry, files), size)
    except CarrelError as error:
        hinted(error)
        raise


def check(*, tags: Iterable[str], values: Mapping[str, object], experiment: str, at: str | None) -> None:
    """Raise what `log` would raise for these, before hours of work that it is to tell of."""
    fields(values)
    tag_names(tags)
    kb = _knowledge_base(None)
    _moment(at, kb)
    _experiment(kb, experiment, wait=True)


def _knowledge_base(dir: str | os.PathLike[str] | None) -> KnowledgeBase:
    return find(os.environ, os.fspath(dir) if dir else "")


def _texts(tags: str | Iterable[str]) -> list[str]:
    """Tags as they were given. Raises `UsageError` where one is no text."""
    given = [tags] if isinstance(tags, str) else list(tags)
    for one in given:
        if not isinstance(one, str):
            raise UsageError(f"tags: a {type(one).__name__} is none; nothing was written", 'tags=["sae", "probes"]')
    return given


def _saved(kb: KnowledgeBase, entry: LogEntry, files: list[Source]) -> Saved:
    entry, path = append_with(kb, entry, files)
    return Saved(kb.absolute(path), f"{entry.at:%H:%M} {entry.title}".rstrip())


def _moment(at: date | str | None, kb: KnowledgeBase) -> datetime:
    """A given time as local time; one without a zone is that already."""
    if isinstance(at, datetime):
        return local_time(at.astimezone(), kb.config) if at.tzinfo else at
    now = local_time(datetime.now().astimezone(), kb.config)
    if not at:
        return now
    return read_moment(at.isoformat() if isinstance(at, date) else at, now, kb.config)


def _experiment(kb: KnowledgeBase, given: str, *, wait: bool) -> tuple[tuple[str, str], ...]:
    """The line that links an experiment. Raises `UsageError` where there is none of that name and the caller waits.

    Who does not wait trains something, which must not end for that: it is said, and the name linked as it is. It is
    looked up once, for neither must it end for what becomes of the note meanwhile.
    """
    name = readable(given.strip().removeprefix("[[").removesuffix("]]"))
    if any(sign in name for sign in "[]|\n"):
        raise UsageError(f"experiment: {name!r} is no name of a note; nothing was written", 'experiment="seed-sweep"')
    if not name:
        return ()
    known = _found.get((kb.root, name))
    if known is None or (known[1] and wait):  # the note may have been made since
        known = _looked_up(kb, name)
        _, wrong, hint = known
        if wrong and wait:
            raise UsageError(f"experiment: {wrong}; nothing was written", hint)
        if wrong:
            say(f"experiment: {wrong}; entries link it all the same", hint)
        _found[kb.root, name] = known
    return (("experiment", f"[[{known[0]}]]"),)


def _looked_up(kb: KnowledgeBase, name: str) -> tuple[str, str, str]:
    """How the note of an experiment is linked; what is wrong with the name, or "", and a hint."""
    from carrel.store.named import find_note

    try:
        note = kb.read(find_note(kb, name), head=True)
    except NotFound as error:
        return name, error.message, error.hint
    wrong = "" if note.kind == "experiment" else f"{note.path} is of kind {note.kind}"
    return note.name, wrong, "carrel list -k experiment"
