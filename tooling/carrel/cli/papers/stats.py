"""`carrel paper stats`: how much was read, week by week."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, emit, page
from carrel.core.reading import STATES, Level, Week, reading, week_of, weeks

if TYPE_CHECKING:
    from carrel.core.note import Note

SHOWN_WEEKS = 12
BAR = 20  # columns for the fullest week


@command("stats")
@click.option("--since", default="", metavar="DAY", help=f"From that day's week on (default: {SHOWN_WEEKS} weeks).")
@click.option("--json", "as_json", is_flag=True, help="One JSON list: a week and level each.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def stats(app: App, since: str, as_json: bool, as_jsonl: bool) -> None:
    """Say how much you read, week by week and level by level."""
    from carrel.cli.papers.listing import papers
    from carrel.core.dates import parse_day

    monday = app.today - timedelta(days=app.today.weekday())
    first = parse_day(since, app.today) if since else monday - timedelta(weeks=SHOWN_WEEKS - 1)
    first -= timedelta(days=min(first.weekday(), (first - date.min).days))
    found = papers(app)
    read = weeks(found, first)
    if as_json or as_jsonl:
        emit(read, "jsonl" if as_jsonl else "json")
        return
    if read:
        page(_lines(read, app.today))
    app.remark(_summary(read, found))


def _lines(read: list[Week], today: date) -> Iterator[str]:
    """Each week from the first with a session to this one, also those in which nothing was read."""
    from carrel.cli.table import table

    by_week: dict[str, list[Week]] = {}
    for one in read:
        by_week.setdefault(one.week, []).append(one)
    most = max(sum(one.minutes for one in levels) for levels in by_week.values()) or 1
    rows, seen = [], []
    for week in _every_week([*by_week, week_of(today)]):
        levels = by_week.get(week, [])
        minutes = sum(one.minutes for one in levels)
        what = ", ".join(f"{one.level} {one.papers}" for one in levels)
        rows.append([week, duration(minutes) if minutes else "?" if levels else "", what or "-"])
        seen.append("█" * max(round(minutes / most * BAR), 1 if minutes else 0))
    if sys.stdout.isatty():
        rows = [[*row, bar] for row, bar in zip(rows, seen, strict=True)]
    yield from table(rows)


def _every_week(read: Iterable[str]) -> Iterator[str]:
    """The weeks that are given and the empty ones between them; a long gap is one `…`."""
    before: date | None = None
    for week in sorted(set(read)):
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
        if before is not None:
            gap = (monday - before).days // 7 - 1
            yield from ["…"] if gap > SHOWN_WEEKS else [week_of(before + timedelta(weeks=n + 1)) for n in range(gap)]
        yield week
        before = monday


def duration(minutes: int) -> str:
    """Minutes as people say them.

    >>> duration(45), duration(60), duration(135), duration(0)
    ('45 min', '1 h', '2 h 15 min', '0 min')
    """
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _summary(read: list[Week], found: list[Note]) -> str:
    spent = duration(sum(one.minutes for one in read))
    sat = count(sum(one.sessions for one in read), "session")
    states = Counter(reading(note) for note in found)
    stock = ", ".join(f"{states[level]} {STATES[level]}" for level in Level if states[level])
    return f"{sat}, {spent}; of {count(len(found), 'paper')}: {stock}" if found else "there is no paper yet"
