"""What of the stage can be found: the notes and the site's own pages, in the words that their pages show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from carrel.core.paper import bare_doi
from carrel.publish.parts import text_of
from carrel.publish.search.units import Page
from carrel.search.units import front_tags

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.publish.edition import Edition
    from carrel.publish.layout import StagedPage

#: The kind that pages of the site itself are found as.
OWN = "page"


def search_pages(edition: Edition, staged: Iterable[StagedPage]) -> Iterator[Page]:
    """The pages that are found. Lists made from notes are not: the notes are."""
    own = {page.path for page in edition.pages}
    for page in staged:
        if (note := edition.by_path.get(page.source)) is not None and (page.own or page.source not in own):
            yield _own_page(page) if note.path in own else _note_page(edition, note, page)


def _own_page(page: StagedPage) -> Page:
    return Page(_address(page), page.title, OWN, "", page.own, {"kind": (OWN,)})


def _note_page(edition: Edition, note: Note, page: StagedPage) -> Page:
    facets = {
        "kind": (note.kind,),
        "tag": tuple(front_tags(note)) if note.entries else note.tags,
        "project": _project(edition, note, text_of(note.metadata, "project")),
        "person": note.authors,
        "year": _year(note),
    }
    entries = {
        edition.anchor(note.path, entry.slug): {
            "tag": tuple(tag for tag in entry.tags if tag in note.tags),
            "project": _project(edition, note, entry.project),
        }
        for entry in note.entries
    }
    day = note.date.isoformat() if note.date else ""
    return Page(_address(page), page.title, note.kind, day, page.own, facets, tuple(entries), entries, _also(note))


def _address(page: StagedPage) -> str:
    return page.path.removesuffix(".md") + ".html"


def _project(edition: Edition, note: Note, name: str) -> tuple[str, ...]:
    """The name of a project where it may be read; one that is written as a link is not a name to filter by."""
    return (name,) if name and "[" not in name and edition.shows(note, name) else ()


def _year(note: Note) -> tuple[str, ...]:
    """The year of what the note is about, as of a paper; else its own."""
    year = text_of(note.metadata, "year")
    if year.isdecimal():
        return (year,)
    return (str(note.date.year),) if note.date else ()


def _also(note: Note) -> str:
    """What the line under the title says beside the text: people, where a paper appeared, its identifiers, tags."""
    values = [text_of(note.metadata, key) for key in ("venue", "year", "arxiv", "citekey")]
    values += [bare_doi(text_of(note.metadata, "doi")), *(f"#{tag}" for tag in note.tags)]
    return " ".join(value for value in (*note.authors, *values) if value)
