"""`carrel paper add`: any reference in, a summary file out."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, line
from carrel.cli.papers.named import level_option
from carrel.errors import CarrelError, PaperExists, SourceError, UsageError, WriteFailed

if TYPE_CHECKING:
    from carrel.cli.papers.finder import Finder, Found
    from carrel.cli.papers.gather import Gathering, Wanted
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.reading import Level
    from carrel.store.shelf import Shelf

#: So many papers that are here already are named; of a library imported twice that is all of them.
SHOWN = 20
#: So many lines about entries that are odd, or that could not be read.
MOST_COMPLAINTS = 500


@command("add")
@click.argument("references", nargs=-1, metavar="REF...")
@click.option("-a", "--author", "authors", multiple=True, metavar="NAME", help="With a title: an author, in order.")
@click.option("--year", default="", metavar="YEAR", help="With a title: the year.")
@click.option("--url", default="", metavar="URL", help="With a title: where it is.")
@click.option("--key", default="", metavar="KEY", help="The citation key, instead of the one Carrel makes.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag; may be given several times.")
@click.option("-p", "--project", default="", metavar="NAME", help="The project that it is read for.")
@level_option("Begin with the sections of this level only; later ones come with deeper reading.")
@click.option("--pdf", "with_pdf", is_flag=True, help="Fetch the PDF too, into papers/files/.")
@click.option("--edit", "edit_it", is_flag=True, help="Open the summaries in your editor.")
@click.option("--offline", is_flag=True, help="Ask no source; only answers that were kept.")
@click.option("-v", "--verbose", is_flag=True, help="Name every paper that is here already.")
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
    level: Level | None,
    with_pdf: bool,
    edit_it: bool,
    offline: bool,
    verbose: bool,
    dry_run: bool,
) -> int:
    """Add papers to read: a summary to fill in for each; prints their paths.

    REF is an arXiv id, a DOI, an OpenAlex or Semantic Scholar id, an address of any of these, a PDF (file or address),
    a library file (BibTeX, RIS, PubMed, CSL-JSON, Zotero's CSV), `zotero:` or `zotero:COLLECTION` for the Zotero that
    runs here, `-` for any of these on standard input, or a title in words. A paper that is here already (the same DOI
    or arXiv id, or the same title, first author and year) is not added twice; what was stopped half-way goes on when
    it is run again.

    \b
    carrel paper add 2209.10652
    carrel paper add 10.1038/nature14539 https://arxiv.org/abs/1706.03762
    carrel paper add ~/Downloads/toy.pdf
    carrel paper add library.bib
    carrel paper add "The Humble Programmer" -a "Edsger W. Dijkstra" --year 1972
    """
    from carrel.cli.papers.finder import Finder
    from carrel.cli.papers.gather import Gathering
    from carrel.cli.progress import Bar
    from carrel.core.citekey import is_key
    from carrel.core.paper import Paper, bare_doi
    from carrel.core.person import Name
    from carrel.store.shelf import Shelf

    if not references and sys.stdin.isatty():
        raise UsageError("which paper?", "an arXiv id, a DOI, a PDF, a library file, an address, or a title in words")
    shelf = Shelf(app.kb)
    if key and not is_key(key):
        raise UsageError(
            f"--key {key!r} cannot be a file's name",
            "letters, digits, and between them any of . _ + -, and nothing that is a day or an ending like .md",
        )
    if key and shelf.has_key(key):
        raise UsageError(f"--key: {key} is the key of another paper")
    if year and not re.fullmatch(r"\d{4}", year):
        raise UsageError(f"--year {year!r}: a year has four digits")
    typed = Paper("", tuple(map(Name.parse, authors)), year, url=url, doi=bare_doi(url))
    finder = Finder(app, shelf, offline=offline)
    gathering = Gathering(app, finder, typed, offline=offline)
    wanted = gathering.wanted(references or ("-",))
    if key and len(wanted) > 1:
        raise UsageError(f"--key names one paper, and {len(wanted)} were given")
    batch = Batch(app, shelf, finder, gathering, tags, key, {"project": project} if project else {}, level)
    batch.with_pdf, batch.dry_run = with_pdf, dry_run
    with Bar("adding", quiet=app.quiet) as bar:
        try:
            for done, one in enumerate(wanted):
                bar.show(done, len(wanted))
                batch.take(one)
        except (KeyboardInterrupt, WriteFailed):
            if len(wanted) > 1:
                said = f"{count(len(batch.added), 'paper')} added before that"
                app.remark(f"{said}; the same command goes on from there")
            raise
    batch.report(verbose=verbose)
    if edit_it and batch.added and not dry_run:
        from carrel.cli.editor import editor_command, open_files

        places = [app.kb.absolute(path) for path in batch.added]
        open_files(editor_command(app.environment, app.kb.config.editor), places)
    return 1 if gathering.failures else 0


@dataclass
class Batch:
    """Adds one paper after the other and counts what became of each.

    What is wrong with one of several does not stop the others; an error with one that was given alone is raised.
    """

    app: App
    shelf: Shelf
    finder: Finder
    gathering: Gathering
    tags: tuple[str, ...]
    key: str
    fields: Mapping[str, Writable]
    level: Level | None
    with_pdf: bool = False
    dry_run: bool = False
    added: list[str] = field(default_factory=list)
    here: list[PaperExists] = field(default_factory=list)

    def take(self, one: Wanted) -> None:
        """Find one paper and add it, with its PDF if there is one. Raises `WriteFailed`, and when alone any error."""
        pdf, here = b"", None
        try:
            found = one.find()
            pdf = found.pdf
            path = self._add(found)
            self._say(path)
            rival = self.shelf.rival(found.paper)
            if rival is not None:
                both = "both have the same identifier, under other titles and authors"
                self.gathering.warnings.append(f"{path}, {rival}: {both}; one may be mistaken, or a part of the other")
        except WriteFailed:
            raise  # with a full disk nothing of the rest would be saved either
        except PaperExists as error:
            path, here = error.path, error
        except CarrelError as error:
            if self.gathering.alone:
                raise
            self._fail(one.name, error)
            return
        kept = not self.dry_run and self._keep(path, pdf)
        if here is not None and not kept:
            if self.gathering.alone:
                raise here
            self.here.append(here)

    def _add(self, found: Found) -> str:
        paper = found.paper
        paper = replace(paper, keywords=(*paper.keywords, *self.tags), citekey=self.key or paper.citekey)
        return self.shelf.add(
            paper,
            {**self.fields, **found.fields},
            self.app.today,
            typed=found.typed,
            level=self.level,
            dry_run=self.dry_run,
        )

    def _keep(self, path: str, pdf: bytes) -> bool:
        """Keep the PDF of the paper at `path`, if it has none yet and one is at hand or wanted; whether it was kept."""
        if self.shelf.has_pdf(path) or not (pdf or self.with_pdf):
            return False
        from carrel.cli.index import take_in_pdfs

        try:
            kept = self.shelf.keep_pdf(path, pdf or self.finder.pdf_of(path))
        except SourceError as error:
            self._fail(path, error)
            return False
        self.app.remark(f"{path}: its PDF is kept as {kept}")
        take_in_pdfs(self.app, only=(kept,))  # for searches
        return True

    def _say(self, path: str) -> None:
        self.added.append(path)
        if not sys.stdout.isatty():
            echo(path)  # at once: who reads from a pipe may go on with it, and a killed command has told what it did

    def _fail(self, name: str, error: CarrelError) -> None:
        self.gathering.failures.append(error.message if name in error.message else f"{name}: {error.message}")

    def report(self, *, verbose: bool) -> None:
        """Print the paths, and remark on the rest."""
        if sys.stdout.isatty():  # a terminal has the progress bar in between
            for path in self.added[:SHOWN]:
                echo(path)
            if len(self.added) > SHOWN:
                self.app.remark(f"and {len(self.added) - SHOWN} more; `carrel paper list` shows them")
        # First what may be a mistake: the same identifier under another title.
        self.here.sort(key=lambda error: not error.other)
        shown = len(self.here) if verbose else SHOWN
        for error in self.here[:shown]:
            self.app.remark(f"skipped: {line(error.message)}")
        if len(self.here) > shown:
            self.app.remark(f"skipped: {len(self.here) - shown} more that are here already; --verbose names them")
        failures = self.gathering.failures
        for what, listed in (("", self.gathering.warnings), ("carrel: ", failures)):
            most = len(listed) if verbose else MOST_COMPLAINTS
            for text in listed[:most]:
                self.app.remark(f"{what}{line(text)}")
            if len(listed) > most:
                self.app.remark(f"{what}and {len(listed) - most} more such lines; --verbose prints them")
        if not self.gathering.alone:
            counts = f"{len(self.added)} added, {len(self.here)} here already"
            self.app.remark(f"{counts}, {len(failures)} could not be read")
