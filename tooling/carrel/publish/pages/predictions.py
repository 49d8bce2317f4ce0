"""The page of predictions: those that wait, by the day that settles them, and those that are resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.graph import Target
from carrel.core.prediction import Prediction, predictions
from carrel.publish.edition.edition import PREDICTIONS, Edition
from carrel.publish.edition.groups import writers
from carrel.publish.pages.parts import anchor, day, link, persons
from carrel.publish.text.words import words

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Predictions that the page lists of those that are resolved.
MOST_RESOLVED = 300


class Made(NamedTuple):
    """A prediction and the note that holds it."""

    one: Prediction
    note: Note


def predictions_page(edition: Edition) -> str:
    """Every open prediction, and the latest of those that are resolved."""
    parts = []
    if due := open_predictions(edition):
        parts += [f"## Open <small>{len(due):,}</small> {{: #open }}", listing(edition, PREDICTIONS, due)]
    if settled := _resolved(edition):
        shown = settled[:MOST_RESOLVED]
        count = f"{len(settled):,}" if len(shown) == len(settled) else f"{len(shown):,} of {len(settled):,}"
        parts += [f"## Resolved <small>{count}</small> {{: #resolved }}", listing(edition, PREDICTIONS, shown)]
    return "\n\n".join(parts)


def open_predictions(edition: Edition) -> list[Made]:
    """The predictions that wait, the first that is due before the others."""
    waiting = [made for made in _made(edition.group("prediction", "open")) if not made.one.outcome]
    return sorted(waiting, key=lambda made: (made.one.by is None, made.one.by or made.note.date, *_place(made)))


def _resolved(edition: Edition) -> list[Made]:
    settled = [made for made in _made(edition.group("prediction", "resolved")) if made.one.outcome]
    return sorted(
        settled, key=lambda made: (-(made.one.resolved.toordinal() if made.one.resolved else 0), *_place(made))
    )


def _made(notes: Iterable[Note]) -> Iterator[Made]:
    return (Made(one, note) for note in notes for one in predictions(note))


def _place(made: Made) -> tuple[str, int]:
    return made.note.path, made.one.start


def listing(edition: Edition, place: str, made: Iterable[Made]) -> str:
    """Predictions as a list: when each is due, or how it ended; what is expected, how surely, and by whom."""
    lines = "\n".join(_line(edition, place, *each) for each in made)
    return f'<ul class="carrel-predictions" data-search-exclude="">\n{lines}\n</ul>'


def _line(edition: Edition, place: str, one: Prediction, note: Note) -> str:
    claim = words(edition, note, one.start, one.end)
    if one.id and not one.outcome:
        title = anchor(edition.url(place, Target(note.path, f"^{one.id}")), claim)
    else:
        title = link(edition, place, note, _section(note, one), claim)
    facts = [f'<span class="carrel-p">{round(100 * one.p)} %</span>']
    if one.outcome:
        facts.append(f'<span class="carrel-state carrel-{one.outcome}">{one.outcome}</span>')
        facts += [day(one.resolved)] if one.resolved else []
    elif one.by:
        facts.append(f'<span class="carrel-due">by {day(one.by)}</span>')
    if who := persons(edition, place, writers(note)) if edition.people else "":
        facts.append(who)
    remark = words(edition, note, *one.remark) if one.outcome else ""
    after = f'<p class="carrel-gist">{escape(remark)}</p>' if remark else ""
    return f'<li>{title} <span class="carrel-whose">{" · ".join(facts)}</span>{after}</li>'


def _section(note: Note, one: Prediction) -> str:
    """The anchor of the section that a prediction stands in."""
    return next((heading.slug for heading in reversed(note.markup.headings) if heading.start < one.start), "")
