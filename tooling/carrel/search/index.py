"""What an index is and how it is kept true: the two protocols, a hit, and `refresh`.

An index is a cache of the notes on disk. It never writes a note and may be deleted at any time.
"""

from __future__ import annotations

import errno
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import time_ns
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from carrel.core.note import Stamp
from carrel.errors import CarrelError

if TYPE_CHECKING:
    from carrel.core.note import Note, Value
    from carrel.core.pdf import PdfText
    from carrel.search.order import Order
    from carrel.search.tree import Query

    #: What can be indexed.
    Findable: TypeAlias = Note | PdfText


#: A file written this shortly before it was read may be written again without its stamp changing: file systems count
#: time in steps, up to two seconds on some.
RACY_NS = 2_000_000_000
#: Stands for a stamp that is not trusted. No file has it, so the file is read again at the next refresh.
UNTRUSTED = Stamp(0, 0, -1, 0)

#: Of some fields, how many matches have each of their values.
Facets: TypeAlias = Mapping[str, Mapping[str, int]]

_ELSEWHERE = "set XDG_CACHE_HOME to a folder that can be written"
_HINTS = {
    errno.ENOSPC: "make room on that disk; the index is only a cache",
    errno.EDQUOT: "your disk quota is used up; make room: the index is only a cache",
    errno.EFBIG: "files may not grow that large there (`ulimit -f`)",
    errno.EACCES: f"make it yours (`ls -ld` tells whose it is), or {_ELSEWHERE}",
    errno.EPERM: f"make it yours (`ls -ld` tells whose it is), or {_ELSEWHERE}",
    errno.ENOTDIR: f"something on the way there is a file and no folder; {_ELSEWHERE}",
    errno.EEXIST: f"something on the way there is a file and no folder; {_ELSEWHERE}",
}


class IndexDamaged(CarrelError):
    """The index could not be read. It was set aside; the next `refresh` makes it anew."""


class IndexOvertaken(CarrelError):
    """The index is not the version any more that was to be changed; nothing was."""

    def __init__(self) -> None:
        super().__init__("another process changed the index", "run the command again")


class IndexUnusable(CarrelError):
    """There can be no index in `folder`: the operating system refuses it, for `reason`."""

    def __init__(self, folder: str, error: OSError) -> None:
        self.folder = folder
        self.reason = (error.strerror or str(error)).lower()
        super().__init__(
            f"the index cannot be kept in {folder}: {self.reason}", _HINTS.get(error.errno or 0, _ELSEWHERE)
        )


class Suggestion(NamedTuple):
    """What was asked and is nowhere in the index, a word or a field (`tga:`), and what there is that is nearest."""

    asked: str
    nearest: tuple[str, ...]


class Seen(NamedTuple):
    """What the index knows of a file: its stamp when it was read, and the digest of the bytes that were indexed."""

    stamp: Stamp
    digest: str


class NoteSource(Protocol):
    """Where notes come from, and texts of PDFs. `KnowledgeBase` is one, for notes only."""

    def stamps(self) -> Mapping[str, Stamp]:
        """Every note on disk now, by path."""

    def read(self, path: str) -> Findable:
        """One note. Raises `NoteVanished` when it is gone or cannot be read."""


