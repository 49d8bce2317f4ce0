"""What an index is and how it is kept true: the two protocols, a hit, and `refresh`.

An index is a cache of the notes on disk. It never writes a note and may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from carrel.core.note import Note, Stamp, Value
    from carrel.search.tree import Query


class Seen(NamedTuple):
    """What the index knows of a file: its stamp when it was read, and the digest of the bytes that were indexed."""

    stamp: Stamp
    digest: str


class NoteSource(Protocol):
    """Where notes come from. `KnowledgeBase` is one."""

    def stamps(self) -> Mapping[str, Stamp]:
        """Every note on disk now, by path."""

    def read(self, path: str) -> Note:
        """One note. Raises `NoteVanished` when it is gone or cannot be read."""


@dataclass(frozen=True, slots=True)
class Match:
    """One answer of an index: a note, or an entry of a log day (`anchor` and `line` say which)."""

    path: str
    line: int
    anchor: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A match read again from its note, ready to be shown. These are the keys of `--json`, in this order."""

    path: str
    line: int
    anchor: str
    kind: str
    title: str
    date: str
    tags: tuple[str, ...]
    project: str
    score: float
    snippet: str
    fields: Mapping[str, Value] = field(default_factory=dict)


class SearchIndex(Protocol):
    """A full-text index of notes. One writer at a time; any number of readers."""

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path."""

    def update(self, changed: Iterable[tuple[str, Seen, Note | None]], removed: Collection[str]) -> bool:
        """Index `changed` (each path once; a None note means that only its stamp is new) and forget `removed`.

        Returns False when another process holds the writer's lock: nothing is lost, the next `refresh`
        sees the same difference.
        """

    def search(self, query: Query, limit: int | None) -> tuple[list[Match], int]:
        """The best `limit` matches (all for None), and how many there are in all."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a refresh did. `skipped` says that another process was writing; `vanished` went while being read."""

    updated: int = 0
    removed: int = 0
    skipped: bool = False
    vanished: tuple[str, ...] = ()


#: Called with the number of notes read so far and the number to read.
Progress = Callable[[int, int], None]
