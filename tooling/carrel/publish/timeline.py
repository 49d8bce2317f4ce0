"""The timeline: every dated note and entry, by year and month."""

from __future__ import annotations

from functools import partial
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.publish.edition import TIMELINE, Edition, timeline_page
from carrel.publish.made import MadePage
from carrel.publish.parts import anchor, entry, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carrel.core.note import Note

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def timeline_pages(edition: Edition) -> Iterator[MadePage]:
    """The timeline and a page for each of its years."""
    if years := edition.keys("year"):
        yield MadePage(TIMELINE, "Timeline", _overview)
    for year in years:
        yield MadePage(timeline_page(year), year, partial(_year, year=year))


def _year(edition: Edition, year: str) -> str:
    return "\n\n".join(_months(edition, timeline_page(year), edition.group("year", year)))


def _overview(edition: Edition) -> str:
    """Every year with its months, and how much each holds; then the latest month in full."""
    rows = []
    for year in edition.keys("year"):
        cells = "".join(_cell(edition, year, f"{year}-{number:02d}") for number in range(1, 13))
        rows.append(f'<tr><th scope="row">{anchor(timeline_page(year), year)}</th>{cells}</tr>')
    head = "".join(f"<th>{name}</th>" for name in MONTHS)
    table = (
        '<div class="carrel-wide"><table class="carrel-months" data-search-exclude="">\n'
        f"<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )
    latest = edition.group("month", edition.keys("month")[0])
    return f"{table}\n\n{next(_months(edition, TIMELINE, latest))}"


def _cell(edition: Edition, year: str, month: str) -> str:
    count = sum(max(len(note.entries), 1) for note in edition.group("month", month))
    if not count:
        return "<td></td>"
    url = f"{timeline_page(year)}#{month}"
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
