"""`carrel index` and `carrel watch`: keeping the index, by hand or all the time."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypedDict

import click

from carrel.cli.app import App, command, index_of
from carrel.cli.output import count, emit_one
from carrel.cli.searching.current import refresh_index

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.core.pdf import Page
    from carrel.store.walk import Walk


@command()
@click.option("--rebuild", is_flag=True, help="Make it anew from the notes.")
@click.option("--status", is_flag=True, help="Say what it holds and what has changed since; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="The status as JSON.")
def index(app: App, rebuild: bool, status: bool, as_json: bool) -> None:
    """Make the search index current.

    There is no need to: each search does it first. Only the text of new PDFs is read by this command, and by
    `carrel watch`. The index is a cache outside your notes; deleting it loses nothing.
    """
    from carrel.store.walk import is_pdf

    if not status:
        walked = app.kb.walk()
        new = take_in_pdfs(app, again=rebuild, walked=walked)
        refresh_index(app, force=rebuild, just_walked=None if new else walked)
    if status or as_json:
        row = _status(app)
        text = "{indexed} of {notes} notes indexed, {changed} changed since, {gone} gone; in {place}"
        if as_json:
            emit_one(row)
        else:
            click.echo(text.format(**row) + (f"; {count(row['pdfs'], 'PDF')} beside them" if row["pdfs"] else ""))
    else:
        known = app.index.seen()
        pdfs = sum(map(is_pdf, known))
        app.remark(f"{len(known) - pdfs} notes indexed" + (f", and {count(pdfs, 'PDF')}" if pdfs else ""))


class _Status(TypedDict):
    """How the index compares with the disk, as `--json` says it."""

    notes: int
    indexed: int
    pdfs: int
    changed: int
    gone: int
    place: str


def _status(app: App) -> _Status:
    from carrel.search.index import difference
    from carrel.store.pdfs import Holdings
    from carrel.store.walk import is_pdf

    known, on_disk = app.index.seen(), Holdings(app.kb).stamps()
    differing = difference(known, on_disk)
    gone = sum(stamp is None for stamp in differing.values())
    pdfs = sum(map(is_pdf, on_disk))
    return {
        "notes": len(on_disk) - pdfs,
        "indexed": sum(not is_pdf(path) for path in known),
        "pdfs": pdfs,
        "changed": len(differing) - gone,
        "gone": gone,
        "place": str(index_of(app.kb).path),
    }


def take_in_pdfs(app: App, only: Collection[str] = (), *, again: bool = False, walked: Walk | None = None) -> int:
    """Read the text of PDFs that are new or changed, for searches, or of `only` these; says which cannot be read.

    Returns how many. `walked` is what is on disk, for who just looked.
    """
    from carrel.cli.progress import Bar
    from carrel.store.pdfs import Pdfs

    def extract(path: Path) -> tuple[Page, ...]:
        from carrel.metadata import pdf  # which is needed for a new PDF only

        return pdf.pages(path)

    with Bar("reading PDFs", quiet=app.quiet) as bar:
        done, _ = Pdfs(app.kb).take_in(
            extract, say=app.remark, progress=bar.show, only=only, again=again, walked=walked
        )
    return done


@command()
@click.option("--poll", is_flag=True, help="Look every few seconds instead of listening for changes.")
def watch(app: App, poll: bool) -> None:
    """Keep the index current until Ctrl-C.

    Searches are right without it; with it they find everything indexed already.
    """
    from carrel.watch import Watcher

    with Watcher(app.kb, app.index, say=app.remark, today=lambda: app.moment().date(), poll=poll) as watcher:
        app.remark(f"watching {app.kb.root}; Ctrl-C ends it")
        watcher.run()
