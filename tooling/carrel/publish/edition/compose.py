"""From notes to an edition: which notes an audience sees, and what everything is called there."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.graph import LinkGraph
from carrel.core.names import fold, slugify, stays_private
from carrel.core.note import Visibility, writers
from carrel.core.person import Name
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.faces import Face, take_faces
from carrel.publish.edition.groups import LISTS
from carrel.publish.edition.known import Known
from carrel.publish.edition.places import (
    ASSETS,
    BIBLIOGRAPHY,
    FILES,
    GRAPH,
    HOME,
    PAGES,
    PAPERS,
    PEOPLE,
    PREDICTIONS,
    TAGS,
    TIMELINE,
    asset_name,
    list_page,
    timeline_page,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from carrel.core.note import Note
    from carrel.metadata.style import Style


_YEAR = re.compile(r"(?:\d{4}|undated)\.md")


def compose(
    notes: Iterable[Note],
    pages: Iterable[Note],
    files: Collection[str],
    audience: Visibility,
    asset_place: Callable[[str], str] = asset_name,
    style: Style | None = None,
    faces: dict[str, Face] | None = None,
    known: Known | None = None,
) -> Edition:
    """The edition of `notes` for `audience`. `pages` are the site's own; `files` may be linked and embedded.

    `asset_place` says where in the stage a file goes that some page shows or links; `style` is that of citations.
    `faces` are those of the last time, and afterwards for the next; so is what is `known`.
    """
    shown = tuple(sorted((note for note in notes if is_shown(note, audience)), key=lambda note: note.path))
    own = tuple(sorted((page for page in pages if _is_own(page, audience)), key=lambda note: note.path))
    assets = [path for path in files if posixpath.splitext(path)[1].lower() in ASSETS]
    anchors: dict[tuple[str, str], str] = {}
    titles = {note.path: note.name for note in (*shown, *own)}
    graph = LinkGraph((*shown, *own), assets)
    known = known or Known()
    draft_known = Known(ties=known.ties, files=known.files)  # what a note has to do with others, its face leaves alone
    draft = Edition(audience, shown, own, graph, {}, {}, anchors, titles, asset_place, style, known=draft_known)
    taken = take_faces(draft, titles, anchors, {} if faces is None else faces)
    shown, own = (tuple(taken[note.path].shown for note in some) for some in (shown, own))
    versions = {path: face.version for path, face in taken.items()}
    tags, people = _tag_pages(shown), _people_pages(shown)
    reserved = {HOME, TIMELINE, PAPERS, BIBLIOGRAPHY, TAGS, "404.md", *tags.values()}
    reserved |= {PEOPLE, PREDICTIONS, GRAPH, *people.values(), *(list_page(kind) for kind in LISTS)}
    reserved |= {timeline_page(note.date.isoformat()[:end]) for note in shown if note.date for end in (4, 7)}
    reserved |= set(_years_of_lists(shown, reserved - {TIMELINE}))
    places = _places(shown, own, reserved)
    return Edition(
        audience,
        shown,
        own,
        graph,
        places,
        tags,
        anchors,
        titles,
        asset_place,
        style,
        known=known,
        versions=versions,
        people=people,
    )


def is_shown(note: Note, audience: Visibility) -> bool:
    """Whether `audience` sees the note. What could not be read as its writer meant is for the writer alone.

    A file that is called private is private, whatever it says; one with both sides of a conflict is for no one yet.
    """
    if note.conflicted:
        return False
    if audience is Visibility.PRIVATE:
        return True
    return not note.problems and not stays_private(note.path) and note.visibility.visible_to(audience)


def _is_own(page: Note, audience: Visibility) -> bool:
    """A page under `site/pages/` is meant for the site; a `visibility` line can still keep it from an audience."""
    return is_shown(page if "visibility" in page.metadata else replace(page, visibility=Visibility.PUBLIC), audience)


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


def _people_pages(notes: Iterable[Note]) -> dict[str, str]:
    """A page for each who writes here, however a note writes the name; none where only one does."""
    pages: dict[str, str] = {}
    folded: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted({name for note in notes for name in writers(note)}):
        if (key := fold(Name.parse(name).display)) not in folded:
            folded[key] = _free(f"people/{slugify(key) or 'person'}.md", taken)
            taken.add(folded[key].lower())
        pages[name] = folded[key]
    return pages if len(folded) > 1 else {}


def _years_of_lists(notes: Iterable[Note], lists: Collection[str]) -> Iterator[str]:
    """Of the notes' paths those that a long list, or that of a project, needs for a year: `tags/sae/2026.md`."""
    above = {path.lower() for path in lists} | {note.path.lower() for note in notes}
    for note in notes:
        folder, _, name = note.path.rpartition("/")
        if _YEAR.fullmatch(name.lower()) and f"{folder}.md".lower() in above:
            yield note.path


def _places(notes: Iterable[Note], pages: Iterable[Note], reserved: set[str]) -> dict[str, str]:
    """Each note's page: its own path, except where the site needs that name or a builder would change it."""
    taken = {page.lower() for page in reserved}
    places = {}
    for page in pages:
        place = page.path.removeprefix(PAGES)
        if place.lower() not in taken:  # the text of a page that the site generates stands on that page
            place = _free(_legal(place), taken)
            taken.add(place.lower())
        places[page.path] = place
    for note in notes:
        places[note.path] = _free(_legal(note.path), taken)
        taken.add(places[note.path].lower())
    return places


def _legal(path: str) -> str:
    """The path as a place that no builder changes, and that is in the way of no file.

    MkDocs renames README.md to index.html, which may be another page already.

    >>> _legal("notes/README.md"), _legal("papers.bib/x.md")
    ('notes/readme.md', 'papers-bib/x.md')
    """
    *folders, name = path.split("/")
    named = (folder.replace(".", "-") if folder.lower().endswith(FILES) else folder for folder in folders)
    return "/".join((*named, "readme.md" if name == "README.md" else name))


def _free(path: str, taken: set[str]) -> str:
    stem, free, number = path.removesuffix(".md"), path, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem}-{number}.md"
    return free
