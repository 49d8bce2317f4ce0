"""The edition that pages are made from: it answers as the real one does, and has each question written down.

A page asks for single things: the title of this note, the notes with that tag. There is no way to go through all notes
or all links, because then any change would be one of that page; a new question for an edition is a method of it that
gives a plain answer, and a name in `reads.METHODS`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from carrel.core.graph import LinkGraph, Reference, Target
from carrel.core.note import Note
from carrel.metadata.bibliography import Bibliography, Cited
from carrel.publish.edition.edition import Edition
from carrel.publish.staging.reads import MAPPINGS, METHODS, VALUES, WHOLE, NotRecorded, Reads, named

if TYPE_CHECKING:
    from carrel.core.graph import Pointer
    from carrel.core.paper import Paper
    from carrel.publish.edition.network import Around, Network
    from carrel.publish.edition.ties import Pointing

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Reading(Edition):
    """An edition that writes down in `reads` what it is asked."""

    def __init__(self, real: Edition, reads: Reads) -> None:
        def place_of_asset(path: str) -> str:
            reads.ask("asset", path)
            return real.asset_place(path)

        given = {name: _Recorded(getattr(real, name), name, reads) for name in MAPPINGS}
        # In the place of the fields of a frozen dataclass, and of what it makes of them when it is asked.
        self.__dict__.update(
            given,
            audience=real.audience,
            style=real.style,
            graph=_Graph(real.graph, reads, given["versions"]),
            asset_place=place_of_asset,
            by_path=_Notes(real.by_path, reads, given["versions"]),
            _real=real,
            _reads=reads,
            _told={},
        )

    _real: Edition
    _reads: Reads
    _told: dict[tuple[str, Hashable], frozenset[int]]

    @cached_property
    def bibliography(self) -> Bibliography:
        """The papers as they are cited."""
        return _Bibliography(self._real.bibliography, self._reads)

    @property
    def network(self) -> Network:
        """All links between notes."""
        self._reads.ask("network", ())
        return self._real.network

    def record(self, path: str) -> Paper:
        """A paper as others may read it: it is made from its note and title."""
        self.titles.get(path)
        self.versions.get(path)
        return self._real.record(path)

    def entry_tags(self, note: Note) -> tuple[tuple[str, ...], ...]:
        """The tags of each entry of a note: its own words."""
        self.versions.get(note.path)
        return self._real.entry_tags(note)

    def pointing(self, path: str) -> Sequence[Pointing]:
        """The pointers in other notes that lead to a note."""
        self._reads.ask("pointing", path)
        return self._real.pointing(path)

    def tell(self, kind: str, key: Hashable, notes: Iterable[str]) -> None:
        """Write down a question whose answer comes with notes: whoever is given one can read all of it.

        So that is a question too, for each. They are asked once, and remembered for the pages that ask the same.
        """
        reads = self._reads
        if (told := self._told.get((kind, key))) is None:
            reads.ask(kind, key)
            paths, versions = list(notes), reads.numbers["versions"]
            for path in paths:
                if path not in versions:
                    reads.ask("versions", path)
            told = self._told[kind, key] = frozenset((reads.numbers[kind][key], *map(versions.__getitem__, paths)))
        reads.asked |= told

    def around(self, path: str) -> Around:
        """What is linked with a note."""
        ask = self._reads.ask
        ask("linked", (path,))
        for one in self._real.linked(path):
            ask("node", (one,))
        found = self._real.around(path)
        for node in found.notes:
            ask("linked", (node.path,))
        return found


def _value(name: str) -> property:
    """A value of an edition, written down as one answer."""

    def value(self: Reading) -> object:
        return _recorded(self, name, (), getattr(self._real, name))

    return property(value)


def _method(name: str) -> object:
    """A method of an edition, of which each answer is written down."""

    def method(self: Reading, *key: Hashable) -> object:
        return _recorded(self, name, key, getattr(self._real, name)(*key))

    return method


def _recorded(self: Reading, kind: str, key: tuple[Hashable, ...], answer: object) -> object:
    """An answer, written down."""
    self.tell(kind, key, (note.path for note in _notes_in(answer)))
    return answer


def _notes_in(answer: object) -> Iterator[Note]:
    for one in answer if isinstance(answer, tuple) else (answer,):
        if isinstance(one, Note):
            yield one
        elif isinstance(one, tuple):
            yield from _notes_in(one)


def _refused(name: str) -> property:
    def refuse(self: Reading) -> NoReturn:
        raise NotRecorded(f"a page may not read `{name}`: ask the edition for what of it the page needs")

    return property(refuse)


#: What of an edition is given above. A field that is added to one is refused until somebody has said how it is to be
#: recorded; so is what it makes once, which only the first page would be seen to ask for.
_GIVEN = {*MAPPINGS, "audience", "style", "graph", "asset_place", "by_path"}
_MADE_ONCE = {name for name, value in vars(Edition).items() if isinstance(value, cached_property)}
for _name in ({one.name for one in fields(Edition)} | _MADE_ONCE) - _GIVEN - vars(Reading).keys():
    setattr(Reading, _name, _refused(_name))
for _name in VALUES:
    setattr(Reading, _name, _value(_name))
for _name in METHODS:
    setattr(Reading, _name, _method(_name))


class _Recorded(Mapping[K, V]):
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


class _Notes(Mapping[str, Note]):
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


class _Graph(LinkGraph):
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


class _Bibliography(Bibliography):
    """The papers as they are cited: what is said of one depends on its record and on its letter."""

    def __init__(self, real: Bibliography, reads: Reads) -> None:
        self._real = real
        self.papers = _Recorded(real.papers, "paper", reads)
        self.letters = _Recorded(real.letters, "letter", reads)
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
