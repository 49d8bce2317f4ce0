"""The pages that are made from notes: home, the timeline, the papers table, tags, and a list for each kind.

All of them are functions of an edition. Each gives Markdown with HTML blocks in it, and stands below the text
of `site/pages/<the same name>` where the knowledge base has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from carrel.publish.edition import (
    HOME,
    LISTS,
    PAPERS,
    TAGS,
    TIMELINE,
    Edition,
    list_of,
    list_page,
    newest_first,
    relative_url,
    timeline_page,
)
from carrel.publish.parts import anchor, day, link, stars, text_of
from carrel.publish.rewrite import byline, year_of
from carrel.publish.words import entry_title, summary

if TYPE_CHECKING:
    from carrel.core.note import Note

LATEST_DAYS, LATEST_PAPERS, LATEST_NOTES = 5, 5, 8
#: Sections of a paper that say in a line what it is about, the best first.
_GISTS = ("tl;dr", "tldr", "tl-dr", "opinion", "summary", "abstract")


def generated(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Every generated page as (path in the stage, title, text)."""
    yield HOME, "Home", home(edition)
    if dated := [note for note in edition.notes if note.date]:
        yield TIMELINE, "Timeline", timeline(edition, dated)
        by_year: dict[int, list[Note]] = defaultdict(list)
        for note in dated:
            if note.date:
                by_year[note.date.year].append(note)
        for year, notes in sorted(by_year.items()):
            yield timeline_page(year), str(year), year_page(edition, timeline_page(year), notes)
    if papers := edition.of_kind("paper"):
        yield PAPERS, "Papers", papers_table(edition, papers)
    if edition.tags:
        yield from tag_pages(edition)
    for kind, title in LISTS.items():
        if notes := edition.of_kind(kind):
            yield list_page(kind), title, note_list(edition, list_page(kind), notes)


def home(edition: Edition) -> str:
    """The latest days with their entries, the latest papers with what was thought of them, other recent notes."""
    parts = []
    if days := edition.days[::-1][:LATEST_DAYS]:
        parts += ["## Latest entries", *(_home_day(edition, note) for note in days), _more(TIMELINE, "The whole timeline")]
    if papers := edition.of_kind("paper")[:LATEST_PAPERS]:
        parts += ["## Latest papers", *(_home_paper(edition, note) for note in papers), _more(PAPERS, "All papers")]
    others = sorted((note for note in edition.notes if note.kind not in ("log", "paper")), key=newest_first)
    if others:
        parts += ["## Recent notes", _items(edition, HOME, others[:LATEST_NOTES])]
    return "\n\n".join(parts) if parts else "Nothing has been shared yet."


def _home_day(edition: Edition, note: Note) -> str:
    lines = [f'<div class="carrel-day"><p class="carrel-heading">{link(edition, HOME, note)}</p>']
    if note.entries:
        lines += ["<ul>", *(f"<li>{_entry(edition, HOME, note, number)}</li>" for number in range(len(note.entries))), "</ul>"]
    else:
        lines.append(f"<p>{escape(summary(edition, note, 0, len(note.body)))}</p>")
    return "\n".join((*lines, "</div>"))


def _entry(edition: Edition, place: str, note: Note, number: int) -> str:
    entry = note.entries[number]
    clock = f'<time class="carrel-clock">{entry.time:%H:%M}</time>'
    return f'<span class="carrel-at">{clock}{link(edition, place, note, entry.slug, entry_title(edition, note, entry) or "Entry")}</span>'


def _home_paper(edition: Edition, note: Note) -> str:
    whose = " ".join(word for word in (byline(note), year_of(note)) if word)
    about = f' <span class="carrel-whose">{escape(whose)}</span>' if whose else ""
    text = gist(edition, note)
    return (
        f'<div class="carrel-paper"><p class="carrel-heading">{link(edition, HOME, note)}{about}</p>'
        + (f"\n<p>{escape(text)}</p>" if text else "")
        + "\n</div>"
    )


def gist(edition: Edition, note: Note) -> str:
    """What a paper's note says in a line: its TL;DR, else the beginning of its opinion or summary."""
    headings = note.markup.headings
    sections = {heading.text.lower().rstrip(":"): number for number, heading in reversed(list(enumerate(headings)))}
    for name in _GISTS:
        if (number := sections.get(name)) is not None:
            start = note.body.find("\n", headings[number].start)
            end = headings[number + 1].start if number + 1 < len(headings) else len(note.body)
            if 0 <= start < end and (text := summary(edition, note, start, end)):
                return text
    return ""


