"""`carrel calibration`: how well what you said agrees with what happened."""

from __future__ import annotations

import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Unpack

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, emit_one, line, page
from carrel.cli.predictions.made import Narrowed, held, narrow, narrowing
from carrel.cli.searching.asking import complete_saved
from carrel.core.calibration import ENOUGH, Bucket, Forecast, certain_and_wrong, curve, scores

if TYPE_CHECKING:
    from carrel.core.prediction import Made

#: The widest plot, and the columns beside it: the figures to its left, and half of its last label.
WIDEST, BESIDE = 110, 33
GROUPS = ("tag", "project", "author", "year", "month")


@command()
@click.argument("words", nargs=-1, metavar="[QUERY]...", shell_complete=complete_saved)
@narrowing
@click.option("--by", "group", type=click.Choice(GROUPS), help="Scores for each of these.")
@click.option("--json", "as_json", is_flag=True, help="As JSON: counts, scores, buckets, groups.")
def calibration(
    app: App, words: tuple[str, ...], group: str | None, as_json: bool, **narrowed: Unpack[Narrowed]
) -> None:
    """Say how well your probabilities agree with what happened.

    Of all that you gave 70 %, 70 % should come true. Both scores are better the lower they are; who always says one
    half has a Brier score of .25 and a log score of .693. Open and void predictions are left out. Years and months are
    those of the note that holds the line, as of a day of the log. QUERY is what `carrel search` understands.

    \b
    carrel calibration -t interpretability --since 2026
    carrel calibration --by project
    carrel calibration kind:experiment
    """
    found = narrow(held(app, words), narrowed, app.today)
    if as_json:
        emit_one(_as_json(found, group))
        return
    scored = _forecasts(found)
    if len(scored) >= ENOUGH:
        page([*_lines(scored), *(["", *_grouped(found, group)] if group else [])])
    else:
        resolved = f"{count(len(scored), 'prediction')} {'is' if len(scored) == 1 else 'are'} resolved"
        app.remark(f"{resolved}, too few to judge by: scores and a curve are shown from {ENOUGH} on")
    app.remark(_left_out(found))
    if len(scored) >= ENOUGH:  # git takes seconds to look through a long history
        app.remark("`carrel predictions --edited` says whether any was changed after it was made")


def _forecasts(found: list[Made]) -> list[Forecast]:
    return [Forecast(each.one.p, each.one.outcome == "yes") for each in found if each.one.outcome in ("yes", "no")]


def _left_out(found: list[Made]) -> str:
    states = Counter(each.one.outcome for each in found)
    return f"{count(len(found), 'prediction')}: {states['']} open and {states['void']} void are left out"


def _lines(scored: list[Forecast]) -> Iterator[str]:
    found = scores(scored)
    said, share = round(100 * found.said), round(100 * found.share)
    yield f"{found.count} resolved: you said {said} % on average, and {share} % came true"
    if wrong := certain_and_wrong(scored):
        yield f"Brier score {found.brier:.3f}, log score infinite: {_infinite(scored, wrong)}"
    else:
        yield f"Brier score {found.brier:.3f}, log score {found.log:.3f} (one half always: 0.250, 0.693)"
    yield ""
    columns = shutil.get_terminal_size().columns
    yield from plot(curve(scored), min(columns, WIDEST) - BESIDE)


def _infinite(scored: list[Forecast], wrong: list[Forecast]) -> str:
    """Why a log score is infinite, and what it is without those that make it so."""
    said = " or ".join(f"{100 * p:.0f} %" for p in sorted({one.p for one in wrong}))
    told = f"{count(len(wrong), 'prediction')} said {said} and {'was' if len(wrong) == 1 else 'were'} wrong"
    others = _without(scored, wrong)
    return told if others is None else f"{told} (without {'it' if len(wrong) == 1 else 'them'} {others:.3f})"


