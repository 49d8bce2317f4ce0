"""`carrel index` and `carrel watch`: keeping the index, by hand or all the time."""

from __future__ import annotations

import click

from carrel.cli.app import App, command
from carrel.cli.find import refresh_index
from carrel.cli.output import emit


@command()
@click.option("--rebuild", is_flag=True, help="Make it anew from the notes.")
@click.option("--status", is_flag=True, help="Say what it holds and what has changed since; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="The status as JSON.")
def index(app: App, rebuild: bool, status: bool, as_json: bool) -> None:
    """Make the search index current.

    There is no need to: each search does it first. The index is a cache outside your notes; deleting it loses
    nothing.
    """
    if not status:
        refresh_index(app, force=rebuild)
    known, on_disk = app.index.seen(), app.kb.stamps()
    row = {
        "notes": len(on_disk),
        "indexed": len(known),
        "changed": sum(path not in known or known[path].stamp != stamp for path, stamp in on_disk.items()),
        "gone": sum(path not in on_disk for path in known),
        "place": str(app.kb.cache_dir / "index"),
    }
    if as_json:
        emit([row], "jsonl")
    elif status:
        click.echo("{indexed} of {notes} notes indexed, {changed} changed since, {gone} gone; in {place}".format(**row))
    else:
        app.remark(f"{row['indexed']} notes indexed")


@command()
@click.option("--poll", is_flag=True, help="Look every few seconds instead of listening for changes.")
def watch(app: App, poll: bool) -> None:
    """Keep the index current until Ctrl-C.

    Searches are right without it; with it they find everything indexed already.
    """
    from carrel.watch import Watcher

    with Watcher(app.kb, app.index, say=app.remark, poll=poll) as watcher:
        app.remark(f"watching {app.kb.root}; Ctrl-C ends it")
        watcher.run()
