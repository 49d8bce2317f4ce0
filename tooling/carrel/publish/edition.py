"""An edition: what one audience may see, and where it stands on the site.

Everything the publisher writes is computed from an edition, and an edition is computed from the visible notes
alone. So nothing of a hidden note can decide anything: not a name, not a count, not which of two notes answers
to a link.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.names import slugify
from carrel.core.note import Citation, Link, Note, Visibility
from carrel.core.paper import Paper, read_paper
from carrel.core.relative import relative_url
from carrel.metadata.bibliography import Bibliography
from carrel.publish.groups import By, Groups, grouped

if TYPE_CHECKING:
    from carrel.core.graph import LinkGraph, Pointer, Target
    from carrel.metadata.style import Style
    from carrel.publish.table import TableOnSite

#: The site's own pages; what stands below it is published under its path without this prefix.
PAGES = "site/pages/"
HOME, TIMELINE, PAPERS, BIBLIOGRAPHY, TAGS = "index.md", "timeline.md", "papers.md", "bibliography.md", "tags.md"
IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"))
#: Attachments that a site may carry: what a browser shows without running it, and plain data.
ASSETS = IMAGES | frozenset((
    ".pdf", ".mp4", ".webm", ".mp3", ".ogg", ".wav", ".m4a", ".csv", ".tsv", ".txt", ".bib", ".ipynb", ".zip", ".gz",
))  # fmt: skip
#: Front-matter keys whose links count as the note's: the others are not published, nor are their links.
RELATIONS = ("advances", "project", "supersedes", "paper")
#: Before titles are known, what names somebody may still hold a link, and so the name of something hidden.
_LINKED = re.compile(r"\[|<!--|%%|<\w[^<>]*=|@\w*\d{4}")


@dataclass(frozen=True)
class Edition:
    """What `audience` may see. `notes` and the site's own `pages` are in the order of their paths.

    `places` maps a note's path to its page's path in the stage, `titles` to its title; `tags` maps a tag to its
    page; `asset_place` gives an attachment's place; `style` is how papers are cited. `anchors` holds, by path and
    slug, what stands for the few headings whose slug would say too much; `tables`, by path and offset, what stands in
    the place of query blocks.
    """

    audience: Visibility
    notes: tuple[Note, ...]
    pages: tuple[Note, ...]
    graph: LinkGraph
    places: Mapping[str, str]
    tags: Mapping[str, str]
    anchors: Mapping[tuple[str, str], str]
    titles: Mapping[str, str]
    asset_place: Callable[[str], str]
    style: Style | None = None
    tables: Mapping[tuple[str, int], TableOnSite] = field(default_factory=dict)

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """Every note and page that is shown, by its path."""
        return {note.path: note for note in (*self.notes, *self.pages)}

    @cached_property
    def days(self) -> tuple[Note, ...]:
        """The log's files, oldest first."""
        return tuple(sorted((note for note in self.notes if note.kind == "log" and note.date), key=_by_day))

    @cached_property
    def cited(self) -> tuple[str, ...]:
        """The papers that notes and pages cite, by path."""
        paths = {
            reference.target.path
            for note in (*self.notes, *self.pages)
            for reference in self.graph.outgoing(note.path)
            if isinstance(reference.pointer, Citation) and reference.target is not None
        }
        return tuple(sorted(paths))

    @cached_property
    def bibliography(self) -> Bibliography:
        """Every paper as it is cited, by path. Letters after years tell those apart that are cited somewhere."""
        papers = (note for note in self.by_path.values() if note.kind == "paper" or "citekey" in note.metadata)
        records = {note.path: _record(note, self.titles[note.path]) for note in papers}
        return Bibliography(records, self.style, [path for path in self.cited if path in records])

    def keys(self, by: By) -> tuple[str, ...]:
        """The keys of the groups, as `grouped` orders them: the years or months with notes, the pages of tags."""
        return tuple(self._groups[by])

    def group(self, by: By, key: str) -> tuple[Note, ...]:
        """The notes that `key` brings together, newest first; none where there is no such key."""
        return self._groups[by].get(key, ())

    @cached_property
    def tag_names(self) -> Mapping[str, str]:
        """What the tag of each page is called: of several ways to write it, the first by the alphabet."""
        return {page: tag for tag, page in reversed(tuple(self.tags.items()))}

    @cached_property
    def _groups(self) -> Groups:
        return grouped(self.notes, self.tags)

    def place(self, path: str) -> str:
        """Where a note, page or attachment stands in the stage."""
        return self.places.get(path) or (path.removeprefix(PAGES) if path.endswith(".md") else self.asset_place(path))

    def url(self, source: str, target: Target) -> str:
        """The relative link from the staged page `source` to what `target` names."""
        link = relative_url(source, self.place(target.path))
        return f"{link}#{quote(self.anchor(target.path, target.slug), safe='^')}" if target.slug else link

    def anchor(self, path: str, slug: str) -> str:
        """The anchor on the page of the heading `slug` of a note: the slug itself, unless that says too much."""
        return self.anchors.get((path, slug), slug)

    def shows(self, note: Note, name: str) -> bool:
        """Whether `name`, as that of a project in the front matter of `note`, may be read: a note here has it.

        A name without a note is not shown either: with the hidden notes deleted, the site must stay as it is.
        """
        if self.audience is Visibility.PRIVATE:
            return True
        target = self.graph.resolve(note.path, Link(name))
        return target is not None and target.path in self.by_path

    def hides(self, note: Note, pointer: Pointer) -> bool:
        """Whether the words of `pointer` may name something that the edition does not hold."""
        if self.audience is Visibility.PRIVATE or (isinstance(pointer, Link) and (pointer.label or not pointer.wiki)):
            return False
        return self.graph.resolve(note.path, pointer) is None


def _record(note: Note, title: str) -> Paper:
    """The paper as others may read it: addresses are those of the web, files on its owner's disk no one's business."""
    found = read_paper(note)
    return replace(
        found,
        title=title,
        authors=tuple(name for name in found.authors if not _LINKED.search(str(name))),
        editors=tuple(name for name in found.editors if not _LINKED.search(str(name))),
        year="" if _LINKED.search(found.year) else found.year,
        url=found.url if found.url.startswith(("https://", "http://")) else "",
        pdf="",
    )


def asset_name(path: str, digest: str = "") -> str:
    """Where an attachment stands on the site: under its own name, not that of a folder that no one typed.

    >>> asset_name("notes/Secret project/Fig 1.PNG", "3f2a9b1c")
    'assets/fig-1-3f2a9b1c.png'
    """
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    mark = f"-{digest}" if digest else ""
    return f"assets/{(slugify(stem) or 'file').removesuffix(mark)}{mark}{suffix.lower()}"


def list_page(kind: str) -> str:
    """The page that lists the notes of `kind`.

    >>> list_page("experiment"), list_page("paper")
    ('experiments.md', 'papers.md')
    """
    return f"{kind}s.md"


def timeline_page(when: str) -> str:
    """The page of a year or a month of the timeline.

    >>> timeline_page("2026"), timeline_page("2026-11")
    ('timeline/2026.md', 'timeline/2026-11.md')
    """
    return f"timeline/{when}.md"


def _by_day(note: Note) -> tuple[int, str]:
    return (note.date.toordinal() if note.date else 0, note.path)
