"""What became of predictions over time: their lines as git remembers them, compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from carrel.core.note import Problem
from carrel.core.prediction import Made, read_line


class Written(NamedTuple):
    """A line as it came into a note. `commit` is "" for one that is not committed yet, and `at` is None then."""

    line: str
    path: str
    commit: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a prediction after it was first written down.

    `what` is p, by, claim or outcome; or "unproven": it was resolved before, or as, it was first committed, so
    that git cannot show that it was made before its outcome was known.
    """

    id: str
    what: str
    before: str
    after: str
    path: str
    commit: str
    at: datetime | None


def changes(lines: Iterable[Written]) -> list[Change]:
    """What changed in the predictions with an id, from all their lines, the oldest first.

    To resolve a prediction is no change, nor is to move its line.

    >>> old, new = "- [ ] p=0.7: It works ^p-1", "- [ ] p=0.9: It works ^p-1"
    >>> [(one.id, one.what, one.before, one.after) for one in changes([Written(old, "a.md"), Written(new, "a.md")])]
    [('p-1', 'p', '0.7', '0.9')]
    """
    return [change for identity, versions in _by_id(lines).items() for change in _changes(identity, versions)]


def edited(found: Iterable[Made], lines: Iterable[Written], today: date) -> Iterator[Problem]:
    """The predictions whose p is not what it was on the day on which they were first committed, once that is past.

    `lines` are what was committed, the oldest first. A typing error has the rest of its day to be mended, and who puts
    p back as it was is heard of no more.
    """
    known = _by_id(lines)
    for each in found:
        versions = known.get(each.one.id, [])
        days = [written.at.date() for written, _ in versions if written.at is not None]
        if not days or today <= days[0]:
            continue
        first = [facts["p"] for (_, facts), day in zip(versions, days, strict=True) if day <= days[0]][-1]
        if first != (now := f"{each.one.p:g}"):
            message = f"p={now}, and it was {first} when it was first committed, on {days[0]}"
            yield Problem(each.note.path, each.line, "edited-prediction", message)


def _by_id(lines: Iterable[Written]) -> dict[str, list[tuple[Written, dict[str, str]]]]:
    """The lines of each prediction that has an id, with what they say."""
    by_id: dict[str, list[tuple[Written, dict[str, str]]]] = defaultdict(list)
    for written in lines:
        one = read_line(written.line)
        if one is not None and one.id:
            facts = {"p": f"{one.p:g}", "by": str(one.by or ""), "claim": written.line[one.start : one.end]}
            facts |= {"outcome": one.outcome, "resolved": str(one.resolved or "")}
            by_id[one.id].append((written, facts))
    return by_id


def _changes(identity: str, versions: list[tuple[Written, dict[str, str]]]) -> Iterator[Change]:
    first, facts = versions[0]
    resolved = next((each for _, each in versions if each["outcome"]), None)
    if first.at is not None and resolved is not None:
        committed = first.at.date().isoformat()
        if facts["outcome"] or "" < resolved["resolved"] < committed:
            yield Change(identity, "unproven", committed, resolved["resolved"], first.path, first.commit, first.at)
    for (_, before), (written, after) in pairwise(versions):
        for what in ("p", "by", "claim", "outcome"):
            if before[what] != after[what] and (what != "outcome" or before[what]):
                yield Change(identity, what, before[what], after[what], written.path, written.commit, written.at)
