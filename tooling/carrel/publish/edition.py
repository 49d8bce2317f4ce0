"""An edition: what one audience may see, and where it stands on the site.

Everything the publisher writes is computed from an edition, and an edition is computed from the visible notes
alone. So nothing of a hidden note can decide anything: not a name, not a count, not which of two notes answers
to a link.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.graph import LinkGraph
from carrel.core.names import slugify
from carrel.core.note import Note, Visibility

if TYPE_CHECKING:
    from carrel.core.graph import Target

#: The site's own pages; what stands below it is published under its path without this prefix.
PAGES = "site/pages/"
HOME, TIMELINE, PAPERS, TAGS = "index.md", "timeline.md", "papers.md", "tags.md"
#: Kinds with a list of their own, and its title. A kind that is not here is listed with the notes.
LISTS = {
    "project": "Projects",
    "question": "Questions",
    "experiment": "Experiments",
    "idea": "Ideas",
    "meeting": "Meetings",
    "digest": "Digests",
    "note": "Notes",
}
#: Attachments that a site may carry: what a browser shows without running it, and plain data.
ASSETS = frozenset(
    ".png .jpg .jpeg .gif .webp .avif .svg .pdf .mp4 .webm .mp3 .ogg .wav .m4a .csv .tsv .txt .bib .ipynb .zip .gz".split()
)
IMAGES = frozenset(".png .jpg .jpeg .gif .webp .avif .svg".split())


@dataclass(frozen=True)
class Edition:
    """What `audience` may see. `notes` and the site's own `pages` are in the order of their paths.

    `places` maps a note's path to its page's path in the stage, `tags` a tag to its page.
    """

    audience: Visibility
    notes: tuple[Note, ...]
    pages: tuple[Note, ...]
    graph: LinkGraph
    places: Mapping[str, str]
    tags: Mapping[str, str]

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """Every note and page that is shown, by its path."""
        return {note.path: note for note in (*self.notes, *self.pages)}

    @cached_property
    def days(self) -> tuple[Note, ...]:
        """The log's files, oldest first."""
        return tuple(sorted((note for note in self.notes if note.kind == "log" and note.date), key=_by_day))

    def of_kind(self, kind: str) -> tuple[Note, ...]:
        """The notes of `kind`, newest first; "note" holds every kind without a list of its own."""
        chosen = (note for note in self.notes if list_of(note) == kind)
        return tuple(sorted(chosen, key=newest_first))

    def place(self, path: str) -> str:
        """Where a note, page or attachment stands in the stage."""
        return self.places.get(path) or path.removeprefix(PAGES)

    def url(self, source: str, target: Target) -> str:
        """The relative link from the staged page `source` to what `target` names."""
        link = relative_url(source, self.place(target.path))
        return f"{link}#{quote(target.slug, safe='^')}" if target.slug else link


def compose(notes: Iterable[Note], pages: Iterable[Note], files: Collection[str], audience: Visibility) -> Edition:
    """The edition of `notes` for `audience`. `pages` are the site's own; `files` may be linked and embedded."""
    shown = tuple(sorted((note for note in notes if is_shown(note, audience)), key=lambda note: note.path))
    own = tuple(sorted((page for page in pages if _is_own(page, audience)), key=lambda note: note.path))
    tags = _tag_pages(shown)
    assets = [path for path in files if posixpath.splitext(path)[1].lower() in ASSETS]
    reserved = {HOME, TIMELINE, PAPERS, TAGS, "404.md", *tags.values()}
    reserved |= {list_page(kind) for kind in LISTS}
    reserved |= {timeline_page(note.date.year) for note in shown if note.date}
    return Edition(audience, shown, own, LinkGraph((*shown, *own), assets), _places(shown, own, reserved), tags)


def is_shown(note: Note, audience: Visibility) -> bool:
    """Whether `audience` sees the note. What could not be read as its writer meant is for the writer alone."""
    return audience is Visibility.PRIVATE or (not note.problems and note.visibility.visible_to(audience))


def list_of(note: Note) -> str:
    """The list that a note belongs to: its kind, or "note" for kinds that we do not know."""
    return note.kind if note.kind in LISTS or note.kind in ("log", "paper") else "note"


def list_page(kind: str) -> str:
    """The page that lists the notes of `kind`.

    >>> list_page("experiment"), list_page("paper")
    ('experiments.md', 'papers.md')
    """
    return f"{kind}s.md"


def timeline_page(year: int) -> str:
    """The page of one year of the timeline."""
    return f"timeline/{year:04d}.md"


def newest_first(note: Note) -> tuple[int, str]:
    """A sort key: dated notes newest first, then the rest; the path decides between equals."""
    return (-note.date.toordinal() if note.date else 0, note.path)


def relative_url(source: str, target: str) -> str:
    """The link from one staged file to another, percent-encoded where a Markdown link needs it.

    >>> relative_url("notes/2026/2026-11-20.md", "papers/elhage 2022 (toy).md")
    '../../papers/elhage%202022%20%28toy%29.md'
    """
    return quote(posixpath.relpath(target, posixpath.dirname(source) or "."), safe="/~")


def _by_day(note: Note) -> tuple[int, str]:
    return (note.date.toordinal() if note.date else 0, note.path)


def _is_own(page: Note, audience: Visibility) -> bool:
    """A page under `site/pages/` is meant for the site; a `visibility` line can still keep it from an audience."""
    if audience is Visibility.PRIVATE:
        return True
    return not page.problems and ("visibility" not in page.metadata or page.visibility.visible_to(audience))


def _tag_pages(notes: Iterable[Note]) -> dict[str, str]:
    """A page for each tag. Two tags with one slug (`c` and `c++`) get a number in the order of the alphabet."""
    pages: dict[str, str] = {}
    taken: set[str] = set()
    for tag in sorted({tag for note in notes for tag in note.tags}):
        page = _free(f"tags/{slugify(tag) or 'tag'}.md", taken)
        taken.add(page.lower())
        pages[tag] = page
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


def _free(path: str, taken: set[str]) -> str:
    stem, free, number = path.removesuffix(".md"), path, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem}-{number}.md"
    return free
