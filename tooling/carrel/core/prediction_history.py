"""What became of predictions over time: their lines as git remembers them, compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from carrel.core.note import Problem
from carrel.core.prediction import Made, read_line

#: What a prediction is known by through all its states: its id, or, without one, its note and its claim.
Key: TypeAlias = tuple[str, ...]


class Written(NamedTuple):
    """A line as it came into a note, or went out of it (`gone`).

    `commit` is "" for one that is not committed yet, and `at` is None then.
    """

    line: str
    path: str
    commit: str = ""
    at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a prediction after it was first written down.

    `what` is p, by, claim or outcome; "removed": its line stands nowhere any more; or "unproven": it was resolved
    before, or as, it was first committed, so that git cannot show that it was made before its outcome was known.
    `id` is "" for one without; `claim` is what it claimed last.
    """

    id: str
    claim: str
    what: str
    before: str
    after: str
    path: str
    commit: str
    at: datetime | None


class _State(NamedTuple):
    """What a line said of a prediction, as texts that can be shown."""

    written: Written
    id: str
    p: str
    by: str
    claim: str
    outcome: str
    resolved: str


_Chains: TypeAlias = "dict[Key, list[_State]]"


def changes(lines: Iterable[Written]) -> list[Change]:
    """What changed in predictions, from all their lines, the oldest first; what only looks unproven comes last.

    To resolve a prediction is no change, nor is to move its line. Without an id it is followed by its claim.

    >>> old, new = "- [ ] p=0.7: It works ^p-1", "- [ ] p=0.9: It works ^p-1"
    >>> [(one.id, one.what, one.before, one.after) for one in changes([Written(old, "a.md"), Written(new, "a.md")])]
    [('p-1', 'p', '0.7', '0.9')]
    """
    found = [change for states in _chains(lines).values() for change in _changes(states)]
    return sorted(found, key=lambda change: change.what == "unproven")


def removed(lines: Iterable[Written], present: Collection[str]) -> Iterator[Change]:
    """The predictions with an id that were committed once, and whose id none of those that are `present` has.

    Who changed a claim without an id may have mended a word: that is not told from another.
    """
    known: dict[str, list[Written]] = defaultdict(list)
    for written in lines:
        one = read_line(written.line)
        if one is not None and one.id and one.id not in present and written.commit:
            known[one.id].append(written)
    for identity, several in known.items():
        last = next((each for each in reversed(several) if not each.gone), several[-1])
        went = next((each for each in reversed(several) if each.gone), None)
        commit, at = (went.commit, went.at) if went else ("", None)
        if one := read_line(last.line):
            claim = last.line[one.start : one.end]
            yield Change(identity, claim, "removed", f"p={one.p:g}", "", last.path, commit, at)


def removals(lines: Iterable[Written], present: Collection[str], today: date) -> Iterator[Problem]:
    """The removed predictions, but for those that were taken back on the day on which they were first committed."""
    first: dict[str, date] = {}
    several = list(lines)
    for written in several:
        one = read_line(written.line)
        if one is not None and one.id and written.at is not None:
            first.setdefault(one.id, written.at.date())
    for change in removed(several, present):
        on = change.at.date() if change.at else today
        if on > first.get(change.id, date.min):
            message = f"^{change.id} was committed on {first[change.id]} with {change.before}, and stands nowhere now"
            yield Problem(change.path, 1, "removed-prediction", message)


def edited(found: Iterable[Made], lines: Iterable[Written], today: date) -> Iterator[Problem]:
    """The predictions whose p is not what it was on the day on which they were first committed, once that is past.

    `lines` are what was committed, the oldest first. A typing error has the rest of its day to be mended, and who puts
    p back as it was is heard of no more.
    """
    known = _chains(lines)
    for each in found:
        states = known.get(_key(each.one.id, each.note.path, each.claim), [])
        if each.one.id and not states:  # it was given its id when it was resolved
            states = known.get(_key("", each.note.path, each.claim), [])
        days = [state.written.at.date() for state in states if state.written.at is not None]
        if not days or today <= days[0]:
            continue
        first = [state.p for state, day in zip(states, days, strict=True) if day <= days[0]][-1]
        if first != (now := f"{each.one.p:g}"):
            message = f"p={now}, and it was {first} when it was first committed, on {days[0]}"
            yield Problem(each.note.path, each.line, "edited-prediction", message)


def _key(identity: str, path: str, claim: str) -> Key:
    return (identity,) if identity else (path, claim)


def _chains(lines: Iterable[Written]) -> _Chains:
    """The states of each prediction, the oldest first.

    One without an id that was given it later is one with it. Two of a note that say the same cannot be told apart.
    """
    states = [state for written in lines if not written.gone and (state := _state(written)) is not None]
    together = Counter((state.written.path, state.claim, state.written.commit) for state in states if not state.id)
    twins = {(path, claim) for (path, claim, _), number in together.items() if number > 1}
    named: dict[Key, set[str]] = defaultdict(set)
    for state in states:
        if state.id:
            named[state.written.path, state.claim].add(state.id)
    chains: _Chains = defaultdict(list)
    for state in states:
        key = _key(state.id, state.written.path, state.claim)
        if key not in twins:
            ids = () if state.id else named.get(key, ())
            chains[tuple(ids) if len(ids) == 1 else key].append(state)
    return chains


def _state(written: Written) -> _State | None:
    one = read_line(written.line)
    if one is None:
        return None
    claim = written.line[one.start : one.end]
    return _State(written, one.id, f"{one.p:g}", str(one.by or ""), claim, one.outcome, str(one.resolved or ""))


def _changes(states: list[_State]) -> Iterator[Change]:
    first, identity = states[0], states[-1].id
    resolved = next((state for state in states if state.outcome), None)
    if first.written.at is not None and resolved is not None:
        committed = first.written.at.date().isoformat()
        if first.outcome or "" < resolved.resolved < committed:
            yield _change(identity, states[-1].claim, "unproven", committed, resolved.resolved, first.written)
    for before, after in pairwise(states):
        for what in ("p", "by", "claim", "outcome"):
            was, now = str(getattr(before, what)), str(getattr(after, what))
            if was != now and (what != "outcome" or was):
                yield _change(identity, states[-1].claim, what, was, now, after.written)


def _change(identity: str, claim: str, what: str, before: str, after: str, written: Written) -> Change:
    return Change(identity, claim, what, before, after, written.path, written.commit, written.at)
