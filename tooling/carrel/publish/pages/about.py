"""What stands under a page's title: day, authors, state, tags, who may read it; of a paper its record."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.experiment import stated_day, verdict
from carrel.core.note import Note, Visibility
from carrel.publish.pages.kinds import weighed
from carrel.publish.pages.papers import record
from carrel.publish.pages.parts import day, persons, ran, tags, text_of
from carrel.publish.pages.relation_links import related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.publish.edition.edition import Edition


def about(edition: Edition, note: Note, place: str) -> str:
    """What stands under the title.

    The search leaves it out: what it finds is shown by a passage of the text.
    """
    lines = []
    is_paper = note.kind == "paper"
    if is_paper:
        lines.append(record(edition, note, place))
    facts = [] if is_paper else [*_facts(edition, note, place)]
    if note.visibility is not Visibility.PUBLIC and edition.audience is not Visibility.PUBLIC:
        classes = f"carrel-badge carrel-{note.visibility}"
        facts.append(f'<span class="{classes}">{note.visibility}</span>')
    if facts:
        lines.append(f'<span class="carrel-facts">{" · ".join(facts)}</span>')
    if labels := tags(edition, note, place):
        lines.append(f'<span class="carrel-tags">{labels}</span>')
    return f'<div class="carrel-about" data-search-exclude="">{" ".join(lines)}</div>' if lines else ""


def _facts(edition: Edition, note: Note, place: str) -> Iterator[str]:
    if note.kind == "log":
        if note.date:
            yield f"{note.date:%A}, {day(note.date)}"
    elif note.date:
        yield day(note.date)
    if note.authors:
        yield persons(edition, place, note.authors)
    if note.kind not in ("log", "note"):
        yield escape(note.kind)
    if state := text_of(note.metadata, "state"):
        yield f'<span class="carrel-state">{escape(state)}</span>'
    yield from _standing(note)
    if note.kind == "question" and (sides := weighed(edition, note)):
        yield sides
    for key in ("project", "advances"):
        yield from (f"{key} {one}" for one in related(edition, note, place, key))


def _standing(note: Note) -> Iterator[str]:
    """What came of an experiment, and its days; when a question was answered; when an idea was pruned; and why."""
    if note.kind == "experiment":
        if came := verdict(note):
            yield f'<span class="carrel-state carrel-now">{escape(came)}</span>'
        if days := ran(note):
            yield days
    for key in {"question": ("answered",), "idea": ("pursued", "pruned")}.get(note.kind, ()):
        if text_of(note.metadata, "state").lower() == key and (when := stated_day(note, key)):
            yield day(when)
    if note.kind in ("experiment", "idea") and (reason := text_of(note.metadata, "reason")):
        yield escape(reason)
