"""A digest of a week in the manner of the Alignment Newsletter: what was read, tried, settled, asked and noted.

Prose is Markdown as it may stand in the digest; titles and names are plain text. `core.digest_text` makes the parts of
a digest from it, `core.digest_parts` puts them into a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from carrel.core.log import closer
from carrel.core.markdown import scan
from carrel.core.reading import Level, week_of

#: The headings of a digest, in order.
SECTIONS = ("Highlights", "Papers", "Also read", "Experiments", "Running", "Predictions", "Questions", "Log", "Next")

_PREDICTED = re.compile(
    r"^([ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}+)\[[ xX]\][ \t]{1,4}+(?=[pP][ \t]?+=)", re.MULTILINE
)
_ID = re.compile(r" \^[A-Za-z0-9-]{1,60}+(?=[ \t]*(?:→|->|$))", re.MULTILINE)
#: What could reach beyond the passage that it stands in: a footnote's sign, a tag, a comment, mathematics.
_BEYOND = re.compile(r"\[\^[^\[\]\s]{1,100}+\]:?|<(?=[A-Za-z/!?])|%%|\$\$")
_ESCAPED = {"<": "&lt;", "%%": "&#37;%", "$$": r"\$\$"}
#: Of what begins like a tag, what ends where it begins, or with its line.
_HARMLESS = re.compile(
    r"<https?://[^\s<>]{1,2000}+>|<br ?/?>|<(sub|sup|kbd)>[^<>\n]{0,200}+</\1>|</(?:sub|sup|kbd)>"
    r'|<img src="[^"<>]{0,2000}+" alt="[^"<>]{0,2000}+" width="\d{1,4}"(?: height="\d{1,4}")?>'
)


@dataclass(frozen=True, slots=True)
class ReadPaper:
    """A paper that was read. `link` is the address of its note, `url` that of the paper on the web, or ""."""

    path: str
    link: str
    title: str
    authors: tuple[str, ...] = ()
    byline: str = ""
    venue: str = ""
    year: str = ""
    url: str = ""
    category: str = ""
    highlight: bool = False
    rating: int = 0
    level: Level = Level.QUEUED
    summarisers: tuple[str, ...] = ()
    summary: str = ""
    opinion: str = ""
    prerequisites: tuple[str, ...] = ()
    read_more: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether there is something to say of it."""
        return bool(self.summary or self.opinion)


@dataclass(frozen=True, slots=True)
class EndedExperiment:
    """An experiment that is over: what came of it, or the `reason` why it was given up."""

    path: str
    link: str
    title: str
    ended: date
    verdict: str
    people: tuple[str, ...] = ()
    highlight: bool = False
    hypothesis: str = ""
    result: str = ""
    surprise: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An experiment that ran when the week was over."""

    link: str
    title: str
    since: date
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicted:
    """A prediction that was made, and was open when the week was over; `title` and `link` say where it stands."""

    link: str
    title: str
    claim: str
    p: float
    by: date | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A prediction that was resolved; `title` and `link` say where it stands."""

    link: str
    title: str
    claim: str
    p: float
    outcome: str
    day: date
    remark: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked in the week, answered in it, or both."""

    link: str
    title: str
    opened: bool
    answered: bool
    answer: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of the log; `highlight` says that its writer marked it as one."""

    link: str
    title: str
    words: str
    day: date
    highlight: bool
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is to be done next; `title` and `link` say where that stands."""

    link: str
    title: str
    words: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """What goes into the digest of the week that begins on `monday`."""

    monday: date
    papers: tuple[ReadPaper, ...] = ()
    experiments: tuple[EndedExperiment, ...] = ()
    predictions: tuple[Settled, ...] = ()
    questions: tuple[Asked, ...] = ()
    entries: tuple[Noted, ...] = ()
    running: tuple[Running, ...] = ()
    made: tuple[Predicted, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def several(self) -> bool:
        """Whether more than one person wrote."""
        others: tuple[EndedExperiment | Settled | Asked | Noted | Running | Predicted | Step, ...]
        others = (*self.experiments, *self.predictions, *self.questions, *self.entries)
        others += (*self.running, *self.made, *self.steps)
        people = {name for one in others for name in one.people}
        return len(people.union(*(paper.summarisers for paper in self.papers))) > 1


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a digest that is written anew by itself. `name` tells it from the others of the same digest."""

    section: str
    name: str
    text: str


def title_of(monday: date) -> str:
    """What the digest of a week is called.

    >>> title_of(date(2026, 11, 16))
    'Digest of week 47, 2026 (16 to 22 November)'
    """
    sunday = monday + timedelta(days=6)
    year, week, _ = monday.isocalendar()
    first = f"{monday.day}" if monday.month == sunday.month else f"{monday.day} {monday:%B}"
    return f"Digest of week {week}, {year} ({first} to {sunday.day} {sunday:%B})"


def file_name(monday: date, audience: str) -> str:
    """What the file of a digest is called. One for others than the lab says for whom: both may be there.

    >>> file_name(date(2026, 11, 16), "lab"), file_name(date(2026, 11, 16), "public")
    ('2026-w47.md', '2026-w47-public.md')
    """
    return f"{week_of(monday).lower()}{'' if audience == 'lab' else f'-{audience}'}.md"


def passage(text: str) -> str:
    """A piece of another note so that it can stand in a digest and is nothing of its own there.

    A prediction that is quoted would count twice, a footnote's text stands elsewhere, and what is left open, code or
    a tag, would take the rest of the digest in.

    >>> passage("- [x] p=0.7: It works ^p-1 → yes[^2]"), passage("<b>x<sub>1</sub>")
    ('- p=0.7: It works → yes', '&lt;b>x<sub>1</sub>')
    """
    if _PREDICTED.search(text):
        text = _ID.sub("", _PREDICTED.sub(r"\1", text))
    text = _kept_within(text).replace("carrel:digest", "carrel digest").strip("\n").rstrip()
    return "\n".join(part for part in (text, closer(text)[0]) if part)


def _kept_within(text: str) -> str:
    """The text without what could reach beyond it; in code and mathematics nothing can."""
    code = sorted(scan(text).code)
    pieces, end, passed = [], 0, 0
    for found in _BEYOND.finditer(text):
        start = found.start()
        while passed < len(code) and code[passed][1] <= start:
            passed += 1
        if (passed < len(code) and code[passed][0] <= start) or _HARMLESS.match(text, start):
            continue
        pieces += [text[end:start], _ESCAPED.get(found[0], "")]
        end = found.end()
    return "".join((*pieces, text[end:]))
