#!/usr/bin/env python3
"""Measure Carrel against its own bars, as whole processes, and print a table; what is searched is `compare.py`'s.

    bars.py [SIZE] [--site SIZE]

The knowledge bases are made by `make_kb.py` of the shared inputs (CARREL_BENCH names it) or by `generate.py`. Every
figure is the median of several runs, with the least and the greatest; ratios are within this one run. Exit code 1 if
a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.processes import Cost, cost

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PYTHON = sys.executable
CARREL = str(Path(PYTHON).with_name("carrel"))
RUNS = 7
LONG_RUNS = 5  # of what takes seconds
LIBRARY = 1800  # papers in a library that is imported


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


def entry(number: int) -> str:
    """A BibTeX entry as reference managers write them, each one another paper."""
    return f"""@inproceedings{{bench{number},
  title = {{Superposition, part {number}: what {{SAE}}s find in $\\ell_{number}$ and in {{\\"O}}sterreich}},
  author = {{Elhage, Nelson and M{{\\"u}}ller, Anna-{number} and van der Berg, Jan}},
  booktitle = {{Proceedings of the {number}th Conference}}, pages = {{{number}--{number + 9}}},
  year = {{{1990 + number % 35}}},
  abstract = {{{"We measure what sparse dictionaries recover, and how often. " * 12}}},
}}
"""


class Bench:
    """One knowledge base and what is measured on it."""

    def __init__(self, folder: Path, size: int, runs: int) -> None:
        self.kb = folder / f"kb{size}"
        self.size, self.runs = size, runs
        self.environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self.rows: list[Row] = []
        make_knowledge_base(self.kb, size)
        cost([CARREL, "init", str(self.kb)], folder, self.environment)
        long_ago = time.time() - 3600  # notes that were just written are read twice, as git does with its index
        for place in self.kb.rglob("*.md"):
            os.utime(place, (long_ago, long_ago))

    def run(self, *arguments: str) -> Cost:
        """One `carrel` process."""
        return cost([CARREL, *arguments], self.kb, self.environment)[0]

    def median(
        self, what: str, measure: Callable[[], float], unit: str, bar: float | None = None, runs: int = 0
    ) -> float:
        """Measure several times and add a row."""
        values = [measure() for _ in range(runs or self.runs)]
        self.rows.append(Row(what, statistics.median(values), min(values), max(values), unit, bar))
        print(self.rows[-1], flush=True)
        return self.rows[-1].value

    def ratio(self, what: str, mine: list[str], other: list[str], bar: float) -> None:
        """How many times longer one process takes than another, pair by pair."""

        def pair() -> float:
            return cost(mine, self.kb, self.environment)[0].wall / cost(other, self.kb, self.environment)[0].wall

        pair()
        self.median(what, pair, "times", bar)

    def starts(self) -> None:
        """What a command costs that only writes, and what it costs to see that nothing changed."""
        self.run("index")
        self.median("refresh, nothing changed", self.refresh, "ms", 100.0)
        self.ratio(
            'log "x", against importing click and yaml', [CARREL, "log", "x"], [PYTHON, "-c", "import click, yaml"], 2.5
        )

    def refresh(self) -> float:
        """Milliseconds of `refresh` in a process that has everything imported, the index opened anew."""
        code = (
            "import time, pathlib; from carrel.store.knowledge_base import KnowledgeBase as K;"
            "from carrel.search.whoosh_index import WhooshIndex as W; from carrel.search.index import refresh;"
            "kb = K.open(pathlib.Path('.')); t = time.perf_counter(); c = refresh(kb, W(kb.cache_dir / 'index'));"
            "assert not c.updated, c; print((time.perf_counter() - t) * 1e3)"
        )
        return float(cost([PYTHON, "-c", code], self.kb, self.environment)[1])

    def papers(self, bar: float | None) -> None:
        """One paper more, and a library; `bar` is for the one, in imports of click and yaml."""
        library = self.kb.parent / "library.bib"
        numbers = count()

        def one_more() -> float:
            library.write_text(entry(next(numbers)), "utf-8")
            other = [PYTHON, "-c", "import click, yaml"]
            return self.run("paper", "add", str(library)).wall / cost(other, self.kb, self.environment)[0].wall

        one_more()
        here = len(list((self.kb / "papers").glob("*.md")))
        self.median(f"paper add of one .bib entry to {here} papers", one_more, "times", bar)
        library.write_text("".join(entry(next(numbers)) for _ in range(LIBRARY)), "utf-8")
        first, again = self.run("paper", "add", str(library), "-q"), self.run("paper", "add", str(library), "-q")
        for what, one, most in ((f"import of {LIBRARY} papers", first, 30.0), ("the same again", again, None)):
            self.rows.append(Row(what, one.wall, one.wall, one.wall, "s", most))
            print(self.rows[-1], flush=True)

    def sites(self) -> None:
        """Building the site."""
        built = [self.run("build", "--audience", "lab") for _ in range(LONG_RUNS)]
        for what, unit, values, bar in (
            ("build, CPU", "s", [one.cpu for one in built], 20.0),
            ("build, peak memory", "MB", [one.memory for one in built], 250.0),
        ):
            self.rows.append(Row(what, statistics.median(values), min(values), max(values), unit, bar))
            print(self.rows[-1], flush=True)


def make_knowledge_base(folder: Path, size: int) -> None:
    """Write notes of real text where the maker is at hand, else of made-up words."""
    real = Path(os.environ.get("CARREL_BENCH", REPOSITORY.parent / "shared" / "bench" / "make_kb.py"))
    maker = real if real.is_file() else HERE / "generate.py"
    subprocess.run([PYTHON, str(maker), str(folder), str(size)], check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("size", type=int, nargs="?", default=10_000, help="notes to index and search (default 10000)")
    parser.add_argument("--site", type=int, default=2_000, help="notes to publish (default 2000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        print(f"{options.size} notes to search, {options.site} to publish; medians, least to greatest\n")
        print("| what | median | range | bar |\n|---|---|---|---|")
        search = Bench(Path(folder), options.size, RUNS)
        search.starts()
        search.papers(None)
        site = Bench(Path(folder), options.site, RUNS) if options.site != options.size else search
        site.sites()
        site.papers(3.0)
        missed = [row for row in search.rows + (site.rows if site is not search else []) if not row.met]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
