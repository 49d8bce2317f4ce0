"""How thoroughly a paper was read, how long that took, and what was read when.

The levels are passes over a paper, each with its own purpose: after skimming it you know what it is about, after
reading what it shows, after summarising you could explain it, after reproducing you know that it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import append_item, set_key
from carrel.core.note import Problem

if TYPE_CHECKING:
    from carrel.core.note import Note, Value

#: Of `rating` and `priority`: 1 is low. A paper without a priority has the one in the middle.
GRADES = range(1, 6)
PRIORITY = 3
#: Minutes after which a clock was rather forgotten than reading.
LONGEST = 240


class Level(IntEnum):
    """How thoroughly a paper was read. `read` says of a session what `reading: read` says of a paper.

    About ten minutes, thirty to sixty, sixty to a hundred and twenty, and days.

    >>> Level.SKIM.verb, Level.SKIM.state, Level.READ > Level.SKIM
    ('skim', 'skimmed', True)
    """

    QUEUED = 0
    SKIM = 1
    READ = 2
    SUMMARISE = 3
    REPRODUCE = 4

    @property
    def verb(self) -> str:
        """What a session says: `level: skim`."""
        return self.name.lower()

    @property
    def state(self) -> str:
        """What a paper says: `reading: skimmed`."""
        return STATES[self]

    @classmethod
    def named(cls, word: object) -> Level | None:
        """The level that a word means, as a paper or a session says it, in British or American spelling.

        >>> Level.named("summarized"), Level.named("skim"), Level.named("half")
        (<Level.SUMMARISE: 3>, <Level.SKIM: 1>, None)
        """
        plain = word.strip().lower() if isinstance(word, str) else ""
        return next((level for level in cls if plain in level.words), None)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that means it.

        >>> Level.SUMMARISE.words
        ('summarise', 'summarised', 'summarize', 'summarized')
        """
        return WORDS[self]


