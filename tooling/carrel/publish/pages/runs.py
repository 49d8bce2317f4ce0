"""What was done for an experiment: the entries of the log that name it; of runs how they ended and what they drew."""

from __future__ import annotations

import posixpath
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.core.names import stays_private
from carrel.core.run import how_it_went
from carrel.publish.edition.places import IMAGES
from carrel.publish.edition.ties import Manner
from carrel.publish.pages.lines import Line, whose
from carrel.publish.pages.parts import entry
from carrel.publish.text.words import entry_words, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Entry, Note
    from carrel.publish.edition.edition import Edition
    from carrel.publish.edition.ties import Pointing

#: Entries that are shown; what is older is behind a line that opens. Pictures of one entry.
LATEST, MOST_PICTURES = 20, 6


def runs(edition: Edition, note: Note, place: str) -> str:
    """The section of an experiment's page with its runs and entries, the first one first; "" where there are none."""
    if note.kind != "experiment":
        return ""
    lines = filter(None, (line_for(edition, one) for one in edition.pointing(note.path)))
    found = sorted({(line.note.path, line.entry): line for line in lines}.values(), key=_when)
    if not found:
        return ""
    parts = ["## Runs and entries {: #belongs-runs }"]
    if earlier := found[:-LATEST]:
        parts.append(
            f"<details><summary>{len(earlier):,} earlier</summary>\n{_days(edition, place, earlier)}\n</details>"
        )
    return "\n\n".join((*parts, _days(edition, place, found[-LATEST:])))


def line_for(edition: Edition, one: Pointing) -> Line | None:
    """The entry that is for an experiment, if a pointer is that of its line `experiment:: [[…]]`."""
    if one.kind != "log" or one.manner != Manner.LINK:
        return None
    day = edition.by_path[one.source]
    before = day.body[day.body.rfind("\n", 0, one.start) + 1 : one.start]
    if "experiment::" not in before.lower():
        return None
    inside = (number for number, entry in enumerate(day.entries) if entry.start <= one.start < entry.end)
    return next((Line(day, number) for number in inside), None)


def _when(line: Line) -> tuple[str, str, str, int]:
    number = line.entry or 0
    return str(line.note.date), f"{line.note.entries[number].time}", line.note.path, number


def _days(edition: Edition, place: str, lines: list[Line]) -> str:
    out = ['<dl class="carrel-timeline carrel-latest carrel-runs" data-search-exclude="">']
    for when, some in groupby(lines, key=lambda line: line.note.date):
        shown = f'<time datetime="{when}">{when.day} {when:%b} {when.year}</time>' if when else "undated"
        out.append(f"<dt>{shown}</dt>")
        for path, of_note in groupby(some, key=lambda line: line.note.path):
            day = edition.by_path[path]
            out += [f"<dd>{who}</dd>"] if (who := whose(edition, place, day)) else []
            out += (f"<dd>{_entry(edition, place, day, line.entry or 0)}</dd>" for line in of_note)
    return "\n".join((*out, "</dl>"))


def _entry(edition: Edition, place: str, day: Note, number: int) -> str:
    """An entry: of a run how it ended, how long it took and what it drew; of any other its first words."""
    one = day.entries[number]
    facts = _facts(one)
    text = "" if facts else entry_words(edition, day, one)
    below = f'<p class="carrel-gist">{escape(text)}</p>' if text else ""
    drew = "".join(_pictures(edition, place, day, one))
    return entry(edition, place, day, number, facts) + below + (f'<p class="carrel-drew">{drew}</p>' if drew else "")


def _facts(one: Entry) -> str:
    """How a run ended and how long it took, or ""."""
    ended, *rest = how_it_went(one.fields) or ("",)
    if not ended:
        return ""
    shown = f'<span class="carrel-badly">{escape(ended)}</span>' if ended != "exit 0" else ended
    return f' <span class="carrel-whose">{" · ".join((shown, *map(escape, rest)))}</span>'


def _pictures(edition: Edition, place: str, day: Note, one: Entry) -> Iterator[str]:
    """The pictures that an entry shows, as small ones; the page of its day carries them along."""
    shown = [link for link in day.markup.links if link.embed and one.start <= link.start < one.end]
    for link in shown[:MOST_PICTURES]:
        target = edition.graph.resolve(day.path, link)
        if target is None or target.path in edition.by_path or stays_private(target.path):
            continue
        if posixpath.splitext(target.path)[1].lower() in IMAGES:
            alt = words(edition, day, link.start, link.end) or posixpath.basename(edition.place(target.path))
            yield f'<img src="{escape(edition.url(place, target))}" alt="{escape(alt)}" loading="lazy">'
