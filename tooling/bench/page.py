"""The figures as the manual shows them: tables in Markdown, bars, and a plot; written between marks of a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from bench.plot import Panel, drawing
from bench.processes import Spread

INDEX_CPU, INDEX_WALL, INDEX_MEMORY = "first index, CPU, s", "first index, clock, s", "first index, peak memory, MB"
SIZE = "size on disk, MB"
COLD, COLD_WATCHED = "one query, whole process, ms", "the same beside a watcher, ms"
CHANGE = "one changed note, whole process, ms"
WARM, WARM_AFTER = "two words in an open process, ms", "the same after 500 single saves, ms"
BURST, SAVE = "500 changed notes at once, s", "one saved note in an open process, ms"
WATCHED = "saved, and found through the watcher, s"

#: Measures in the order of the table, with the digits that they are said with.
ROWS = {
    INDEX_CPU: 1, INDEX_WALL: 1, INDEX_MEMORY: 0, SIZE: 1, COLD: 0, COLD_WATCHED: 0, CHANGE: 0, WARM: 1, BURST: 2,
    SAVE: 1, WARM_AFTER: 1, WATCHED: 2,
}  # fmt: skip
#: What is drawn.
DRAWN = (INDEX_CPU, INDEX_MEMORY, SIZE, COLD, CHANGE, WARM)


@dataclass(frozen=True)
class Bar:
    """Something that is promised: `value` is at most `most`, in `unit`."""

    what: str
    value: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.most


class Figures(Protocol):
    """What was measured on so many notes of so many megabytes of text."""

    size: int
    text: float
    values: dict[str, dict[str, list[float]]]
    bars: list[Bar]

    def spread(self, measure: str, subject: str) -> Spread | None:
        """The values of one subject."""

    def ratio(self, measure: str, one: str, other: str) -> Spread | None:
        """One subject against another, turn by turn."""


def table(figures: Figures) -> str:
    """One row for each measure, one column for each subject, and what Carrel is of FTS5."""
    names = list(dict.fromkeys(name for values in figures.values.values() for name in values))
    lines = [
        f"### {figures.size:,} notes, {figures.text:.0f} MB of text\n",
        f"| | {' | '.join(names)} | Carrel ÷ FTS5 |",
        "|---" * (len(names) + 2) + "|",
    ]
    for measure, digits in ROWS.items():
        if measure in figures.values:
            spreads = (figures.spread(measure, name) for name in names)
            cells = [spread.said(digits) if spread else "–" for spread in spreads]
            ratio = figures.ratio(measure, "Carrel", "FTS5")
            lines.append(f"| {measure} | {' | '.join(cells)} | {ratio.said(1) if ratio else '–'} |")
    return "\n".join(lines) + "\n"


def bars(measured: Sequence[Figures]) -> str:
    """What is promised at these sizes, and whether it is kept; nothing where nothing is promised."""
    lines = [
        f"| {figures.size:,} notes: {bar.what} | {bar.value:.2f} {bar.unit} | {bar.most:g} | "
        f"{'met' if bar.met else 'MISSED'} |"
        for figures in measured
        for bar in figures.bars
    ]
    return "\n".join(["| promise | measured | at most | |", "|---|---|---|---|", *lines]) + "\n" if lines else ""


def write(place: Path, measured: Sequence[Figures], settings: Mapping[str, str]) -> None:
    """Put the figures between the marks of a page, and the plot beside it under the page's name."""
    picture = place.with_suffix(".svg")
    picture.write_text(drawing([_panel(measure, measured) for measure in DRAWN]), "utf-8")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}, {date.today()}"
    parts = [
        f"Measured on {machine}.\n",
        f"![Costs by number of notes, both axes logarithmic]({picture.name})\n",
        *map(table, measured),
        "### Promises\n",
        bars(measured),
        "### Settings\n",
        *(f"- **{name}**: {setting}" for name, setting in settings.items()),
    ]
    put(place, "figures", "\n".join(parts))


def put(place: Path, name: str, text: str) -> None:
    """Put a text between the two marks of this name in a page, instead of what stands there."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = place.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    place.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


def _panel(measure: str, measured: Sequence[Figures]) -> Panel:
    lines: dict[str, list[tuple[float, float]]] = {}
    for figures in measured:
        for name in figures.values.get(measure, {}):
            if (spread := figures.spread(measure, name)) is not None:
                lines.setdefault(name, []).append((figures.size, spread.median))
    return Panel(measure, lines)
