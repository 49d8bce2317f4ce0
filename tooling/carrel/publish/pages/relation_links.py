"""What the front matter of a note leads to, as links on a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.relations import relations
from carrel.publish.pages.parts import anchor
from carrel.publish.text.words import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition


def related(edition: Edition, note: Note, place: str, key: str) -> Iterator[str]:
    """What `project: probes` or `advances: "[[question]]"` names: a link when it leads to something that is shown.

    Else it is left out, since a bare name may be that of something hidden; but a label is its author's own text.
    """
    for pointer, written in relations(note, key):
        target = edition.graph.resolve(note.path, pointer)
        if target is not None and target.path in edition.by_path:
            label = shown_text(edition, note, pointer.label) or edition.titles[target.path]
            yield anchor(edition.url(place, target), label)
            continue
        bare = pointer.target if not written and edition.shows(note, pointer.target) else ""
        if text := shown_text(edition, note, pointer.label or bare):
            yield escape(text)
