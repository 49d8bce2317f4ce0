"""A run from its beginning to its entry: what is written before, what is looked at when, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.masking import masked
from carrel.core.run import expectation_entry, run_entry
from carrel.errors import CarrelError
from carrel.running import figures, git, surroundings
from carrel.running.begun import Begun, left_behind
from carrel.running.command import Ending, check_startable, run_command
from carrel.running.keeping import UNKNOWN, Left, NotKept, is_written, keep_run
from carrel.running.output import Output
from carrel.running.signals import Signals
from carrel.store.finding import here
from carrel.store.ready import check_ready

if TYPE_CHECKING:
    from carrel.core.run import About, Run
    from carrel.store.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be run, and what is wanted of it: `figures` are patterns; `expected` is what is written before, and
    `predictions` the ids of those in it; `secrets` are masked in all that is kept. `begins` is called when nothing
    keeps the command from being run any more.
    """

    words: tuple[str, ...]
    figures: tuple[str, ...] = ()
    expected: str = ""
    predictions: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()
    begins: Callable[[], None] = lambda: None


def record(
    kb: KnowledgeBase,
    environment: Mapping[str, str],
    asked: Asked,
    run: Run,
    about: About,
    remark: Callable[[str], None],
) -> tuple[Ending, str]:
    """Run a command and write its entry; how it ended, and the path of the day.

    Raises `NotStarted`, `NotKept`, and before anything runs what writing an entry can raise.
    """
    folder = here()
    check_startable(asked.words[0])
    check_ready(kb, run_entry(run, about))
    _finish_earlier(kb, environment, remark)
    checkout = git.look(folder, environment, kb.folders(), asked.words)
    if checkout is None and git.root_above(folder):
        remark("git gave no answer; the commit is not recorded")
    run = _in_its_place(kb, folder, environment, run, checkout)
    before = figures.look(asked.figures)
    with Signals() as signals, closing(Output()) as output:
        if asked.expected:
            day = kb.append(expectation_entry(about, run.command, asked.expected, run.experiment), remark)
            run = replace(run, predictions=tuple(f"{Path(day).stem}#^{identity}" for identity in asked.predictions))
        asked.begins()
        begun = Begun(environment, kb.root, run.id, run_entry(run, about, [UNKNOWN]))
        try:
            gpus = surroundings.Gpus(environment)
            ending = run_command(asked.words, output.write, signals)
            made = figures.made(before, figures.look(asked.figures))
            run = replace(run, gpu=gpus.answer())
            if ending.known:
                run = replace(run, exit=ending.code, signal=ending.signal, seconds=ending.seconds)
            left = Left(output, made, checkout.uncommitted() if checkout else b"", asked.secrets)
            saved = keep_run(kb, run, about, left, remark)
        except NotKept as error:
            if begun.leave(error.entry):
                error.hint = "do not run it again for that: make room, and the next `carrel run` here writes the entry"
            raise
        except CarrelError:  # it did not begin, or its entry is told to the person; of anything else the next run tells
            begun.ended()
            raise
        begun.ended()
    if asked.figures and not made:
        remark(f"--figure {' '.join(asked.figures)}: no such file was written")
    if not ending.known:
        remark("how it ended is not known: the process of Carrel's that waited for it was killed")
    if ending.left:
        remark("something that it started still runs, and cannot write here any more: give that a file for its output")
    if ending.lost:
        remark(f"some of its output could not be handed on: {ending.lost}")
    return ending, saved


def _in_its_place(
    kb: KnowledgeBase, folder: Path, environment: Mapping[str, str], run: Run, checkout: git.Checkout | None
) -> Run:
    """The run with what is known of it before it begins."""
    root = checkout.root if checkout else None
    home = surroundings.home_of(environment)
    return replace(
        run,
        directory=surroundings.shown_folder(folder, kb.root, root, home),
        host=surroundings.host(),
        repository=masked(checkout.repository) if checkout else "",
        commit=checkout.commit if checkout else "",
        branch=checkout.branch if checkout else "",
        dirty=checkout.dirty if checkout else None,
        unknown=checkout.unknown if checkout else "",
        environment=surroundings.locks(folder, root or (Path(home) if home else None)),
    )


def _finish_earlier(kb: KnowledgeBase, environment: Mapping[str, str], remark: Callable[[str], None]) -> None:
    """Write the entries of runs that were killed together with Carrel, or ended while the disk was full."""
    try:
        for entry in left_behind(environment, kb.root):
            if is_written(kb, entry):
                continue
            path = kb.append(entry, remark)
            remark(f"a run that began at {entry.at:%Y-%m-%d %H:%M} had no entry yet; what is known of it is in {path}")
    except CarrelError as error:
        remark(f"of an earlier run nothing could be written: {error.message}")
