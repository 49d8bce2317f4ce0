"""`carrel stats`: what was written, read, tried and predicted, with a calendar of the year."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, emit_one, page
from carrel.cli.stats.heat_map import SHOWN_WEEKS, heat_map
from carrel.core.heat import weeks
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.cli.stats.counts import Stats


@command()
@click.option("--since", default="", metavar="WHEN", help="From then on: 2024, 'last month' (default: a year).")
@click.option("-a", "--author", default="", metavar="NAME", help="Written by; of papers, summarised by.")
@click.option("-p", "--project", default="", metavar="NAME", help="Of that project.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: counts, and how much was written on each day.")
def stats(app: App, since: str, author: str, project: str, as_json: bool) -> None:
    """Say what was written, read, tried and predicted, with a calendar of the last year.

    A day of the calendar is darker the more entries and notes it has: each mark stands for twice as many as the one
    before it.

    \b
    carrel stats
    carrel stats --since 2024 --project probes
    """
    from carrel.cli.searching.current import begin
    from carrel.cli.stats.counts import stats_of

    begin(app)
    if since:
        from carrel.core.dates import parse_period

        first = parse_period(since, app.today)[0]
        if first > app.today:
            raise UsageError(f"{since!r} is {first}, which is still to come", "try 2024, 'last month' or 2026-11-01")
    else:
        first = weeks(app.today - timedelta(weeks=SHOWN_WEEKS - 1), app.today)[0]
    found = stats_of(app, first, author, project)
    if as_json:
        emit_one(_plain(found))
    elif found.activity or found.papers or found.experiments or found.predictions:
        page([*heat_map(found.activity, first, app.today), "", *_lines(found)])
    else:
        app.remark(f"nothing is dated since {first}" if since or author or project else "nothing is here yet")


def _lines(found: Stats) -> Iterator[str]:
    from carrel.cli.table import table

    rows = [
        ["written", _of_days(found)],
        ["this month", f"{found.this_month['written']:,} on {count(found.this_month['days'], 'day')}"],
        ["papers", _of_papers(found)],
        ["experiments", _of_experiments(found)],
        ["predictions", _of_predictions(found)],
    ]
    if found.longest_run and found.longest_run.days > 1:
        rows.append(["most days on end", f"{found.longest_run.days}, until {found.longest_run.last}"])
    shown = [row for row in rows if row[1] and (row[0] != "this month" or found.this_month["days"])]
    yield from table(shown, shutil.get_terminal_size().columns if sys.stdout.isatty() else 0)


def _of_days(found: Stats) -> str:
    both = (_many(found.entries, "entry", "entries"), _many(found.notes, "note", "notes"))
    said = " and ".join(one for one in both if one)
    return f"{said} on {count(found.days, 'day')} since {found.since}" if said else f"nothing since {found.since}"


def _many(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}" if number else ""


def _of_papers(found: Stats) -> str:
    from carrel.cli.papers.stats import duration
    from carrel.core.reading import Level

    parts = [f"{one.papers:,} {Level[one.level.upper()].state}" for one in found.papers]
    return f"{', '.join(parts)}, in {duration(found.minutes)}" if parts else ""


def _of_experiments(found: Stats) -> str:
    said = ", ".join(f"{number} {name}" for name, number in found.experiments.items())
    came = ", ".join(f"{number} {name}" for name, number in found.verdicts.items())
    return f"{said}: {came}" if came else said


def _of_predictions(found: Stats) -> str:
    counts = found.predictions
    if not any(counts.values()):
        return ""
    due = f" ({counts['due']} due)" if counts["due"] else ""
    score = "" if found.brier is None else f", Brier score {found.brier:.3f}"
    return f"{counts['open']} open{due}, {counts['resolved']} resolved{score}"


def _plain(found: Stats) -> dict[str, object]:
    """As `--json` has it."""
    run = found.longest_run
    return {
        **{field.name: getattr(found, field.name) for field in fields(found)},
        "longest_run": {"days": run.days, "first": run.first, "last": run.last} if run else None,
        "papers": [one._asdict() for one in found.papers],
    }
