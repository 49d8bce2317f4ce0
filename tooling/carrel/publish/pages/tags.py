"""The pages of tags: an index, and for each tag the entries and notes that carry it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from carrel.core.relative import relative_url
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import TAGS, feed_of
from carrel.publish.pages.archive import archive_pages, is_long, years_table
from carrel.publish.pages.lines import Line, by_day, lines_of
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.parts import anchor, feed

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Lines of each kind that the page of a tag shows when there are many.
LATEST = 20


def tag_pages(edition: Edition) -> Iterator[MadePage]:
    """The index of tags, a page for each, and the years of those that many notes carry."""
    if pages := edition.keys("tag"):
        yield MadePage(TAGS, "Tags", _index)
    for page in pages:
        title = f"#{edition.tag_names[page]}"
        yield MadePage(page, title, partial(_tag_page, page=page))
        yield from archive_pages(edition, page, title, "tag", page)


def _index(edition: Edition) -> str:
    """The tags by the alphabet; `method/probing` stands below `method`."""
    names = {page: [part for part in edition.tag_names[page].split("/") if part] for page in edition.keys("tag")}
    out, path = [], list[str]()
    for page, parts in sorted(names.items(), key=lambda one: ([part.casefold() for part in one[1]], one[0])):
        shared = 0
        while shared < min(len(path), len(parts) - 1) and path[shared].casefold() == parts[shared].casefold():
            shared += 1
        for depth in range(shared, len(parts) - 1):  # a part that is no tag itself
            out.append(_tag_item(depth, f"<span>{'#' if not depth else ''}{escape(parts[depth])}</span>"))
        count = f"<span>{edition.count('tag', page):,}</span>"
        name = parts[-1] if len(parts) > 1 else f"#{edition.tag_names[page]}"
        out.append(_tag_item(max(len(parts) - 1, 0), f"{anchor(page, name)} {count}"))
        path = parts
    return '<ul class="carrel-tag-list" data-search-exclude="">\n' + "\n".join(out) + "\n</ul>"


def _tag_item(depth: int, content: str) -> str:
    return f'<li class="carrel-depth-{min(depth, 4)}">{content}</li>' if depth else f"<li>{content}</li>"


def _tag_page(edition: Edition, page: str) -> str:
    notes = edition.group("tag", page)
    sections: dict[str, list[Line]] = {"Log": [], "Papers": [], "Notes": []}
    lines_of_tag = list(lines_of(edition, "tag", page))
    for line in lines_of_tag:
        sections[{"log": "Log", "paper": "Papers"}.get(line.note.kind, "Notes")].append(line)
    most = LATEST if is_long(notes) else None
    parts = [_relatives(edition, page)]
    for heading, lines in sections.items():
        if lines:
            parts.append(f"## {heading} <small>{len(lines):,}</small> {{: #{heading.lower()} }}")
            parts.append(by_day(edition, page, lines[:most], kinds=heading == "Notes"))
    if is_long(notes):
        parts += ["## All by month", years_table(page, lines_of_tag)]
    parts.append(feed(page, feed_of(page)))
    return "\n\n".join(part for part in parts if part)


def _relatives(edition: Edition, page: str) -> str:
    """The tags above and below this one in their hierarchy."""
    near = (anchor(relative_url(page, one), f"#{edition.tag_names[one]}") for one in edition.tags_near(page))
    links = " ".join(near)
    return f'<p class="carrel-tags">{links}</p>' if links else ""
