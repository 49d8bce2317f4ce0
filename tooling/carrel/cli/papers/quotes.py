"""`carrel paper quotes`: what was marked in a paper's PDF, or in Zotero, into the Quotes of its note."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, line, shown_path
from carrel.cli.papers.named import complete_paper, named_paper
from carrel.errors import NotFound, SourceInvalid, UsageError

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.core.quotes import Highlight

# What Zotero calls an item: a note comes from anywhere, and this becomes a part of an address.
_ZOTERO_KEY = re.compile(r"[A-Z0-9]{8}")


@command("quotes")
@click.argument("key", metavar="KEY", shell_complete=complete_paper)
@click.argument("pdf", required=False, metavar="[PDF]", type=click.Path(path_type=Path))
@click.option("--zotero", is_flag=True, help="What was marked in Zotero, which must be running.")
@click.option("--dry-run", is_flag=True, help="Print what would be added; write nothing.")
def quotes(app: App, key: str, pdf: Path | None, zotero: bool, dry_run: bool) -> None:
    """Copy highlights and comments from a paper's PDF into its note.

    Each is appended to Quotes once, with its page and a block id to link to; one that you change or delete there
    does not come back. PDF is the one that the note names, or papers/files/KEY.pdf.

    \b
    carrel paper quotes elhage2022toy
    carrel paper quotes elhage2022toy ~/Downloads/2209.10652.pdf
    """
    if zotero and pdf is not None:
        raise UsageError("a PDF and --zotero are two sources", "leave one out")
    path = named_paper(app, key)
    note = app.kb.read(path, head=True)
    found = _in_zotero(app, note) if zotero else _in_pdf(app, note, pdf)
    new = _written(app, path, found, dry_run=dry_run)
    if dry_run:
        for one in new:
            page = f"p. {one.page}: " if one.page else ""
            echo(line(page + (f'"{one.text}"' if one.text else one.comment)))
    known = len(found) - len(new)
    text = f"{count(len(new), 'quote')} {'would be ' if dry_run else ''}added to {shown_path(path)}"
    app.remark(text + (f"; {known} there already" if known else ""))


def _written(app: App, path: str, found: tuple[Highlight, ...], *, dry_run: bool) -> list[Highlight]:
    """Append what is new to the note. Returns it."""
    from carrel.core.quotes import append_quotes, new_quotes

    new: list[Highlight] = []

    def change(text: str) -> str:
        new[:] = new_quotes(text, found)
        return text if dry_run else append_quotes(text, new)

    app.kb.rewrite(path, change)
    return new


def _in_pdf(app: App, note: Note, given: Path | None) -> tuple[Highlight, ...]:
    from carrel.metadata.pdf import highlights
    from carrel.store.pdfs import Pdfs

    here = Pdfs(app.kb).of_note(note)
    place = given or here or _elsewhere(note)
    if place is None:
        raise NotFound(
            f"{shown_path(note.path)}: its PDF is not here", f"carrel paper quotes {note.name} FILE.pdf, or --zotero"
        )
    found = highlights(place)
    if place == here:
        from carrel.cli.index import take_in_pdfs

        take_in_pdfs(app, only=(app.kb.relative(place),))  # what is read by now can be searched as well
    return found


def _elsewhere(note: Note) -> Path | None:
    """The PDF that the note names by its whole path: Zotero's storage, say."""
    written = note.metadata.get("pdf", "")
    if isinstance(written, str) and written.startswith(("/", "~/")) and written.lower().endswith(".pdf"):
        return Path(written).expanduser()
    return None


def _in_zotero(app: App, note: Note) -> tuple[Highlight, ...]:
    """What was marked in the item that the note names as its `zotero`, else in the one that is the same paper."""
    from carrel.cli.papers.sources import client
    from carrel.core.paper import read_paper, same_paper
    from carrel.metadata import zotero

    asking, address = client(app, keep=False), app.kb.config.zotero_url
    written = note.metadata.get("zotero", "")
    if isinstance(written, str) and _ZOTERO_KEY.fullmatch(written):
        with suppress(SourceInvalid):  # it was deleted there, or this is another library
            return zotero.highlights(asking, written, address)
    paper = read_paper(note)
    key = next((item.key for item in zotero.items(asking, address) if same_paper(item.paper, paper)), None)
    if key is None:
        raise NotFound(f"Zotero has no {line(paper.title)!r}", "add it there, or name a PDF")
    return zotero.highlights(asking, key, address)
