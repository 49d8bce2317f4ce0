"""What an edition is made of, as pages get it: mappings, notes, links and the bibliography, which write down in `reads`
what they are asked for.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from carrel.core.graph import LinkGraph, Reference, Target
from carrel.core.note import Note
from carrel.metadata.bibliography import Bibliography, Cited
from carrel.publish.staging.reads import WHOLE, NotRecorded, Reads, named

if TYPE_CHECKING:
    from carrel.core.graph import Pointer

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecordedMapping(Mapping[K, V]):
    """A mapping of an edition, of which single keys may be asked for."""

    __slots__ = ("_add", "_kind", "_numbers", "_reads", "_real")

    def __init__(self, real: Mapping[K, V], kind: str, reads: Reads) -> None:
        self._real, self._kind, self._reads = real, kind, reads
        self._numbers, self._add = reads.numbers[kind], reads.asked.add

    def get(self, key: K, default: Any = None) -> Any:
        """The value of a key."""
        if (number := self._numbers.get(key)) is None:
            self._reads.ask(self._kind, key)
        else:
            self._add(number)
        return self._real.get(key, default)

    def __getitem__(self, key: K) -> V:
        if (number := self._numbers.get(key)) is None:
            self._reads.ask(self._kind, key)
        else:
            self._add(number)
        return self._real[key]

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None  # type: ignore[arg-type]  # what is no key is not in it

    def __bool__(self) -> bool:
        self._reads.ask("any", self._kind)
        return bool(self._real)

    def __iter__(self) -> Iterator[K]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Mapping[K, V]:
        if self._kind not in WHOLE:
            raise NotRecorded(f"a page may not go through all of `{self._kind}`")
        self._reads.ask("all", self._kind)
        return self._real


class RecordedNotes(Mapping[str, Note]):
    """The notes by path. That a note is shown is one question, what it says another."""

    __slots__ = ("_reads", "_real", "_versions")

    def __init__(self, real: Mapping[str, Note], reads: Reads, versions: Mapping[str, str]) -> None:
        self._real, self._reads, self._versions = real, reads, versions

    def get(self, key: str, default: Any = None) -> Any:
        """The note of a path."""
        self._versions.get(key)
        return self._real.get(key, default)

    def __getitem__(self, key: str) -> Note:
        self._versions.get(key)
        return self._real[key]

    def __contains__(self, key: object) -> bool:
        self._reads.ask("shown", key)
        return key in self._real

    def __iter__(self) -> Iterator[str]:
        raise NotRecorded("a page may not go through all notes")

    def __len__(self) -> int:
        raise NotRecorded("a page may not count the notes")


class RecordedGraph(LinkGraph):
    """The links. Where all those lead that stand in a note is one question; any other name is one of its own."""

    def __init__(self, real: LinkGraph, reads: Reads, versions: Mapping[str, str]) -> None:
        self._real, self._reads, self._versions = real, reads, versions
        self._led: dict[str, dict[int, Target | None]] = {}  # by the identity of pointers, which live as the graph does

    def resolve(self, source: str, pointer: Pointer) -> Target | None:
        """Where a pointer leads."""
        led = self._led.get(source)
        if led is None:
            led = self._led[source] = {id(one.pointer): one.target for one in self._real.outgoing(source)}
        if id(pointer) in led:
            self._reads.ask("outgoing", source)
            return led[id(pointer)]
        self._reads.ask("leads", named(source, pointer))
        return self._real.resolve(source, pointer)

    def outgoing(self, path: str) -> tuple[Reference, ...]:
        """The pointers of a note, which are words of it."""
        self._versions.get(path)
        self._reads.ask("outgoing", path)
        return self._real.outgoing(path)

    def backlinks(self, path: str) -> NoReturn:
        """The edition has them in short, as `pointing`."""
        raise NotRecorded("a page may not read all notes that link to one")

    def _all(self) -> NoReturn:
        raise NotRecorded("a page may not go through all links")


class RecordedBibliography(Bibliography):
    """The papers as they are cited: what is said of one depends on its record and on its letter."""

    def __init__(self, real: Bibliography, reads: Reads) -> None:
        self._real = real
        self.papers = RecordedMapping(real.papers, "paper", reads)
        self.letters = RecordedMapping(real.letters, "letter", reads)
        self.style = real.style

    def cited(self, key: str, number: int = 0, *, author: bool = True) -> Cited:
        """The paper as it stands in a bracket."""
        self._ask(key)
        return self._real.cited(key, number, author=author)

    def narrative(self, key: str, number: int = 0) -> Cited:
        """The paper as it stands in a sentence."""
        self._ask(key)
        return self._real.narrative(key, number)

    def entry(self, key: str, number: int = 0) -> str:
        """The paper's entry in the list."""
        self._ask(key)
        return self._real.entry(key, number)

    def ordered(self, keys: Iterable[str]) -> list[str]:
        """The keys in the order of the list."""
        listed = tuple(keys)
        for key in listed:
            self._ask(key)
        return self._real.ordered(listed)

    def _ask(self, key: str) -> None:
        self.papers.get(key)
        self.letters.get(key)
