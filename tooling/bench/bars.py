#!/usr/bin/env python3
"""Measure Carrel against its own bars, as whole processes, and print a table; what is searched is `compare.py`'s.

    bars.py [SIZE] [--small SIZE] [--only start|papers|practice|site|small]… [--runs N]

The knowledge bases are made by `make_kb.py` of the shared inputs (CARREL_BENCH names it) or by `generate.py`. Every
figure is the median of several runs, with the least and the greatest; ratios are within this one run. Exit code 1 if
a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bench.practice_bars import practice
from bench.processes import cost
from bench.site_bars import AUDIENCE, site
from bench.workbench import BASE, CARREL, PYTHON, Bench

LIBRARY = 1800  # papers in a library that is imported


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


def start(on: Bench) -> None:
    """What a command costs that only writes, and what it costs to see that nothing changed."""
    on.run("index")
    on.median("refresh, nothing changed", lambda: refresh(on), "ms", 100.0)
    on.ratio('log "x"', [CARREL, "log", "x"], 2.5)


def refresh(on: Bench) -> float:
    """Milliseconds of `refresh` in a process that has everything imported, the index opened anew."""
    code = (
        "import time, pathlib; from carrel.store.knowledge_base import KnowledgeBase as K;"
        "from carrel.search.whoosh_index import WhooshIndex as W; from carrel.search.index import refresh;"
        "kb = K.open(pathlib.Path('.')); t = time.perf_counter(); c = refresh(kb, W(kb.cache_dir / 'index'));"
        "assert not c.updated, c; print((time.perf_counter() - t) * 1e3)"
    )
    return float(cost([PYTHON, "-c", code], on.kb, on.environment)[1])


def papers(on: Bench, bar: float | None = None) -> None:
    """One paper more, and a library; `bar` is for the one, in imports of click and yaml."""
    library = on.kb.parent / "library.bib"
    numbers = count()

    def one_more() -> float:
        library.write_text(entry(next(numbers)), "utf-8")
        return on.run("paper", "add", str(library)).wall / cost(BASE, on.kb, on.environment)[0].wall

    one_more()
    here = len(list((on.kb / "papers").glob("*.md")))
    on.median(f"paper add of one .bib entry to {here} papers", one_more, "times", bar)
    library.write_text("".join(entry(next(numbers)) for _ in range(LIBRARY)), "utf-8")
    for what, most in ((f"import of {LIBRARY} papers", 30.0), ("the same again", None)):
        on.add(what, [on.run("paper", "add", str(library), "-q").wall], "s", most)


def small(on: Bench) -> None:
    """What was promised of a site and a library that are smaller."""
    costs = [on.run("build", *AUDIENCE, "--clean") for _ in range(on.runs)]
    on.add("full build, CPU", [one.cpu for one in costs], "s", 20.0)
    on.add("full build, peak memory", [one.memory for one in costs], "MB", 250.0)
    papers(on, 3.0)


#: What is measured, and on the notes of which option.
SUBJECTS: dict[str, tuple[Callable[[Bench], None], str]] = {
    "start": (start, "size"),
    "site": (site, "size"),
    "practice": (practice, "size"),
    "papers": (papers, "size"),
    "small": (small, "small"),
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("size", type=int, nargs="?", default=10_000, help="notes (default 10000)")
    parser.add_argument("--small", type=int, default=2_000, help="notes of a smaller site (default 2000)")
    parser.add_argument("--only", choices=SUBJECTS, action="append", help="measure this; may be given several times")
    parser.add_argument("--runs", type=int, default=5, help="of each (default 5)")
    options = parser.parse_args()
    chosen = [SUBJECTS[name] for name in options.only or SUBJECTS]
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as folder:
        print(f"{options.size} notes, {options.small} in what is small; medians, least to greatest\n")
        print("| what | median | range | bar |\n|---|---|---|---|")
        benches = {
            name: Bench(Path(folder) / name, getattr(options, name), options.runs)
            for name in {where for _, where in chosen}
        }
        for measure, where in chosen:
            measure(benches[where])
        return 0 if all(row.met for one in benches.values() for row in one.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
