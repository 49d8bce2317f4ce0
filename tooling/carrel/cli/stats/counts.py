"""What `carrel stats` counts: by the index where that tells it, else in the notes that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from carrel.cli.app import App
from carrel.core.heat import longest_run
from carrel.errors import NoteVanished

if TYPE_CHECKING:
    from carrel.cli.predictions.made import Narrowed
    from carrel.core.heat import Run
    from carrel.core.note import Note
    from carrel.core.prediction import Made
    from carrel.search.index import SearchIndex
    from carrel.search.tree import Query
    from carrel.store.pdfs import Holdings


class Read(NamedTuple):
    """What was read at one level: how many papers, in how many sessions and minutes."""

    level: str
    papers: int
    sessions: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What there is since a day, until today. The fields are the keys of `--json`, in this order.

    `entries` and `notes` are those dated then, `days` those with any of them; `this_month` is a part of that.
    Experiments that are planned or running, and open predictions, count whenever they began. `brier` is None while
    too few predictions are resolved to tell anything.
    """

    since: date
    until: date
    entries: int
    notes: int
    days: int
    this_month: Mapping[str, int]
    longest_run: Run | None
    minutes: int
    papers: tuple[Read, ...]
    experiments: Mapping[str, int]
    verdicts: Mapping[str, int]
    predictions: Mapping[str, int]
    brier: float | None
    activity: Mapping[date, int]


def stats_of(app: App, first: date, author: str, project: str) -> Stats:
    """What there is since the day `first`; of an author and a project where these are not ""."""
    from carrel.cli.predictions.made import held, narrow

    by: Narrowed = {"tag": (), "author": author, "project": project, "since": "", "until": ""}
    predictions = narrow(held(app), by, app.today)
    written = _written(app, first, author, project)
    activity = {day: number for day, number in written.all.items() if first <= day <= app.today}
    entries = sum(number for day, number in written.entries.items() if day in activity)
    month = {day: number for day, number in activity.items() if day >= app.today.replace(day=1)}
    experiments, verdicts = _experiments(app, written.experiments, first)
    read = _read(app, written.papers, first)
    return Stats(
        first,
        app.today,
        entries,
        sum(activity.values()) - entries,
        len(activity),
        {"written": sum(month.values()), "days": len(month)},
        longest_run(activity),
        sum(one.minutes for one in read),
        read,
        experiments,
        verdicts,
        *_predictions(predictions, first, app.today),
        dict(sorted(activity.items())),
    )


class _Written(NamedTuple):
    """What the index says: how much of each day, and which notes are to be read."""

    all: Mapping[date, int]
    entries: Mapping[date, int]
    papers: list[str]
    experiments: list[str]


def _written(app: App, first: date, author: str, project: str) -> _Written:
    from carrel.cli.searching.asking import NO_FILTERS, query_of
    from carrel.cli.searching.current import asked
    from carrel.search.order import NEWEST
    from carrel.search.search import answered
    from carrel.search.tree import And, During, Field, InPdf, Not, Or, Phrase

    named: tuple[Query, ...] = (Not(InPdf()),)
    if project:
        named = (*named, query_of(app, "", {**NO_FILTERS, "project": (project,)}))
    if author:  # who wrote a paper did not write its note
        writes = query_of(app, "", {**NO_FILTERS, "author": (author,)})
        sums_up = Field("summariser", writes.test) if isinstance(writes, Field) else writes
        named = (*named, Or((And((writes, Not(Field("kind", Phrase("paper"))))), sums_up)))

    def kind(name: str) -> Query:
        return And((*named, Field("kind", Phrase(name))))

    def ask(index: SearchIndex) -> _Written:
        everything, log = (_days(index.facets(query, ["date"])["date"]) for query in (And(named), kind("log")))
        papers, _ = index.search(
            And((kind("paper"), Field("sessions.date", During(first, app.today, "")))), None, NEWEST
        )
        experiments, _ = index.search(kind("experiment"), None, NEWEST)
        return _Written(everything, log, [one.path for one in papers], [one.path for one in experiments])

    def at_once(source: Holdings, index: SearchIndex) -> _Written:
        return answered(source, index, lambda: ask(index))

    return asked(app, at_once, ahead=True)


def _days(counts: Mapping[str, int]) -> dict[date, int]:
    found: dict[date, int] = {}
    for written, number in counts.items():
        with suppress(ValueError):  # a `date::` line of an entry, which may say anything
            found[date.fromisoformat(written)] = number
    return found


def _heads(app: App, paths: list[str]) -> Iterator[Note]:
    for path in paths:
        with suppress(NoteVanished):
            yield app.kb.read(path, head=True)


def _read(app: App, paths: list[str], first: date) -> tuple[Read, ...]:
    from carrel.core.reading import Level, sessions

    held = [(note.path, one) for note in _heads(app, paths) for one in sessions(note) if first <= one.date <= app.today]
    by_level = {level: [(path, one) for path, one in held if one.level == level] for level in Level}
    return tuple(
        Read(level.verb, len({path for path, _ in some}), len(some), sum(one.minutes for _, one in some))
        for level, some in by_level.items()
        if some
    )


def _experiments(app: App, paths: list[str], first: date) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The states and the verdicts of those that are still before us, or ended since."""
    from carrel.core.experiment import OPEN, STATES, since, state, verdict

    ended = date.max  # where no day is said, it may have been today
    found = [note for note in _heads(app, paths) if state(note) in OPEN or (since(note) or ended) >= first]
    states, verdicts = Counter(map(state, found)), Counter(verdict(note) for note in found if verdict(note))
    own = [name for name in states if name not in STATES]  # words of the user's
    return {name: states[name] for name in (*STATES, *own) if states[name]}, dict(verdicts.most_common())


def _predictions(found: list[Made], first: date, today: date) -> tuple[Mapping[str, int], float | None]:
    from carrel.core.calibration import ENOUGH, Forecast, scores

    if not found:
        return {}, None
    counts = {"open": 0, "due": 0, "resolved": 0, "void": 0}
    scored = []
    for each in found:
        one = each.one
        if not one.outcome:
            counts["open"] += 1
            counts["due"] += one.due(today)
        elif (one.resolved or each.note.date or today) >= first:
            counts["void" if one.outcome == "void" else "resolved"] += 1
            if one.outcome != "void":
                scored.append(Forecast(one.p, one.outcome == "yes"))
    return counts, round(scores(scored).brier, 4) if len(scored) >= ENOUGH else None
