"""What each note shows of itself outside of its text: its title, its headings' anchors, its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from carrel.core.graph import LinkGraph
from carrel.core.relations import RELATIONS
from carrel.publish.edition.edition import Edition
from carrel.publish.text.words import shown_text, shown_title

if TYPE_CHECKING:
    from carrel.core.graph import Pointer, Reference, Target
    from carrel.core.note import Note, Value

#: Of a slug, what Python-Markdown would take for the beginning or end of emphasis.
_UNSAFE = re.compile(r"^_|-_|_-|_$")
_TAG_WITH_ADDRESS = re.compile(r"<[a-zA-Z][^<>\n]{0,2000}=")


@dataclass(frozen=True, slots=True)
class Face:
    """What others see of the note that was `read`.

    `anchors` are (slug, anchor) of headings whose slug would say too much. `shown` is the note with a front matter that
    names nothing hidden. `version` is another one when anything of `shown` is.
    """

    read: Note
    title: str
    anchors: tuple[tuple[str, str], ...]
    shown: Note
    version: str


def take_faces(
    draft: Edition, titles: dict[str, str], anchors: dict[tuple[str, str], str], known: MutableMapping[str, Face]
) -> dict[str, Face]:
    """The faces of the notes and pages of `draft`, by path; its `titles` and `anchors` are set on the way.

    A title may link to another note, whose title may do the same: until it is known, a note goes by its name. `known`
    are faces of before, and afterwards those of now: of notes that asked nothing about others, and so stay as they are.
    """
    graph = _Overheard(draft.graph)
    edition = replace(draft, graph=graph)
    faces: dict[str, Face] = {}
    changed: list[tuple[Note, bool]] = []
    for note in (*draft.notes, *draft.pages):
        face = known.get(note.path)
        if face is not None and face.read is note:
            faces[note.path] = face
            titles[note.path] = face.title
            anchors.update(((note.path, slug), anchor) for slug, anchor in face.anchors)
        else:
            graph.asked = False
            anchors.update(((note.path, slug), anchor) for slug, anchor in _neutral_anchors(edition, note))
            titles[note.path] = shown_title(edition, note)
            changed.append((note, graph.asked))
    for note, graph.asked in changed:
        shown = _as_shown(edition, note)
        slugs = [heading.slug for heading in note.markup.headings if (note.path, heading.slug) in anchors]
        own = tuple((slug, anchors[note.path, slug]) for slug in slugs)
        faces[note.path] = Face(note, titles[note.path], own, shown, _version(note, shown))
        if graph.asked:
            known.pop(note.path, None)
        else:
            known[note.path] = faces[note.path]
    for path in known.keys() - faces.keys():
        del known[path]
    return faces


class _Overheard(LinkGraph):
    """The links, and whether somebody `asked` where one leads."""

    def __init__(self, real: LinkGraph) -> None:
        self._real, self.looked_up = real, real.looked_up
        self.asked = False

    @property
    def files(self) -> frozenset[str]:
        """The paths of the attachments."""
        return self._real.files

    def answers_to(self, path: str) -> tuple[str, ...]:
        """The names that lead to a note or a file."""
        return self._real.answers_to(path)

    def resolve(self, source: str, pointer: Pointer) -> Target | None:
        """Where a pointer leads."""
        self.asked = True
        return self._real.resolve(source, pointer)

    def outgoing(self, path: str) -> tuple[Reference, ...]:
        """Every pointer of a note, as a bibliography wants them."""
        self.asked = True
        return self._real.outgoing(path)


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
    kind, tags = shown_text(edition, note, note.kind), all_shown(_tags(note))
    authors, aliases = all_shown(note.authors), all_shown(note.aliases)
    said = (note.metadata, note.kind, note.tags, note.authors, note.aliases)
    if (metadata, kind, tags, authors, aliases) == said:
        return note
    return replace(note, metadata=metadata, kind=kind, tags=tags, authors=authors, aliases=aliases)


def _tags(note: Note) -> tuple[str, ...]:
    """The note's tags; a line of them that holds a link is one, so that no blank cuts the link's name to pieces."""
    line = note.metadata.get("tags", note.metadata.get("tag"))
    if not isinstance(line, str) or "[[" not in line:
        return note.tags
    return (line, *(tag.name for tag in note.markup.tags))


def _neutral_anchors(edition: Edition, note: Note) -> Iterator[tuple[str, str]]:
    """`section-3` for the third heading, where it holds a comment, an address in HTML or a bare hidden name.

    Also where its own would be a name that the theme gives its parts: cleaning takes those out of notes.
    """
    markup = note.markup
    if not markup.headings:
        return
    headings = {heading.line for heading in markup.headings}
    pointers: list[Pointer] = [*markup.links, *markup.citations]
    hidden = [one.start for one in pointers if one.line in headings and edition.hides(note, one)]
    hidden += [start for start, _ in markup.comments]
    hidden += [tag.start() for tag in _TAG_WITH_ADDRESS.finditer(note.body)]
    lines = {note.body.rfind("\n", 0, start) + 1 for start in hidden}
    for number, heading in enumerate(markup.headings, start=1):
        if heading.start in lines or heading.slug.startswith("md-") or _UNSAFE.search(heading.slug):
            yield heading.slug, f"section-{number}"


def _version(note: Note, shown: Note) -> str:
    """A text that differs whenever something that is shown does: that of the bytes, and of what the others change."""
    if shown is note:
        return note.digest
    said = repr((note.digest, shown.kind, shown.tags, shown.authors, shown.aliases, shown.metadata))
    return blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()
