"""What long lists are made of: lines, each a note or one entry of the log, laid out by day and month."""

from __future__ import annotations

from functools import partial
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.note import Note
from carrel.publish.pages.parts import entry, item, link, listed, names, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from carrel.publish.edition.edition import Edition
    from carrel.publish.edition.groups import By


class Line(NamedTuple):
    """A note as a whole, or one entry of a log day by its number."""

    note: Note
    entry: int | None = None


def all_lines(edition: Edition, notes: Iterable[Note]) -> Iterator[Line]:
    """Every line of these notes: a log day as its entries, any other note as itself."""
    for note in notes:
        entries = len(edition.entry_tags(note))
        yield from (Line(note, number) for number in range(entries)) if entries else (Line(note),)


def lines_of(edition: Edition, by: By, key: str, year: str = "") -> Iterator[Line]:
    """What a group holds, newest first: of a log day the entries that carry the tag, or belong to the project.

    With a `year` only that one's. A day that carries a tag in its front matter, and in no entry, is a line itself.
    """
    notes = edition.group(by, key, year)
    if by == "tag":
        yield from _tagged(edition, notes, key)
    else:
        for line in all_lines(edition, notes):
            note, entry = line
            if by != "project" or (note.path != key and (entry is None or key in edition.serves(note, entry))):
                yield line


def _tagged(edition: Edition, notes: Iterable[Note], page: str) -> Iterator[Line]:
    own: dict[str, bool] = {}  # whether a tag is that of the page, in whichever way it is written
    for note in notes:
        found = False
        for number, tags in enumerate(edition.entry_tags(note)):
            for tag in tags:
                if tag not in own:
                    own[tag] = edition.tags.get(tag) == page
            if any(map(own.__getitem__, tags)):
                found = True
                yield Line(note, number)
        if not found:
            yield Line(note)


def by_month(edition: Edition, place: str, lines: Iterable[Line]) -> str:
    """Lines, which are in order, below a heading for each month; what has no day comes last."""
    parts = []
    for month, some in groupby(lines, key=lambda line: line.note.date.replace(day=1) if line.note.date else None):
        if month is None:
            parts.append(listed(item(edition, place, line.note) for line in some))
        else:
            parts.append(f"## {month_name(month)} {{: #{month.isoformat()[:7]} }}")
            parts.append(by_day(edition, place, some, within_month=True))
    return "\n\n".join(parts)


def month_name(when: date) -> str:
    """`November 2026`."""
    return f"{when:%B} {when.year}"


def by_day(
    edition: Edition,
    place: str,
    lines: Iterable[Line],
    *,
    within_month: bool = False,
    anchors: bool = False,
    signed: bool = True,
    kinds: bool = True,
) -> str:
    """Lines, which are in order, beside their days. With `anchors` a day can be linked to: `#2026-11-20`.

    They are `signed` with the names of their writers, where the day alone does not tell them, and say their `kinds`.
    """
    out = [f'<dl class="carrel-timeline{"" if within_month else " carrel-latest"}" data-search-exclude="">']
    for when, some in groupby(lines, key=lambda line: line.note.date):
        anchor = f' id="{when}"' if anchors else ""
        if when is not None:
            day = f"{when:%a} {when.day}" if within_month else f"{when.day} {when:%b} {when.year}"
            out.append(f'<dt{anchor}><time datetime="{when}">{day}</time></dt>')
        else:
            out.append("<dt>undated</dt>")
        ordered = sorted(some, key=partial(_in_day, edition, place))
        for _, of_note in groupby(ordered, key=lambda line: line.note.path):
            out += (f"<dd>{part}</dd>" for part in _of_note(edition, place, list(of_note), signed=signed, kinds=kinds))
    return "\n".join((*out, "</dl>"))


def _in_day(edition: Edition, place: str, line: Line) -> tuple[bool, bool, str, int]:
    """A sort key of the lines of a day: its entries, those first that stand below no name, then other notes."""
    note = line.note
    is_log = note.kind == "log"
    return not is_log, is_log and bool(whose(edition, place, note)), note.path, line.entry or 0


def _of_note(edition: Edition, place: str, lines: list[Line], *, signed: bool, kinds: bool) -> Iterator[str]:
    """The lines of one note; entries below whose they are, where the day alone does not say it."""
    note = lines[0].note
    if signed and lines[0].entry is not None and (head := whose(edition, place, note)):
        yield head
    kind = f'<span class="carrel-kind">{escape(note.kind)}</span> ' if kinds else ""
    for number in (line.entry for line in lines):
        if number is None:
            yield f"{kind}{link(edition, place, note)}{state(note)}"
        else:
            yield entry(edition, place, note, number)


def whose(edition: Edition, place: str, note: Note) -> str:
    """A link to a log day by its writer, where there are several, or by its title where that says more; else ""."""
    title, day = edition.titles[note.path], str(note.date)
    if title == day or title.startswith(f"{day} · "):
        writer, title = names(note.authors), title.removeprefix(day).removeprefix(" · ")
        title = writer if writer and edition.people else title if title != writer else ""
    return f'<span class="carrel-who">{link(edition, place, note, text=title)}</span>' if title else ""
