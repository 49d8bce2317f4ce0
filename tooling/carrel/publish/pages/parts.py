"""The parts that pages are put together from: links, dates, entries, lists, the line under a title.

They are HTML of one block without blank lines, which Markdown leaves alone; every text in them is escaped here.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from carrel.core.experiment import stated_day, verdict
from carrel.core.graph import Target
from carrel.core.note import Note
from carrel.core.person import Name
from carrel.core.relative import relative_url
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import timeline_page
from carrel.publish.text.words import entry_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


def link(edition: Edition, source: str, note: Note, slug: str = "", text: str = "") -> str:
    """An HTML link from the staged page `source` to a note, or to a heading of it."""
    return anchor(edition.url(source, Target(note.path, slug)), text or edition.titles[note.path])


def anchor(url: str, text: str) -> str:
    """An HTML link to an address of the stage, where pages are `.md` and become `.html`."""
    path, mark, fragment = url.partition("#")
    if path.endswith(".md"):
        path = path.removesuffix(".md") + ".html"
    return f'<a href="{escape(path + mark + fragment)}">{escape(text)}</a>'


def day(when: date) -> str:
    """A date as a reader wants it: `20 November 2026`."""
    return f'<time datetime="{when.isoformat()}">{when.day} {when:%B} {when.year}</time>'


def ran(note: Note) -> str:
    """The days of an experiment: `ran 13 October to 10 November 2026`, `since 13 October 2026`, or ""."""
    first, last = stated_day(note, "started"), stated_day(note, "ended")
    if not first or not last:
        return f"since {day(first)}" if first else f"until {day(last)}" if last else ""
    if first == last:
        return f"ran on {day(first)}"
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    begin += f" {first.year}" if first.year != last.year else ""
    return f'ran <time datetime="{first.isoformat()}">{begin}</time> to {day(last)}'


def tags(edition: Edition, note: Note, place: str) -> str:
    """Links to the pages of a note's tags."""
    names: dict[str, str] = {}  # the first by which each page is called here
    for tag in note.tags:
        names.setdefault(edition.tags[tag], tag)
    return " ".join(anchor(relative_url(place, page), f"#{tag}") for page, tag in names.items())


def entry(edition: Edition, place: str, note: Note, number: int, facts: str = "") -> str:
    """One entry of a log day: its time, its title as a permalink, and `facts` of it as HTML."""
    one = note.entries[number]
    title = link(edition, place, note, one.slug, entry_title(edition, note, one) or "Entry")
    return f'<span class="carrel-at"><time class="carrel-clock">{one.time:%H:%M}</time>{title}{facts}</span>'


def item(edition: Edition, place: str, note: Note) -> str:
    """A note as an item of a list: its day, its title, its state."""
    when = f'<span class="carrel-when">{day(note.date)}</span> ' if note.date and note.kind != "log" else ""
    return f"<li>{when}{link(edition, place, note)}{state(note)}</li>"


def state(note: Note) -> str:
    """The verdict of an experiment, else the state of a note, to stand behind its title, or ""."""
    word = (verdict(note) if note.kind == "experiment" else "") or text_of(note.metadata, "state")
    return f' <span class="carrel-state">{escape(word)}</span>' if word else ""


def listed(items: Iterable[str]) -> str:
    """Items as a list, which the search leaves to the notes themselves."""
    lines = "\n".join(items)
    return f'<ul class="carrel-list" data-search-exclude="">\n{lines}\n</ul>'


def stars(metadata: Mapping[str, object]) -> str:
    """`rating: 4` as stars of five, or ""."""
    rating = text_of(metadata, "rating")
    if rating not in ("1", "2", "3", "4", "5"):
        return ""
    shown = "★" * int(rating) + "☆" * (5 - int(rating))
    return f'<span class="carrel-rating" title="{rating} of 5">{shown}</span>'


def text_of(metadata: Mapping[str, object], key: str) -> str:
    """A front-matter value that is one line of text, or ""."""
    value = metadata.get(key, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def more(url: str, text: str) -> str:
    """A link on a line of its own to the rest of something."""
    return f'<p class="carrel-more">{anchor(url, text + " →")}</p>'


def feed(page: str, place: str) -> str:
    """A link from a page to its feed."""
    return f'<p class="carrel-more">{anchor(relative_url(page, place), "Feed")}</p>'


def names(written: Iterable[str]) -> str:
    """People's names as people say them."""
    return ", ".join(dict.fromkeys(Name.parse(name).display for name in written))


def persons(edition: Edition, place: str, written: Iterable[str]) -> str:
    """People's names, each a link where the person has a page."""
    pages = {edition.people.get(name, name): name for name in written}
    return ", ".join(
        anchor(relative_url(place, page), names([name])) if page != name else escape(names([name]))
        for page, name in pages.items()
    )


def neighbours(edition: Edition, note: Note, place: str, before: Note | None, after: Note | None) -> str:
    """Links to the log's previous and next day, and to the month of this one."""
    earlier, later = (link(edition, place, one) if one is not None else "" for one in (before, after))
    if note.kind != "log" or note.date is None:
        return way(earlier, later)
    month = relative_url(place, timeline_page(note.date.isoformat()[:7]))
    return way(earlier, later, anchor(f"{month}#{note.date}", f"{note.date:%B} {note.date.year}"))


def way(before: str, after: str, above: str = "") -> str:
    """The links of a page to what comes before and after it, and to what all of them are part of."""
    links = [f'<span class="carrel-before">← {before}</span>' if before else ""]
    links.append(f'<span class="carrel-above">{above}</span>' if above else "")
    links.append(f'<span class="carrel-after">{after} →</span>' if after else "")
    head = '<nav class="carrel-days" aria-label="Before and after" data-search-exclude="">'
    return f"{head}{''.join(links)}</nav>" if any(links) else ""