#: The words of `reading:`, in order.
STATES = ("queued", "skimmed", "read", "summarised", "reproduced")
#: The words that mean each level, in order.
WORDS = tuple(
    tuple(
        dict.fromkeys(
            word.replace("summaris", form) for form in ("summaris", "summariz") for word in (level.verb, state)
        )
    )
    for level, state in zip(Level, STATES, strict=True)
)


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting with a paper. `minutes` is 0 where it is not known."""

    date: date
    level: Level
    minutes: int = 0


def reading(note: Note) -> Level:
    """How far a paper is read; one that says nothing, or a word of its own, waits in the queue."""
    return Level.named(note.metadata.get("reading")) or Level.QUEUED


def grade(note: Note, key: str) -> int | None:
    """What `rating` or `priority` says, 1 to 5; None where it says nothing of the kind."""
    written = note.metadata.get(key)
    return int(written) if isinstance(written, str) and written in {str(one) for one in GRADES} else None


def sessions(note: Note) -> tuple[Session, ...]:
    """The sessions that a paper's front matter lists, oldest first; what cannot be read as one is passed over.

    >>> from carrel.core.parse import parse_note
    >>> sessions(parse_note("papers/a.md", b"---\\nsessions: [{date: 2026-11-20, level: skim, minutes: 10}]\\n---\\n"))
    (Session(date=datetime.date(2026, 11, 20), level=<Level.SKIM: 1>, minutes=10),)
    """
    found = [one for one in _listed(note) if isinstance(one, Session)]
    return tuple(sorted(found, key=lambda session: session.date))


def unfinished(note: Note) -> Level | None:
    """The level at which a paper was begun and not finished, or None."""
    begun = max((session.level for session in sessions(note)), default=Level.QUEUED)
    return begun if begun > reading(note) else None


def problems(note: Note) -> Iterator[Problem]:
    """What a paper says of its reading that cannot be understood."""
    written = note.metadata.get("reading")
    if written is not None and Level.named(written) is None:
        yield Problem(note.path, 1, "bad-reading", f"reading: {_one_of(written, STATES)}")
    for key in ("rating", "priority"):
        if note.metadata.get(key) and grade(note, key) is None:
            yield Problem(
                note.path, 1, f"bad-{key}", f"{key}: a number from {GRADES[0]} (low) to {GRADES[-1]} is wanted"
            )
    for reason in _listed(note):
        if isinstance(reason, str):
            yield Problem(note.path, 1, "bad-session", f"sessions: {reason}")


def record(text: str, session: Session, *, finished: bool = True, rating: int | None = None) -> str:
    """The text of a paper's note with `session` listed, and `reading` raised to its level if that was `finished`.

    `reading` never goes down. Raises `CannotEdit`.

    >>> print(record("---\\nreading: queued\\n---\\n", Session(date(2026, 11, 20), Level.SKIM, 10)))
    ---
    reading: skimmed
    sessions:
      - {date: 2026-11-20, level: skim, minutes: 10}
    ---
    <BLANKLINE>
    """
    item: dict[str, str | int | date] = {"date": session.date, "level": session.level.verb}
    if session.minutes:
        item["minutes"] = session.minutes
    text = append_item(text, "sessions", item)
    before = read(text).metadata.get("reading")
    if finished and (Level.named(before) or Level.QUEUED) < session.level:
        text = set_key(text, "reading", session.level.state)
    elif before is None:
        text = set_key(text, "reading", Level.QUEUED.state)
    return text if rating is None else set_key(text, "rating", rating)


def _listed(note: Note) -> Iterator[Session | str]:
    """Each session as it is listed, or what is wrong with it."""
    written = note.metadata.get("sessions", ())
    if isinstance(written, str):
        if written.strip():
            yield f"a list of {{date, level, minutes}} is wanted, not {_short(written)}"
        return
    items: Iterable[Value] = (written,) if isinstance(written, Mapping) else written
    for number, item in enumerate(items, 1):
        session = _session(item)
        yield session if isinstance(session, Session) else f"number {number}: {session}"


def _session(item: Value) -> Session | str:
    if not isinstance(item, Mapping):
        return "{date, level, minutes} is wanted"
    day, level, minutes = (item.get(key, "") for key in ("date", "level", "minutes"))
    try:
        when = date.fromisoformat(day.strip()[:10] if isinstance(day, str) else "")
    except ValueError:
        return f"there is no day {_short(day)}" if day else "its date is missing"
    found = Level.named(level)
    if not found:
        return f"level: {_one_of(level, [one.verb for one in Level if one])}"
    if minutes and not (isinstance(minutes, str) and minutes.isascii() and minutes.isdecimal() and len(minutes) < 6):
        return f"minutes: a number is wanted, not {_short(minutes)}"
    return Session(when, found, int(str(minutes or 0)))


def _short(written: Value) -> str:
    """A value as it is quoted in a message."""
    return repr(written if isinstance(written, str) else "a list or a mapping")[:40]


def _one_of(written: Value, words: Iterable[str]) -> str:
    from difflib import get_close_matches

    wanted = f"one of {', '.join(words)} is wanted"
    if not isinstance(written, str) or not written:
        return wanted
    close = get_close_matches(written.lower(), list(words), 1)
    return f"{_short(written)} is no level; " + (f"did you mean {close[0]}?" if close else wanted)


@dataclass(frozen=True, slots=True)
class Week:
    """What was read at one level in one week (`2026-W47`): how many papers, in how many sessions and minutes."""

    week: str
    level: str
    papers: int
    sessions: int
    minutes: int


def elapsed(since: datetime, now: datetime) -> int | None:
    """The minutes of a clock that ran, at least one; None when that is no sitting: set back, or over four hours.

    >>> two = datetime(2026, 11, 20, 14)
    >>> elapsed(two, datetime(2026, 11, 20, 14, 40)), elapsed(two, datetime(2026, 11, 21)), elapsed(two, datetime.min)
    (40, None, None)
    """
    minutes = (now - since).total_seconds() / 60
    return max(1, round(minutes)) if -1 <= minutes <= LONGEST else None


def weeks(papers: Iterable[Note], since: date = date.min) -> list[Week]:
    """The reading of each week from `since` on, level by level.

    >>> from carrel.core.parse import parse_note
    >>> weeks([parse_note("papers/a.md", b"---\\nsessions: [{date: 2026-11-20, level: read, minutes: 40}]\\n---\\n")])
    [Week(week='2026-W47', level='read', papers=1, sessions=1, minutes=40)]
    """
    found: dict[tuple[str, Level], list[tuple[str, int]]] = {}
    for note in papers:
        for session in sessions(note):
            if session.date >= since:
                found.setdefault((week_of(session.date), session.level), []).append((note.path, session.minutes))
    return [
        Week(week, level.verb, len({path for path, _ in read_then}), len(read_then), sum(m for _, m in read_then))
        for (week, level), read_then in sorted(found.items())
    ]


def week_of(day: date) -> str:
    """The ISO week of a day.

    >>> week_of(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"
