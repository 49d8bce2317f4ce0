"""`carrel paper cite`: papers as BibTeX, CSL-JSON, a citation for Markdown or a formatted reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import echo
from carrel.cli.papers.named import complete_paper, named_paper
from carrel.errors import UsageError

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.style import Style

FORMATS = ("bibtex", "biblatex", "csl", "markdown", "text")


@command("cite")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...", shell_complete=complete_paper)
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), help="What to print (default: bibtex).", default="bibtex"
)
@click.option("--style", "style_file", default="", metavar="FILE", help="With --format text: a CSL style of your own.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Letters as LaTeX commands, for BibTeX of old.")
def cite(app: App, keys: tuple[str, ...], form: str, style_file: str, ascii_only: bool) -> None:
    """Print papers as a bibliography or a text wants them.

    KEY is a citation key, a path or a title.

    \b
    carrel paper cite elhage2022toy >> refs.bib
    carrel paper cite elhage2022toy olah2020zoom --format markdown   # [@elhage2022toy; @olah2020zoom]
    carrel paper cite elhage2022toy --format text
    """
    from carrel.core.paper import read_paper

    if style_file and form != "text":
        raise UsageError("--style is for formatted references", "add --format text")
    if ascii_only and not form.startswith("bib"):
        raise UsageError("--ascii is for BibTeX", "add --format bibtex")
    paths = dict.fromkeys(named_paper(app, key) for key in keys)
    papers = [read_paper(app.kb.read(path, head=True)) for path in paths]
    if form == "markdown":
        echo(f"[{'; '.join(f'@{markdown_key(paper.citekey)}' for paper in papers)}]")
    elif form == "text":
        echo("\n".join(_references(papers, _style(app, style_file))))
    else:
        echo(library_text(papers, form, ascii_only=ascii_only), newline=False)


def library_text(papers: list[Paper], form: str, *, ascii_only: bool = False, comment: str = "") -> str:
    """The papers as a whole file: `form` is bibtex, biblatex or csl; only BibTeX can hold a comment."""
    if form == "csl":
        from carrel.metadata import csl

        return csl.dump(papers)
    from carrel.metadata.bibtex_writer import Dialect, bib_text

    return bib_text(papers, Dialect(form), ascii_only=ascii_only, comment=comment)


def markdown_key(key: str) -> str:
    """A key as pandoc reads it after an `@`: in braces where it would end too early.

    >>> markdown_key("elhage2022toy"), markdown_key("a.b."), markdown_key("DBLP:conf/nips/Va17")
    ('elhage2022toy', '{a.b.}', 'DBLP:conf/nips/Va17')
    """
    from carrel.core.markdown import scan

    cited = scan(f"[@{key}]").citations
    return key if len(cited) == 1 and cited[0].key == key else f"{{{key}}}"


def _references(papers: list[Paper], style: Style | None) -> list[str]:
    """Each paper's entry in the list, in the order of the style."""
    from carrel.metadata.bibliography import Bibliography
    from carrel.metadata.formatter import as_text

    bibliography = Bibliography({paper.citekey: paper for paper in papers}, style)
    ordered = bibliography.ordered(paper.citekey for paper in papers)
    return [as_text(bibliography.entry(key, number)) for number, key in enumerate(ordered, 1)]


def _style(app: App, file: str) -> Style | None:
    if file:
        from carrel.metadata.style import parse_style
        from carrel.store.files import read

        return parse_style(read(Path(file)), file)
    from carrel.publish.edition.style import style_of

    return style_of(app.kb)
