"""Asking an index that is current: every search makes it so first."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar, cast

from carrel.errors import CarrelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.cli.app import App
    from carrel.cli.searching.ahead import Ahead
    from carrel.search.index import Difference, SearchIndex
    from carrel.search.order import Order
    from carrel.search.search import Results
    from carrel.search.tree import Query
    from carrel.store.pdfs import Holdings
    from carrel.store.walk import Walk

_T = TypeVar("_T")

#: Seconds that a search waits for another process that is indexing. A commit takes a fraction of one.
TURN_PATIENCE = 1.0
#: Seconds between looks whether another process has made the first index, which takes as long as it takes.
FIRST_PAUSE = 0.3


def answer(app: App, query: Query, limit: int | None, order: Order | None = None, *, correct: bool = False) -> Results:
    """Make the index current and ask it; `correct` lets it search what was most likely meant instead of nothing."""
    from carrel.search.order import BEST
    from carrel.search.search import search as ask

    def at_once(source: Holdings, index: SearchIndex) -> Results:
        return ask(source, index, query, limit, order=order or BEST, correct=correct)

    return asked(app, at_once, ahead=True)


def begin(app: App) -> None:
    """Begin to look whether the index is current; `asked` waits for it. The sooner in a command the better."""
    from carrel.cli.searching.ahead import Ahead

    app.ahead = Ahead(app)


def asked(app: App, ask: Callable[[Holdings, SearchIndex], _T], *, ahead: bool = False) -> _T:
    """What `ask` finds in the index, made current. Where there can be none on disk, make one in memory for once.

    With `ahead` it may be called before it is known that the index is current, and then again.
    """
    if app.ahead is None:
        begin(app)
    look, app.ahead = cast("Ahead", app.ahead), None
    from carrel.search.index import IndexUnusable
    from carrel.store.pdfs import Holdings

    holdings = Holdings(app.kb)
    try:
        current = look.watched()
        if not current:
            found: list[tuple[str, _T]] = []
            if ahead and look.looking:
                with suppress(CarrelError):  # it may be about a note that the index does not have yet
                    found.append((app.index.version(), ask(holdings, app.index)))
            told, version = look.told(), app.index.version()
            if told is not None and told.version == version and not told.stamps:
                current = version
                if found and found[0][0] == version:
                    return found[0][1]
            else:
                current = refresh_index(app, only=told)
        answer = ask(holdings, app.index)
        if current and app.index.version() != current:  # another carrel committed meanwhile, or removed the index
            refresh_index(app)
            answer = ask(holdings, app.index)
        return answer
    except IndexUnusable as error:
        from carrel.search.memory_index import MemoryIndex

        app.remark(f"{error.message}; searching without it, which is slower")
        app.remark(f"        {error.hint}")
        app.index = MemoryIndex()
        refresh_index(app)
        return ask(holdings, app.index)


def refresh_index(
    app: App,
    *,
    force: bool = False,
    only: Difference | None = None,
    just_walked: Walk | None = None,
) -> str:
    """Make the index agree with the disk; long work shows its progress. Raises `IndexUnusable`.

    Returns the version of the index that agrees, "" if none does: another process is indexing for too long.
    `only` is what changed, for who knows; `just_walked` what is on disk, for who just looked. Another process that is
    indexing has `TURN_PATIENCE`; one that makes the first index, without which nothing is found, has all the time it
    needs.
    """
    from carrel.cli.progress import Bar
    from carrel.search.index import refresh
    from carrel.store.pdfs import Holdings

    patience, waiting = monotonic() + TURN_PATIENCE, False
    with Bar("indexing", quiet=app.quiet) as bar:
        while True:
            made = refresh(Holdings(app.kb, just_walked), app.index, bar.show, force=force, only=only)
            if not made.skipped:
                return made.version
            just_walked = None
            if monotonic() > patience:
                if not app.index.seen():
                    if not waiting:
                        app.remark("another carrel is making the index; waiting for it")
                    waiting, only = True, None  # what the other one has indexed need not be read again
                elif waiting:
                    patience, waiting = monotonic() + TURN_PATIENCE, False
                else:
                    app.remark("another carrel is indexing; what it has not reached yet may be missing below")
                    return ""
            sleep(FIRST_PAUSE if waiting else 0.01)
