"""From notes to an edition: which notes an audience sees, and what everything is called there."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from carrel.core.graph import LinkGraph
from carrel.core.names import fold, slugify
from carrel.core.note import Visibility
from carrel.publish.edition import ASSETS, HOME, LISTS, PAGES, PAPERS, TAGS, TIMELINE, Edition, list_page, timeline_page
from carrel.publish.words import shown_title

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from carrel.core.graph import Pointer
    from carrel.core.note import Note


def compose(notes: Iterable[Note], pages: Iterable[Note], files: Collection[str], audience: Visibility) -> Edition:
    """The edition of `notes` for `audience`. `pages` are the site's own; `files` may be linked and embedded."""
    shown = tuple(sorted((note for note in notes if is_shown(note, audience)), key=lambda note: note.path))
    own = tuple(sorted((page for page in pages if _is_own(page, audience)), key=lambda note: note.path))
    tags = _tag_pages(shown)
    assets = [path for path in files if posixpath.splitext(path)[1].lower() in ASSETS]
    reserved = {HOME, TIMELINE, PAPERS, TAGS, "404.md", *tags.values()}
    reserved |= {list_page(kind) for kind in LISTS}
    reserved |= {timeline_page(note.date.year) for note in shown if note.date}
    anchors: dict[tuple[str, str], str] = {}
    # A title may link to another note, whose title may do the same: until it is known, a note goes by its name.
    titles = {note.path: note.name for note in (*shown, *own)}
    graph, places = LinkGraph((*shown, *own), assets), _places(shown, own, reserved)
    edition = Edition(audience, shown, own, graph, places, tags, anchors, titles)
    for note in (*shown, *own):
        anchors.update(((note.path, slug), anchor) for slug, anchor in _neutral_anchors(edition, note))
        titles[note.path] = shown_title(edition, note)
    return edition


def is_shown(note: Note, audience: Visibility) -> bool:
    """Whether `audience` sees the note. What could not be read as its writer meant is for the writer alone."""
    return audience is Visibility.PRIVATE or (not note.problems and note.visibility.visible_to(audience))


def _is_own(page: Note, audience: Visibility) -> bool:
    """A page under `site/pages/` is meant for the site; a `visibility` line can still keep it from an audience."""
    if audience is Visibility.PRIVATE:
        return True
    return not page.problems and ("visibility" not in page.metadata or page.visibility.visible_to(audience))


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
    """`section-3` for the third heading, where its text holds a comment or the bare name of something hidden."""
    markup = note.markup
    if not markup.headings:
        return
    pointers: list[Pointer] = [*markup.links, *markup.citations]
    hidden = [pointer.start for pointer in pointers if edition.hides(note, pointer)]
    hidden += [start for start, _ in markup.comments]
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
