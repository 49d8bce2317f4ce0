"""What was changed in predictions after they were made, as git tells: `carrel predictions --edited`."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from typing import TYPE_CHECKING

from carrel.cli.output import emit, line, page, shown_path
from carrel.core.prediction import predictions, read_line
from carrel.core.prediction_history import Written, changes
from carrel.errors import CarrelError
from carrel.store.history import lines_added

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carrel.cli.app import App
    from carrel.core.prediction import Made
    from carrel.core.prediction_history import Change


def print_edited(app: App, found: list[Made], limit: int | None, form: str) -> None:
    """Print what changed in these predictions; `form` is json, jsonl or "" for people.

    Raises `NotFound` where there is no git repository.
    """
    ids = {each.one.id for each in found if each.one.id}
    lines = committed(app, app.kb.folder_names())
    dated = {one.id for each in lines if (one := read_line(each.line)) is not None}
    lines += [Written(_line(each), each.note.path) for each in found]
    changed = [change for change in changes(lines) if change.id in ids][:limit]
    if form:
        emit(changed, form)
    elif changed:
        from carrel.cli.table import table

        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(table([_cells(change) for change in changed], room))
    if not changed:
        app.remark("none was changed after it was made, as far as git tells")
    if ids - dated:
        app.remark(f"not committed yet, so git cannot date them: {', '.join(sorted(ids - dated))}")


def committed(app: App, folders: Sequence[str]) -> list[Written]:
    """Every line of a prediction in these folders that git ever took in. Raises `NotFound` where there is no git."""
    added = lines_added(app.kb.root, folders, r"\] p=", app.environment)
    lines = [Written(one.line, one.path, one.commit, one.at) for one in added if "] p=" in one.line]
    return list(_without_examples(app, lines))


def _without_examples(app: App, lines: list[Written]) -> Iterator[Written]:
    """The lines, but for those that another note than the first shows as examples, in code or a comment."""
    first: dict[str, str] = {}

    @cache
    def shows(path: str) -> frozenset[str]:
        try:
            note = app.kb.read(path)
        except CarrelError:  # it is gone, as one that was moved
            return frozenset()
        written = {one.id for line in note.body.split("\n") if (one := read_line(line)) is not None}
        return frozenset(written.difference(one.id for one in predictions(note)))

    for each in lines:
        one = read_line(each.line)
        if one is not None and (first.setdefault(one.id, each.path) == each.path or one.id not in shows(each.path)):
            yield each


def _line(each: Made) -> str:
    body, start = each.note.body, each.one.start
    return body[body.rfind("\n", 0, start) + 1 :].partition("\n")[0]


def _cells(change: Change) -> list[str]:
    if change.what == "unproven":
        said = f"resolved {change.after or 'without a day'}, first committed {change.before}"
    else:
        said = f"{change.before or 'none'} → {change.after or 'none'}"
    when = f"{change.at:%Y-%m-%d} {change.commit}" if change.at else "not committed"
    return [change.id, change.what, line(said), when, shown_path(change.path)]
