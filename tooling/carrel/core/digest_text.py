"""The text of a digest, piece by piece.

A summary says what a paper shows, the opinion beside it what its reader makes of it, and neither gets into the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from carrel.core.digest import EndedExperiment, Issue, Noted, Part, Predicted, ReadPaper, Settled, Step
from carrel.core.summary import markdown_text

#: So many entries of a person who marked none as a highlight are named.
ENTRIES = 8
#: So many next steps are named.
STEPS = 12

_BLOCK = re.compile(r"(?:[-*+>]|\d{1,9}[.)])[ \t]|\||```|~~~|\$\$|<|!\[| {4}|\t")


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
    if issue.running:
        running = sorted(issue.running, key=lambda one: (one.since, one.link))
        lines = [f"- {_linked(one.title, one.link)}, since {one.since}{_by(one.people, issue)}" for one in running]
        yield Part("Running", "running", "\n".join(lines))
    if issue.predictions:
        settled = sorted(issue.predictions, key=lambda one: (one.day, one.link, one.claim))
        yield Part("Predictions", "predictions", "\n".join(_settled(one, issue) for one in settled))
    if issue.made:
        yield Part("Predictions", "made", "\n".join(_made(one, issue) for one in issue.made))
    if issue.questions:
        yield Part("Questions", "questions", "\n".join(_questions(issue)))
    yield from _log(issue)
    if issue.steps:
        more = len(issue.steps) - STEPS
        steps = [f"- {one.words} {_place(one, issue)}" for one in issue.steps[:STEPS]]
        yield Part("Next", "next", "\n".join((*steps, *([f"- and {more} more"] if more > 0 else ()))))


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
    return _joined(
        f"### {_linked(one.title, one.link)}: {markdown_text(one.verdict)}",
        f"Ended {one.ended}{_by(one.people, issue)}",
        _labelled("Hypothesis", one.hypothesis),
        _labelled("Result", one.result),
        _labelled("Surprise", one.surprise),
        _labelled("Why it was given up", one.reason),
    )


def _by(people: Sequence[str], issue: Issue) -> str:
    return f", by {_names(people)}" if issue.several and people else ""


def _place(one: Settled | Predicted | Step, issue: Issue) -> str:
    """Where it stands, and whose it is unless that is said already."""
    said = all(name in one.title for name in one.people)
    by = "" if said or not issue.several else f", {_names(one.people)}"
    return f"({_linked(one.title, one.link)}{by})"


def _settled(one: Settled, issue: Issue) -> str:
    remark = f": {one.remark}" if one.remark else ""
    return f"- {_expected(one)} → **{one.outcome}**{remark} {_place(one, issue)}"


def _made(one: Predicted, issue: Issue) -> str:
    return f"- Made: {_expected(one)}{f' by {one.by}' if one.by else ''} {_place(one, issue)}"


def _expected(one: Settled | Predicted) -> str:
    return f"{round(one.p * 100, 4):g} % for “{one.claim}”"


def _questions(issue: Issue) -> Iterator[str]:
    for one in sorted(issue.questions, key=lambda one: (one.answered, one.link)):
        by = f" ({_names(one.people)})" if issue.several and one.people else ""
        what = "Answered" if one.answered else "Opened"
        mark = "" if one.title.endswith("?") and not by else ":"
        yield f"- {what}: {_linked(one.title, one.link)}{by}{f'{mark} {one.answer}' if one.answer else ''}"


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
