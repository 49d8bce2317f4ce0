"""What belongs to a note, on its page: to a project its questions, experiments and entries, to a question its
experiments; and the way up, from an experiment to what it serves in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrel.core.experiment import stated_day, verdict
from carrel.core.note import writers
from carrel.core.question import evidence
from carrel.core.relative import relative_url
from carrel.publish.edition.groups import LISTS, newest_first
from carrel.publish.edition.places import list_page
from carrel.publish.pages.archive import archive_pages, is_long, years_table
from carrel.publish.pages.gists import described
from carrel.publish.pages.kinds import belonging, by_state, card
from carrel.publish.pages.lines import by_day, lines_of
from carrel.publish.pages.parts import day, link, listed, more, persons, state
from carrel.publish.pages.runs import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition
    from carrel.publish.pages.made import MadePage

#: Entries, and notes of one kind, that a page shows of what belongs to it.
LATEST_ENTRIES, LATEST_NOTES = 15, 10
BY_MONTH = "#belongs-by-month"
#: Kinds with a section of their own, in this order; other notes share the last one.
_KINDS = ("project", "question", "experiment", "idea", "paper", "meeting")


def rollup(edition: Edition, note: Note, place: str) -> str:
    """What belongs to a note: sections by kind, what is under way first, and the latest entries of the log."""
    if note.kind == "log":
        return ""
    below, mine = belonging(edition, note), edition.group("project", note.path)
    parts = [_climb(edition, note, place), _team(edition, note, place), _weighed(edition, note, place)]
    parts.append(runs(edition, note, place))
    for kind in (*_KINDS, "note"):
        some = [one for one in below if kind == (one.kind if one.kind in _KINDS else "note")]
        if some:
            parts.append(_section(edition, place, kind, some, BY_MONTH if is_long(mine) else ""))
    lines = list(lines_of(edition, "project", note.path))
    if entries := [line for line in lines if line.note.kind == "log"]:
        parts += ["## Log {: #belongs-log }", by_day(edition, place, entries[:LATEST_ENTRIES])]
    if is_long(mine):
        parts += [f"## All by month {{: {BY_MONTH} }}", years_table(place, lines)]
    elif len(entries) > LATEST_ENTRIES:
        rest = by_day(edition, place, entries[LATEST_ENTRIES:])
        parts.append(f"<details><summary>{len(entries) - LATEST_ENTRIES:,} more</summary>\n{rest}\n</details>")
    return "\n\n".join(part for part in parts if part)


def project_archives(edition: Edition) -> Iterator[MadePage]:
    """The years of those projects that much belongs to."""
    for path in edition.keys("project"):
        yield from archive_pages(edition, edition.place(path), edition.titles[path], "project", path)


def _section(edition: Edition, place: str, kind: str, notes: list[Note], rest: str) -> str:
    """The notes of a kind; those that there is no room for are at `rest`, or in the list of all of the kind."""
    title = LISTS.get(kind, "Papers")
    ordered = [one for some in by_state(notes).values() for one in some]
    shown = ordered[:LATEST_NOTES]
    count = f"{len(shown):,} of {len(notes):,}" if len(shown) < len(notes) else f"{len(notes):,}"
    lines = "\n".join(card(edition, place, one, _below(edition, place, one)) for one in shown)
    parts = [f"## {title} <small>{count}</small> {{: #belongs-{title.lower()} }}"]
    parts.append(f'<ul class="carrel-cards" data-search-exclude="">\n{lines}\n</ul>')
    if len(shown) < len(notes):
        parts.append(more(rest or relative_url(place, list_page(kind)), f"All {title.lower()}"))
    return "\n\n".join(parts)


def _below(edition: Edition, place: str, note: Note) -> str:
    """Below a question what advances it."""
    advancing = edition.group("advances", note.path)[:LATEST_NOTES] if note.kind == "question" else ()
    links = " · ".join(f"{link(edition, place, one)}{state(one)}" for one in advancing)
    return described(edition, note) + (f'<p class="carrel-below">{links}</p>' if links else "")


def _climb(edition: Edition, note: Note, place: str) -> str:
    """What a note advances, what that advances, and so on; the line under the title has the first step already."""
    way: list[Note] = []
    here = note
    while len(way) < 10:
        above = edition.leads(here, "advances") or edition.leads(here, "project")
        if not above or above[0] == note.path or edition.by_path[above[0]] in way:
            break
        here = edition.by_path[above[0]]
        way.append(here)
    if len(way) < 2:
        return ""
    links = " → ".join(link(edition, place, one) for one in way)
    return f'<p class="carrel-climb" data-search-exclude="">Serves {links}</p>'


def _weighed(edition: Edition, note: Note, place: str) -> str:
    """What experiments say for and against what a question asks; what its own note says is in its text."""
    if note.kind != "question":
        return ""
    found = list(evidence(note, edition.group("advances", note.path)))
    items = []
    for side in ("for", "against", "undecided"):
        several = [one.source for one in found if one.side == side and one.source and verdict(one.source)]
        for one in several[:LATEST_NOTES]:
            items.append(f"<li>{side.capitalize()}: {link(edition, place, one)}{state(one)}{_ended(one)}</li>")
        if len(several) > LATEST_NOTES:
            items.append(f"<li>{side.capitalize()}: {len(several) - LATEST_NOTES:,} more</li>")
    return f"## Evidence {{: #belongs-evidence }}\n\n{listed(items)}" if items else ""


def _ended(note: Note) -> str:
    ended = stated_day(note, "ended")
    return f' <span class="carrel-when">{day(ended)}</span>' if ended else ""


def _team(edition: Edition, note: Note, place: str) -> str:
    """Who works on a project: who wrote something that belongs to it."""
    if not edition.people:
        return ""
    notes = sorted(edition.group("project", note.path), key=newest_first)
    who = persons(edition, place, dict.fromkeys(name for one in notes for name in writers(one)))
    return f'<p class="carrel-team" data-search-exclude="">With {who}</p>' if who else ""
