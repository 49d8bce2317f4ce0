#!/usr/bin/env python3
"""Compare Carrel with the other ways to search notes, on the same notes in one run.

    compare.py [SIZE…] [--page FILE]

It prints tables in Markdown: medians, and in brackets the least and the greatest. Programs are measured in turns, so
that what else the machine does hits all alike, and ratios are of the runs of one turn. `--page` puts the tables between
the marks of that page and draws the plot beside it. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench import notes, page
from bench.processes import Spread, cost
from bench.subjects import CARREL, Carrel, Subject, subjects
from bench.workbench import make_knowledge_base

#: Turns of what takes milliseconds; queries that are asked warm; notes of a burst; saves one after the other.
TURNS, QUERIES, BURST, SAVES, WATCHED = 11, 20, 500, 500, 30


@dataclass
class Results:
    """What was measured on so many notes: of each measure, the values of each subject."""

    size: int
    text: float  # megabytes
    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    bars: list[page.Bar] = field(default_factory=list)

    def add(self, measure: str, subject: str, value: float) -> None:
        """One more value."""
        self.values.setdefault(measure, {}).setdefault(subject, []).append(value)

    def spread(self, measure: str, subject: str) -> Spread | None:
        """Of the values of one subject, if it has any."""
        values = self.values.get(measure, {}).get(subject)
        return Spread.of(values) if values else None

    def ratio(self, measure: str, one: str, other: str) -> Spread | None:
        """How many times the one's value is the other's, turn by turn."""
        mine, theirs = (self.values.get(measure, {}).get(name, []) for name in (one, other))
        ratios = [value / beside for value, beside in zip(mine, theirs, strict=False) if beside]
        return Spread.of(ratios) if ratios else None


def measure(size: int, folder: Path) -> Results:
    """Everything, on one knowledge base of `size` notes."""
    kb = folder / f"kb{size}"
    make_knowledge_base(kb, size)
    cost([CARREL, "init", str(kb)], folder, os.environ)
    long_ago = time.time() - 3600  # notes that were just written are read twice, as git does with its index
    every = list(notes.paths(kb))
    for path in every:
        os.utime(kb / path, (long_ago, long_ago))
    results = Results(size, sum((kb / path).stat().st_size for path in every) / 1e6)
    indexes = folder / f"indexes{size}"
    indexes.mkdir()
    here = subjects(kb, indexes)
    _first_indexes(results, here, 3 if size <= 10_000 else 1)
    asked = notes.queries(kb, QUERIES)
    _queries(results, here, asked)
    carrel = here[0]
    assert isinstance(carrel, Carrel)
    _bars_of_queries(results, carrel, asked)
    _changes(results, here, kb, every)
    _saves(results, here, asked)
    _bars(results)
    return results


def _first_indexes(results: Results, here: Sequence[Subject], turns: int) -> None:
    for _ in range(turns):
        for subject in here:
            if (spent := subject.first_index()) is not None:
                results.add(page.INDEX_CPU, subject.name, spent.cpu)
                results.add(page.INDEX_WALL, subject.name, spent.wall)
                results.add(page.INDEX_MEMORY, subject.name, spent.memory)
    for subject in here:
        if subject.size():
            results.add(page.SIZE, subject.name, subject.size())


def _queries(results: Results, here: Sequence[Subject], asked: Sequence[str]) -> None:
    for turn in range(TURNS + 1):
        for subject in here:
            spent = subject.query(asked[turn % len(asked)])
            if turn:  # the first one finds cold files
                results.add(page.COLD, subject.name, spent.wall * 1e3)
    for subject in here:
        for value in subject.warm(asked) or ():
            results.add(page.WARM, subject.name, value)


def _changes(results: Results, here: Sequence[Subject], kb: Path, every: Sequence[str]) -> None:
    for turn in range(TURNS + 1):
        path = every[turn * (len(every) // (TURNS + 1))]
        with (kb / path).open("a", encoding="utf-8") as note:
            note.write(f"\nchanged{turn}\n")
        ago = time.time() - 60  # and not in this very moment, which is a question of trust and not of speed
        os.utime(kb / path, (ago, ago))
        for subject in here:
            if (spent := subject.change(path)) is not None and turn:
                results.add(page.CHANGE, subject.name, spent.wall * 1e3)


def _saves(results: Results, here: Sequence[Subject], asked: Sequence[str]) -> None:
    for subject in here:
        if (seconds := subject.burst(BURST)) is not None:
            results.add(page.BURST, subject.name, seconds)
    for subject in here:
        if (found := subject.saves(SAVES, asked)) is not None:
            for value in found[0]:
                results.add(page.SAVE, subject.name, value)
            for value in found[1]:
                results.add(page.WARM_AFTER, subject.name, value)


def _bars_of_queries(results: Results, carrel: Carrel, asked: Sequence[str]) -> None:
    """The bars that need the watcher, which works on the index that was just made."""
    watcher = carrel.watch()
    try:
        time.sleep(2.0)
        for turn in range(TURNS):
            results.add(page.COLD_WATCHED, carrel.name, carrel.query(asked[turn % len(asked)]).wall * 1e3)
        for seconds in carrel.watched(WATCHED if results.size <= 10_000 else WATCHED // 3):
            results.add(page.WATCHED, carrel.name, seconds)
    finally:
        watcher.terminate()
        watcher.wait()


def _bars(results: Results) -> None:
    """What the project promises of these figures; some promises are for one size."""

    def bar(what: str, value: float | None, most: float, unit: str) -> None:
        if value is not None:
            results.bars.append(page.Bar(what, value, most, unit))

    def of(measure: str, pick: Callable[[Spread], float] = lambda spread: spread.median) -> float | None:
        spread = results.spread(measure, "Carrel")
        return pick(spread) if spread else None

    def against(measure: str, other: str) -> float | None:
        spread = results.ratio(measure, "Carrel", other)
        return spread.median if spread else None

    large = results.size >= 100_000
    if large:
        bar("a search as a whole process, no watcher", of(page.COLD), 600, "ms")
        bar("the same beside a watcher", of(page.COLD_WATCHED), 350, "ms")
        bar("first index, CPU", of(page.INDEX_CPU), 150, "s")
        bar("first index, memory", of(page.INDEX_MEMORY), 1000, "MB")
    elif results.size >= 10_000:
        bar("a search as a whole process, against click and FTS5", against(page.COLD, "FTS5"), 3, "times")
        bar("two words in an open process", of(page.WARM), 15, "ms")
        bar("first index, CPU, against FTS5", against(page.INDEX_CPU, "FTS5"), 5, "times")
        bar("first index, CPU, against Xapian", against(page.INDEX_CPU, "Xapian"), 1, "times")
        bar("saved, and found through the watcher: median", of(page.WATCHED), 0.4, "s")
        bar("saved, and found through the watcher: worst", of(page.WATCHED, lambda spread: spread.greatest), 1, "s")
    bar(f"a query after {SAVES} single saves, against before", _slowed(results), 1.3, "times")
    if results.size >= 10_000:  # with little text the words themselves are more than that
        bar("the index on disk, against the text", (of(page.SIZE) or 0) / results.text, 1, "times")


def _slowed(results: Results) -> float | None:
    """How many times slower queries are after many single saves, query by query."""
    before, after = (results.values.get(measure, {}).get("Carrel", []) for measure in (page.WARM, page.WARM_AFTER))
    ratios = [later / first for later, first in zip(after, before, strict=False)]
    return Spread.of(ratios).median if ratios else None


def _by_itself(size: int, folder: Path) -> Results:
    """`measure` in a process of its own: a program's peak memory is never told as less than that of who starts it."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, size, folder).result()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000], help="notes (default 1000 10000)")
    parser.add_argument("--page", type=Path, help="the page whose tables and plot are written anew")
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="carrel-compare-") as folder:
        for size in options.sizes:
            measured.append(_by_itself(size, Path(folder)))
            print(page.table(measured[-1]), flush=True)
            print(page.bars(measured[-1:]), flush=True)
        settings = {subject.name: subject.setting for subject in subjects(Path(folder), Path(folder))}
    if options.page:
        page.write(options.page, sorted(measured, key=lambda one: one.size), settings)
    return 0 if all(bar.met for results in measured for bar in results.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
