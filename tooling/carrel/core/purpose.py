"""What a piece of work is for: an experiment advances a question, that a project, that what all of it is for.

A note's `advances:` leads up; where it says nothing, the project that it belongs to does. A note that leads nowhere
further is the end: an agenda.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.relations import relations

if TYPE_CHECKING:
    from carrel.core.note import Link, Note

#: Kinds that give work its purpose.
PURPOSES = ("question", "project")
#: States, of whatever kind of note, in which nothing more is to come.
OVER = ("done", "answered", "closed", "pruned", "abandoned", "dropped")

#: What the note of a path leads to: each name as it is written, and the path of the note, or "" for none.
Leads: TypeAlias = Callable[[str], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """A note on the way up, and what it leads to in turn.

    `lost` are the names that lead nowhere. `told` says that what is above it was told before: two ways meet here, or
    the way runs in a circle, which `circle` says.
    """

    path: str
    above: tuple[Step, ...] = ()
    lost: tuple[str, ...] = ()
    told: bool = False
    circle: bool = False

    def all(self) -> Iterator[Step]:
        """This step and every one above it, in the order in which they are told."""
        stack = [self]
        while stack:
            step = stack.pop()
            yield step
            stack.extend(reversed(step.above))


def upwards(note: Note) -> Iterator[Link]:
    """The links by which a note says what it is for."""
    stated = [link for link, _ in relations(note, "advances")]
    yield from stated or (link for link, _ in relations(note, "project"))


def climb(path: str, leads: Leads) -> Step:
    """The way up from the note at `path`; a circle is cut where it closes.

    >>> above = {"a": [("b", "b"), ("x", "")], "b": [("a", "a")]}
    >>> climb("a", above.__getitem__).above[0].above
    (Step(path='a', above=(), lost=(), told=True, circle=True),)
    """
    return _climb(path, leads, set(), ())


def _climb(path: str, leads: Leads, told: set[str], way: tuple[str, ...]) -> Step:
    if path in told or len(way) > 100:  # no one's reasons go so far; the stack does not either
        return Step(path, told=True, circle=path in way)
    told.add(path)
    found = list(leads(path))
    above = dict.fromkeys(target for _, target in found if target)
    lost = tuple(dict.fromkeys(name for name, target in found if not target))
    return Step(path, tuple(_climb(target, leads, told, (*way, path)) for target in above), lost)