class Match(NamedTuple):
    """One answer of an index: a note (line 1); or, as `line` and `anchor` say, an entry of a day or a PDF's page."""

    path: str
    line: int
    anchor: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A match read again from its note, ready to be shown. These are the keys of `--json`, in this order.

    `line` is where the matched words are: in an entry's heading, or where the snippet has the first of them; without
    words to look for, where the note or the entry begins. Of a page (`kind` "pdf", `anchor` "p. iv") it is the place in
    the file, and `title` the paper's. `snippet` is text of the note on one line; `marks`, not a
    key of `--json`, are the spans of the matched words in it.
    """

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
    marks: tuple[tuple[int, int], ...] = ()


class SeenFiles(Mapping[str, Seen]):
    """What is indexed, by path, for an index that can compare it without making an object for each file."""

    @property
    @abstractmethod
    def stamps(self) -> Mapping[str, tuple[int, ...]]:
        """The numbers of the stamps, by path."""

    @abstractmethod
    def agrees(self, on_disk: Mapping[str, Stamp]) -> bool:
        """Whether these are the files that are known, with the same stamps."""


class SearchIndex(Protocol):
    """A full-text index of notes. One writer at a time; any number of readers."""

    def version(self) -> str:
        """A name of what is answered now; every commit that changes an answer gives another, none comes twice.

        So what was answered between two equal ones, in whichever process, was answered by one state of the index.
        """

    def seen(self) -> Mapping[str, Seen]:
        """What is indexed now, by path; perhaps as `SeenFiles`."""

    def update(
        self, changed: Iterable[tuple[str, Seen, Findable | None]], removed: Collection[str], onto: str | None = None
    ) -> str:
        """Index `changed` (each path once; a None note means that only its stamp is new), forget `removed` (others).

        Returns the version that this made, "" when another process holds the writer's lock: nothing is lost, the next
        `refresh` sees the same difference. Raises `IndexDamaged`, `IndexUnusable`, and `IndexOvertaken` when the
        version to be changed is not the one named by `onto`; what `changed` raises comes through, and nothing is
        changed.
        """

    def search(self, query: Query, limit: int | None, order: Order) -> tuple[list[Match], int]:
        """The first `limit` matches (all for None), and how many there are in all. Raises `IndexDamaged`.

        Among equals later days come first, then paths and lines in order. `NEWEST` first: later days, then later
        times of entries, then lines from the last, then paths in order.
        """

    def facets(self, query: Query, fields: Sequence[str]) -> Facets:
        """How many matches have each value (folded) of these fields. Raises `IndexDamaged`."""

    def frequency(self, word: str) -> int:
        """How many documents hold a word of one term, in any of its forms. Raises `IndexDamaged`."""

    def suggest(self, query: Query) -> tuple[Suggestion, ...]:
        """For what the query asks that no note has, the nearest that there is. Raises `IndexDamaged`."""


class Difference(NamedTuple):
    """How the disk differs from one `version` of an index: what it must read again, with stamps, and forget (None)."""

    version: str
    stamps: Mapping[str, Stamp | None]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a refresh did, and the `version` of the index that agrees with the disk: who vouches vouches for no other.

    `skipped` says that another process was writing; `vanished` went while being read.
    """

    updated: int = 0
    removed: int = 0
    skipped: bool = False
    vanished: tuple[str, ...] = ()
    version: str = field(default="", compare=False)


#: Called with the number of notes read so far and the number to read.
Progress = Callable[[int, int], None]


def refresh(
    source: NoteSource,
    index: SearchIndex,
    progress: Progress | None = None,
    *,
    force: bool = False,
    only: Difference | None = None,
    clock: Callable[[], int] = time_ns,
) -> Changes:
    """Make the index agree with the disk. Cheap when it does: one look at every file's stamp.

    A file is read when its stamp is not the one that was indexed, and indexed when its bytes are not the same either
    (always with `force`). The stamp is taken before the file is read, so a change in between is indexed twice, never
    missed; a stamp that is younger than `RACY_NS` is not believed next time (git's rule for its index). `clock` gives
    nanoseconds since 1970. `only` is for who knows that nothing else changed; of another version than that of the
    index it says nothing, and everything is looked at.
    """
    try:
        return _refresh(source, index, progress, force, only, clock)
    except (IndexDamaged, IndexOvertaken):
        pass  # it holds nothing now, or other things than it was compared with
    try:
        return _refresh(source, index, progress, force, None, clock)
    except IndexOvertaken:
        return Changes(skipped=True)


def difference(known: Mapping[str, Seen], on_disk: Mapping[str, Stamp]) -> dict[str, Stamp | None]:
    """What an index that holds `known` must read again, with its stamp, and forget (None)."""
    if isinstance(known, SeenFiles) and known.agrees(on_disk):  # a quicker look than ours
        return {}
    stamps = stamps_in(known)
    changed: dict[str, Stamp | None] = {path: stamp for path, stamp in on_disk.items() if stamps.get(path) != stamp}
    return changed | {path: None for path in stamps if path not in on_disk}


def stamps_in(known: Mapping[str, Seen]) -> Mapping[str, tuple[int, ...]]:
    """The stamps of what an index holds."""
    return known.stamps if isinstance(known, SeenFiles) else {path: one.stamp for path, one in known.items()}


def _refresh(
    source: NoteSource,
    index: SearchIndex,
    progress: Progress | None,
    force: bool,
    only: Difference | None,
    clock: Callable[[], int],
) -> Changes:
    version, known = index.version(), index.seen()
    if only is not None and only.version == version:
        differing = only.stamps
    else:
        stamps = source.stamps()
        differing = {**difference(known, stamps), **(stamps if force else {})}
    on_disk = {path: stamp for path, stamp in differing.items() if stamp is not None}
    removed = [path for path, stamp in differing.items() if stamp is None and path in known]
    if not on_disk and not removed:
        return Changes(version=version)
    from carrel.search.to_index import Reading

    def digest(path: str) -> str | None:
        return known[path].digest if path in known and not force else None

    def trusted(stamp: Stamp) -> Stamp:
        return stamp if stamp.mtime_ns + RACY_NS < clock() else UNTRUSTED

    reading = Reading(source, on_disk, digest, trusted, progress, list(on_disk))
    made = index.update(reading, removed, version)
    if not made:
        return Changes(skipped=True)
    return Changes(len(reading.updated), len(removed), vanished=tuple(reading.vanished), version=made)
