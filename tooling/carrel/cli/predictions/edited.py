"""What was changed in predictions after they were made, as git tells: `carrel predictions --edited`."""

from __future__ import annotations

import re
import shutil
import sys
from functools import cache
from typing import TYPE_CHECKING

from carrel.cli.output import emit, line, page, shown_path
from carrel.core.prediction import MARK, predictions, read_line, written_ids
from carrel.core.prediction_history import Written, changes, removed
from carrel.errors import CarrelError
from carrel.store.containing import predicting
from carrel.store.history import lines_added

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from carrel.cli.app import App
    from carrel.core.prediction import Made
    from carrel.core.prediction_history import Change


_MARK = re.compile(MARK)
_IN_GIT = r"\][[:blank:]]+[pP][[:blank:]]?="  # the same in git's language


def print_edited(app: App, found: list[Made], limit: int | None, form: str, *, narrowed: bool) -> None:
    """Print what changed in these predictions, and which were removed, if these are not `narrowed` to some.

    `form` is json, jsonl or "" for people. Raises `NotFound` where there is no git repository.
    """
    ids = {each.one.id for each in found if each.one.id}
    places = {(each.note.path, each.claim) for each in found if not each.one.id}
    lines = committed(app, app.kb.folder_names())
    dated = {one.id for each in lines if (one := read_line(each.line)) is not None}
    gone = [] if narrowed else list(removed(lines, _present(app)))
    lines += [Written(_line(each), each.note.path) for each in found]
    changed = [each for each in changes(lines) if each.id in ids or (not each.id and (each.path, each.claim) in places)]
    unproven = [each for each in changed if each.what == "unproven"]
    changed = [*(each for each in changed if each.what != "unproven"), *gone, *unproven][:limit]
    if form:
        emit(changed, form)
    elif changed:
        from carrel.cli.table import table

        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        page(table([_cells(change) for change in changed], room))
    if len(changed) == len(unproven[:limit]):
        app.remark("none was changed after it was made, as far as git tells")
    if unproven:
        was, it = ("was", "it was") if len(unproven) == 1 else ("were", "they were")
        seen = f"{len(unproven)} {was} resolved before git first saw {'it' if was == 'was' else 'them'}"
        app.remark(f"{seen}: nothing shows that {it} made in time")
    if ids - dated:
        app.remark(f"not committed yet, so git cannot date them: {', '.join(sorted(ids - dated))}")


def committed(app: App, folders: Sequence[str], given_up: Callable[[], bool] | None = None) -> list[Written]:
    """Every line of a prediction in these folders that git ever took in; `given_up` as in `lines_added`.

    Raises `NotFound` where there is no git, `GitSilent` where it does not answer.
    """
    added = lines_added(app.kb.root, folders, _IN_GIT, app.environment, gone=True, given_up=given_up)
    lines = [Written(one.line, one.path, one.commit, one.at, one.gone) for one in added if _MARK.search(one.line)]
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
        return written_ids(note).difference(one.id for one in predictions(note))

    for each in lines:
        one = read_line(each.line)
        if one is None:
            continue
        if not one.id or first.setdefault(one.id, each.path) == each.path or one.id not in shows(each.path):
            yield each


def _present(app: App) -> frozenset[str]:
    """The ids of predictions that stand somewhere."""
    return frozenset().union(*map(written_ids, predicting(app.kb, b"^", remark=app.remark)))


def _line(each: Made) -> str:
    body, start = each.note.body, each.one.start
    return body[body.rfind("\n", 0, start) + 1 :].partition("\n")[0]


def _cells(change: Change) -> list[str]:
    if change.what == "unproven":
        said = f"resolved {change.after or 'without a day'}, first committed {change.before}"
    elif change.what == "removed":
        said = f"{change.before}: {change.claim}"
    else:
        said = f"{change.before or 'none'} → {change.after or 'none'}"
        said += "" if change.id else f": {change.claim}"
    when = f"{change.at:%Y-%m-%d} {change.commit}" if change.at else "not committed"
    return [change.id or "-", change.what, line(said), when, shown_path(change.path)]
