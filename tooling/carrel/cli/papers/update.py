"""`carrel paper update`: what the sources say now, field by field, and never over what was edited by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command, complete_note
from carrel.cli.output import count, echo, emit, line, shown_path
from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.paper import Paper
    from carrel.store.shelf import Shelf


@command("update")
@click.argument("names", nargs=-1, metavar="[KEY]...", shell_complete=complete_note)
@click.option(
    "--from", "libraries", multiple=True, metavar="FILE", help="Take the records of a library file, or of zotero:"
)
@click.option("--dry-run", is_flag=True, help="Show what differs; write nothing.")
@click.option("--offline", is_flag=True, help="Ask no source; only answers that were kept.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")
def update(
    app: App,
    names: tuple[str, ...],
    libraries: tuple[str, ...],
    dry_run: bool,
    offline: bool,
    as_json: bool,
    as_jsonl: bool,
) -> int:
    """See whether a paper has a new version or was published, and take over what is new.

    Prints each field that differs. A field that you edited stays as it is, marked `kept`; of what was shown once
    nothing is shown again. Without KEY all papers that have an arXiv id or a DOI are looked up.

    \b
    carrel paper update elhage2022toy
    carrel paper update --from ~/zotero.bib
    """
    from carrel.cli.progress import Bar
    from carrel.store.shelf import Shelf

    if libraries and names:
        raise UsageError("either KEYs or --from FILE", "a library's records find their papers themselves")
    shelf = Shelf(app.kb)
    failures: list[str] = []
    records = _of_libraries(app, shelf, libraries, failures) if libraries else _of_sources(app, names, offline)
    rows: list[Row] = []
    with Bar("updating", quiet=app.quiet) as bar:
        for done, (path, record) in enumerate(records):
            bar.show(done, len(records))
            try:
                found = shelf.renew(path, record(), dry_run=dry_run)
            except CarrelError as error:
                if len(records) == 1:
                    raise
                failures.append(error.message if path in error.message else f"{path}: {error.message}")
            else:
                rows += [Row(path, one.field, one.before, one.after, one.edited) for one in found]
    if as_json or as_jsonl:
        emit(rows, "jsonl" if as_jsonl else "json")
    else:
        _print(rows)
    for failure in failures:
        app.remark(f"carrel: {line(failure)}")
    changed = len({row.path for row in rows if not row.edited})
    said = "would change" if dry_run else "changed"
    app.remark(f"{count(len(records), 'paper')} looked at, {changed} {said}, {count(len(failures), 'failure')}")
    return 1 if failures else 0


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one paper that differs."""

    path: str
    field: str
    before: Writable
    after: Writable
    edited: bool


def _of_sources(app: App, names: tuple[str, ...], offline: bool) -> Sequence[tuple[str, Callable[[], Paper]]]:
    """Each paper that has an identifier, with the way to ask its sources."""
    from carrel.cli.naming import named_note
    from carrel.cli.papers.sources import lookup
    from carrel.core.names import in_folder
    from carrel.core.paper import read_paper

    if names:
        notes = [app.kb.read(named_note(app, name), head=True) for name in names]
    else:
        notes = list(app.kb.notes(in_folder(app.kb.config.papers_folder, ""), head=True))
    ask = lookup(app, offline=offline, fresh=not offline)
    papers = [(note.path, read_paper(note)) for note in notes]
    unknown = [path for path, paper in papers if not paper.arxiv and not paper.doi]
    if names and unknown:
        raise UsageError(f"{unknown[0]} has neither an arXiv id nor a DOI", "write one into its front matter")
    named = [(path, paper) for path, paper in papers if path not in unknown]
    ask.prepare(paper for _, paper in named)
    return [(path, partial(ask.renewed, paper)) for path, paper in named]


def _of_libraries(
    app: App, shelf: Shelf, libraries: tuple[str, ...], failures: list[str]
) -> list[tuple[str, Callable[[], Paper]]]:
    """Each paper that a library knows, with its record there: of several, the first one, as when it was added."""
    found: dict[str, Callable[[], Paper]] = {}
    for library in libraries:
        for paper, zotero in _records(app, library, failures):
            path = shelf.find(paper, zotero)
            if path is not None:
                found.setdefault(path, partial(_itself, paper))
    return list(found.items())


def _records(app: App, library: str, failures: list[str]) -> Iterator[tuple[Paper, str]]:
    """Each paper of a library file, or of the Zotero that runs here, and its key there."""
    from carrel.cli.papers.finder import bytes_of
    from carrel.cli.papers.sources import client
    from carrel.metadata import library as library_files
    from carrel.metadata import zotero

    if library.lower().startswith("zotero:"):
        collection = library.partition(":")[2]
        for item in zotero.items(client(app, keep=False), app.kb.config.zotero_url, collection=collection):
            yield item.paper, item.key
        return
    place = Path(library).expanduser()
    papers, problems = library_files.read(bytes_of(place), place.name)
    failures += [str(problem) for problem in problems]
    for paper in papers:
        yield paper, ""


def _itself(paper: Paper) -> Paper:
    return paper


def _print(rows: list[Row]) -> None:
    """A paper's path, and below it each field that differs: what it was, and what it is now."""
    path = ""
    for row in rows:
        if row.path != path:
            path = row.path
            echo(shown_path(path))
        kept = "  (kept: you edited it)" if row.edited else ""
        echo(f"  {row.field}: {_shown(row.before)} -> {_shown(row.after)}{kept}")


def _shown(value: Writable) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return line(text) if text else "(nothing)"
