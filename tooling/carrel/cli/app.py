"""What every command has at hand: the knowledge base, the clock, the environment, and how to speak.

`command` is the decorator of every Carrel command: it passes the `App` and adds the options that all have.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carrel.cli.searching.ahead import Ahead
    from carrel.search.index import SearchIndex
    from carrel.search.sqlite_index import SqliteIndex
    from carrel.search.whoosh_index import WhooshIndex
    from carrel.store.knowledge_base import KnowledgeBase

_Command = TypeVar("_Command", bound=click.Command)


@dataclass
class App:
    """One run of the program. `dir` is what --dir said; `clock` gives the present time with its zone."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())
    dir: str = ""
    quiet: bool = False
    no_input: bool = False
    ahead: Ahead | None = None  # the look whether the index is current that a command has begun

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base: --dir, else the one around this folder, else CARREL_DIR, else the user's setting."""
        from carrel.store import lock
        from carrel.store.finding import find

        lock.tell = self.remark
        return find(self.environment, self.dir)

    @cached_property
    def index(self) -> SearchIndex:
        """The search index of the knowledge base."""
        return index_of(self.kb)

    @cached_property
    def now(self) -> datetime:
        """The local time at which the command began."""
        return self.moment()

    def moment(self) -> datetime:
        """The local time, without its zone; in the configured zone, if there is one. Raises `ConfigInvalid`."""
        from carrel.store.finding import local_time

        return local_time(self.clock(), self.kb.config)

    @property
    def today(self) -> date:
        """The day on which the command began."""
        return self.now.date()

    def day(self, written: str) -> date:
        """The day that --date says, today where it says nothing. Raises `UsageError` for one that is still to come."""
        if not written:
            return self.today
        from carrel.core.dates import parse_day

        day = parse_day(written, self.today)
        if day > self.today:
            raise UsageError(f"{day} is still to come", "--date takes today or a day before it")
        return day

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    def remark(self, text: str) -> None:
        """Say something about what was done, to stderr; -q silences it."""
        if not self.quiet:
            from carrel.cli.output import visible

            with suppress(OSError):  # what is said of the work must not fail it: a log line is saved by now
                click.echo(visible(text), err=True)

    def need_input(self, what: str, instead: str) -> None:
        """Raise `UsageError` unless a person can be asked for `what`; `instead` says how to do without."""
        if not self.interactive:
            raise UsageError(f"{what} is wanted, and there is no terminal to ask on", instead)


def index_of(kb: KnowledgeBase) -> WhooshIndex | SqliteIndex:
    """The search index of a knowledge base, kept by the engine that its settings name; each has a folder of its own."""
    if kb.config.search_engine == "sqlite":
        from carrel.search.sqlite_index import SqliteIndex

        return SqliteIndex(kb.cache_dir / "sqlite")
    from carrel.search.whoosh_index import WhooshIndex

    return WhooshIndex(kb.cache_dir / "index")


def command(*args: Any, **kwargs: Any) -> Callable[[Callable[..., object]], click.Command]:
    """`click.command` for Carrel: passes the `App` first and adds --dir, --quiet and --no-input."""

    def decorate(function: Callable[..., object]) -> click.Command:
        made: click.Command = click.command(*args, **kwargs)(click.pass_obj(function))
        return common(made)

    return decorate


def common(made: _Command) -> _Command:
    """Add the options that every command has, after its own."""
    made.params += [
        click.Option(
            ["--dir"],
            metavar="DIR",
            expose_value=False,
            callback=_keep("dir"),
            help="The knowledge base, instead of the one around the current folder.",
        ),
        click.Option(["-q", "--quiet"], is_flag=True, expose_value=False, callback=_keep("quiet"), help="No remarks."),
        click.Option(["--no-input"], is_flag=True, expose_value=False, callback=_keep("no_input"), help="Never ask."),
    ]
    return made


def complete_note(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Names of notes that begin so, for the shell; none where there is no knowledge base."""
    try:
        paths = App(dir=context.find_root().params.get("dir") or "").kb.paths()
    except CarrelError:
        return []  # a shell that completes is no place for an error
    names = {path.rpartition("/")[2].removesuffix(".md") for path in paths}
    return sorted(name for name in names if name.startswith(incomplete) and name.isprintable())


def _keep(name: str) -> Callable[[click.Context, click.Parameter, object], object]:
    def callback(context: click.Context, _: click.Parameter, value: object) -> object:
        if value:  # an option given before the command's name stays
            setattr(context.ensure_object(App), name, value)
        return value

    return callback
