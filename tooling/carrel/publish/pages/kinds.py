"""The lists of projects, experiments, questions and other kinds: by state, what is under way before what is over."""

from __future__ import annotations

from collections import Counter
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from carrel.core.experiment import stated_day, verdict
from carrel.core.names import heading_slug
from carrel.core.purpose import OVER
from carrel.core.question import evidence
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import LISTS, newest_first
from carrel.publish.edition.places import DIGESTS_FEED, list_page
from carrel.publish.pages.archive import archive_pages, is_long, years_table
from carrel.publish.pages.gists import described
from carrel.publish.pages.lines import all_lines
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.parts import day, feed, link, ran, text_of
from carrel.publish.text.labels import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from carrel.core.note import Note

#: States of work that goes on, and of work that is to come; those of what is `OVER` come last, others before them.
UNDER_WAY = ("running", "active", "open", "pursued")
TO_COME = ("planned", "queued")
#: What a note of a kind is that does not say its state.
_UNSAID = {"question": "open", "idea": "open"}
#: Notes of one state that a long list shows.
LATEST = 30


def kind_pages(edition: Edition) -> Iterator[MadePage]:
    """The list of each kind, and the years of those that are long."""
    for kind, title in LISTS.items():
        if edition.group("kind", kind):
            yield MadePage(list_page(kind), title, partial(_list, kind=kind))
            yield from archive_pages(edition, list_page(kind), title, "kind", kind)


def state_of(note: Note) -> str:
    """The state of a note in small letters; "" where it says none and its kind implies none."""
    return text_of(note.metadata, "state").lower() or _UNSAID.get(note.kind, "")


def is_open(note: Note) -> bool:
    """Whether a question or an idea still waits for its answer."""
    return state_of(note) not in OVER


def by_state(notes: Iterable[Note]) -> Mapping[str, list[Note]]:
    """The notes of each state, in the order in which they are, states in the order of this module."""
    found: dict[str, list[Note]] = {}
    for note in notes:
        found.setdefault(state_of(note), []).append(note)
    return {state: found[state] for state in sorted(found, key=_rank)}


def _rank(state: str) -> tuple[int, str]:
    known = (*UNDER_WAY, *TO_COME)
    if state in known:
        return known.index(state), ""
    return (len(known) + 1 + OVER.index(state) if state in OVER else len(known)), state


def _list(edition: Edition, kind: str) -> str:
    place, notes = list_page(kind), edition.group("kind", kind)
    states = by_state(notes)
    most = LATEST if is_long(notes) else len(notes)
    parts = []
    for state, some in states.items():
        if len(states) > 1 or state:
            shown = f"{min(most, len(some)):,} of {len(some):,}" if len(some) > most else f"{len(some):,}"
            title, slug = literal(state.capitalize() or "Others"), heading_slug(state or "others")
            parts.append(f"## {title} <small>{shown}</small> {{: #{slug} }}")
        parts.append(cards(edition, place, some[:most], with_state=False))
    if is_long(notes):
        parts += ["## All by month", years_table(place, all_lines(edition, notes))]
    if kind == "digest":
        parts.append(feed(place, DIGESTS_FEED))
    return "\n\n".join(parts)


def cards(edition: Edition, place: str, notes: Iterable[Note], *, with_state: bool = True) -> str:
    """Notes as a list, each with its day and what it is about."""
    lines = "\n".join(card(edition, place, note, with_state=with_state) for note in notes)
    return f'<ul class="carrel-cards" data-search-exclude="">\n{lines}\n</ul>'


def belonging(edition: Edition, note: Note) -> list[Note]:
    """The notes that name this one as their project, that advance it, or that advance a question of it."""
    found = {one.path: one for one in edition.group("project", note.path) if one.kind != "log"}
    found |= {one.path: one for one in edition.group("advances", note.path)}
    for question in [one for one in found.values() if one.kind == "question"]:
        found |= {one.path: one for one in edition.group("advances", question.path)}
    found.pop(note.path, None)
    return sorted(found.values(), key=newest_first)


def pulse(edition: Edition, place: str, note: Note) -> str:
    """How a project goes: what of it is under way, and its last entry; "" where nothing belongs to it."""
    below = belonging(edition, note)
    running = sum(one.kind == "experiment" and state_of(one) in UNDER_WAY for one in below)
    waiting = sum(one.kind == "question" and is_open(one) for one in below)
    facts = [counted(running, "running experiment"), counted(waiting, "open question")]
    if (last := next((one for one in edition.group("project", note.path) if one.kind == "log"), None)) and last.date:
        facts.append(f"last written on {link(edition, place, last, text=f'{last.date.day} {last.date:%B %Y}')}")
    said = " · ".join(fact for fact in facts if fact)
    return f'<p class="carrel-below">{said}</p>' if said else ""


def counted(count: int, one: str, many: str = "") -> str:
    """`1 entry`, `12 entries`, or "" for none."""
    return f"{count:,} {one if count == 1 else many or one + 's'}" if count else ""


def card(edition: Edition, place: str, note: Note, below: str = "", *, with_state: bool = True) -> str:
    """A note in a list: title, state, day; `below` it what it is about."""
    state = state_of(note) if with_state else ""
    badge = (
        f' <span class="carrel-state carrel-{"over" if state in OVER else "now"}">{escape(state)}</span>'
        if state
        else ""
    )
    if note.kind == "experiment" and (came := verdict(note)):
        badge += f' <span class="carrel-state">{escape(came)}</span>'
    days = (ran(note) if note.kind == "experiment" else "") or (day(note.date) if note.date else "")
    when = f' <span class="carrel-when">{days}</span>' if days else ""
    more = _more(edition, place, note)
    return f"<li>{link(edition, place, note)}{badge}{when}{below or described(edition, note)}{more}</li>"


def _more(edition: Edition, place: str, note: Note) -> str:
    """What a list says of a note besides what it is about: why it was dropped, what speaks for it, how it goes."""
    if note.kind == "project":
        return pulse(edition, place, note)
    said = weighed(edition, note) if note.kind == "question" else _why_not(note)
    return f'<p class="carrel-below">{said}</p>' if said else ""


def weighed(edition: Edition, question: Note) -> str:
    """How much speaks for and against what a question asks: `2 for · 1 against`, or ""."""
    sides = Counter(one.side for one in evidence(question, edition.group("advances", question.path)))
    return " · ".join(f"{sides[side]:,} {side}" for side in ("for", "against") if sides[side])


def _why_not(note: Note) -> str:
    """Why something was dropped, and of an idea when."""
    reason = escape(text_of(note.metadata, "reason")) if state_of(note) in OVER else ""
    if not reason or note.kind != "idea":
        return f"Given up: {reason}" if reason and note.kind == "experiment" else reason
    pruned = stated_day(note, "pruned")
    return f"Pruned {day(pruned)}: {reason}" if pruned else reason
