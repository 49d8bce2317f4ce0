"""Home: what a reader wants every morning. The last days; what runs, is open, is expected; what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby, islice
from typing import TYPE_CHECKING

from carrel.core.note import writers
from carrel.core.reading import Level, reading, sessions
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import LISTS, newest_first
from carrel.publish.edition.places import HOME, PAPERS, PREDICTIONS, TIMELINE, list_page, timeline_page
from carrel.publish.pages.gists import gist, last_line, last_written, opinion
from carrel.publish.pages.kinds import UNDER_WAY, is_open, state_of
from carrel.publish.pages.lines import whose
from carrel.publish.pages.parts import anchor, entry, item, link, listed, more, persons, stars
from carrel.publish.pages.predictions import listing, open_predictions
from carrel.publish.pages.relation_links import related
from carrel.publish.text.labels import byline, year_of
from carrel.publish.text.words import entry_words, summary

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.note import Note

#: How much of each home shows: days of the log, entries of one writer's day, and notes of one section.
LATEST_DAYS, LATEST_ENTRIES, LATEST = 3, 8, 6


def home(edition: Edition) -> str:
    """The sections of home; one that would be empty is left out."""
    parts = [
        *_days(edition),
        *_running(edition),
        *_questions(edition),
        *_due(edition),
        *_papers(edition),
        *_notes(edition),
    ]
    return "\n\n".join(parts) if parts else "Nothing has been shared yet."


def _days(edition: Edition) -> Iterator[str]:
    """The last days that have an entry, the newest first."""
    if not edition.days:
        return
    yield "## Latest entries"
    for when, some in islice(groupby(reversed(edition.days), key=lambda note: note.date), LATEST_DAYS):
        if when is not None:
            yield _day(edition, when, sorted(some, key=lambda note: note.path))
    yield more(TIMELINE, "The whole log")


def _day(edition: Edition, when: date, notes: list[Note]) -> str:
    """A day with its entries, below whose they are."""
    text = f"{when:%A}, {when.day} {when:%B} {when.year}"
    if len(notes) == 1:
        head = link(edition, HOME, notes[0], text=text)
    else:
        head = anchor(f"{timeline_page(when.isoformat()[:7])}#{when}", text)
    lines = [f'<div class="carrel-day"><p class="carrel-heading">{head}</p>']
    signed = [(whose(edition, HOME, note), note) for note in notes]
    for who, note in sorted(signed, key=lambda one: bool(one[0])):  # below a name stands only what is that person's
        lines += [f'<p class="carrel-by">{who}</p>'] if who else []
        lines += _entries(edition, note)
    return "\n".join((*lines, "</div>"))


def _entries(edition: Edition, note: Note) -> Iterator[str]:
    if not note.entries:
        yield f"<p>{escape(summary(edition, note, 0, len(note.body)))}</p>"
        return
    order = sorted(range(len(note.entries)), key=lambda number: (note.entries[number].time, number), reverse=True)
    yield "<ul>"
    for number in order[:LATEST_ENTRIES]:
        text = entry_words(edition, note, note.entries[number])
        below = f'<p class="carrel-gist">{escape(text)}</p>' if text else ""
        yield f"<li>{entry(edition, HOME, note, number)}{below}</li>"
    if len(order) > LATEST_ENTRIES:
        yield f"<li>{link(edition, HOME, note, text=f'and {len(order) - LATEST_ENTRIES} more')}</li>"
    yield "</ul>"


def _running(edition: Edition) -> Iterator[str]:
    running = [note for note in edition.group("kind", "experiment") if state_of(note) in UNDER_WAY]
    if running:
        yield "## Running experiments"
        yield _cards(edition, running[:LATEST])
        yield more(list_page("experiment"), "All experiments")


def _questions(edition: Edition) -> Iterator[str]:
    """The open questions on which something was written last."""
    waiting = [note for note in edition.group("kind", "question") if is_open(note)]
    if waiting:
        yield "## Open questions"
        yield _cards(edition, sorted(waiting, key=lambda note: _stirred(edition, note))[:LATEST])
        yield more(
            list_page("question"), f"All {len(waiting):,} open questions" if len(waiting) > LATEST else "All questions"
        )


def _stirred(edition: Edition, note: Note) -> tuple[int, str]:
    last = last_written(edition, note)
    return min(newest_first(note), (newest_first(last.note)[0], note.path)) if last else newest_first(note)


def _cards(edition: Edition, notes: Iterable[Note]) -> str:
    """Notes, each with its project and what was last written on it."""
    lines = []
    for note in notes:
        facts = [
            *related(edition, note, HOME, "project"),
            persons(edition, HOME, writers(note)) if edition.people else "",
        ]
        said = " · ".join(fact for fact in facts if fact)
        whose = f' <span class="carrel-whose">{said}</span>' if said else ""
        last = last_line(edition, HOME, note)
        below = f'<p class="carrel-last">{last}</p>' if last else ""
        lines.append(f"<li>{link(edition, HOME, note)}{whose}{below}</li>")
    return '<ul class="carrel-cards" data-search-exclude="">\n' + "\n".join(lines) + "\n</ul>"


def _due(edition: Edition) -> Iterator[str]:
    if due := open_predictions(edition):
        yield "## Open predictions"
        yield listing(edition, HOME, due[:LATEST])
        yield more(PREDICTIONS, "All predictions")


def _papers(edition: Edition) -> Iterator[str]:
    """The papers that were summarised last; while none was, those that came last."""
    papers = edition.group("kind", "paper")
    summarised = sorted((note for note in papers if reading(note) >= Level.SUMMARISE), key=_read_last)
    if papers:
        yield "## Papers summarised" if summarised else "## Latest papers"
        yield from (_paper(edition, note) for note in (summarised or papers)[:LATEST])
        yield more(PAPERS, "All papers")


def _read_last(note: Note) -> tuple[int, str]:
    """A sort key: by the last session with a paper, else by the day of its note."""
    last = sessions(note)[-1:]
    return (-last[0].date.toordinal(), note.path) if last else newest_first(note)


def _paper(edition: Edition, note: Note) -> str:
    """A paper: what it says in a line, and what its reader thinks of it in another."""
    whose = " ".join(word for word in (byline(note), year_of(note)) if word)
    about = f' <span class="carrel-whose">{escape(whose)}</span>' if whose else ""
    lines = [
        '<div class="carrel-paper">',
        f'<p class="carrel-heading">{link(edition, HOME, note)}{about} {stars(note.metadata)}</p>',
    ]
    said, thought = gist(edition, note), opinion(edition, note)
    if said and said != thought:
        lines.append(f"<p>{escape(said)}</p>")
    if thought:
        who = persons(edition, HOME, writers(note)) or "Opinion"
        lines.append(f'<p class="carrel-opinion"><span>{who}</span> {escape(thought)}</p>')
    return "\n".join((*lines, "</div>"))


def _notes(edition: Edition) -> Iterator[str]:
    shown = [note for kind in LISTS for note in edition.group("kind", kind)]
    if shown:
        yield "## Recent notes"
        yield listed(item(edition, HOME, note) for note in sorted(shown, key=newest_first)[:LATEST])
