"""The table of papers: a row for each, which the reader's browser sorts and filters (`papers.js`).

What a row can be sorted and filtered by stands in its cells and nowhere else: without a script it is the same table.
A column in which no paper says anything is left out.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.person import Name
from carrel.core.reading import Level
from carrel.publish.edition.places import PAPERS, PAPERS_BIB, PAPERS_FEED, PAPERS_JSON
from carrel.publish.pages.parts import anchor, link, stars, tags, text_of
from carrel.publish.pages.relation_links import related
from carrel.publish.text.labels import byline, year_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition

COLUMNS = ("Title", "Authors", "Year", "Venue", "Reading", "Rating", "Project", "Tags")
_ALWAYS = ("Title", "Authors", "Year")
#: Rows that a browser lays out at first; with thousands it would be seconds before anything can be clicked.
FIRST_ROWS = 200
#: Authors of a paper that its row can be found by.
MAX_AUTHORS = 30


def papers_table(edition: Edition) -> str:
    """Every paper in a table, the newest first, and where to have them all for a bibliography."""
    titles, papers = edition.titles, edition.group("kind", "paper")
    ordered = sorted(papers, key=lambda note: (_descending(year_of(note)), titles[note.path].casefold(), note.path))
    rows = [tuple(_cells(edition, note)) for note in ordered]
    shown = [number for number, name in enumerate(COLUMNS) if name in _ALWAYS or any(row[number] for row in rows)]
    head = "".join(f'<th scope="col">{COLUMNS[number]}</th>' for number in shown)
    lines = [f"<tr>{''.join(f'<td>{row[number]}</td>' for number in shown)}</tr>" for row in rows]
    body = "\n".join(("<tbody>", *lines[:FIRST_ROWS], "</tbody>"))
    if later := lines[FIRST_ROWS:]:
        body += "\n".join(('<tbody class="carrel-later">', *later, "</tbody>"))
    count = f"{len(rows):,} paper{'s' if len(rows) > 1 else ''}, the newest first."
    return (
        f'<p class="carrel-count" role="status">{count}</p>\n'
        f'<p class="carrel-downloads">All of them as {anchor(PAPERS_BIB, "BibTeX")} '
        f"or {anchor(PAPERS_JSON, 'CSL-JSON')} · {anchor(PAPERS_FEED, 'Feed of new ones')}</p>\n\n"
        '<div class="carrel-wide"><table class="carrel-papers" data-search-exclude="">\n'
        f"<thead><tr>{head}</tr></thead>\n{body}</table></div>"
    )


def _cells(edition: Edition, note: Note) -> Iterator[str]:
    """What stands in each of the columns."""
    yield link(edition, PAPERS, note)
    yield _authors(note)
    yield escape(year_of(note))
    yield escape(text_of(note.metadata, "venue"))
    reading = text_of(note.metadata, "reading")
    level = Level.named(reading)
    yield escape(level.state if level is not None else reading)
    yield stars(note.metadata)
    yield ", ".join(related(edition, note, PAPERS, "project"))
    yield tags(edition, note, PAPERS)


def _authors(note: Note) -> str:
    """Who wrote it as a citation says it, and whoever stands behind "et al." for those who look for them."""
    if len(note.authors) < 3:
        return escape(byline(note))
    everyone = ", ".join(map(_as_said, note.authors[:MAX_AUTHORS]))
    return f'<span title="{escape(everyone)}">{escape(byline(note))}</span>'


def _as_said(name: str) -> str:
    """A name as people say it; most stand so, and to take ten thousand to pieces is half the table's time."""
    return Name.parse(name).display if "," in name or "{" in name else name


def _descending(year: str) -> int:
    return -int(year) if year.isascii() and year.isdigit() and len(year) < 6 else 0
