"""What to read next, and why.

A paper's score is counted in steps of priority (1 to 5, 3 where none is set): a hundred days in the queue, two
citations in your own notes, and belonging to the project of your last log are worth one step each; waiting and
citations no more than two. What was begun and not finished comes first, whatever its score.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.reading import PRIORITY, Level, grade, reading, sessions, unfinished

if TYPE_CHECKING:
    from datetime import date

    from carrel.core.note import Note

#: Citations beyond which more count no more.
MOST_CITATIONS = 4
# What may be a citation: the letters with which its key begins, or none where it begins otherwise.
_MENTION = re.compile(rb"@\{?([A-Za-z0-9\x80-\xff]*)")


@dataclass(frozen=True, slots=True)
class Queued:
    """A paper in the queue. `reasons` say in words what its place comes from; `days` is how long it has waited."""

    path: str
    key: str
    title: str
    year: str
    project: str
    score: float
    reasons: tuple[str, ...]
    priority: int
    days: int
    citations: int
    begun: str = ""


def score(priority: int, days: int, citations: int, same_project: bool) -> float:
    """How much a paper deserves to be read next, in steps of priority.

    >>> score(5, 0, 0, False), score(3, 12, 3, True), score(3, 2000, 50, False)
    (5.0, 5.62, 7.0)
    """
    return round(priority + min(days / 100, 2.0) + min(citations, MOST_CITATIONS) / 2 + same_project, 2)


def queue(
    papers: Iterable[Note],
    today: date,
    citations: Mapping[str, int],
    project: tuple[str, str] = ("", ""),
    running: Mapping[str, Level] | None = None,
) -> list[Queued]:
    """The papers that wait to be read, or to be finished, best first.

    `citations` counts those in the user's notes by key; `project` is that of the last log, and that log in words;
    `running` is the path of what is being read at this moment, with the level.

    >>> from datetime import date; from carrel.core.parse import parse_note
    >>> paper = parse_note("papers/a.md", b"---\\nreading: queued\\ndate: 2026-11-08\\npriority: 5\\n---\\n")
    >>> queue([paper], date(2026, 11, 20), {"a": 3})[0].reasons
    ('priority 5', 'queued 12 days', 'cited 3 times in your notes')
    """
    waiting = [
        _queued(note, today, citations, project, (running or {}).get(note.path))
        for note in papers
        if waits(note) or note.path in (running or {})
    ]
    return sorted(waiting, key=_place)


def front(
    papers: Iterable[Note],
    today: date,
    number: int,
    places: Callable[[str], int],
    exactly: Callable[[Collection[str]], Mapping[str, int]],
    project: tuple[str, str] = ("", ""),
    running: Mapping[str, Level] | None = None,
) -> list[Queued]:
    """The first `number` papers of `queue`, in its order, without the citations of all of them being counted.

    `places` says in how many notes and entries a key is cited, that of the paper itself among them; `exactly` counts
    the citations of some keys as `cited` does. The reasons say nothing of citations.
    """
    papers = list(papers)
    sure = {key: min(max(places(key) - 1, 0), MOST_CITATIONS) for key in map(key_of, papers)}
    last = queue(papers, today, sure, project, running)[:number]
    if not last:
        return []
    at_best = {key: MOST_CITATIONS if places(key) else 0 for key in sure}
    hopeful = {one.path for one in queue(papers, today, at_best, project, running) if _place(one) <= _place(last[-1])}
    papers = [note for note in papers if note.path in hopeful]
    unsure = {key for key in map(key_of, papers) if sure[key] != at_best[key]}
    counted = {**sure, **(exactly(unsure) if unsure else {})}
    order = [one.path for one in queue(papers, today, counted, project, running)[:number]]
    reasoned = {one.path: one for one in queue(papers, today, {}, project, running)}
    return [reasoned[path] for path in order]


def _place(one: Queued) -> tuple[bool, float, int, str]:
    """A sort key: the place in the queue."""
    return not one.begun, -one.score, -int(one.year or 0), one.path


def waits(note: Note) -> bool:
    """Whether a paper is in the queue, or was begun and not finished."""
    return reading(note) == Level.QUEUED or unfinished(note) is not None


def _queued(
    note: Note, today: date, citations: Mapping[str, int], project: tuple[str, str], running: Level | None
) -> Queued:
    key = key_of(note)
    given = grade(note, "priority")
    days = max(0, (today - note.date).days) if note.date else 0
    cited = citations.get(key, 0)
    same_project = bool(note.project) and note.project.casefold() == project[0].casefold()
    begun = running or unfinished(note)
    reasons = (
        "being read now" if running else _begun(note, begun) if begun else "",
        f"priority {given}" if given else "",
        _waited(days) if note.date and not begun else "",
        f"cited {_times(cited)} in your notes" if cited else "",
        f"same project as {project[1]}" if same_project else "",
    )
    year = note.metadata.get("year", "")
    return Queued(
        note.path,
        key,
        note.title,
        year if isinstance(year, str) and year.isascii() and year.isdecimal() and len(year) == 4 else "",
        note.project,
        score(given or PRIORITY, days, cited, same_project),
        tuple(reason for reason in reasons if reason),
        given or PRIORITY,
        days,
        cited,
        begun.verb if begun else "",
    )


def key_of(note: Note) -> str:
    """The citation key of a paper's note: what it says, else its file's name."""
    written = note.metadata.get("citekey", "")
    return written if isinstance(written, str) and written else note.name


def _begun(note: Note, level: Level) -> str:
    spent = sum(session.minutes for session in sessions(note) if session.level == level)
    return f"begun to {level.verb}" + (f", {spent} min so far" if spent else "")


def _waited(days: int) -> str:
    return "queued today" if not days else f"queued {days} day{'' if days == 1 else 's'}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def cited(notes: Iterable[tuple[bytes, Callable[[], Note]]], keys: Iterable[str]) -> Counter[str]:
    """How often each of `keys` is cited outside of its own note. Only notes that may cite one of them are read.

    >>> from carrel.core.parse import parse_note
    >>> text = b"See [@a; @b] and `@a`."
    >>> sorted(cited([(text, lambda: parse_note("notes/n.md", text))], ["a", "c"]).items())
    [('a', 1)]
    """
    wanted = frozenset(keys)
    beginnings = {beginning for key in wanted for beginning in _MENTION.findall(b"@" + key.encode())}
    found: Counter[str] = Counter()
    for data, note in notes:
        if not beginnings.isdisjoint(_MENTION.findall(data)):
            read = note()
            own = key_of(read) if read.kind == "paper" else ""
            found.update(one.key for one in read.markup.citations if one.key in wanted and one.key != own)
    return found
