"""`carrel paper add`: any reference in, a summary file out."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import echo, line
from carrel.errors import CarrelError, PaperExists, SourceInvalid, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.frontmatter_edit import Writable
    from carrel.core.paper import Paper

_ADDRESS = re.compile(r"https?://|(?:doi:\s*|doi\.org/)?10\.\d{4,9}/", re.IGNORECASE)


@command("add")
@click.argument("references", nargs=-1, metavar="REF...")
@click.option("-a", "--author", "authors", multiple=True, metavar="NAME", help="With a title: an author, in order.")
@click.option("--year", default="", metavar="YEAR", help="With a title: the year.")
@click.option("--url", default="", metavar="URL", help="With a title: where it is.")
@click.option("--key", default="", metavar="KEY", help="The citation key, instead of the one Carrel makes.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("-p", "--project", default="", metavar="NAME", help="The project that it is read for.")
@click.option("--edit", "edit_it", is_flag=True, help="Open the summaries in your editor.")
@click.option("--dry-run", is_flag=True, help="Say what would be added; write nothing.")
def add(
    app: App,
    references: tuple[str, ...],
    authors: tuple[str, ...],
    year: str,
    url: str,
    key: str,
    tags: tuple[str, ...],
    project: str,
    edit_it: bool,
    dry_run: bool,
) -> int:
    """Add papers to read: a summary to fill in for each; prints their paths.

    REF is an arXiv id or address, a .bib file, `-` for BibTeX on standard input, or a title in words. A paper that
    is here already, under whatever spelling, is not added twice.

    \b
    carrel paper add 2209.10652
    carrel paper add library.bib
    carrel paper add "The Humble Programmer" -a "Edsger W. Dijkstra" --year 1972
    """
    from carrel.store.shelf import Shelf

    if not references and sys.stdin.isatty():
        raise UsageError("which paper?", "an arXiv id, a .bib file, - for BibTeX on standard input, or a title")
    found, failures = _collect(app, references or ("-",), Paperish(authors, year, url))
    if key and len(found) > 1:
        raise UsageError(f"--key names one paper, and {len(found)} were given")
    shelf = Shelf(app.kb)
    paths = []
    for one in found:
        fields: dict[str, Writable] = {"tags": [*one.keywords, *tags]} if tags else {}
        if project:
            fields["project"] = project
        try:
            path = shelf.add(replace(one, citekey=key) if key else one, fields, app.today, dry_run=dry_run)
        except PaperExists as error:
            if len(found) == 1:
                raise
            app.remark(f"skipped: {error.message}")
            continue
        paths.append(path)
        echo(path)
    for failure in failures:
        app.remark(f"carrel: {failure}")
    if len(found) + len(failures) > 1:
        app.remark(f"{len(paths)} added, {len(found) - len(paths)} here already, {len(failures)} could not be read")
    if edit_it and paths and not dry_run:
        from carrel.cli.editor import editor_command, open_files

        open_files(editor_command(app.environment, app.kb.config.editor), [app.kb.absolute(path) for path in paths])
    return 1 if failures else 0


class Paperish:
    """What the options say of a paper that is given by its title."""

    def __init__(self, authors: tuple[str, ...], year: str, url: str) -> None:
        self.authors, self.year, self.url = authors, year, url

    def titled(self, title: str) -> Paper:
        """The paper of that title."""
        from carrel.core.paper import Paper, bare_doi
        from carrel.core.person import Name

        names = tuple(Name.parse(name) for name in self.authors)
        return Paper(" ".join(title.split()), names, self.year, url=self.url, doi=bare_doi(self.url))


def _collect(app: App, references: tuple[str, ...], options: Paperish) -> tuple[list[Paper], list[str]]:
    """The papers that the references name, and what could not be read. Raises when nothing could."""
    from carrel.metadata import arxiv

    if not any(arxiv.match(one) or one == "-" or one.endswith(".bib") or _ADDRESS.match(one) for one in references):
        return [options.titled(" ".join(references))], []
    papers: list[Paper] = []
    failures: list[str] = []
    for reference in references:
        try:
            for one in _read(app, reference, failures):
                papers.append(one)
        except CarrelError as error:
            if len(references) == 1:
                raise
            failures.append(error.message)
    if failures and not papers and len(failures) == 1:
        raise SourceInvalid(failures[0])
    return papers, failures


def _read(app: App, reference: str, failures: list[str]) -> Iterator[Paper]:
    from carrel.metadata import arxiv, bibtex

    arxiv_id = arxiv.match(reference)
    if arxiv_id is not None:
        from carrel.metadata.http import Client

        app.remark(f"asking arXiv for {arxiv_id}")
        yield arxiv.fetch(Client(mail=app.kb.config.mail), arxiv_id, app.kb.config.arxiv_url)
        return
    if reference == "-":
        data, source = sys.stdin.buffer.read(), "standard input"
    elif reference.endswith(".bib"):
        try:
            data, source = Path(reference).read_bytes(), reference
        except OSError as error:
            raise SourceInvalid(f"{reference}: {(error.strerror or str(error)).lower()}") from error
    else:
        hint = "save its BibTeX entry and pipe it in: carrel paper add - < entry.bib"
        if _ADDRESS.match(reference):
            raise UsageError(f"{line(reference)}: DOIs and web addresses are not looked up yet", hint)
        raise UsageError(f"{line(reference)!r}: a title stands alone, not beside .bib files and arXiv ids", hint)
    papers, problems = bibtex.parse(bibtex.decode(data), source)
    failures += [f"{problem.path}:{problem.line}: {line(problem.message)}" for problem in problems]
    if not papers and not problems:
        raise SourceInvalid(f"{source} holds no BibTeX entry", "an entry begins with @article{key, … or the like")
    yield from papers
