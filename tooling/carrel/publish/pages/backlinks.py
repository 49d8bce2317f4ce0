"""What cites a note and what links to it: from where, and the words around each link."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.note import Citation, Link, Note
from carrel.publish.edition.edition import RELATIONS, Edition
from carrel.publish.edition.groups import newest_first
from carrel.publish.edition.relations import relations
from carrel.publish.pages.parts import link
from carrel.publish.text.words import entry_title, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from carrel.core.graph import Pointer

#: Places that one list names; a page that everything links to says how many more there are.
MAX_BACKLINKS = 100
#: Where a paper can be cited, as a heading says it of one and of several; any other kind is a note.
_PLACES = {
    "log": ("log entry", "log entries"),
    "experiment": ("experiment", "experiments"),
    "paper": ("paper", "papers"),
    "note": ("note", "notes"),
}


def backlinks(edition: Edition, note: Note, place: str) -> str:
    """What cites the note, by what kind of note does, and what links to it; each with the words around it."""
    found = sorted(_pointing(edition, note), key=lambda one: (newest_first(one[0]), one[1].start))
    lists = list(_lists(edition, place, found))
    if not lists:
        return ""
    return '<section class="carrel-backlinks" data-search-exclude="">\n' + "\n".join(lists) + "\n</section>"


def _lists(edition: Edition, place: str, found: list[tuple[Note, Pointer]]) -> Iterator[str]:
    """Citations come first: they say where a paper was of use, a link may be a list's."""
    cited: dict[str, list[tuple[Note, Pointer]]] = {kind: [] for kind in _PLACES}
    linked = []
    for source, pointer in found:
        if isinstance(pointer, Citation):
            cited[source.kind if source.kind in _PLACES else "note"].append((source, pointer))
        else:
            linked.append((source, pointer))
    for kind, places in cited.items():
        if places:
            one, several = _PLACES[kind]
            yield _list(edition, place, f"Cited in {len(places):,} {several if len(places) > 1 else one}", places)
    if linked:
        yield _list(edition, place, f"Linked from {len(linked):,} place{'s' if len(linked) > 1 else ''}", linked)


def _list(edition: Edition, place: str, heading: str, found: Sequence[tuple[Note, Pointer]]) -> str:
    items = [_backlink(edition, place, source, pointer) for source, pointer in found[:MAX_BACKLINKS]]
    if len(found) > MAX_BACKLINKS:
        items.append(f"<li>and {len(found) - MAX_BACKLINKS:,} more</li>")
    return f'<p class="carrel-heading">{heading}</p>\n<ul>\n' + "\n".join(items) + "\n</ul>"


def _pointing(edition: Edition, note: Note) -> Iterable[tuple[Note, Pointer]]:
    """The links to a note, one for each line of another note that holds some: a citation before a link."""
    by_line: dict[tuple[str, int], tuple[Note, Pointer]] = {}
    for reference in edition.graph.backlinks(note.path):
        source = edition.by_path[reference.source]
        pointer = reference.pointer
        if isinstance(pointer, Link) and pointer in source.relations:
            # what a note belongs to, or advances, has it among what belongs to it
            others = (key for key in RELATIONS if key not in ("project", "advances"))
            written = (relation for key in others for relation, _ in relations(source, key))
            if not any(relation.target == pointer.target for relation in written):
                continue
        line = (source.path, reference.line)
        if line not in by_line or (isinstance(pointer, Citation) and not isinstance(by_line[line][1], Citation)):
            by_line[line] = (source, pointer)
    return by_line.values()


def _backlink(edition: Edition, place: str, source: Note, pointer: Pointer) -> str:
    if isinstance(pointer, Link) and pointer in source.relations:
        return f"<li>{link(edition, place, source)}</li>"
    entry = next((entry for entry in source.entries if entry.start <= pointer.start < entry.end), None)
    text = escape(excerpt(edition, source, pointer))
    if entry is None:
        return f"<li>{link(edition, place, source)} <span>{text}</span></li>"
    name = f"{edition.titles[source.path]} {entry.time:%H:%M} {entry_title(edition, source, entry)}".strip()
    return f"<li>{link(edition, place, source, entry.slug, name)} <span>{text}</span></li>"
