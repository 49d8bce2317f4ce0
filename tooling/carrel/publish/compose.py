"""From notes to an edition: which notes an audience sees, and what everything is called there."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.graph import LinkGraph
from carrel.core.names import fold, slugify
from carrel.core.note import Visibility
from carrel.publish.edition import (
    ASSETS,
    BIBLIOGRAPHY,
    HOME,
    PAGES,
    PAPERS,
    RELATIONS,
    TAGS,
    TIMELINE,
    Edition,
    asset_name,
    list_page,
    timeline_page,
)
from carrel.publish.groups import LISTS
from carrel.publish.words import shown_text, shown_title

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from carrel.core.graph import Pointer
    from carrel.core.note import Note, Value
    from carrel.metadata.style import Style


_TAG_WITH_ADDRESS = re.compile(r"<[a-zA-Z][^<>\n]{0,2000}=")


def compose(
    notes: Iterable[Note],
    pages: Iterable[Note],
    files: Collection[str],
    audience: Visibility,
    asset_place: Callable[[str], str] = asset_name,
    style: Style | None = None,
) -> Edition:
    """The edition of `notes` for `audience`. `pages` are the site's own; `files` may be linked and embedded.

    `asset_place` says where in the stage a file goes that some page shows or links; `style` is that of citations.
    """
    shown = tuple(sorted((note for note in notes if is_shown(note, audience)), key=lambda note: note.path))
    own = tuple(sorted((page for page in pages if _is_own(page, audience)), key=lambda note: note.path))
    assets = [path for path in files if posixpath.splitext(path)[1].lower() in ASSETS]
    anchors: dict[tuple[str, str], str] = {}
    # A title may link to another note, whose title may do the same: until it is known, a note goes by its name.
    titles = {note.path: note.name for note in (*shown, *own)}
    graph = LinkGraph((*shown, *own), assets)
    draft = Edition(audience, shown, own, graph, {}, {}, anchors, titles, asset_place, style)
    for note in (*shown, *own):
        anchors.update(((note.path, slug), anchor) for slug, anchor in _neutral_anchors(draft, note))
        titles[note.path] = shown_title(draft, note)
    shown, own = (tuple(_as_shown(draft, note) for note in some) for some in (shown, own))
    tags = _tag_pages(shown)
    reserved = {HOME, TIMELINE, PAPERS, BIBLIOGRAPHY, TAGS, "404.md", *tags.values()}
    reserved |= {list_page(kind) for kind in LISTS}
    reserved |= {timeline_page(f"{note.date.year:04d}") for note in shown if note.date}
    places = _places(shown, own, reserved)
    return Edition(audience, shown, own, graph, places, tags, anchors, titles, asset_place, style)


def is_shown(note: Note, audience: Visibility) -> bool:
    """Whether `audience` sees the note. What could not be read as its writer meant is for the writer alone.

    A file that is called private is private, whatever it says; one with both sides of a conflict is for no one yet.
    """
    if any(problem.code == "conflict" for problem in note.problems):
        return False
    if audience is Visibility.PRIVATE:
        return True
    return not note.problems and not is_called_private(note.path) and note.visibility.visible_to(audience)


def is_called_private(path: str) -> bool:
    """Whether a file's name says that it is its writer's alone.

    >>> is_called_private("notes/2026/2026-11-20.private.md")
    True
    """
    return path.lower().endswith(".private.md")


def _is_own(page: Note, audience: Visibility) -> bool:
    """A page under `site/pages/` is meant for the site; a `visibility` line can still keep it from an audience."""
    return is_shown(page if "visibility" in page.metadata else replace(page, visibility=Visibility.PUBLIC), audience)


def _as_shown(edition: Edition, note: Note) -> Note:
    """The note with a front matter that names nothing hidden. What the site shows of it is read from here only."""

    def shown(value: Value) -> Value:
        if isinstance(value, str):
            return shown_text(edition, note, value)
        return tuple(map(shown, value)) if isinstance(value, tuple) else value

    def all_shown(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for each in texts if (text := shown_text(edition, note, each))))

    # The relations stay as they are written: they become links, or nothing.
    metadata = {key: value if key in RELATIONS else shown(value) for key, value in note.metadata.items()}
    return replace(
        note,
        metadata=metadata,
        kind=shown_text(edition, note, note.kind),
        tags=all_shown(_tags(note)),
        authors=all_shown(note.authors),
        aliases=all_shown(note.aliases),
    )


def _tags(note: Note) -> tuple[str, ...]:
    """The note's tags; a line of them that holds a link is one, so that no blank cuts the link's name to pieces."""
    line = note.metadata.get("tags", note.metadata.get("tag"))
    if not isinstance(line, str) or "[[" not in line:
        return note.tags
    return (line, *(tag.name for tag in note.markup.tags))


def _tag_pages(notes: Iterable[Note]) -> dict[str, str]:
    """A page for each tag, whatever its case; of two with one slug (`c` and `c++`) the second has a number."""
    pages: dict[str, str] = {}
    folded: dict[str, str] = {}
    taken: set[str] = set()
    for tag in sorted({tag for note in notes for tag in note.tags}):
        if (key := fold(tag)) not in folded:
            folded[key] = _free(f"tags/{slugify(tag) or 'tag'}.md", taken)
            taken.add(folded[key].lower())
        pages[tag] = folded[key]
    return pages


def _places(notes: Iterable[Note], pages: Iterable[Note], reserved: set[str]) -> dict[str, str]:
    """Each note's page: its own path, except where the site needs that name or a builder would change it."""
    taken = {page.lower() for page in reserved}
    places = {}
    for page in pages:
        place = page.path.removeprefix(PAGES)
        if place.lower() not in taken:  # the text of a page that the site generates stands on that page
            place = _free(_unreadme(place), taken)
            taken.add(place.lower())
        places[page.path] = place
    for note in notes:
        places[note.path] = _free(_unreadme(note.path), taken)
        taken.add(places[note.path].lower())
    return places


def _unreadme(path: str) -> str:
    """MkDocs renames README.md to index.html, which may be another page already."""
    folder, _, name = path.rpartition("/")
    return posixpath.join(folder, "readme.md") if name == "README.md" else path


def _neutral_anchors(edition: Edition, note: Note) -> Iterator[tuple[str, str]]:
    """`section-3` for the third heading, where it holds a comment, an address in HTML or a bare hidden name."""
    markup = note.markup
    if not markup.headings:
        return
    pointers: list[Pointer] = [*markup.links, *markup.citations]
    hidden = [pointer.start for pointer in pointers if edition.hides(note, pointer)]
    hidden += [start for start, _ in markup.comments]
    hidden += [tag.start() for tag in _TAG_WITH_ADDRESS.finditer(note.body)]
    lines = {note.body.rfind("\n", 0, start) + 1 for start in hidden}
    for number, heading in enumerate(markup.headings, start=1):
        if heading.start in lines:
            yield heading.slug, f"section-{number}"


def _free(path: str, taken: set[str]) -> str:
    stem, free, number = path.removesuffix(".md"), path, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem}-{number}.md"
    return free
