"""`carrel links`: where a note leads, what leads to it, and what leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.naming import named_note
from carrel.cli.output import emit, emit_paths, line, shown_path
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.core.graph import Reference


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@click.option("--to", "direction", flag_value="to", help="Only links to the note (backlinks).")
@click.option("--from", "direction", flag_value="from", help="Only links from the note.")
@click.option("--broken", is_flag=True, help="Every link that leads nowhere; exit code 2 if there is one.")
@click.option("--orphans", is_flag=True, help="Notes that no link leads to or from.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
@click.option("-0", "--null", is_flag=True, help="Paths only, a NUL after each.")
@click.pass_context
def links(
    context: click.Context,
    app: App,
    name: str | None,
    direction: str | None,
    broken: bool,
    orphans: bool,
    as_json: bool,
    as_jsonl: bool,
    null: bool,
) -> int:
    """Show the links from and to a note.

    Citations count as links.
    """
    from carrel.cli.progress import read_all
    from carrel.core.graph import LinkGraph

    graph = LinkGraph(read_all(app), app.kb.files())
    form = "jsonl" if as_jsonl else "json" if as_json else ""
    if orphans:
        paths = graph.orphans()
        if null:
            emit_paths(paths)
        elif form:
            emit([{"path": path} for path in paths], form)
        else:
            for path in paths:
                click.echo(shown_path(path))
        return 0
    if broken:
        found = [(reference, False) for reference in graph.broken()]
    elif name is None:
        raise UsageError("which note?", "carrel links NOTE, or --broken, or --orphans")
    else:
        path = named_note(app, name)
        outgoing = [one for one in graph.outgoing(path) if one.target or not one.mention]
        found = [(reference, False) for reference in outgoing if direction != "to"]
        found += [(reference, True) for reference in graph.backlinks(path) if direction != "from"]
    if null:
        emit_paths(place for one, backlink in found if (place := _place(one, backlink)))
    elif form:
        emit([_row(one, backlink) for one, backlink in found], form)
    else:
        for one, backlink in found:
            click.echo(_shown(one, backlink))
    if not found:
        app.remark("no links" if name else "every link leads somewhere")
    return 2 if broken and found else 0


def _place(one: Reference, backlink: bool) -> str:
    """The path at the other end of the link, or "" if there is none."""
    return one.source if backlink else one.target.path if one.target else ""


def _shown(one: Reference, backlink: bool) -> str:
    place, written = f"{shown_path(one.source)}:{one.line}", line(one.written)
    if backlink:
        return f"<- {place}  {written}"
    if one.target is None:
        return f"-> nowhere  {written}  ({place})"
    target = shown_path(one.target.path)
    if one.target.missing:
        return f"-> {target} has no {line(one.target.missing)}  ({place})"
    return f"-> {target}{'#' if one.target.slug else ''}{line(one.target.slug)}  ({place})"


def _row(one: Reference, backlink: bool) -> dict[str, object]:
    target = one.target
    return {
        "source": one.source,
        "line": one.line,
        "written": one.written,
        "target": target.path if target else None,
        "anchor": target.slug if target else "",
        "missing": target.missing if target else "",
        "backlink": backlink,
    }
