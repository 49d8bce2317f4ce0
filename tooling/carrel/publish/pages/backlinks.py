"""What cites a note and what links to it: from where, and the words around each link."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.publish.edition.ties import Manner
from carrel.publish.pages.parts import link
from carrel.publish.text.words import entry_title, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition
    from carrel.publish.edition.ties import Pointing

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
    found = sorted(_pointing(edition, note), key=lambda one: one.newest_first)
    lists = list(_lists(edition, place, found))
    if not lists:
        return ""
    return '<section class="carrel-backlinks" data-search-exclude="">\n' + "\n".join(lists) + "\n</section>"


def _lists(edition: Edition, place: str, found: list[Pointing]) -> Iterator[str]:
    """Citations come first: they say where a paper was of use, a link may be a list's."""
    cited: dict[str, list[Pointing]] = {kind: [] for kind in _PLACES}
    linked = []
    for one in found:
        if one.manner == Manner.CITATION:
            cited[one.kind if one.kind in _PLACES else "note"].append(one)
        else:
            linked.append(one)
    for kind, places in cited.items():
        if places:
            entry, entries = _PLACES[kind]
            yield _list(edition, place, f"Cited in {len(places):,} {entries if len(places) > 1 else entry}", places)
    if linked:
        yield _list(edition, place, f"Linked from {len(linked):,} place{'s' if len(linked) > 1 else ''}", linked)


def _list(edition: Edition, place: str, heading: str, found: Sequence[Pointing]) -> str:
    items = [_backlink(edition, place, one) for one in found[:MAX_BACKLINKS]]
    if len(found) > MAX_BACKLINKS:
        items.append(f"<li>and {len(found) - MAX_BACKLINKS:,} more</li>")
    return f'<p class="carrel-heading">{heading}</p>\n<ul>\n' + "\n".join(items) + "\n</ul>"


def _pointing(edition: Edition, note: Note) -> Iterable[Pointing]:
    """The links to a note, one for each line of another note that holds some: a citation before a link."""
    by_line: dict[tuple[str, int], Pointing] = {}
    for one in edition.pointing(note.path):
        line = (one.source, one.line)
        if one.manner != Manner.BELONGING and (
            line not in by_line or (one.manner == Manner.CITATION != by_line[line].manner)
        ):
            by_line[line] = one
    return by_line.values()


def _backlink(edition: Edition, place: str, one: Pointing) -> str:
    source = edition.by_path[one.source]
    if one.manner == Manner.RELATION:
        return f"<li>{link(edition, place, source)}</li>"
    entry = next((entry for entry in source.entries if entry.start <= one.start < entry.end), None)
    text = escape(excerpt(edition, source, edition.graph.outgoing(source.path)[one.number].pointer))
    if entry is None:
        return f"<li>{link(edition, place, source)} <span>{text}</span></li>"
    name = f"{edition.titles[source.path]} {entry.time:%H:%M} {entry_title(edition, source, entry)}".strip()
    return f"<li>{link(edition, place, source, entry.slug, name)} <span>{text}</span></li>"
