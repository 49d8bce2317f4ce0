#!/usr/bin/env python3
"""Compare building the site with other builders, on the same notes in one run.

    sites.py [SIZE…] [--page FILE]

It prints a table in Markdown for each size: medians, and in brackets the least and the greatest. Builders take turns,
and ratios are of the runs of one turn. `--page` puts the tables between the marks of that page. They are no bars: what
the others build is less, and the list below the tables says what.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.page import put
from bench.processes import Spread, cost
from bench.site_subjects import NAVIGABLE, Site, sites
from bench.subjects import CARREL
from bench.workbench import make_knowledge_base
from carrel.core.note import Visibility
from carrel.store.knowledge_base import KnowledgeBase

TURNS = 3
FULL, AGAIN = "full", "after one changed note"
CPU, CLOCK, MEMORY = "CPU, s", "clock, s", "peak memory, MB"
#: The columns, with their digits.
COLUMNS = {(FULL, CPU): 1, (FULL, CLOCK): 1, (FULL, MEMORY): 0, (AGAIN, CPU): 1, (AGAIN, CLOCK): 1}


def measure(size: int, folder: Path) -> tuple[str, dict[str, str]]:
    """The table for a knowledge base of `size` notes, and how each site was made."""
    kb = folder / f"kb{size}"
    make_knowledge_base(kb, size)
    cost([CARREL, "init", str(kb)], folder, os.environ)
    notes = [note for note in KnowledgeBase.open(kb).notes() if note.visibility.visible_to(Visibility.LAB)]
    ready = list(sites(kb, folder / f"sites{size}", notes))
    values: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for turn in range(TURNS):
        for site in ready:
            site.forget()
            _note(values, site, FULL)
        path = notes[turn * (len(notes) // TURNS)].path
        for site in ready:
            with site.place(path).open("a", encoding="utf-8") as note:
                note.write(f"\nThe note of turn {turn} has a line more.\n")
            _note(values, site, AGAIN)
    names = [f"{build}: {what}" for build, what in COLUMNS] + ["site, MB", f"{FULL}: ÷ Carrel", f"{AGAIN}: ÷ Carrel"]
    lines = [
        f"### {size:,} notes, {len(notes):,} of them on the site\n",
        f"| | {' | '.join(names)} |",
        "|---" * 9 + "|",
    ]
    for site in ready:
        cells = [Spread.of(values[site.name, *column]).said(digits) for column, digits in COLUMNS.items()]
        ratios = [_ratio(values, site.name, build) for build in (FULL, AGAIN)]
        lines.append(f"| {' | '.join((site.name, *cells, f'{site.size():.0f}', *ratios))} |")
    return "\n".join(lines) + "\n", {site.name: site.setting for site in ready}


def _note(values: dict[tuple[str, str, str], list[float]], site: Site, build: str) -> None:
    spent = site.build()
    for what, value in ((CPU, spent.cpu), (CLOCK, spent.wall), (MEMORY, spent.memory)):
        values[site.name, build, what].append(value)


def _ratio(values: dict[tuple[str, str, str], list[float]], name: str, build: str) -> str:
    """How many times Carrel's CPU a builder takes, turn by turn."""
    mine, theirs = values[name, build, CPU], values["Carrel", build, CPU]
    return Spread.of([one / carrel for one, carrel in zip(mine, theirs, strict=True)]).said(2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[500, 2_000], help="notes (default 500 2000)")
    parser.add_argument("--page", type=Path, help="the page whose tables are written anew")
    options = parser.parse_args()
    tables: list[str] = []
    settings: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="carrel-sites-") as folder:
        for size in options.sizes:
            table, made = measure(size, Path(folder))
            print(table, flush=True)
            tables.append(table)
            settings |= made
    said = [f"- **{name}**: {setting}" for name, setting in settings.items()]
    said.append(f"- With more than {NAVIGABLE:,} notes none is built with all of them in its navigation.")
    print("\n".join(said))
    if options.page:
        put(options.page, "sites", "\n".join([*tables, *said]))


if __name__ == "__main__":
    main()
