"""`carrel paper refs`: what a paper cites and what cites it, and which of these are here."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, emit, line, page
from carrel.cli.papers.named import complete_paper, named_paper
from carrel.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.paper import Paper
    from carrel.store.shelf import Shelf


@command("refs")
@click.argument("name", metavar="KEY", shell_complete=complete_paper)
@click.option("--cites", is_flag=True, help="Only what it cites.")
@click.option("--cited-by", is_flag=True, help="Only what cites it.")
@click.option(
    "--source",
    type=click.Choice(["openalex", "semanticscholar"]),
    default="openalex",
    show_default=True,
    help="The index that is asked.",
)
@click.option(
    "-n", "limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many of each at most."
)
@click.option("--offline", is_flag=True, help="Ask no source; only answers that were kept.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def refs(
    app: App,
    name: str,
    cites: bool,
    cited_by: bool,
    source: str,
    limit: int,
    offline: bool,
    as_json: bool,
    as_jsonl: bool,
) -> int:
    """List what a paper cites and what cites it, with the citation keys of those that are here.

    The paper is found in the index by its DOI or arXiv id, else by its exact title. What has no key can be added:
    its last column is what `carrel paper add` takes.

    \b
    carrel paper refs elhage2022toy --cites
    carrel paper refs elhage2022toy --cited-by -n 200 --source semanticscholar
    """
    from carrel.cli.papers.sources import client
    from carrel.core.paper import read_paper
    from carrel.metadata.citations import Citations
    from carrel.store.shelf import Shelf

    paper = read_paper(app.kb.read(named_paper(app, name), head=True))
    config = app.kb.config
    address = {"openalex": config.openalex_url, "semanticscholar": config.semanticscholar_url}[source]
    asked = Citations(client(app, offline=offline), paper, source, address)
    shelf = Shelf(app.kb)
    rows: list[dict[str, object]] = []
    failures: list[SourceError] = []
    wanted: tuple[tuple[str, bool, Callable[[int], list[Paper]]], ...] = (
        ("cites", cites or not cited_by, asked.cited),
        ("cited by", cited_by or not cites, asked.citing),
    )
    for relation, wants, ask in wanted:
        if not wants:
            continue
        try:
            found = ask(limit)
        except SourceError as error:
            failures.append(error)
            continue
        rows += [_row(relation, one, shelf) for one in found]
        more = f"; -n {2 * limit} shows more" if len(found) == limit else ""
        here = sum(row["relation"] == relation and bool(row["key"]) for row in rows)
        app.remark(f"{relation} {count(len(found), 'paper')}, {here} of them here{more}")
    if failures and (not rows or cites != cited_by):
        other = "openalex" if source == "semanticscholar" else "semanticscholar"
        hint = f"{failures[0].hint}; or ask the other index: --source {other}"
        raise type(failures[0])(failures[0].message, hint.removeprefix("; "))
    if as_json or as_jsonl:
        emit(rows, "jsonl" if as_jsonl else "json")
    elif rows:
        _print(rows, both=cites == cited_by)
    for failure in failures:
        app.remark(f"carrel: {line(failure.message)}")
    return 1 if failures else 0


def _row(relation: str, paper: Paper, shelf: Shelf) -> dict[str, object]:
    path = shelf.find(paper)
    return {
        "relation": relation,
        "key": shelf.citekey(path) if path else "",
        "path": path or "",
        "year": paper.year,
        "authors": [str(name) for name in paper.authors],
        "title": paper.title,
        "venue": paper.venue,
        "doi": paper.doi,
        "arxiv": paper.arxiv,
        "url": paper.url,
    }


def _print(rows: list[dict[str, object]], *, both: bool) -> None:
    """One line a paper: its key if it is here, the year, the first author, the title, and what names it."""
    from carrel.cli.table import table

    lines = []
    for row in rows:
        authors = row["authors"]
        first = _last_name(authors[0]) if isinstance(authors, list) and authors else ""
        names = (f"arXiv:{row['arxiv']}" if row["arxiv"] else "", row["doi"], row["url"])
        named = next((str(name) for name in names if name), "")
        shown = (row["relation"], row["key"] or "-", row["year"], first, row["title"], named)
        lines.append([line(str(cell)) for cell in shown][0 if both else 1 :])
    page(table(lines, shutil.get_terminal_size().columns if sys.stdout.isatty() else 0))


def _last_name(written: str) -> str:
    from carrel.core.person import Name

    return Name.parse(written).last
