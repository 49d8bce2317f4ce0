"""The parts that pages are put together from: links, dates, entries, lists, the line under a title.

They are HTML of one block without blank lines, which Markdown leaves alone; every text in them is escaped here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.markdown import scan
from carrel.core.note import Link, Note
from carrel.core.relative import relative_url
from carrel.publish.edition import Edition
from carrel.publish.words import entry_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


def link(edition: Edition, source: str, note: Note, slug: str = "", text: str = "") -> str:
    """An HTML link from the staged page `source` to a note, or to a heading of it."""
    return anchor(edition.url(source, Target(note.path, slug)), text or edition.titles[note.path])


def anchor(url: str, text: str) -> str:
    """An HTML link to an address of the stage, where pages are `.md` and become `.html`."""
    path, mark, fragment = url.partition("#")
    if path.endswith(".md"):
        path = path.removesuffix(".md") + ".html"
    return f'<a href="{escape(path + mark + fragment)}">{escape(text)}</a>'


def day(when: date) -> str:
    """A date as a reader wants it: `20 November 2026`."""
    return f'<time datetime="{when.isoformat()}">{when.day} {when:%B} {when.year}</time>'


def tags(edition: Edition, note: Note, place: str) -> str:
    """Links to the pages of a note's tags."""
    names = {edition.tags[tag]: tag for tag in reversed(note.tags)}
    pages = dict.fromkeys(edition.tags[tag] for tag in note.tags)
    return " ".join(anchor(relative_url(place, page), f"#{names[page]}") for page in pages)


def entry(edition: Edition, place: str, note: Note, number: int) -> str:
    """One entry of a log day: its time, and its title as a permalink."""
    one = note.entries[number]
    title = link(edition, place, note, one.slug, entry_title(edition, note, one) or "Entry")
    return f'<span class="carrel-at"><time class="carrel-clock">{one.time:%H:%M}</time>{title}</span>'


def item(edition: Edition, place: str, note: Note) -> str:
    """A note as an item of a list: its day, its title, its state."""
    when = f'<span class="carrel-when">{day(note.date)}</span> ' if note.date and note.kind != "log" else ""
    state = text_of(note.metadata, "state")
    after = f' <span class="carrel-state">{escape(state)}</span>' if state else ""
    return f"<li>{when}{link(edition, place, note)}{after}</li>"


def listed(items: Iterable[str]) -> str:
    """Items as a list, which the search leaves to the notes themselves."""
    lines = "\n".join(items)
    return f'<ul class="carrel-list" data-search-exclude="">\n{lines}\n</ul>'


def relations(note: Note, key: str) -> Iterator[tuple[Link, bool]]:
    """The links in the value of `key`, and whether each is written as one; a bare name counts as a link."""
    value = note.metadata.get(key, ())
    for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
        if isinstance(text, str) and text.strip():
            found = scan(text).links
            yield from ((one, True) for one in found)
            if not found:
                yield Link(text.strip()), False


def stars(metadata: Mapping[str, object]) -> str:
    """`rating: 4` as stars of five, or ""."""
    rating = text_of(metadata, "rating")
    if rating not in ("1", "2", "3", "4", "5"):
        return ""
    shown = "★" * int(rating) + "☆" * (5 - int(rating))
    return f'<span class="carrel-rating" title="{rating} of 5">{shown}</span>'


def text_of(metadata: Mapping[str, object], key: str) -> str:
    """A front-matter value that is one line of text, or ""."""
    value = metadata.get(key, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def neighbours(edition: Edition, note: Note, place: str, before: Note | None, after: Note | None) -> str:
    """Links to the log's previous and next day."""
    links = []
    if before is not None:
        links.append(f'<span class="carrel-before">← {link(edition, place, before)}</span>')
    if after is not None:
        links.append(f'<span class="carrel-after">{link(edition, place, after)} →</span>')
    return f'<nav class="carrel-days" data-search-exclude="">{"".join(links)}</nav>' if links else ""
