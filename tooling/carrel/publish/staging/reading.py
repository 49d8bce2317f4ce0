"""The edition that pages are made from: it answers as the real one does, and has each question written down.

A page asks for single things: the title of this note, the notes with that tag. There is no way to go through all notes
or all links, because then any change would be one of that page; a new question for an edition is a method of it that
gives a plain answer, and a name in `reads.METHODS`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from carrel.core.note import Note
from carrel.publish.edition.edition import Edition
from carrel.publish.staging.reads import MAPPINGS, METHODS, VALUES, NotRecorded, Reads
from carrel.publish.staging.recorded import RecordedBibliography, RecordedGraph, RecordedMapping, RecordedNotes

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.bibliography import Bibliography
    from carrel.publish.edition.network import Around, Network
    from carrel.publish.edition.ties import Pointing


class Reading(Edition):
    """An edition that writes down in `reads` what it is asked."""

    def __init__(self, real: Edition, reads: Reads) -> None:
        def place_of_asset(path: str) -> str:
            reads.ask("asset", path)
            return real.asset_place(path)

        given = {name: RecordedMapping(getattr(real, name), name, reads) for name in MAPPINGS}
        # In the place of the fields of a frozen dataclass, and of what it makes of them when it is asked.
        self.__dict__.update(
            given,
            audience=real.audience,
            style=real.style,
            graph=RecordedGraph(real.graph, reads, given["versions"]),
            asset_place=place_of_asset,
            by_path=RecordedNotes(real.by_path, reads, given["versions"]),
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
        return RecordedBibliography(self._real.bibliography, self._reads)

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
