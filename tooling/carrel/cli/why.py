"""`carrel why`: what a note is for, up to what all of the work is for, and where that breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import emit, emit_one, line, page
from carrel.core.experiment import stated

if TYPE_CHECKING:
    from carrel.cli.purposes import Purposes
    from carrel.core.note import Note
    from carrel.core.purpose import Step

#: What a note of these kinds is expected to say that it advances; anything else may be what all is for.
_FOR = {"experiment": "question", "question": "project", "idea": "question"}


@command()
@click.argument("name", metavar="[NOTE]", required=False, shell_complete=complete_note)
@click.option("--json", "as_json", is_flag=True, help="As JSON: an object, or a list without NOTE.")
def why(app: App, name: str | None, as_json: bool) -> None:
    """Say what a note is for: the question that it advances, the project that this one advances, and so on.

    A note says so in its front matter, `advances: "[[question]]"`; where it does not, the project it belongs to counts.
    Without NOTE it is asked of every experiment that runs.
    """
    from carrel.cli.naming import named_note
    from carrel.cli.purposes import KINDS, Purposes, notes_of
    from carrel.cli.searching.current import begin
    from carrel.core.experiment import state

    begin(app)
    path = named_note(app, name) if name else ""
    notes = notes_of(app, *KINDS)
    purposes = Purposes(app, notes)
    running = (note.path for note in notes if note.kind == "experiment" and state(note) == "running")
    steps = [purposes.climb(one) for one in ((path,) if path else running)]
    if as_json:
        rows = [{**_tree(step, purposes), "breaks": _breaks_of(step, purposes)} for step in steps]
        if path:
            emit_one(rows[0])
        else:
            emit(rows, "json")
    elif steps:
        page(text for step in steps for text in _lines(step, purposes, 0))
    else:
        app.remark("no experiment runs: carrel why NOTE says what another note is for")


def _breaks_of(step: Step, purposes: Purposes) -> list[dict[str, str]]:
    return [{"path": one.path, "why": reason} for one in step.all() for reason in _breaks(one, purposes.note)]


def _lines(step: Step, purposes: Purposes, depth: int) -> Iterator[str]:
    note, indent = purposes.note(step.path), "  " * depth
    about = ", ".join(part for part in (note.kind, stated(note, "state"), stated(note, "verdict")) if part)
    arrow = "→ " if depth else ""
    again = ": a circle" if step.circle else ", see above" if step.told else ""
    yield f"{indent}{arrow}{line(note.title)} ({line(about)}{again})"
    for reason in _breaks(step, purposes.note):
        if not step.circle:
            yield click.style(f"{indent}  ✗ {line(reason)}", fg="yellow")
    for above in step.above:
        yield from _lines(above, purposes, depth + 1)


def _breaks(step: Step, note_of: Callable[[str], Note]) -> Iterator[str]:
    """Why the way up ends here before it should."""
    note = note_of(step.path)
    if step.circle:
        yield "it advances itself, in a circle"
    for name in step.lost:
        yield f"no note is called {name}"
    if not (step.above or step.lost or step.told) and note.kind in _FOR:
        yield f"it advances nothing: carrel edit {note.name} --set 'advances=[[{_FOR[note.kind]}]]'"


def _tree(step: Step, purposes: Purposes) -> dict[str, object]:
    note = purposes.note(step.path)
    return {
        "path": step.path,
        "title": note.title,
        "kind": note.kind,
        "state": stated(note, "state"),
        "advances": [_tree(above, purposes) for above in step.above],
        "lost": step.lost,
        "circle": step.circle,
    }
