"""`carrel paper export`: a .bib or CSL-JSON file of everything, of a project, or of what a document cites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from carrel.cli.app import App, command
from carrel.cli.output import count, echo, line, shown_path
from carrel.cli.papers.cite import library_text
from carrel.cli.papers.listing import papers as notes_of_papers
from carrel.core.names import fold
from carrel.core.paper import read_paper
from carrel.errors import Refused, SourceInvalid, UsageError

if TYPE_CHECKING:
    from carrel.core.paper import Paper

FORMATS = ("bibtex", "biblatex", "csl")
#: The first line of every .bib file that this command wrote: only such a file is replaced without being asked to.
MARK = "Written by `carrel paper export`, which replaces it: change the papers' notes instead."

WRITER = "carrel paper export"
#: Files of one document that are read.
MAX_FILES = 1000


@command("export")
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of to standard output.")
@click.option("-p", "--project", default="", metavar="NAME", help="Only the papers of a project.")
@click.option(
    "-c",
    "--cited-in",
    "documents",
    multiple=True,
    metavar="FILE",
    help="Only what it cites: LaTeX, .aux, .bcf, Markdown.",
)
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), help="Default: bibtex, or csl when FILE ends with .json."
)
@click.option("--ascii", "ascii_only", is_flag=True, help="Letters as LaTeX commands, for BibTeX of old.")
@click.option("--force", is_flag=True, help="Replace a file that Carrel did not write.")
def export(
    app: App,
    output: str,
    project: str,
    documents: tuple[str, ...],
    form: str | None,
    ascii_only: bool,
    force: bool,
) -> int:
    """Write the papers as a bibliography, sorted by key.

    A LaTeX document is read with the files that it includes. Keys that are cited and not here are listed, and the
    exit code is 1; the rest is written. The same papers give the same bytes, and a file that is right already is not
    touched.

    \b
    carrel paper export -o refs.bib
    carrel paper export --cited-in paper.tex -o refs.bib
    carrel paper export --project sae-probes --format biblatex
    """
    if project and documents:
        raise UsageError("--project and --cited-in: which papers?", "give one of them")
    form = form or ("csl" if output.lower().endswith(".json") else "bibtex")
    if ascii_only and form == "csl":
        raise UsageError("--ascii is for BibTeX", "leave it out: JSON is Unicode")
    missing: list[str] = []
    if documents:
        papers, missing = _cited(app, documents)
    else:
        papers = {}
        for note in notes_of_papers(app):
            if not project or fold(note.project) == fold(project):
                paper = read_paper(note)
                if papers.setdefault(paper.citekey, paper) is not paper:
                    missing.append(f"{note.path}: left out, because another paper has its key {line(paper.citekey)}")
        if project and not papers:
            raise UsageError(f"no paper belongs to the project {project!r}", "`project:` in a paper's note names one")
    ordered = [papers[key] for key in sorted(papers, key=lambda key: (key.casefold(), key))]
    text = library_text(ordered, form, ascii_only=ascii_only, comment=MARK if output not in ("", "-") else "")
    if output and output != "-":
        text = _marked(text) if form == "csl" else text
        changed = _write(Path(output), text, form, force)
        app.remark(f"{count(len(ordered), 'paper')} {'in' if changed else 'already in'} {shown_path(output)}")
    else:
        echo(text, newline=False)
    for one in missing:
        app.remark(one)
    return 1 if missing else 0


def _cited(app: App, documents: tuple[str, ...]) -> tuple[dict[str, Paper], list[str]]:
    """The papers that documents cite, under the keys that these use, and what is cited but not here."""
    from carrel.core.cited import EVERYTHING, cited_keys, mentioned_keys

    known: dict[str, Paper] = {}
    aliases: dict[str, Paper] = {}
    for note in notes_of_papers(app):
        paper = read_paper(note)
        known.setdefault(paper.citekey, paper)
        for alias in (note.name, *note.aliases):  # the key that an import could not use as a file's name is one
            aliases.setdefault(alias, paper)
    papers: dict[str, Paper] = {}
    missing: list[str] = []
    for document, text in _read(documents).items():
        for key, at in cited_keys(text, document.name).items():
            if key == EVERYTHING:
                papers |= known
            elif found := known.get(key) or aliases.get(key):
                papers[key] = replace(found, citekey=key)
            else:
                place = f"{shown_path(str(document))}:{at}"
                missing.append(f"{place}: {line(key)} is cited and not here{_nearest(key, known)}")
        if document.suffix.lower() not in (".tex", ".aux", ".bcf"):
            papers |= {key: known[key] for key in mentioned_keys(text) if key in known}
    return papers, missing


def _read(documents: tuple[str, ...]) -> dict[Path, str]:
    """The documents and the files that they include, as far as these are there. Raises `SourceInvalid`."""
    from carrel.core.cited import included_files
    from carrel.errors import NoteVanished
    from carrel.store import files

    texts: dict[Path, str] = {}
    named = tuple(map(Path, documents))
    waiting = [(place, place.parent) for place in named]
    for place, folder in waiting:  # it grows as files are read
        if place in texts or len(texts) >= MAX_FILES:
            continue
        try:
            texts[place] = files.read(place).decode("utf-8-sig", "replace")
        except NoteVanished as error:
            if place in named:
                raise SourceInvalid(error.message) from error
            continue  # a package's own file, or one that LaTeX makes
        # LaTeX looks for files from the folder of the main document.
        waiting += [(folder / name, folder) for name in included_files(texts[place], place.name)]
    return texts


def _nearest(key: str, known: dict[str, Paper]) -> str:
    from difflib import get_close_matches

    same = [other for other in known if other.casefold() == key.casefold()]
    close = same or get_close_matches(key, known, 1, 0.8)
    return f"; did you mean {line(close[0])}?" if close else ""


def _write(place: Path, text: str, form: str, force: bool) -> bool:
    """Put the bibliography at `place`; whether that changed anything. Raises `Refused`, `WriteFailed`, `UsageError`."""
    from carrel.errors import NoteVanished
    from carrel.store import files

    data = text.encode()
    if not place.parent.is_dir():
        raise UsageError(f"there is no folder {place.parent}", "make it first")
    try:
        before = files.read(place)
    except NoteVanished as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise Refused(error.message) from error
        files.create(place, data)
        return True
    if before == data:
        return False
    if not (force or _is_ours(before, form)):
        raise Refused(f"{place} was not written by `carrel paper export`", "--force replaces it")
    files.replace(place, data, files.digest(before))
    return True


def _marked(items: str) -> str:
    """A CSL-JSON list that says in its first item who wrote it, in the place that the format has for the like."""
    import json

    found = json.loads(items)
    if found:
        found[0]["custom"] = {"written-by": WRITER}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _is_ours(data: bytes, form: str) -> bool:
    """Whether this command wrote a file, or there is nothing in it that could be lost."""
    if data.strip() in (b"", b"[]"):
        return True
    return f'"written-by": "{WRITER}"'.encode() in data if form == "csl" else data.startswith(f"% {MARK}".encode())
