"""The log: every dated note and entry. An overview of the years, a page for each year, a page for each month."""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.core.relative import relative_url
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import activity
from carrel.publish.edition.places import LOG_FEED, TIMELINE, timeline_page
from carrel.publish.pages.heat import sheet, strip, total
from carrel.publish.pages.lines import all_lines, by_day, month_name
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.parts import anchor, feed, more, way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Days that the overview shows in full.
LATEST_DAYS = 7


def timeline_pages(edition: Edition) -> Iterator[MadePage]:
    """The overview, and a page for each year and month that something was written in."""
    if years := edition.keys("year"):
        yield MadePage(TIMELINE, "Log", _overview)
    for year in years:
        yield MadePage(timeline_page(year), year, partial(_year, year=year))
    for month in edition.keys("month"):
        yield MadePage(timeline_page(month), _name(month), partial(_month, month=month))


def _overview(edition: Edition) -> str:
    """The last year as a strip of days and the latest days in full, then every earlier year as a strip."""
    last, *earlier = (_of_year(edition, year) for year in edition.keys("year"))
    latest = edition.keys("month")[0]
    days = [list(some) for _, some in groupby(edition.group("month", latest), key=lambda note: note.date)]
    lines = all_lines(edition, (note for some in days[:LATEST_DAYS] for note in some))
    parts = [last, "## Latest days", by_day(edition, TIMELINE, lines)]
    parts.append(more(timeline_page(latest), f"All of {_name(latest)}"))
    if earlier:
        parts += ["## Earlier years", *earlier]
    return "\n\n".join((*parts, feed(TIMELINE, LOG_FEED) if edition.days else ""))


def _of_year(edition: Edition, year: str) -> str:
    written = edition.activity(year)
    months = {day.replace(day=1) for day in written}
    names = "".join(
        f"<li>{anchor(timeline_page(month.isoformat()[:7]), f'{month:%b}') if month in months else f'{month:%b}'}</li>"
        for month in (date(int(year), number, 1) for number in range(1, 13))
    )
    head = f'<p class="carrel-heading">{anchor(timeline_page(year), year)} <span>{total(written)}</span></p>'
    return (
        f'<div class="carrel-year" data-search-exclude="">\n{head}\n<ul aria-label="Months of {year}">{names}</ul>\n'
        f"{strip(edition, TIMELINE, year)}\n</div>"
    )


def _year(edition: Edition, year: str) -> str:
    """The twelve months as calendars."""
    place, written = timeline_page(year), edition.activity(year)
    sheets = "\n".join(sheet(place, date(int(year), number, 1), written) for number in range(1, 13))
    around = _way(place, year, edition.keys("year"), anchor(relative_url(place, TIMELINE), "All years"))
    return f'{around}\n\n{total(written)}.\n\n<div class="carrel-sheets" data-search-exclude="">\n{sheets}\n</div>'


def _month(edition: Edition, month: str) -> str:
    """A month's calendar, and all of its days."""
    place, year = timeline_page(month), month[:4]
    around = _way(place, month, edition.keys("month"), anchor(relative_url(place, timeline_page(year)), year))
    notes = edition.group("month", month)
    calendar = sheet(
        place, _first(month), activity((note, len(edition.entry_tags(note))) for note in notes), linked=False
    )
    return (
        f'{around}\n\n<div class="carrel-sheets" data-search-exclude="">\n{calendar}\n</div>\n\n'
        f"{by_day(edition, place, all_lines(edition, notes), within_month=True, anchors=True)}\n\n{around}"
    )


def _way(place: str, here: str, keys: Sequence[str], above: str) -> str:
    """Links to what came before and after, of `keys`, which begin with the newest; and to what both are part of."""
    number = keys.index(here)
    before = keys[number + 1] if number + 1 < len(keys) else ""
    after = keys[number - 1] if number else ""
    earlier, later = (
        anchor(relative_url(place, timeline_page(key)), _name(key)) if key else "" for key in (before, after)
    )
    return way(earlier, later, above)


def _name(key: str) -> str:
    return key if len(key) == 4 else month_name(_first(key))


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
