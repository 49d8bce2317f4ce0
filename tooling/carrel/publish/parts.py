"""The parts that pages are put together from: links, dates, entries, lists, the line under a title.

They are HTML of one block without blank lines, which Markdown leaves alone; every text in them is escaped here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.markdown import scan
from carrel.core.note import Link, Note, Visibility
from carrel.publish.edition import Edition, relative_url
from carrel.publish.labels import year_of
from carrel.publish.words import entry_title, shown_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

_SITES = {"arxiv": ("arXiv", "https://arxiv.org/abs/"), "doi": ("doi", "https://doi.org/")}


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


def about(edition: Edition, note: Note, place: str) -> str:
    """The line under the title: day, authors, where it appeared, reading, tags, who may read it.

    The search leaves it out: what it finds is shown by a passage of the text.
    """
    facts = [*_facts(edition, note, place)]
    if note.visibility is not Visibility.PUBLIC and edition.audience is not Visibility.PUBLIC:
        classes = f"carrel-badge carrel-{note.visibility}"
        facts.append(f'<span class="{classes}">{note.visibility}</span>')
    lines = [f'<span class="carrel-facts">{" · ".join(facts)}</span>'] if facts else []
    if labels := tags(edition, note, place):
        lines.append(f'<span class="carrel-tags">{labels}</span>')
    return f'<div class="carrel-about" data-search-exclude="">{" ".join(lines)}</div>' if lines else ""


def _facts(edition: Edition, note: Note, place: str) -> Iterator[str]:
    if note.kind == "log":
        if note.date:
            yield f"{note.date:%A}, {day(note.date)}"
    elif note.kind != "paper" and note.date:
        yield day(note.date)
    if note.authors:
        shown = ", ".join(note.authors[:6]) + (f" and {len(note.authors) - 6} more" if len(note.authors) > 6 else "")
        yield escape(shown)
    if note.kind == "paper":
        where = " ".join(word for word in (text_of(note.metadata, "venue"), year_of(note)) if word)
        if where:
            yield escape(where)
        yield from _addresses(note.metadata)
        if reading := text_of(note.metadata, "reading"):
            yield f'<span class="carrel-reading">{escape(reading)}</span>'
        if rating := stars(note.metadata):
            yield rating
    elif note.kind not in ("log", "note"):
        yield escape(note.kind)
    if state := text_of(note.metadata, "state"):
        yield f'<span class="carrel-state">{escape(state)}</span>'
    for key in ("project", "advances"):
        yield from _relation(edition, note, place, key)


def _relation(edition: Edition, note: Note, place: str, key: str) -> Iterator[str]:
    """`project: probes` or `advances: "[[question]]"`: a link when it leads to something that is shown."""
    for pointer, written in relations(note, key):
        target = edition.graph.resolve(note.path, pointer)
        if target is not None and target.path in edition.by_path:
            label = shown_text(edition, note, pointer.label) or edition.titles[target.path]
            yield f"{key} {anchor(edition.url(place, target), label)}"
        elif text := shown_text(edition, note, pointer.label or ("" if written else pointer.target)):
            yield f"{key} {escape(text)}"


def relations(note: Note, key: str) -> Iterator[tuple[Link, bool]]:
    """The links in the value of `key`, and whether each is written as one; a bare name counts as a link."""
    value = note.metadata.get(key, ())
    for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
        if isinstance(text, str) and text.strip():
            found = scan(text).links
            yield from ((one, True) for one in found)
            if not found:
                yield Link(text.strip()), False


def _addresses(metadata: Mapping[str, object]) -> Iterator[str]:
    for key, (name, site) in _SITES.items():
        value = text_of(metadata, key).removeprefix(site)
        if value and "://" not in value:
            yield anchor(site + value, f"{name}:{value}" if key == "arxiv" else "doi")
    url = text_of(metadata, "url")
    if url.startswith(("https://", "http://")) and not any(site in url for _, site in _SITES.values()):
        yield anchor(url, url.split("/")[2].removeprefix("www."))


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
