"""What is asked of the index: words, filter options and saved queries as one query, and a mistake in it pointed at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from carrel.cli.app import App
from carrel.cli.output import visible
from carrel.errors import CarrelError, ConfigInvalid, QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from carrel.search.tree import Query

_Function = TypeVar("_Function", bound=Callable[..., object])

FIELDS = ("kind", "tag", "project", "author", "visibility")
#: Characters of a query that are shown around a mistake.
_SHOWN = 60


class Filters(TypedDict):
    """What the filter options say, each "" or () when it is not given."""

    kind: tuple[str, ...]
    tag: tuple[str, ...]
    project: tuple[str, ...]
    author: tuple[str, ...]
    visibility: tuple[str, ...]
    on: str
    since: str
    until: str


NO_FILTERS: Filters = {
    "kind": (),
    "tag": (),
    "project": (),
    "author": (),
    "visibility": (),
    "on": "",
    "since": "",
    "until": "",
}


def filters(function: _Function) -> _Function:
    """The options that narrow what is found; `tag:sae` in a query says the same as `-t sae`."""
    for option in (
        click.option("--until", default="", metavar="WHEN", help="Not after that day."),
        click.option("--since", default="", metavar="WHEN", help="Not before: 2026-11, 'last week', '3 days ago'."),
        click.option("--on", default="", metavar="WHEN", help="Of that day, month, week or range (a..b)."),
        click.option("--visibility", multiple=True, metavar="V", help="private, lab or public."),
        click.option("-a", "--author", multiple=True, metavar="NAME", help="Written by."),
        click.option("-p", "--project", multiple=True, metavar="NAME", help="Of that project."),
        click.option("-t", "--tag", multiple=True, metavar="TAG", help="With that tag; several: with all of them."),
        click.option("-k", "--kind", multiple=True, metavar="KIND", help="log, note, paper …; several: any of them."),
    ):
        function = option(function)
    return function


def query_of(app: App, text: str, options: Filters) -> Query:
    """The query that words and filter options make together. Raises `QuerySyntaxError`, `ConfigInvalid`."""
    from carrel.search.tree import And, Everything

    asked = _parsed(app, text)
    parts: list[Query] = list(asked.queries) if isinstance(asked, And) else [asked]
    narrowed = []
    for name in FIELDS:
        values = options[name]  # type: ignore[literal-required]  # FIELDS are keys of Filters
        joint = " OR " if name in ("kind", "visibility") else " "
        if values:
            narrowed.append(joint.join(f"{name}:{_quoted(value)}" for value in values))
    narrowed += [
        f"{name}:{_quoted(when)}"
        for name, when in (("date", options["on"]), ("since", options["since"]), ("until", options["until"]))
        if when
    ]
    parts += [_parsed(app, part) for part in narrowed]
    parts = [part for part in parts if not isinstance(part, Everything)]
    return Everything() if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def complete_saved(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Names of saved queries that begin so, for the shell."""
    if not incomplete.startswith("@"):
        return []
    try:
        saved = App(dir=context.find_root().params.get("dir") or "").kb.config.queries
    except CarrelError:
        return []  # a shell that completes is no place for an error
    return sorted(name for name in (f"@{name}" for name in saved) if name.startswith(incomplete))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', " ") + '"'


def _parsed(app: App, text: str) -> Query:
    from carrel.search.query import parse_query

    saved = app.kb.config.queries
    try:
        return parse_query(text, app.today, saved)
    except QuerySyntaxError as error:
        _blame_saved(app, text, saved)
        error.hint = f"{_pointed(text, error.column)}\n        {error.hint}".rstrip()
        raise


def _blame_saved(app: App, text: str, saved: Mapping[str, str]) -> None:
    """Raise `ConfigInvalid` if one of the saved queries that `text` names cannot be parsed by itself."""
    from carrel.search.query import parse_query

    for name, query in saved.items():
        if f"@{name}" in text:
            try:
                parse_query(query, app.today, saved)
            except QuerySyntaxError as error:
                message = f"{_file_of(app, name)}: queries.{name}: {error.message}"
                raise ConfigInvalid(
                    message, f"{_pointed(query, error.column)}\n        {error.hint}".rstrip()
                ) from error


def _file_of(app: App, name: str) -> Path:
    """The file in which a saved query stands."""
    from carrel.store.config import Config, load, user_config_path

    own = user_config_path(app.environment)
    return own if name in load(own, Config(), user=True).queries else app.kb.config_path


def _pointed(text: str, column: int) -> str:
    """The query with a caret below the column that is wrong, for a hint that is set in by eight."""
    from carrel.cli.table import width

    at = column - 1
    begin = max(0, at - _SHOWN // 2) if len(text) > _SHOWN else 0
    before, after = (_flat(part) for part in (text[begin:at], text[at : begin + _SHOWN]))
    lead = "…" if begin else ""
    tail = "…" if len(text) > begin + _SHOWN else ""
    return f"{lead}{before}{after}{tail}\n        {' ' * width(lead + before)}^"


def _flat(text: str) -> str:
    """Text on one line, its blanks as wide as they are."""
    return visible("".join(" " if character.isspace() else character for character in text))
