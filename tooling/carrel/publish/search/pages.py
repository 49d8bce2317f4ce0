"""What of the stage can be found: the notes and the site's own pages, in the words that their pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.core.paper import bare_doi
from carrel.publish.edition.places import PAGES
from carrel.publish.pages.parts import text_of
from carrel.publish.search.units import Page
from carrel.search.units import front_tags

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition
    from carrel.publish.pages.layout import LaidPage

#: The kind that pages of the site itself are found as.
OWN = "page"


def found_page(edition: Edition, page: LaidPage) -> Page | None:
    """A page as it is found. Lists made from notes are not: the notes are."""
    if not page.source:
        return None
    if page.source.startswith(PAGES):
        return _own_page(page) if page.own else None
    return _note_page(edition, edition.by_path[page.source], page)


def _own_page(page: LaidPage) -> Page:
    return Page(_address(page), page.title, OWN, "", page.own, {"kind": (OWN,)})


def _note_page(edition: Edition, note: Note, page: LaidPage) -> Page:
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


def _address(page: LaidPage) -> str:
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
