"""The pages of tags: an index, and for each tag the entries and notes that carry it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from carrel.publish.edition import TAGS, Edition
from carrel.publish.made import MadePage
from carrel.publish.parts import anchor, entry, item, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note


def tag_pages(edition: Edition) -> Iterator[MadePage]:
    """The index of tags and a page for each."""
    if pages := edition.keys("tag"):
        yield MadePage(TAGS, "Tags", _index)
    for page in pages:
        yield MadePage(page, f"#{edition.tag_names[page]}", partial(_tag_page, page=page))


def _index(edition: Edition) -> str:
    names = edition.tag_names
    lines = "\n".join(
        f"<li>{anchor(page, '#' + names[page])} <span>{len(edition.group('tag', page)):,}</span></li>"
        for page in sorted(edition.keys("tag"), key=lambda page: (names[page].casefold(), page))
    )
    return f'<ul class="carrel-tag-list" data-search-exclude="">\n{lines}\n</ul>'


def _tag_page(edition: Edition, page: str) -> str:
    sections: dict[str, list[str]] = {"Log": [], "Papers": [], "Notes": []}
    for note in edition.group("tag", page):
        heading = {"log": "Log", "paper": "Papers"}.get(note.kind, "Notes")
        sections[heading] += _tagged(edition, page, note)
    return "\n\n".join(f"## {heading}\n\n{listed(items)}" for heading, items in sections.items() if items)


def _tagged(edition: Edition, page: str, note: Note) -> Iterator[str]:
    """What of a note carries the tag: some entries of a log day, or all of it."""
    found = False
    for number, one in enumerate(note.entries):
        if any(edition.tags.get(tag) == page for tag in one.tags):
            found = True
            when = f'<span class="carrel-when">{escape(edition.titles[note.path])}</span>'
            yield f"<li>{when} {entry(edition, page, note, number)}</li>"
    if not found:
        yield item(edition, page, note)
