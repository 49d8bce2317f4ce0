"""The line under a page's title: day, authors, where it appeared, reading, tags, who may read it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.note import Note, Visibility
from carrel.publish.papers import paper_facts, people
from carrel.publish.parts import anchor, day, relations, tags, text_of
from carrel.publish.words import shown_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.publish.edition import Edition


def about(edition: Edition, note: Note, place: str) -> str:
    """The line under the title: day, authors, where it appeared, reading, tags, who may read it.

    The search leaves it out: what it finds is shown by a passage of the text.
    """
    facts = [*_facts(edition, note, place)]
    if note.visibility is not Visibility.PUBLIC and edition.audience is not Visibility.PUBLIC:
        classes = f"carrel-badge carrel-{note.visibility}"
        facts.append(f'<span class="{classes}">{note.visibility}</span>')
    lines = [f'<span class="carrel-facts">{" · ".join(facts)}</span>'] if facts else []
    if labels := tags(edition, note, place):
        lines.append(f'<span class="carrel-tags">{labels}</span>')
    return f'<div class="carrel-about" data-search-exclude="">{" ".join(lines)}</div>' if lines else ""


def _facts(edition: Edition, note: Note, place: str) -> Iterator[str]:
    if note.kind == "log":
        if note.date:
            yield f"{note.date:%A}, {day(note.date)}"
    elif note.kind != "paper" and note.date:
        yield day(note.date)
    if note.authors:
        yield escape(people(note.authors))
    if note.kind == "paper":
        yield from paper_facts(note)
    elif note.kind not in ("log", "note"):
        yield escape(note.kind)
    if state := text_of(note.metadata, "state"):
        yield f'<span class="carrel-state">{escape(state)}</span>'
    for key in ("project", "advances"):
        yield from _relation(edition, note, place, key)


def _relation(edition: Edition, note: Note, place: str, key: str) -> Iterator[str]:
    """`project: probes` or `advances: "[[question]]"`: a link when it leads to something that is shown.

    Else it is left out, since a bare name may be that of something hidden; but a label is its author's own text.
    """
    for pointer, written in relations(note, key):
        target = edition.graph.resolve(note.path, pointer)
        if target is not None and target.path in edition.by_path:
            label = shown_text(edition, note, pointer.label) or edition.titles[target.path]
            yield f"{key} {anchor(edition.url(place, target), label)}"
            continue
        bare = pointer.target if not written and edition.shows(note, pointer.target) else ""
        if text := shown_text(edition, note, pointer.label or bare):
            yield f"{key} {escape(text)}"
