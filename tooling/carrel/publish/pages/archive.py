"""Long lists: a page has their latest lines, and a page for each year has all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from carrel.core.relative import relative_url
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import By, year_of_note
from carrel.publish.pages.lines import Line, by_month, lines_of
from carrel.publish.pages.made import MadePage
from carrel.publish.pages.parts import anchor

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Notes from which on a list is cut.
LONG = 60
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_long(notes: tuple[Note, ...]) -> bool:
    """Whether a list of these notes is cut into years."""
    return len(notes) > LONG


def archive_page(page: str, year: str) -> str:
    """Where one year of the list on `page` stands.

    >>> archive_page("tags/sae.md", "2026")
    'tags/sae/2026.md'
    """
    return f"{page.removesuffix('.md')}/{year}.md"


def archive_pages(edition: Edition, page: str, title: str, by: By, key: str) -> Iterator[MadePage]:
    """The pages of the years of the list on `page`, where that is long: of the group `key`."""
    notes = edition.group(by, key)
    for year in dict.fromkeys(map(year_of_note, notes)) if is_long(notes) else ():
        text = partial(_year, page=page, title=title, by=by, key=key, year=year)
        yield MadePage(archive_page(page, year), f"{title} · {year}", text)


def _year(edition: Edition, page: str, title: str, by: By, key: str, year: str) -> str:
    place = archive_page(page, year)
    back = f'<p class="carrel-back">{anchor(relative_url(place, page), f"← {title}")}</p>'
    return f"{back}\n\n{by_month(edition, place, lines_of(edition, by, key, year))}"


def years_table(page: str, lines: Iterable[Line]) -> str:
    """How much of a long list each month has, every number a link to the page of its year."""
    counts = Counter[str]()
    for day, count in Counter(line.note.date for line in lines).items():
        counts[day.isoformat()[:7] if day else ""] += count
    rows = []
    for year in sorted({month[:4] for month in counts if month}, reverse=True):
        url = relative_url(page, archive_page(page, year))
        cells = "".join(_cell(counts[f"{year}-{month:02}"], f"{url}#{year}-{month:02}") for month in range(1, 13))
        rows.append(f'<tr><th scope="row">{anchor(url, year)}</th>{cells}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in MONTHS)
    table = (
        '<div class="carrel-wide"><table class="carrel-months" data-search-exclude="">\n'
        f"<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>"
    )
    if not counts[""]:
        return table
    undated = anchor(relative_url(page, archive_page(page, "undated")), f"{counts['']:,} undated")
    return f'{table}\n\n<p class="carrel-more">{undated}</p>'


def _cell(count: int, url: str) -> str:
    if not count:
        return "<td></td>"
    return f'<td class="carrel-count-{min(count.bit_length(), 7)}">{anchor(url, f"{count:,}")}</td>'
