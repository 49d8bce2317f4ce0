"""A knowledge base that is measured on, and the table of what was measured, each line beside its bar."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Cost, cost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PYTHON = sys.executable
CARREL = str(Path(PYTHON).with_name("carrel"))
#: The process that others are told in: what every command line in Python has to import.
BASE = (PYTHON, "-c", "import click, yaml")


@dataclass(frozen=True)
class Row:
    """One line of the table. `bar` is what `value` may at most be, in `unit`."""

    what: str
    value: float
    least: float
    greatest: float
    unit: str
    bar: float | None = None

    @property
    def met(self) -> bool:
        """Whether the bar is held."""
        return self.bar is None or self.value <= self.bar

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"{self.bar:g} {self.unit} {'met' if self.met else 'MISSED'}"
        return f"| {self.what} | {self.value:.2f} {self.unit} | {self.least:.2f} to {self.greatest:.2f} | {bar} |"


class Bench:
    """One knowledge base of `size` notes, in a new folder, and what was measured on it, `runs` times each."""

    def __init__(self, folder: Path, size: int, runs: int) -> None:
        self.kb = folder / f"kb{size}"
        self.runs = runs
        self.environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.rows: list[Row] = []
        folder.mkdir()
        make_knowledge_base(self.kb, size)
        cost([CARREL, "init", str(self.kb)], folder, self.environment)
        self.age()

    def age(self) -> None:
        """Let all notes be an hour old: those that were just written are read twice, as git does with its index."""
        long_ago = time.time() - 3600
        for place in self.kb.rglob("*.md"):
            os.utime(place, (long_ago, long_ago))

    def run(self, *arguments: str) -> Cost:
        """One `carrel` process."""
        return self.said(*arguments)[0]

    def said(self, *arguments: str) -> tuple[Cost, str]:
        """One `carrel` process, and what it printed."""
        return cost([CARREL, *arguments], self.kb, self.environment)

    def add(self, what: str, values: Sequence[float], unit: str, bar: float | None = None) -> None:
        """Add a row for these values, and print it."""
        self.rows.append(Row(what, statistics.median(values), min(values), max(values), unit, bar))
        print(self.rows[-1], flush=True)

    def median(self, what: str, measure: Callable[[], float], unit: str, bar: float | None = None) -> None:
        """Measure several times, and add a row."""
        self.add(what, [measure() for _ in range(self.runs)], unit, bar)

    def ratio(self, what: str, mine: Sequence[str], bar: float) -> None:
        """How many times as long a process takes as `BASE`, pair by pair."""

        def pair() -> float:
            return self._wall(mine) / self._wall(BASE)

        pair()
        self.median(f"{what}, against importing click and yaml", pair, "times", bar)

    def difference(self, what: str, mine: Sequence[str], other: Sequence[str], bar: float) -> None:
        """How many milliseconds longer a process takes than another, pair by pair."""

        def pair() -> float:
            return (self._wall(mine) - self._wall(other)) * 1e3

        pair()
        self.median(what, pair, "ms", bar)

    def _wall(self, command: Sequence[str]) -> float:
        return cost(command, self.kb, self.environment)[0].wall


def make_knowledge_base(folder: Path, size: int) -> None:
    """Write notes of real text where the maker is at hand, else of made-up words."""
    real = Path(os.environ.get("CARREL_BENCH", REPOSITORY.parent / "shared" / "bench" / "make_kb.py"))
    maker = real if real.is_file() else HERE / "generate.py"
    subprocess.run([PYTHON, str(maker), str(folder), str(size)], check=True, stdout=subprocess.DEVNULL)
