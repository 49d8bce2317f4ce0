"""The pages of tags: an index, and for each tag the entries and notes that carry it."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

from carrel.publish.edition import TAGS, Edition, newest_first
from carrel.publish.parts import anchor, entry, item, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from carrel.core.note import Note


def tag_pages(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """The index of tags and a page for each, as (path, title, text)."""
    tagged: dict[str, list[Note]] = defaultdict(list)
    for note in sorted(edition.notes, key=newest_first):
        for page in dict.fromkeys(edition.tags[tag] for tag in note.tags):
            tagged[page].append(note)
    if not tagged:
        return
    names = {page: tag for tag, page in reversed(tuple(edition.tags.items()))}
    lines = "\n".join(
        f"<li>{anchor(page, '#' + names[page])} <span>{len(notes):,}</span></li>"
        for page, notes in sorted(tagged.items(), key=lambda one: (names[one[0]].casefold(), one[0]))
    )
    yield TAGS, "Tags", f'<ul class="carrel-tag-list" data-search-exclude="">\n{lines}\n</ul>'
    for page, notes in sorted(tagged.items()):
        yield page, f"#{names[page]}", _tag_page(edition, page, notes)


def _tag_page(edition: Edition, page: str, notes: Iterable[Note]) -> str:
    sections: dict[str, list[str]] = {"Log": [], "Papers": [], "Notes": []}
    for note in notes:
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