def timeline(edition: Edition, dated: Iterable[Note]) -> str:
    """Every year with its months, and how much each holds; then the latest month in full."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for note in dated:
        if note.date:
            counts[note.date.year, note.date.month] += max(len(note.entries), 1)
    rows = []
    for year in sorted({year for year, _ in counts}, reverse=True):
        cells = "".join(_month_cell(year, month, counts.get((year, month), 0)) for month in range(1, 13))
        name = anchor(timeline_page(year), str(year))
        rows.append(f"<tr><th scope=\"row\">{name}</th>{cells}</tr>")
    head = "".join(f"<th>{name}</th>" for name in "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
    table = (
        '<div class="carrel-wide"><table class="carrel-months" data-search-exclude="">\n'
        f"<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )
    year, month = max(counts)
    latest = [note for note in dated if note.date and (note.date.year, note.date.month) == (year, month)]
    return f"{table}\n\n{_month(edition, TIMELINE, latest)}"


def _month_cell(year: int, month: int, count: int) -> str:
    if not count:
        return "<td></td>"
    url = f"{timeline_page(year)}#{year:04d}-{month:02d}"
    return f'<td class="carrel-count-{min(count.bit_length(), 7)}">{anchor(url, str(count))}</td>'


def year_page(edition: Edition, place: str, notes: Iterable[Note]) -> str:
    """One year of the timeline, the newest month first."""
    ordered = sorted((note for note in notes if note.date), key=newest_first)
    months = groupby(ordered, key=lambda note: note.date.month if note.date else 0)
    return "\n\n".join(_month(edition, place, list(group)) for _, group in months)


def _month(edition: Edition, place: str, notes: Iterable[Note]) -> str:
    ordered = sorted(notes, key=newest_first)
    first = ordered[0].date
    lines = [f"## {first:%B} {first.year} {{: #{first:%Y-%m} }}\n\n<dl class=\"carrel-timeline\">"] if first else []
    for when, group in groupby(ordered, key=lambda note: note.date):
        lines.append(f'<dt><time datetime="{when}">{when:%a} {when.day}</time></dt>' if when else "<dt></dt>")
        for note in sorted(group, key=lambda note: (note.kind != "log", note.path)):
            if note.kind == "log" and note.entries:
                if edition.titles[note.path] != str(when):
                    lines.append(f"<dd>{link(edition, place, note)}</dd>")
                lines += (f"<dd>{_entry(edition, place, note, number)}</dd>" for number in range(len(note.entries)))
            else:
                lines.append(f'<dd><span class="carrel-kind">{escape(note.kind)}</span> {link(edition, place, note)}</dd>')
    return "\n".join((*lines, "</dl>"))


def papers_table(edition: Edition, papers: Iterable[Note]) -> str:
    """Every paper in a table: what, who, when, how far it was read, tags."""
    rows = []
    for note in sorted(papers, key=lambda note: (_descending(year_of(note)), edition.titles[note.path].casefold(), note.path)):
        names = {edition.tags[tag]: tag for tag in reversed(note.tags)}
        tags = " ".join(anchor(page, "#" + names[page]) for page in dict.fromkeys(edition.tags[tag] for tag in note.tags))
        cells = (
            link(edition, PAPERS, note),
            escape(byline(note)),
            escape(year_of(note)),
            f"{escape(text_of(note.metadata, 'reading'))} {stars(note.metadata)}".strip(),
            tags,
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Title", "Authors", "Year", "Reading", "Tags"))
    return (
        f'{len(rows):,} paper{"s" if len(rows) > 1 else ""}, the newest first.\n\n'
        '<div class="carrel-wide"><table class="carrel-papers" data-search-exclude="">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )


def tag_pages(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """The index of tags, and a page for each: the entries and notes that carry it."""
    tagged: dict[str, list[Note]] = defaultdict(list)
    for note in edition.notes:
        for page in dict.fromkeys(edition.tags[tag] for tag in note.tags):
            tagged[page].append(note)
    names = {page: tag for tag, page in reversed(edition.tags.items())}
    index = "\n".join(
        f"<li>{anchor(page, '#' + names[page])} <span>{len(notes):,}</span></li>"
        for page, notes in sorted(tagged.items(), key=lambda one: (names[one[0]].casefold(), one[0]))
    )
    yield TAGS, "Tags", f'<ul class="carrel-tag-list" data-search-exclude="">\n{index}\n</ul>'
    for page, notes in sorted(tagged.items()):
        yield page, f"#{names[page]}", _tag_page(edition, page, notes)


def _tag_page(edition: Edition, page: str, notes: Iterable[Note]) -> str:
    parts = []
    ordered = sorted(notes, key=newest_first)
    for heading, kinds in (("Log", ("log",)), ("Papers", ("paper",)), ("Notes", tuple(LISTS))):
        chosen = [note for note in ordered if list_of(note) in kinds]
        if not chosen:
            continue
        items = []
        for note in chosen:
            mine = [
                number
                for number, entry in enumerate(note.entries)
                if any(edition.tags.get(tag) == page for tag in entry.tags)
            ]
            if mine:
                title = escape(edition.titles[note.path])
                items += (f'<li><span class="carrel-when">{title}</span> {_entry(edition, page, note, n)}</li>' for n in mine)
            else:
                items.append(_item(edition, page, note))
        parts.append(f"## {heading}\n\n" + '<ul class="carrel-list" data-search-exclude="">\n' + "\n".join(items) + "\n</ul>")
    return "\n\n".join(parts)


def note_list(edition: Edition, place: str, notes: Iterable[Note]) -> str:
    """Notes of one kind, the newest first."""
    return _items(edition, place, notes)


def _items(edition: Edition, place: str, notes: Iterable[Note]) -> str:
    lines = "\n".join(_item(edition, place, note) for note in notes)
    return f'<ul class="carrel-list" data-search-exclude="">\n{lines}\n</ul>'


def _item(edition: Edition, place: str, note: Note) -> str:
    when = f'<span class="carrel-when">{day(note.date)}</span> ' if note.date and note.kind != "log" else ""
    state = text_of(note.metadata, "state")
    after = f' <span class="carrel-state">{escape(state)}</span>' if state else ""
    return f"<li>{when}{link(edition, place, note)}{after}</li>"


def _more(page: str, text: str) -> str:
    return f'<p class="carrel-more">{anchor(relative_url(HOME, page), text + " →")}</p>'


def _descending(year: str) -> int:
    return -int(year) if year.isascii() and year.isdigit() and len(year) < 6 else 0

