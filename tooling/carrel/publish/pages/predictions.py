"""The page of predictions: those that wait, by the day that settles them, how the others came out, and these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from carrel.core.graph import Target
from carrel.core.note import writers
from carrel.core.prediction import Made, Prediction, made
from carrel.core.secret import is_sealed, revealed, without_secret
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import PREDICTIONS
from carrel.publish.pages.calibration import calibration
from carrel.publish.pages.parts import anchor, day, link, persons
from carrel.publish.text.words import words

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Predictions that the page lists of those that are resolved.
MOST_RESOLVED = 300


def predictions_page(edition: Edition) -> str:
    """Every open prediction, how well those that are resolved were judged, and the latest of them."""
    parts = []
    if due := open_predictions(edition):
        parts += [f"## Open <small>{len(due):,}</small> {{: #open }}", listing(edition, PREDICTIONS, due)]
    parts += calibration(edition)
    if settled := _resolved(edition):
        shown = settled[:MOST_RESOLVED]
        count = f"{len(settled):,}" if len(shown) == len(settled) else f"{len(shown):,} of {len(settled):,}"
        parts += [f"## Resolved <small>{count}</small> {{: #resolved }}", listing(edition, PREDICTIONS, shown)]
    return "\n\n".join(parts)


def open_predictions(edition: Edition) -> list[Made]:
    """The predictions that wait, the first that is due before the others."""
    waiting = [each for each in made(edition.group("prediction", "open")) if not each.one.outcome]
    return sorted(
        waiting, key=lambda each: (each.one.by is None, each.one.by or each.note.date or date.max, *_place(each))
    )


def _resolved(edition: Edition) -> list[Made]:
    settled = [each for each in made(edition.group("prediction", "resolved")) if each.one.outcome]
    return sorted(
        settled, key=lambda each: (-(each.one.resolved.toordinal() if each.one.resolved else 0), *_place(each))
    )


def _place(each: Made) -> tuple[str, int]:
    return each.note.path, each.one.start


def listing(edition: Edition, place: str, listed: Iterable[Made]) -> str:
    """Predictions as a list: when each is due, or how it ended; what is expected, how surely, and by whom."""
    lines = "\n".join(_line(edition, place, each) for each in listed)
    return f'<ul class="carrel-predictions" data-search-exclude="">\n{lines}\n</ul>'


def _line(edition: Edition, place: str, each: Made) -> str:
    one, note = each
    claim, remark, secret = _told(edition, each)
    if one.id in note.markup.blocks:
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
    facts += [secret] if secret else []
    after = f'<p class="carrel-gist">{escape(remark)}</p>' if remark else ""
    return f'<li>{title} <span class="carrel-whose">{" · ".join(facts)}</span>{after}</li>'


def _told(edition: Edition, each: Made) -> tuple[str, str, str]:
    """The claim, what was said of its outcome, and how a secret that was told agrees with its hash."""
    one, note = each
    claim, (start, end) = words(edition, note, one.start, one.end), one.remark
    if not is_sealed(each.claim):
        return claim, words(edition, note, start, end) if one.outcome else "", ""
    secret, before = revealed(each.remark), len(without_secret(each.remark))
    remark = words(edition, note, start, start + before) if before else ""
    if secret is None:
        return f"{claim[:26]}…", remark, ""
    said = "a secret, verified" if secret.sealed == each.claim else "a secret that does not agree with its hash"
    return words(edition, note, end - len(secret.claim), end), remark, said


def _section(note: Note, one: Prediction) -> str:
    """The anchor of the section that a prediction stands in."""
    return next((heading.slug for heading in reversed(note.markup.headings) if heading.start < one.start), "")
