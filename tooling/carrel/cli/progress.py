"""A progress bar on stderr that appears only when work is long and someone watches."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from carrel.cli.app import App
    from carrel.core.note import Note

PATIENCE = 0.5  # seconds of work before a bar is worth its flicker


class Bar:
    """`show(done, total)` draws the bar once the work has taken `PATIENCE` seconds."""

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._wanted = sys.stderr.isatty() and not quiet
        self._begun = time.monotonic()
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Bar:
        return self

    def show(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done."""
        if self._bar is None:
            if not self._wanted or time.monotonic() - self._begun < PATIENCE:
                return
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)


def read_all(app: App) -> list[Note]:
    """Every note, read with its progress shown."""
    total = len(app.kb.paths())
    found = []
    with Bar("reading", quiet=app.quiet) as bar:
        for note in app.kb.notes():
            found.append(note)
            bar.show(len(found), total)
    return found
