"""Asking an index that is current: every search makes it so first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.search.order import Order
    from carrel.search.search import Results
    from carrel.search.tree import Query


def answer(app: App, query: Query, limit: int | None, order: Order | None = None) -> Results:
    """Make the index current and ask it. Where there can be none on disk, make one in memory for this once."""
    from carrel.search.index import IndexUnusable
    from carrel.search.order import BEST
    from carrel.search.search import search as ask
    from carrel.store.pdfs import Holdings

    try:
        refresh_index(app)
        return ask(Holdings(app.kb), app.index, query, limit, order=order or BEST)
    except IndexUnusable as error:
        from carrel.search.memory_index import MemoryIndex

        app.remark(f"{error.message}; searching without it, which is slower")
        app.remark(f"        {error.hint}")
        app.index = MemoryIndex()
        refresh_index(app)
        return ask(Holdings(app.kb), app.index, query, limit, order=order or BEST)


def refresh_index(app: App, *, force: bool = False) -> None:
    """Make the index agree with the disk; long work shows its progress. Raises `IndexUnusable`."""
    from carrel.cli.progress import Bar
    from carrel.search.index import refresh
    from carrel.store.pdfs import Holdings

    with Bar("indexing", quiet=app.quiet) as bar:
        changes = refresh(Holdings(app.kb), app.index, bar.show, force=force)
    if changes.skipped:
        app.remark("another carrel is indexing; what it has not reached yet may be missing below")
