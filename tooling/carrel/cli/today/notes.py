"""Which notes `carrel today` is about, as the index knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from carrel.cli.app import App
from carrel.cli.searching.current import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carrel.search.index import SearchIndex
    from carrel.store.pdfs import Holdings

#: The days before today of which it is asked what was to be done next.
RECENT = 7


class Found(NamedTuple):
    """Paths, and what else the index tells.

    `recent` are the notes of the last days and the experiments that ended then, `waiting` the papers that may be in the
    queue, `written` the days of the log that are this day in some year, each with the lines of its entries, `mentions`
    in the same way what of the last days says `@name`; the latest first. `places` says in how many notes and entries a
    paper is cited.
    """

    running: list[str]
    recent: list[str]
    projects: list[str]
    waiting: list[str]
    written: Mapping[str, list[int]]
    mentions: Mapping[str, list[int]]
    places: Callable[[str], int]


def find(app: App, person: str) -> Found:
    """What the index, made current, knows of today, and of where a person is mentioned, if that is not ""."""
    from carrel.search.search import answered

    def at_once(source: Holdings, index: SearchIndex) -> Found:
        return answered(source, index, lambda: _find(index, app.today, person))

    return asked(app, at_once, ahead=True)


def _find(index: SearchIndex, today: date, person: str) -> Found:
    from carrel.core.reading import Level
    from carrel.search.analysis import fold
    from carrel.search.order import NEWEST
    from carrel.search.tree import And, Dated, During, Everything, Field, InPdf, Not, Or, Phrase, Query

    def is_(field: str, *values: str) -> Query:
        return Or(tuple(Field(field, Phrase(value)) for value in values))

    def paths(*queries: Query) -> list[str]:
        matches, _ = index.search(And(queries), None, NEWEST)
        return list(dict.fromkeys(match.path for match in matches))

    def places(*queries: Query) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for match in index.search(And(queries), None, NEWEST)[0]:
            found.setdefault(match.path, []).append(match.line)
        return found

    first, last = today - timedelta(days=RECENT), today - timedelta(days=1)
    recent = Or((Dated(first, last), Field("ended", During(first, last, ""))))
    levels = [level for level in Level if level]
    queued = Not(is_("reading", *(word for level in levels for word in level.words)))
    begun = (
        And(
            (
                is_("reading", *level.words),
                is_("sessions.level", *(word for more in levels[level:] for word in more.words)),
            )
        )
        for level in levels[:-1]
    )
    days = index.facets(is_("kind", "log"), ["date"])["date"]
    this_day = [day for day in map(_day, days) if day and (day.month, day.day) == (today.month, today.day)]
    in_some_year = tuple(Dated(day, day) for day in this_day if day <= today)
    no_digest = Not(is_("kind", "digest"))
    cited = index.facets(Everything(), ["cites"])["cites"]
    return Found(
        paths(is_("kind", "experiment"), is_("state", "running")),
        paths(recent, Not(InPdf()), Not(is_("kind", "paper")), no_digest),
        paths(is_("kind", "project")),
        paths(is_("kind", "paper"), Or((queued, *begun))),
        places(is_("kind", "log"), Or(in_some_year)) if in_some_year else {},
        places(Field("mentions", Phrase(person)), Dated(first, today), no_digest) if person else {},
        lambda key: cited.get(fold(key), 0),
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None  # a `date::` line of an entry, which may say anything


def citing(app: App, keys: Collection[str]) -> list[str]:
    """The notes that cite any of these papers, by an index that was current a moment ago."""
    from carrel.search.order import NEWEST
    from carrel.search.search import answered
    from carrel.search.tree import Field, Or, Phrase
    from carrel.store.pdfs import Holdings

    query = Or(tuple(Field("cites", Phrase(key)) for key in keys))
    matches, _ = answered(Holdings(app.kb), app.index, lambda: app.index.search(query, None, NEWEST))
    return list(dict.fromkeys(match.path for match in matches))
