"""The notes of an edition as a network: which are linked, in whichever direction, and what stands around each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

#: Notes that are shown around one; of more, the newest.
MAX_AROUND = 40


@dataclass(frozen=True, slots=True)
class Node:
    """A note in the network. `place` is that of its page in the stage, `tags` are the pages of its tags."""

    path: str
    place: str
    title: str
    kind: str
    date: date | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The newest of the notes that are linked with one, newest first; `links` are pairs of numbers of those that are
    linked with each other.
    """

    notes: tuple[Node, ...]
    links: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Network:
    """`nodes` are in the order of their paths; `links` has for each the numbers of all that it is linked with."""

    nodes: tuple[Node, ...]
    links: tuple[frozenset[int], ...]

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {node.path: number for number, node in enumerate(self.nodes)}

    def most_linked(self, limit: int) -> tuple[tuple[Node, int], ...]:
        """The nodes that are linked with the most others, and with how many."""
        order = sorted(range(len(self.nodes)), key=lambda number: (-len(self.links[number]), number))
        return tuple((self.nodes[number], len(self.links[number])) for number in order[:limit] if self.links[number])

    def linked(self, path: str) -> tuple[str, ...]:
        """What is linked with the note `path`, by path."""
        number = self._number_of.get(path)
        return () if number is None else tuple(self.nodes[other].path for other in sorted(self.links[number]))

    def node(self, path: str) -> Node | None:
        """The note `path`."""
        number = self._number_of.get(path)
        return None if number is None else self.nodes[number]

    def around(self, path: str) -> Around:
        """What is linked with the note `path`."""
        number = self._number_of.get(path)
        linked = sorted(self.links[number], key=self._newest_first) if number is not None else []
        shown = {other: place for place, other in enumerate(linked[:MAX_AROUND])}
        among = frozenset(shown)
        links = sorted(
            (place, shown[two]) for one, place in shown.items() for two in self.links[one] & among if one < two
        )
        return Around(tuple(self.nodes[one] for one in shown), tuple(links))

    def said(self) -> object:
        """All that it holds, in plain values."""
        nodes = [(one.path, one.place, one.title, one.kind, str(one.date), one.tags) for one in self.nodes]
        return nodes, [sorted(one) for one in self.links]

    def _newest_first(self, number: int) -> tuple[int, int]:
        when = self.nodes[number].date
        return (-when.toordinal() if when else 0, number)


def network(nodes: Iterable[Node], links: Iterable[tuple[str, str]]) -> Network:
    """The network of `nodes`, which are in the order of their paths; `links` to anything else are passed over."""
    nodes = tuple(nodes)
    number_of = {node.path: number for number, node in enumerate(nodes)}
    linked: list[set[int]] = [set() for _ in nodes]
    for source, target in links:
        one, other = number_of.get(source), number_of.get(target)
        if one is not None and other is not None and one != other:
            linked[one].add(other)
            linked[other].add(one)
    return Network(nodes, tuple(map(frozenset, linked)))
