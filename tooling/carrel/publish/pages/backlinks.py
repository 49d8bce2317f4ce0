"""What cites a note and what links to it: from where, and the words around each link."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.publish.edition.ties import Manner
from carrel.publish.pages.parts import link
from carrel.publish.pages.runs import line_for
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
            yield _list(edition, place, "Cited in", _PLACES[kind], places)
    if linked:
        yield _list(edition, place, "Linked from", ("place", "places"), linked)


def _list(edition: Edition, place: str, how: str, nouns: tuple[str, str], found: Sequence[Pointing]) -> str:
    items = list(_items(edition, place, found[:MAX_BACKLINKS]))
    count = len(items)
    if len(found) > MAX_BACKLINKS:
        count = len(found)  # in how many of the others several stand is not looked up
        items.append(f"<li>and {len(found) - MAX_BACKLINKS:,} more</li>")
    heading = f"{how} {count:,} {nouns[count > 1]}"
    return f'<p class="carrel-heading">{heading}</p>\n<ul>\n' + "\n".join(items) + "\n</ul>"


def _pointing(edition: Edition, note: Note) -> Iterable[Pointing]:
    """The links to a note, one for each line of another note that holds some: a citation before a link.

    Those by which an entry of the log is for an experiment are not among them: its runs stand above.
    """
    by_line: dict[tuple[str, int], Pointing] = {}
    for one in edition.pointing(note.path):
        line = (one.source, one.line)
        if one.manner == Manner.BELONGING or (note.kind == "experiment" and line_for(edition, one)):
            continue
        if line not in by_line or (one.manner == Manner.CITATION != by_line[line].manner):
            by_line[line] = one
    return by_line.values()


def _items(edition: Edition, place: str, found: Iterable[Pointing]) -> Iterator[str]:
    """What links to a note, note by note and entry by entry, each with the words around its links.

    The words are left out where they are those of the entry's heading.
    """
    places = [(one, _entry_around(edition, one)) for one in found]
    for (source, number), several in groupby(places, key=lambda each: (each[0].source, each[1])):
        note = edition.by_path[source]
        entry = note.entries[number] if number is not None else None
        title = entry_title(edition, note, entry) if entry else ""
        said = dict.fromkeys(_words(edition, note, one) for one, _ in several if one.manner != Manner.RELATION)
        if entry:
            said = {text: None for text in said if text != f"{entry.time:%H:%M} {title}"}
            name = f"{edition.titles[source]} {entry.time:%H:%M} {title}".strip()
            head = link(edition, place, note, entry.slug, name)
        else:
            head = link(edition, place, note)
        yield f"<li>{head}{''.join(f' <span>{escape(text)}</span>' for text in said)}</li>"


def _entry_around(edition: Edition, one: Pointing) -> int | None:
    """Which entry of its note a link stands in, if it does in one."""
    entries = enumerate(edition.by_path[one.source].entries if one.manner != Manner.RELATION else ())
    return next((number for number, entry in entries if entry.start <= one.start < entry.end), None)


def _words(edition: Edition, note: Note, one: Pointing) -> str:
    return excerpt(edition, note, edition.graph.outgoing(note.path)[one.number].pointer)
