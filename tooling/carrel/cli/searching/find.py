"""`carrel search` and `carrel list`: notes and entries by words, fields and dates; and picking one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, Unpack

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import emit, line, page
from carrel.cli.searching.asking import NO_FILTERS, Filters, complete_saved, filters, query_of
from carrel.cli.searching.current import answer, asked, begin
from carrel.cli.searching.hits import (
    Listing,
    for_programs,
    print_facets,
    print_for_programs,
    print_hits,
    remark_after,
    remark_before,
    row,
)
from carrel.errors import NotFound, UsageError

if TYPE_CHECKING:
    from carrel.search.explain import Why
    from carrel.search.index import Hit
    from carrel.search.order import Order
    from carrel.search.search import Results
    from carrel.search.tree import Query

_Function = TypeVar("_Function", bound=Callable[..., object])

#: Hits that are shown where -n says nothing, and those to pick from.
DEFAULT_HITS, DEFAULT_PICKS = 10, 100
#: What is offered to the shell; any other field sorts and is counted as well.
SORTS = ("best", "score", "newest", "oldest", "title", "-rating", "-year", "year", "-priority")
FACETS = ("kind", "tag", "year", "project", "author", "reading", "state", "venue", "visibility")


class Asked(Filters, Listing):
    """Everything that `list` is told by options."""

    sort: str
    facets: str
    interactive: bool


class Searched(Asked):
    """Everything that `search` is told by options."""

    explain: bool
    related: str
    mentions: str
    saved: bool
    open_it: bool


def listing(function: _Function) -> _Function:
    """The options that every listing has."""
    for option in (
        click.option("-0", "--null", is_flag=True, help="Paths only, a NUL after each, for xargs -0."),
        click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line."),
        click.option("--json", "as_json", is_flag=True, help="One JSON list."),
        click.option("-n", "--limit", type=click.IntRange(min=1), help="At most so many."),
        click.option(
            "--facets",
            default="",
            metavar="FIELDS",
            shell_complete=lambda context, _, begun: _completed(FACETS, begun),
            help="Count the values of fields instead: kind,tag,year.",
        ),
        click.option(
            "--sort",
            default="",
            metavar="BY",
            shell_complete=lambda context, _, begun: [by for by in SORTS if by.startswith(begun)],
            help="best, score, newest, oldest, or any field: year, -rating.",
        ),
    ):
        function = option(function)
    return function


@command()
@click.argument("words", nargs=-1, metavar="[QUERY]...", shell_complete=complete_saved)
@filters
@listing
@click.option("--related", default="", metavar="NOTE", shell_complete=complete_note, help="What is like that note.")
@click.option(
    "--mentions", default="", metavar="NOTE", shell_complete=complete_note, help="Where it is named, unlinked."
)
@click.option("--explain", is_flag=True, help="Say why each hit matched, and how its score came about.")
@click.option("--saved", is_flag=True, help="List the saved queries, which @NAME asks.")
@click.option("-o", "--open", "open_it", is_flag=True, help="Open the first hit in your editor.")
@click.option("-i", "--interactive", is_flag=True, help="Pick a hit and open it in your editor.")
def search(app: App, words: tuple[str, ...], **options: Unpack[Searched]) -> None:
    """Find notes and log entries, best first.

    All words are wanted; if nothing has them all, any of them. The query may hold "phrases", -not, OR,
    prefix*, typo~, and any front-matter key: tag:sae rating:>=4 date:2026-11 since:"last week".
    Pages of PDFs come last; in:pdf finds nothing else, -in:pdf none. @name asks a saved query.

    \b
    carrel search dead features
    carrel search 'kind:paper rating:>=4 "mode collapse"'
    carrel search --related elhage2022toy -k experiment
    """
    if options["saved"]:
        _print_saved(app, options)
        return
    told = (*NO_FILTERS, "related", "mentions", "facets")
    if not words and not any(options[name] for name in told):  # type: ignore[literal-required]  # keys of Searched
        raise UsageError("what is sought?", "carrel search WORDS; `carrel list` lists all notes")
    begin(app)
    query = query_of(app, _joined(words), options)
    if options["facets"]:
        if options["related"] or options["mentions"]:
            raise UsageError("--facets counts what a query finds, not what a note leads to", "leave out --facets")
        _count(app, query, options)
    else:
        _answer(app, query, options)


@command("list")
@click.argument("words", nargs=-1, metavar="[QUERY]...", shell_complete=complete_saved)
@filters
@listing
@click.option("-i", "--interactive", is_flag=True, help="Pick one and open it in your editor.")
def list_(app: App, words: tuple[str, ...], **options: Unpack[Asked]) -> None:
    """List notes and log entries, newest first.

    One a line: date, kind, path:line, title.
    """
    begin(app)
    query = _of_notes(query_of(app, _joined(words), options))
    if options["facets"]:
        _count(app, query, options)
        return
    results = answer(app, query, options["limit"], _order(app, options["sort"] or "newest"))
    if options["interactive"]:
        _open(app, pick(app, results.hits))
    elif for_programs(options):
        print_for_programs(results.hits, options)
    else:
        page(row(hit) for hit in results.hits)
    remark_after(app, results, more=False)


def _found(app: App, query: Query, limit: int | None, options: Searched) -> Results:
    """What `search` is asked for: an answer to the query, what is like a note, or where one is named."""
    order = _order(app, options["sort"] or app.kb.config.search_sort)
    if options["related"]:
        from carrel.cli.searching.neighbours import related_to

        if options["sort"] or options["mentions"]:
            other = "--sort" if options["sort"] else "--mentions"
            raise UsageError(f"--related has an order of its own, and goes without {other}", f"leave out {other}")
        return related_to(app, options["related"], query, limit)
    if options["mentions"]:
        from carrel.cli.searching.neighbours import naming

        if options["explain"]:
            raise UsageError("--explain tells of scores, and mentions have none", "leave out --explain")
        return naming(app, options["mentions"], query, limit, order)
    return answer(app, query, limit, order, correct=not for_programs(options))


def _answer(app: App, query: Query, options: Searched) -> None:
    """Find it, and print it, let a person pick from it, or open the first."""
    shown = DEFAULT_PICKS if options["interactive"] else DEFAULT_HITS
    limit = 1 if options["open_it"] else options["limit"] or (None if options["null"] else shown)
    results = _found(app, query, limit, options)
    people = not for_programs(options)
    if people:
        remark_before(app, results)
    if options["open_it"]:
        if not results.hits:
            raise NotFound("nothing found to open")
        _open(app, results.hits[0])
        return
    if options["interactive"]:
        _open(app, pick(app, results.hits))
        return
    whys: list[Why] = []
    if options["explain"]:
        from carrel.search.explain import explain

        rest = "shared" if options["related"] else "newness"
        whys = asked(app, lambda source, index: explain(source, index, results, rest))
    if people:
        print_hits(results.hits, whys, results.others)
    else:
        print_for_programs(results.hits, options, whys)
    remark_after(app, results, more=people)


def _order(app: App, by: str) -> Order:
    """The order of that name; it is remarked when no note has such a field."""
    from carrel.search.order import Order

    order = Order.named(by)
    if order.by not in ("best", "score", "date", "title"):
        from carrel.search.search import answered
        from carrel.search.tree import Field, Present

        field = Field(order.by, Present())
        if not answer(app, field, 1).total:
            near = asked(app, lambda source, index: answered(source, index, lambda: index.suggest(field)))
            nearest = " or ".join(name.removesuffix(":").strip('"') for one in near for name in one.nearest)
            question = f"; did you mean {nearest}?" if nearest else ""
            app.remark(f"no note has a field {order.by} to sort by{question}")
    return order


def _count(app: App, query: Query, options: Asked) -> None:
    """Print the facets of what a query finds: with none of it, those of what has any of its words."""
    from carrel.search.facets import facets
    from carrel.search.order import SCORE

    names = [name for one in options["facets"].split(",") if (name := one.strip())]
    results = answer(app, query, 1, SCORE)
    limit = options["limit"] or DEFAULT_HITS
    found = asked(app, lambda source, index: facets(source, index, results.query, names, limit))
    if not for_programs(options):
        remark_before(app, results)
    print_facets(results.total, found, options)
    if not results.hits:
        remark_after(app, results, more=False)


def _of_notes(query: Query) -> Query:
    """The same question, without the pages of PDFs."""
    from carrel.search.tree import And, InPdf, Not

    return And((*(query.queries if isinstance(query, And) else (query,)), Not(InPdf())))


def _print_saved(app: App, options: Listing) -> None:
    """Print the saved queries."""
    saved = sorted(app.kb.config.queries.items())
    if options["as_json"] or options["as_jsonl"]:
        emit([{"name": name, "query": query} for name, query in saved], "jsonl" if options["as_jsonl"] else "json")
        return
    for name, query in saved:
        click.echo(f"{click.style(f'@{name}', bold=True)}  {line(query)}")
    if not saved:
        app.remark(f"no query is saved; write one into {app.kb.config_path}, below [queries]")


def pick_note(app: App, text: str) -> str:
    """The path of a note that a person picks among those that answer to `text` (all, when it is empty)."""
    return pick(app, answer(app, _of_notes(query_of(app, text, NO_FILTERS)), None).hits).path


def pick(app: App, hits: tuple[Hit, ...]) -> Hit:
    """The hit that a person picks. Raises `UsageError` when no one can be asked or there is nothing to pick."""
    from carrel.cli.searching.pick import Row, choose

    if not hits:
        raise UsageError("nothing found to pick from")
    app.need_input("a choice", "leave out -i")
    rows = [
        Row(row(hit), "" if hit.kind == "pdf" else app.kb.absolute(hit.path), hit.line, hit.snippet) for hit in hits
    ]
    return hits[choose(rows, app.environment)]


def _open(app: App, hit: Hit) -> None:
    from carrel.cli.editor import editor_command, open_files

    place = app.kb.absolute(hit.path)
    if hit.kind == "pdf":
        click.launch(str(place))
        app.remark(f"{hit.anchor} of {hit.path}")
    else:
        open_files(editor_command(app.environment, app.kb.config.editor), [place], line=hit.line)


def _joined(words: tuple[str, ...]) -> str:
    """The query as it was typed: `"two words"` lost its quotes to the shell only if it was one argument."""
    return " ".join(words)


def _completed(names: tuple[str, ...], begun: str) -> list[str]:
    """A list of names with its last one completed."""
    *before, last = begun.split(",")
    return [",".join([*before, name]) for name in names if name.startswith(last) and name not in before]
