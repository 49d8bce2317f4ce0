"""`carrel search` and `carrel list`: notes and entries by words, fields and dates; and picking one of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

import click

from carrel.cli.app import App, command
from carrel.cli.current import answer
from carrel.cli.output import emit, emit_paths, line, page, visible
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.search.index import Hit
    from carrel.search.search import Results
    from carrel.search.tree import Query

_Function = TypeVar("_Function", bound=Callable[..., object])

DEFAULT_HITS = 10
FIELDS = ("kind", "tag", "project", "author", "visibility")


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


class Listing(TypedDict):
    """How a listing is printed."""

    limit: int | None
    as_json: bool
    as_jsonl: bool
    null: bool


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


def listing(function: _Function) -> _Function:
    """The options that every listing has."""
    for option in (
        click.option("-0", "--null", is_flag=True, help="Paths only, a NUL after each, for xargs -0."),
        click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line."),
        click.option("--json", "as_json", is_flag=True, help="One JSON list."),
        click.option("-n", "--limit", type=click.IntRange(min=1), help="At most so many."),
    ):
        function = option(function)
    return function


class Search(Filters, Listing):
    """Everything that `list` is told by options."""

    interactive: bool


class Sorted(Search):
    """Everything that `search` is told by options."""

    sort: str


@command()
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@filters
@listing
@click.option("--sort", default="best", metavar="BY", help="best, score, newest, oldest, or a field: year, -rating.")
@click.option("-i", "--interactive", is_flag=True, help="Pick a hit and open it in your editor.")
def search(app: App, words: tuple[str, ...], **options: Unpack[Sorted]) -> None:
    """Find notes and log entries, best first.

    All words are wanted; if nothing has them all, any of them. The query may hold "phrases", -not, OR,
    prefix*, typo~, and any front-matter key: tag:sae rating:>=4 date:2026-11 since:"last week".
    Pages of PDFs come last; in:pdf finds nothing else, -in:pdf none.

    \b
    carrel search dead features
    carrel search 'kind:paper rating:>=4 "mode collapse"'
    """
    from carrel.search.order import Order

    query = query_of(app, _joined(words), options)
    limit = options["limit"] or (None if options["null"] else DEFAULT_HITS)
    results = answer(app, query, limit, Order.named(options["sort"]))
    if options["interactive"]:
        _open(app, pick(app, results.hits))
    elif not _printed_for_programs(results.hits, options):
        _print_hits(app, results)
    _remark_on_what_is_missing(app, results)


@command("list")
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@filters
@listing
@click.option("-i", "--interactive", is_flag=True, help="Pick one and open it in your editor.")
def list_(app: App, words: tuple[str, ...], **options: Unpack[Search]) -> None:
    """List notes and log entries, newest first.

    One a line: date, kind, path:line, title.
    """
    from carrel.search.order import NEWEST

    query = _of_notes(query_of(app, _joined(words), options))
    results = answer(app, query, options["limit"], NEWEST)
    if options["interactive"]:
        _open(app, pick(app, results.hits))
    elif not _printed_for_programs(results.hits, options):
        page(_row(hit) for hit in results.hits)
    _remark_on_what_is_missing(app, results)


def query_of(app: App, text: str, options: Filters) -> Query:
    """The query that words and filter options make together."""
    from carrel.search.query import parse_query
    from carrel.search.tree import And, Everything

    asked = parse_query(text, app.today)
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
    parts += [parse_query(part, app.today) for part in narrowed]
    parts = [part for part in parts if not isinstance(part, Everything)]
    return Everything() if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def _of_notes(query: Query) -> Query:
    """The same question, without the pages of PDFs."""
    from carrel.search.tree import And, InPdf, Not

    return And((*(query.queries if isinstance(query, And) else (query,)), Not(InPdf())))


def pick_note(app: App, text: str) -> str:
    """The path of a note that a person picks among those that answer to `text` (all, when it is empty)."""
    return pick(app, answer(app, _of_notes(query_of(app, text, NO_FILTERS)), None).hits).path


def pick(app: App, hits: tuple[Hit, ...]) -> Hit:
    """The hit that a person picks. Raises `UsageError` when no one can be asked or there is nothing to pick."""
    from carrel.cli.pick import choose

    if not hits:
        raise UsageError("nothing found to pick from")
    app.need_input("a choice", "leave out -i")
    return hits[choose([_row(hit) for hit in hits], app.environment)]


def _remark_on_what_is_missing(app: App, results: Results) -> None:
    if not results.hits:
        app.remark("nothing found")
    for one in results.suggestions:
        app.remark(f"no note has {one.asked}; did you mean {' or '.join(one.nearest)}?")


def _open(app: App, hit: Hit) -> None:
    from carrel.cli.editor import editor_command, open_files

    place = app.kb.absolute(hit.path)
    if hit.kind == "pdf":
        click.launch(str(place))
        app.remark(f"{hit.anchor} of {hit.path}")
    else:
        open_files(editor_command(app.environment, app.kb.config.editor), [place])


def _joined(words: tuple[str, ...]) -> str:
    """The query as it was typed: `"two words"` lost its quotes to the shell only if it was one argument."""
    return " ".join(words)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', " ") + '"'


def _printed_for_programs(hits: tuple[Hit, ...], options: Listing) -> bool:
    if options["null"]:
        emit_paths(hit.path for hit in hits)
    elif options["as_json"] or options["as_jsonl"]:
        emit([_public(hit) for hit in hits], "jsonl" if options["as_jsonl"] else "json")
    else:
        return False
    return True


def _public(hit: Hit) -> dict[str, object]:
    """A hit with the keys that `--json` promises."""
    from dataclasses import fields

    return {field.name: getattr(hit, field.name) for field in fields(hit) if field.name != "marks"}


def _row(hit: Hit) -> str:
    return f"{hit.date or '          '}  {line(hit.kind):<10}  {visible(hit.path)}:{hit.line}  {line(hit.title)}"


def _print_hits(app: App, results: Results) -> None:
    if results.fell_back:
        app.remark("no note has all of these words; these have some")
    printed = []
    for hit in results.hits:
        place = click.style(f"{visible(hit.path)}:{hit.line}", fg="cyan")
        where = line(hit.anchor) if hit.kind == "pdf" else ""
        about = "  ".join(part for part in (hit.date, line(hit.kind), where, line(hit.project)) if part)
        printed.append(f"{place}  {click.style(line(hit.title), bold=True)}  {click.style(about, dim=True)}")
        if hit.snippet:
            printed.append(f"    {_marked(hit)}")
    if sys.stdout.isatty():
        page(printed)
    else:
        for text in printed:
            click.echo(text)
    if results.total > len(results.hits):
        app.remark(f"{len(results.hits)} of {results.total}; -n {results.total} shows all")


def _marked(hit: Hit) -> str:
    """The snippet with its matched words set off."""
    parts, position = [], 0
    for start, end in hit.marks:
        parts += [
            visible(hit.snippet[position:start]),
            click.style(visible(hit.snippet[start:end]), fg="yellow", bold=True),
        ]
        position = end
    return "".join([*parts, visible(hit.snippet[position:])])
