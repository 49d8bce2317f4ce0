"""What a list says of a note in a line: what it is about, and what was last written on it."""

from __future__ import annotations

from html import escape
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from carrel.core.note import Note
from carrel.publish.edition.groups import newest_first
from carrel.publish.edition.ties import Manner
from carrel.publish.pages.lines import Line
from carrel.publish.pages.parts import link
from carrel.publish.text.words import entry_title, shortened, summary, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carrel.core.note import Note
    from carrel.publish.edition.edition import Edition

#: Sections that say in a line what a note is about, the best first. Of other kinds it is what they begin with.
_GISTS = {
    "paper": ("tl;dr", "tldr", "tl-dr", "opinion", "summary", "abstract"),
    "experiment": ("verdict", "result", "hypothesis"),
    "question": ("question", "why it matters"),
    "project": ("goal", "aim", "summary"),
    "idea": ("idea", "summary"),
}


def gist(edition: Edition, note: Note, width: int = 200) -> str:
    """What a note says in a line: a paper its TL;DR, an experiment its verdict or hypothesis."""
    return section(edition, note, _GISTS.get(note.kind, ()), width)


def opinion(edition: Edition, note: Note) -> str:
    """The beginning of what its reader thinks of a paper."""
    return section(edition, note, ("opinion",))


def about_it(edition: Edition, note: Note, width: int = 200) -> str:
    """What a note says in a line, whatever its kind and sections: else the first words below any of its headings."""
    said = gist(edition, note, width) or (_contents(edition, note, width) if note.kind == "digest" else "")
    if said or note.kind == "log":  # what a day says stands in its headings too
        return said or summary(edition, note, 0, len(note.body), width)
    places = [0, *(heading.start for heading in note.markup.headings), len(note.body)]
    for number, (start, end) in enumerate(pairwise(places)):
        begin = note.body.find("\n", start, end) if number else start
        if begin >= 0 and (said := summary(edition, note, begin, end, width)):
            return said
    return summary(edition, note, 0, len(note.body), width)


def _contents(edition: Edition, note: Note, width: int) -> str:
    """What a digest begins with, else what it tells of: its papers and experiments, by their headings."""
    headings = note.markup.headings
    if said := summary(edition, note, 0, headings[0].start if headings else len(note.body), width):
        return said
    told = takewhile(lambda heading: heading.text != "Log", headings)  # below that are names
    lines = ((one.start, note.body.find("\n", one.start)) for one in told if one.level == 3)
    names = (words(edition, note, start, end if end >= 0 else len(note.body)) for start, end in lines)
    return shortened(" · ".join(names), width)


def section(edition: Edition, note: Note, wanted: Sequence[str], width: int = 200) -> str:
    """The first words of the first of the sections that is there and has some; a section ends at the next heading."""
    headings = note.markup.headings
    sections = {heading.text.lower().rstrip(":"): number for number, heading in reversed(list(enumerate(headings)))}
    for name in wanted:
        if (number := sections.get(name)) is not None:
            start = note.body.find("\n", headings[number].start)
            end = headings[number + 1].start if number + 1 < len(headings) else len(note.body)
            if 0 <= start < end and (text := summary(edition, note, start, end, width)):
                return text
    return ""


def last_written(edition: Edition, note: Note) -> Line | None:
    """The newest entry or note that links to a note, or says that it advances it; None where nothing does."""
    advancing = edition.group("advances", note.path)[:1]
    # what the front matter says is asked above, as far as it is shown
    written = (one for one in edition.pointing(note.path) if one.day and one.manner in (Manner.CITATION, Manner.LINK))
    last = min(written, key=lambda one: (-one.day, one.source, -one.start), default=None)
    if last is None or (advancing and (*newest_first(advancing[0]), 0) <= (-last.day, last.source, -last.start)):
        return Line(advancing[0]) if advancing else None
    source = edition.by_path[last.source]
    entries = enumerate(source.entries)
    return Line(source, next((number for number, one in entries if one.start <= last.start < one.end), None))


def last_line(edition: Edition, place: str, note: Note) -> str:
    """A link to what was last written on a note, with its day; "" where nothing was."""
    line = last_written(edition, note)
    if line is None or not line.note.date:
        return ""
    when = f'<time datetime="{line.note.date}">{line.note.date.day} {line.note.date:%b %Y}</time>'
    if line.entry is None:
        return f"{when} {link(edition, place, line.note)}"
    one = line.note.entries[line.entry]
    return f"{when} {link(edition, place, line.note, one.slug, entry_title(edition, line.note, one) or 'Entry')}"


def described(edition: Edition, note: Note, width: int = 160) -> str:
    """What a note is about, as the second line of its place in a list, or ""."""
    text = about_it(edition, note, width)
    return f'<p class="carrel-gist">{escape(text)}</p>' if text else ""
