"""What links to a note: from where, and the words around each link."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.note import Citation, Link, Note
from carrel.publish.edition import RELATIONS, Edition
from carrel.publish.groups import newest_first
from carrel.publish.parts import link, relations
from carrel.publish.words import entry_title, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carrel.core.graph import Pointer

#: Backlinks that one page lists; a page that everything links to says how many more there are.
MAX_BACKLINKS = 100


def backlinks(edition: Edition, note: Note, place: str) -> str:
    """What links to the note: from where, and the words around the link."""
    found = sorted(_pointing(edition, note), key=lambda one: (newest_first(one[0]), one[1].start))
    if not found:
        return ""
    items = [_backlink(edition, place, source, pointer) for source, pointer in found[:MAX_BACKLINKS]]
    if len(found) > MAX_BACKLINKS:
        items.append(f"<li>and {len(found) - MAX_BACKLINKS:,} more</li>")
    how = "Cited" if all(isinstance(pointer, Citation) for _, pointer in found) else "Linked"
    heading = f"{how} {'in' if how == 'Cited' else 'from'} {len(found):,} place{'s' if len(found) > 1 else ''}"
    return (
        f'<section class="carrel-backlinks" data-search-exclude="">\n<p class="carrel-heading">{heading}</p>\n<ul>\n'
        + "\n".join(items)
        + "\n</ul>\n</section>"
    )


def _pointing(edition: Edition, note: Note) -> Iterable[tuple[Note, Pointer]]:
    """The links to a note, one for each line of another note that holds some."""
    seen = set()
    for reference in edition.graph.backlinks(note.path):
        source = edition.by_path[reference.source]
        pointer = reference.pointer
        if isinstance(pointer, Link) and pointer in source.relations:
            written = (relation for key in RELATIONS for relation, _ in relations(source, key))
            if not any(relation.target == pointer.target for relation in written):
                continue
        if (source.path, reference.line) not in seen:
            seen.add((source.path, reference.line))
            yield source, pointer


def _backlink(edition: Edition, place: str, source: Note, pointer: Pointer) -> str:
    if isinstance(pointer, Link) and pointer in source.relations:
        return f"<li>{link(edition, place, source)}</li>"
    entry = next((entry for entry in source.entries if entry.start <= pointer.start < entry.end), None)
    text = escape(excerpt(edition, source, pointer))
    if entry is None:
        return f"<li>{link(edition, place, source)} <span>{text}</span></li>"
    name = f"{edition.titles[source.path]} {entry.time:%H:%M} {entry_title(edition, source, entry)}".strip()
    return f"<li>{link(edition, place, source, entry.slug, name)} <span>{text}</span></li>"
