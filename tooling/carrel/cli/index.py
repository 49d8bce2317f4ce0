"""`carrel index` and `carrel watch`: keeping the index, by hand or all the time."""

from __future__ import annotations

from collections.abc import Collection

import click

from carrel.cli.app import App, command, index_of
from carrel.cli.current import refresh_index
from carrel.cli.output import count, emit


@command()
@click.option("--rebuild", is_flag=True, help="Make it anew from the notes.")
@click.option("--status", is_flag=True, help="Say what it holds and what has changed since; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="The status as JSON.")
def index(app: App, rebuild: bool, status: bool, as_json: bool) -> None:
    """Make the search index current.

    There is no need to: each search does it first. Only the text of new PDFs is read by this command, and by
    `carrel watch`. The index is a cache outside your notes; deleting it loses nothing.
    """
    from carrel.store.pdfs import Holdings
    from carrel.store.walk import is_pdf

    if not status:
        take_in_pdfs(app, again=rebuild)
        refresh_index(app, force=rebuild)
    known, on_disk = app.index.seen(), Holdings(app.kb).stamps()
    pdfs = sum(map(is_pdf, on_disk))
    row = {
        "notes": len(on_disk) - pdfs,
        "indexed": sum(not is_pdf(path) for path in known),
        "pdfs": pdfs,
        "changed": sum(path not in known or known[path].stamp != stamp for path, stamp in on_disk.items()),
        "gone": sum(path not in on_disk for path in known),
        "place": str(index_of(app.kb).path),
    }
    if as_json:
        emit([row], "jsonl")
    elif status:
        text = "{indexed} of {notes} notes indexed, {changed} changed since, {gone} gone; in {place}"
        click.echo(text.format(**row) + (f"; {count(pdfs, 'PDF')} beside them" if pdfs else ""))
    else:
        app.remark(f"{row['indexed']} notes indexed" + (f", and {count(pdfs, 'PDF')}" if pdfs else ""))


def take_in_pdfs(app: App, only: Collection[str] = (), *, again: bool = False) -> None:
    """Read the text of PDFs that are new or changed, for searches, or of `only` these; says which cannot be read."""
    from carrel.cli.progress import Bar
    from carrel.metadata import pdf
    from carrel.store.pdfs import Pdfs

    with Bar("reading PDFs", quiet=app.quiet) as bar:
        Pdfs(app.kb).take_in(pdf.pages, say=app.remark, progress=bar.show, only=only, again=again)


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
