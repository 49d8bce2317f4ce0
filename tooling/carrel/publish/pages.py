"""The pages that are made from notes: home, the papers table, a list for each kind; the timeline and the tags.

Each text is Markdown with HTML blocks in it, and stands below the text of `site/pages/<the same name>` where the
knowledge base has one.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from carrel.publish.edition import BIBLIOGRAPHY, HOME, PAPERS, TIMELINE, Edition, list_page
from carrel.publish.groups import LISTS, newest_first
from carrel.publish.labels import byline, year_of
from carrel.publish.made import MadePage
from carrel.publish.parts import anchor, entry, item, link, listed, stars, tags, text_of
from carrel.publish.references import bibliography_page
from carrel.publish.tags import tag_pages
from carrel.publish.timeline import timeline_pages
from carrel.publish.words import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note

LATEST_DAYS, LATEST_PAPERS, LATEST_NOTES = 5, 5, 8
#: Sections of a paper that say in a line what it is about, the best first.
_GISTS = ("tl;dr", "tldr", "tl-dr", "opinion", "summary", "abstract")


def made_pages(edition: Edition) -> Iterator[MadePage]:
    """Every page that is made from notes."""
    yield MadePage(HOME, "Home", home)
    yield from timeline_pages(edition)
    if edition.group("kind", "paper"):
        yield MadePage(PAPERS, "Papers", papers_table)
    if edition.cited:
        yield MadePage(BIBLIOGRAPHY, "Bibliography", bibliography_page)
    yield from tag_pages(edition)
    for kind, title in LISTS.items():
        if edition.group("kind", kind):
            yield MadePage(list_page(kind), title, partial(_list, kind=kind))


def _list(edition: Edition, kind: str) -> str:
    return listed(item(edition, list_page(kind), note) for note in edition.group("kind", kind))


def home(edition: Edition) -> str:
    """The latest days with their entries, the latest papers with what was thought of them, other recent notes."""
    parts = []
    if days := edition.days[::-1][:LATEST_DAYS]:
        parts += ["## Latest entries", *(_day(edition, note) for note in days), _more(TIMELINE, "The whole timeline")]
    if papers := edition.group("kind", "paper")[:LATEST_PAPERS]:
        parts += ["## Latest papers", *(_paper(edition, note) for note in papers), _more(PAPERS, "All papers")]
    others = sorted((note for kind in LISTS for note in edition.group("kind", kind)), key=newest_first)
    if others:
        parts += ["## Recent notes", listed(item(edition, HOME, note) for note in others[:LATEST_NOTES])]
    return "\n\n".join(parts) if parts else "Nothing has been shared yet."


def _day(edition: Edition, note: Note) -> str:
    lines = [f'<div class="carrel-day"><p class="carrel-heading">{link(edition, HOME, note)}</p>']
    if note.entries:
        order = sorted(range(len(note.entries)), key=lambda number: (note.entries[number].time, number), reverse=True)
        items = (f"<li>{entry(edition, HOME, note, number)}</li>" for number in order)
        lines += ["<ul>", *items, "</ul>"]
    else:
        lines.append(f"<p>{escape(summary(edition, note, 0, len(note.body)))}</p>")
    return "\n".join((*lines, "</div>"))


def _paper(edition: Edition, note: Note) -> str:
    whose = " ".join(word for word in (byline(note), year_of(note)) if word)
    about = f' <span class="carrel-whose">{escape(whose)}</span>' if whose else ""
    lines = [f'<div class="carrel-paper"><p class="carrel-heading">{link(edition, HOME, note)}{about}</p>']
    if text := gist(edition, note):
        lines.append(f"<p>{escape(text)}</p>")
    return "\n".join((*lines, "</div>"))


def gist(edition: Edition, note: Note) -> str:
    """What a paper's note says in a line: its TL;DR, else the beginning of its opinion or summary."""
    headings = note.markup.headings
    sections = {heading.text.lower().rstrip(":"): number for number, heading in reversed(list(enumerate(headings)))}
    for name in _GISTS:
        if (number := sections.get(name)) is not None:
            start = note.body.find("\n", headings[number].start)
            end = headings[number + 1].start if number + 1 < len(headings) else len(note.body)
            if 0 <= start < end and (text := summary(edition, note, start, end)):
                return text
    return ""


def papers_table(edition: Edition) -> str:
    """Every paper in a table: what, who, when, how far it was read, tags; the newest first."""
    titles, papers = edition.titles, edition.group("kind", "paper")
    ordered = sorted(papers, key=lambda note: (_descending(year_of(note)), titles[note.path].casefold(), note.path))
    rows = []
    for note in ordered:
        reading = f"{escape(text_of(note.metadata, 'reading'))} {stars(note.metadata)}".strip()
        authors, year = escape(byline(note)), escape(year_of(note))
        cells = (link(edition, PAPERS, note), authors, year, reading, tags(edition, note, PAPERS))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Title", "Authors", "Year", "Reading", "Tags"))
    return (
        f"{len(rows):,} paper{'s' if len(rows) > 1 else ''}, the newest first.\n\n"
        '<div class="carrel-wide"><table class="carrel-papers" data-search-exclude="">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )


def _more(page: str, text: str) -> str:
    return f'<p class="carrel-more">{anchor(page, text + " →")}</p>'


def _descending(year: str) -> int:
    return -int(year) if year.isascii() and year.isdigit() and len(year) < 6 else 0
