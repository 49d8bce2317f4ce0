"""Calendars that show how much was written on each day: a strip for a year, a sheet for a month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from carrel.core.heat import level
from carrel.core.relative import relative_url
from carrel.publish.edition.places import timeline_page
from carrel.publish.pages.lines import month_name
from carrel.publish.pages.parts import anchor

if TYPE_CHECKING:
    from carrel.publish.edition.edition import Edition

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def strip(edition: Edition, place: str, year: str) -> str:
    """A year as a row of weeks, which leads to the page of that year; one picture to those who hear it."""
    activity = edition.activity(year)
    first = date(int(year), 1, 1)
    days = (day for month in range(1, 13) for day in _days_of(first.replace(month=month)))
    squares = "<b></b>" * first.weekday() + "".join(_square(activity.get(day, 0)) for day in days)
    url = relative_url(place, timeline_page(year)).removesuffix(".md") + ".html"
    said = escape(f"{year}: {total(activity)}")
    return f'<a class="carrel-strip" href="{url}" aria-label="{said}" title="{said}">{squares}</a>'


def _square(count: int) -> str:
    """A day of a strip; there are so many that few letters matter."""
    return f'<i class="h{level(count)}"></i>' if count else "<i></i>"


def total(activity: Mapping[date, int]) -> str:
    """How much that is in words: `1,204 entries and notes on 210 days`."""
    count, days = sum(activity.values()), len(activity)
    what = "entries and notes" if count > 1 else "entry or note"
    return f"{count:,} {what} on {days:,} day{'s' if days > 1 else ''}"


def sheet(place: str, month: date, activity: Mapping[date, int], *, linked: bool = True) -> str:
    """A month as a calendar has it: a row for each week, a day with something in it leads to that day of the month's
    page. The month's name leads to the page too, if it is `linked`.
    """
    page = relative_url(place, timeline_page(month.isoformat()[:7]))
    days = _days_of(month)
    here = any(day in activity for day in days)
    name = anchor(page, month_name(month)) if here and linked else month_name(month)
    cells = ["<td></td>"] * month.weekday() + [_cell(page, day, activity.get(day, 0)) for day in days]
    cells += ["<td></td>"] * (-len(cells) % 7)
    rows = "\n".join(f"<tr>{''.join(cells[start : start + 7])}</tr>" for start in range(0, len(cells), 7))
    head = "".join(f'<th scope="col" aria-label="{name}">{name[0]}</th>' for name in _WEEKDAYS)
    return (
        f'<table class="carrel-month"><caption>{name}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _cell(page: str, day: date, count: int) -> str:
    if not count:
        return f"<td>{day.day}</td>"
    said = f"{day.day} {month_name(day)}: {count:,}"
    url = f"{page.removesuffix('.md')}.html#{day}"
    return (
        f'<td class="carrel-heat-{level(count)}"><a href="{url}" aria-label="{said}" title="{said}">{day.day}</a></td>'
    )


def _days_of(month: date) -> list[date]:
    return [month.replace(day=day) for day in range(1, monthrange(month.year, month.month)[1] + 1)]
