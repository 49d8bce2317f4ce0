"""Who writes here: a page that lists them, and for each what they wrote, what they work on, and who mentions them.

Only in a knowledge base of several writers. Whoever wrote a paper is none of them.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from carrel.core.mention import mentions
from carrel.core.purpose import OVER
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import PEOPLE, feed_of
from carrel.publish.pages.archive import archive_pages, is_long, years_table
from carrel.publish.pages.kinds import UNDER_WAY, cards, counted, is_open, state_of
from carrel.publish.pages.lines import Line, all_lines, by_day
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.parts import anchor, day, feed, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carrel.core.note import Note

#: Entries, and notes of one kind, that the page of a person shows who wrote many; the first also of those that mention.
LATEST_ENTRIES, LATEST_NOTES = 20, 10


def people_pages(edition: Edition) -> Iterator[MadePage]:
    """The list of those who write here, a page for each, and their years where they wrote much."""
    if pages := edition.keys("person"):
        yield MadePage(PEOPLE, "People", _list)
    for page in pages:
        name = names([edition.people_names[page]])
        yield MadePage(page, name, partial(_person, page=page))
        yield from archive_pages(edition, page, name, "person", page)


def _list(edition: Edition) -> str:
    """Everyone, who wrote last first."""
    pages = sorted(edition.keys("person"), key=lambda page: (_last(edition.group("person", page)), page))
    lines = "\n".join(_entry(edition, page) for page in pages)
    return f'<ul class="carrel-cards" data-search-exclude="">\n{lines}\n</ul>'


def _last(notes: Sequence[Note]) -> int:
    return -notes[0].date.toordinal() if notes and notes[0].date else 0


def _entry(edition: Edition, page: str) -> str:
    notes = edition.group("person", page)
    entries = sum(len(edition.entry_tags(note)) for note in notes)
    running = sum(note.kind == "experiment" and state_of(note) in UNDER_WAY for note in notes)
    papers = sum(note.kind == "paper" for note in notes)
    counts = (counted(entries, "entry", "entries"), counted(running, "running experiment"), counted(papers, "paper"))
    last = f' <span class="carrel-when">{day(notes[0].date)}</span>' if notes and notes[0].date else ""
    said = " · ".join(count for count in counts if count)
    return f'<li>{anchor(page, names([edition.people_names[page]]))}{last}<p class="carrel-gist">{said}</p></li>'


def _person(edition: Edition, page: str) -> str:
    notes = edition.group("person", page)
    written = [note for note in notes if note.kind == "log"]
    kinds = {
        kind: [note for note in notes if note.kind == kind] for kind in ("experiment", "question", "project", "paper")
    }
    others = [note for note in notes if note.kind != "log" and note.kind not in kinds]
    sections = {
        "Projects": [note for note in kinds["project"] if state_of(note) not in OVER],
        "Running experiments": [note for note in kinds["experiment"] if state_of(note) in UNDER_WAY],
        "Open questions": [note for note in kinds["question"] if is_open(note)],
        "Experiments": [note for note in kinds["experiment"] if state_of(note) not in UNDER_WAY],
        "Papers": kinds["paper"],
        "Notes": others,
    }
    long, parts = is_long(notes), []
    if written:
        lines = islice(all_lines(edition, written), LATEST_ENTRIES if long else None)
        parts += ["## Latest entries", by_day(edition, page, lines, signed=False)]
    for heading, some in sections.items():
        if some:
            parts += [f"## {heading}", cards(edition, page, some[: LATEST_NOTES if long else None])]
    if mentioned := edition.group("mention", page):
        parts += ["## Mentioned", by_day(edition, page, _mentions(edition, page, mentioned[:LATEST_ENTRIES]))]
        parts += [f"And {more:,} more."] if (more := len(mentioned) - LATEST_ENTRIES) > 0 else []
    if long:
        parts += ["## All by month", years_table(page, all_lines(edition, notes))]
    return "\n\n".join((*parts, feed(page, feed_of(page))))


def _mentions(edition: Edition, page: str, notes: Sequence[Note]) -> Iterator[Line]:
    """The entries that mention a person, and the notes that do outside of all entries."""
    for note in notes:
        found = [start for start, called in mentions(note, edition.graph) if edition.handles.get(called) == page]
        inside = [
            (number, entry)
            for number, entry in enumerate(note.entries)
            if any(entry.start <= start < entry.end for start in found)
        ]
        yield from (Line(note, number) for number, _ in inside)
        if not all(any(entry.start <= start < entry.end for _, entry in inside) for start in found):
            yield Line(note)
