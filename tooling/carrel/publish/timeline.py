"""The timeline: every dated note and entry, by year and month."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.publish.edition import TIMELINE, Edition, newest_first, timeline_page
from carrel.publish.parts import anchor, entry, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carrel.core.note import Note

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def timeline_pages(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """The timeline and a page for each of its years, as (path, title, text)."""
    by_year: dict[int, list[Note]] = defaultdict(list)
    for note in sorted(edition.notes, key=newest_first):
        if note.date:
            by_year[note.date.year].append(note)
    if by_year:
        yield TIMELINE, "Timeline", _overview(edition, [note for notes in by_year.values() for note in notes])
    for year, notes in by_year.items():
        yield timeline_page(year), str(year), "\n\n".join(_months(edition, timeline_page(year), notes))


def _overview(edition: Edition, notes: list[Note]) -> str:
    """Every year with its months, and how much each holds; then the latest month in full."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for note in notes:
        if note.date:
            counts[note.date.year, note.date.month] += max(len(note.entries), 1)
    rows = []
    for year in sorted({year for year, _ in counts}, reverse=True):
        cells = "".join(_cell(year, month, counts.get((year, month), 0)) for month in range(1, 13))
        rows.append(f'<tr><th scope="row">{anchor(timeline_page(year), str(year))}</th>{cells}</tr>')
    head = "".join(f"<th>{name}</th>" for name in MONTHS)
    table = (
        '<div class="carrel-wide"><table class="carrel-months" data-search-exclude="">\n'
        f"<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )
    return f"{table}\n\n{next(_months(edition, TIMELINE, notes))}"


def _cell(year: int, month: int, count: int) -> str:
    if not count:
        return "<td></td>"
    url = f"{timeline_page(year)}#{year:04d}-{month:02d}"
    return f'<td class="carrel-count-{min(count.bit_length(), 7)}">{anchor(url, str(count))}</td>'


def _months(edition: Edition, place: str, notes: Iterable[Note]) -> Iterator[str]:
    """Each month of `notes`, which are in order, the newest first."""
    for first, month in groupby(notes, key=lambda note: note.date.replace(day=1) if note.date else None):
        if first is None:
            continue
        heading = f"## {first:%B} {first.year} {{: #{first:%Y-%m} }}"
        lines = [f'{heading}\n\n<dl class="carrel-timeline" data-search-exclude="">']
        for when, group in groupby(month, key=lambda note: note.date):
            if when is not None:
                lines.append(f'<dt><time datetime="{when}">{when:%a} {when.day}</time></dt>')
            for note in sorted(group, key=lambda note: (note.kind != "log", note.path)):
                lines += (f"<dd>{line}</dd>" for line in _lines(edition, place, note))
        yield "\n".join((*lines, "</dl>"))


def _lines(edition: Edition, place: str, note: Note) -> Iterator[str]:
    """A log day as its entries, below its title where that says more than the date; another note as its title."""
    if note.kind != "log" or not note.entries:
        yield f'<span class="carrel-kind">{escape(note.kind)}</span> {link(edition, place, note)}'
        return
    if edition.titles[note.path] != str(note.date):
        yield link(edition, place, note)
    yield from (entry(edition, place, note, number) for number in range(len(note.entries)))
