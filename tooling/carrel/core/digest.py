"""A digest of a week in the manner of the Alignment Newsletter: what was read, tried, settled, asked and noted.

A summary says what a paper shows, the opinion beside it what its reader makes of it. Prose is Markdown as it may stand
in the digest; titles and names are plain text. `core.digest_parts` puts the parts into a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carrel.core.log import closer
from carrel.core.markdown import scan
from carrel.core.reading import Level, week_of
from carrel.core.summary import markdown_text

#: The headings of a digest, in order.
SECTIONS = ("Highlights", "Papers", "Also read", "Experiments", "Predictions", "Questions", "Log")
#: So many entries of a person who marked none as a highlight are named.
ENTRIES = 8

_PREDICTED = re.compile(r"^([ \t>]*+[-*+] )\[[ xX]\] (?=p=[\d.])", re.MULTILINE)
_ID = re.compile(r" \^[A-Za-z0-9-]{1,60}+(?=[ \t]*(?:→|->|$))", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,100}+\]:?")
_BLOCK = re.compile(r"(?:[-*+>]|\d{1,9}[.)])[ \t]|\||```|~~~|\$\$|<|!\[| {4}|\t")
_MARKER = re.compile(r"carrel:digest")


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
class Issue:
    """What goes into the digest of the week that begins on `monday`."""

    monday: date
    papers: tuple[ReadPaper, ...] = ()
    experiments: tuple[EndedExperiment, ...] = ()
    predictions: tuple[Settled, ...] = ()
    questions: tuple[Asked, ...] = ()
    entries: tuple[Noted, ...] = ()

    @property
    def several(self) -> bool:
        """Whether more than one person wrote."""
        others: tuple[EndedExperiment | Settled | Asked | Noted, ...]
        others = (*self.experiments, *self.predictions, *self.questions, *self.entries)
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

    A prediction that is quoted would count twice, a footnote's text stands elsewhere, and code may be left open.

    >>> passage("- [x] p=0.7: It works ^p-1 → yes[^2]")
    '- p=0.7: It works → yes'
    """
    if "] p=" in text:
        text = _ID.sub("", _PREDICTED.sub(r"\1", text))
    if "[^" in text:
        code = scan(text).code
        text = _FOOTNOTE.sub(lambda one: one[0] if any(a <= one.start() < b for a, b in code) else "", text)
    text = _MARKER.sub("carrel digest", text).strip("\n").rstrip()
    return "\n".join(part for part in (text, closer(text)[0]) if part)


def parts(issue: Issue) -> list[Part]:
    """The digest, piece by piece in its order."""
    return list(_parts(issue))


def _parts(issue: Issue) -> Iterator[Part]:
    told = sorted((paper for paper in issue.papers if paper.told), key=_by_category)
    for paper in told:
        if paper.highlight:
            yield Part("Highlights", paper.path, _paper(paper))
    experiments = sorted(issue.experiments, key=lambda one: (one.ended, one.path))
    for one in experiments:
        if one.highlight:
            yield Part("Highlights", one.path, _experiment(one, issue))
    for paper in told:
        if not paper.highlight:
            yield Part("Papers", paper.path, _paper(paper))
    if read := [_also_read(paper) for paper in sorted(issue.papers, key=_by_category) if not paper.told]:
        yield Part("Also read", "read", "\n".join(read))
    for one in experiments:
        if not one.highlight:
            yield Part("Experiments", one.path, _experiment(one, issue))
    if issue.predictions:
        settled = sorted(issue.predictions, key=lambda one: (one.day, one.link, one.claim))
        yield Part("Predictions", "predictions", "\n".join(_settled(one, issue) for one in settled))
    if issue.questions:
        yield Part("Questions", "questions", "\n".join(_questions(issue)))
    yield from _log(issue)


def _by_category(paper: ReadPaper) -> tuple[bool, str, int, str]:
    return not paper.category, paper.category.casefold(), -paper.rating, paper.path


def _linked(title: str, link: str) -> str:
    return f"[{markdown_text(title)}]({link})"


def _labelled(label: str, text: str) -> str:
    if not text:
        return ""
    return f"**{label}**\n\n{text}" if _BLOCK.match(text) else f"**{label}:** {text}"


def _joined(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _names(people: Sequence[str]) -> str:
    """
    >>> _names(["Ada", "Sam", "Kim"])
    'Ada, Sam and Kim'
    """
    *others, last = map(markdown_text, people)
    return f"{', '.join(others)} and {last}" if others else last


def _paper(paper: ReadPaper) -> str:
    source = ", ".join(markdown_text(word) for word in (paper.byline, paper.venue, paper.year) if word)
    about = (
        source,
        markdown_text(paper.category),
        f"[the paper]({paper.url})" if paper.url else "",
        f"summarised by {_names(paper.summarisers)}" if paper.summarisers else "",
    )
    return _joined(
        f"### {_linked(paper.title, paper.link)}",
        " · ".join(word for word in about if word),
        _labelled("Summary", paper.summary),
        _labelled("Opinion", paper.opinion),
        _labelled("Prerequisites", "; ".join(paper.prerequisites)),
        _labelled("Read more", "; ".join(paper.read_more)),
    )


def _also_read(paper: ReadPaper) -> str:
    source = ", ".join(markdown_text(word) for word in (paper.byline, paper.year) if word)
    return f"- {_linked(paper.title, paper.link)}{f' ({source})' if source else ''}, {paper.level.state}"


def _experiment(one: EndedExperiment, issue: Issue) -> str:
    by = f", by {_names(one.people)}" if issue.several and one.people else ""
    return _joined(
        f"### {_linked(one.title, one.link)}: {markdown_text(one.verdict)}",
        f"Ended {one.ended}{by}",
        _labelled("Hypothesis", one.hypothesis),
        _labelled("Result", one.result),
        _labelled("Surprise", one.surprise),
        _labelled("Why it was given up", one.reason),
    )


def _settled(one: Settled, issue: Issue) -> str:
    by = f", {_names(one.people)}" if issue.several and one.people else ""
    remark = f": {one.remark}" if one.remark else ""
    place = f"({_linked(one.title, one.link)}{by})"
    return f"- {round(one.p * 100, 4):g} % for “{one.claim}” → **{one.outcome}**{remark} {place}"


def _questions(issue: Issue) -> Iterator[str]:
    for one in sorted(issue.questions, key=lambda one: (one.answered, one.link)):
        by = f" ({_names(one.people)})" if issue.several and one.people else ""
        what = "Answered" if one.answered else "Opened"
        yield f"- {what}: {_linked(one.title, one.link)}{by}{f' {one.answer}' if one.answer else ''}"


def _log(issue: Issue) -> Iterator[Part]:
    by_person: dict[tuple[str, ...], list[Noted]] = {}
    for one in issue.entries:
        by_person.setdefault(one.people, []).append(one)
    for people, entries in sorted(by_person.items()):
        shown = [one for one in entries if one.highlight]
        lines = [_noted(one) for one in shown] or [_noted(one, short=True) for one in entries[:ENTRIES]]
        if not shown and len(entries) > ENTRIES:
            lines.append(f"- and {len(entries) - ENTRIES} more")
        who = f"### {_names(people)}" if people and issue.several else ""
        yield Part("Log", f"log {' '.join(people)}".strip(), _joined(who, "\n".join(lines)))


def _noted(one: Noted, *, short: bool = False) -> str:
    words = f": {one.words}" if one.words and not short else ""
    return f"- {one.day:%a} {_linked(one.title, one.link)}{words}"
