"""`carrel paper update`: what the sources say now, field by field, and never over what was edited by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    from carrel.core.imported import Change
    from carrel.core.paper import Paper
    from carrel.store.shelf import Shelf


@command("update")
@click.argument("names", nargs=-1, metavar="[KEY]...", shell_complete=complete_note)
@click.option("--from", "libraries", multiple=True, metavar="FILE", help="Take the records of a library file.")
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
    records = _of_libraries(shelf, libraries, failures) if libraries else _of_sources(app, names, offline)
    rows: list[Row] = []
    with Bar("updating", quiet=app.quiet) as bar:
        for done, (path, record) in enumerate(records):
            bar.show(done, len(records))
            try:
                rows += [Row(path, change) for change in shelf.renew(path, record(), dry_run=dry_run)]
            except CarrelError as error:
                if len(records) == 1:
                    raise
                failures.append(f"{path}: {error.message}")
    if as_json or as_jsonl:
        emit(rows, "jsonl" if as_jsonl else "json")
    else:
        _print(rows)
    for failure in failures:
        app.remark(f"carrel: {line(failure)}")
    changed = len({row.path for row in rows if not row.change.edited})
    said = "would change" if dry_run else "changed"
    app.remark(f"{count(len(records), 'paper')} looked at, {changed} {said}, {count(len(failures), 'failure')}")
    return 1 if failures else 0


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one paper that differs."""

    path: str
    change: Change


def _of_sources(app: App, names: tuple[str, ...], offline: bool) -> Sequence[tuple[str, Callable[[], Paper]]]:
    """Each paper that has an identifier, with the way to ask its sources."""
    from carrel.cli.notes import named_note
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
    shelf: Shelf, libraries: tuple[str, ...], failures: list[str]
) -> list[tuple[str, Callable[[], Paper]]]:
    """Each paper that a library file knows, with its record there."""
    from carrel.cli.papers.gather import bytes_of, papers_in

    found: list[tuple[str, Callable[[], Paper]]] = []
    for library in libraries:
        place = Path(library).expanduser()
        papers, problems = papers_in(bytes_of(place), place.name)
        failures += [str(problem) for problem in problems]
        for paper in papers:
            path = shelf.find(paper)
            if path is not None:
                found.append((path, partial(_itself, paper)))
    return found


def _itself(paper: Paper) -> Paper:
    return paper


def _print(rows: list[Row]) -> None:
    """A paper's path, and below it each field that differs: what it was, and what it is now."""
    path = ""
    for row in rows:
        if row.path != path:
            path = row.path
            echo(shown_path(path))
        change = row.change
        kept = "  (kept: you edited it)" if change.edited else ""
        echo(f"  {change.field}: {_shown(change.before)} -> {_shown(change.after)}{kept}")


def _shown(value: Writable) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return line(text) if text else "(nothing)"