def _without(scored: list[Forecast], wrong: list[Forecast]) -> float | None:
    """The log score of the others, if there are any."""
    certain = set(wrong)
    others = [one for one in scored if one not in certain]
    return scores(others).log if others else None


def plot(buckets: list[Bucket], room: int) -> Iterator[str]:
    """A row for each bucket: what was said, what came true, and where that lies with its interval on `room` columns."""
    room = max(room - room % 4, 20) + 1
    axis = "".join(f"{text:<{room // 4}}" for text in ("0 %", "25 %", "50 %", "75 %")) + "100 %"
    yield f"{'said':>6}  {'came true':<20} {axis[: room + 4].rstrip()}"
    for one in buckets:
        marks = [" "] * room
        low, high = (round(edge * (room - 1)) for edge in (one.least, one.most))
        marks[low : high + 1] = "-" * (high + 1 - low)
        said, share = (round(rate * (room - 1)) for rate in (one.said, one.share))
        marks[said] = "|"
        marks[share] = "#" if said == share else "o"
        true = f"{one.happened} of {one.count}"
        yield f"{100 * one.said:>4.0f} %  {true:<13}{100 * one.share:>4.0f} %  {''.join(marks).rstrip()}"
    yield ""
    yield "| said   o came true   # both   --- where the true rate lies (95 %, Wilson)"


def _grouped(found: list[Made], group: str) -> Iterator[str]:
    from carrel.cli.table import table

    rows = [["", "resolved", "said", "came true", "Brier", "log"]]
    for name, scored in _groups(found, group):
        if len(scored) < ENOUGH:
            rows.append([line(name) or "(none)", str(len(scored)), "too few", "", "", ""])
            continue
        one = scores(scored)
        said, share = f"{100 * one.said:.0f} %", f"{100 * one.share:.0f} %"
        rows.append([line(name) or "(none)", str(one.count), said, share, f"{one.brier:.3f}", f"{one.log:.3f}"])
    yield from table(rows, shutil.get_terminal_size().columns if sys.stdout.isatty() else 0)


def _groups(found: list[Made], group: str) -> list[tuple[str, list[Forecast]]]:
    """The scored predictions of each tag, project, author, year or month, those with most first, or by time."""
    held_by: dict[str, list[Made]] = defaultdict(list)
    for each in found:
        for name in _names(each, group) or ("",):
            held_by[name].append(each)
    several = [(name, scored) for name, some in held_by.items() if (scored := _forecasts(some))]
    timed = group in ("year", "month")
    return sorted(several, key=lambda one: (0 if timed else -len(one[1]), one[0]))


def _names(each: Made, group: str) -> tuple[str, ...]:
    if group == "tag":
        return each.tags
    if group == "author":
        return each.authors
    if group == "project":
        return (each.project,)
    day = each.note.date.isoformat() if each.note.date else ""
    return (day[: 4 if group == "year" else 7],)


def _as_json(found: list[Made], group: str | None) -> dict[str, object]:
    states = Counter(each.one.outcome for each in found)
    scored = _forecasts(found)
    enough = len(scored) >= ENOUGH
    shown: dict[str, object] = {"resolved": len(scored), "open": states[""], "void": states["void"], "enough": enough}
    if enough:
        shown |= {"scores": _plain(scored), "buckets": curve(scored)}
    if group:
        shown["groups"] = [
            {"name": name, "resolved": len(some), "scores": _plain(some) if len(some) >= ENOUGH else None}
            for name, some in _groups(found, group)
        ]
    return shown


def _plain(scored: list[Forecast]) -> dict[str, object]:
    """Scores as JSON has them, which knows nothing infinite: a log score that is so is null."""
    told = {name: value if isfinite(value) else None for name, value in asdict(scores(scored)).items()}
    wrong = certain_and_wrong(scored)
    return {**told, "certain_and_wrong": len(wrong), "log_without_them": _without(scored, wrong)}
