"""What staging remembers from one time to the next: the notes by stamp, and each page with what it asked.

It lies in two files for its owner alone, since it holds private notes: `whole`, which is long, and `since`, what has
changed from then on. A memory only saves time: whatever is wrong with it, and whenever it is of another program, of
other settings or of another audience, there is none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from isal.isal_zlib import crc32

from carrel.metadata.style import Style, own_style
from carrel.publish.press.world import program
from carrel.publish.staging.packing import pack, unpacked
from carrel.publish.staging.reads import Reads
from carrel.publish.staging.tree import make_private

if TYPE_CHECKING:
    from pathlib import Path

    from carrel.core.note import Note, Stamp, Visibility
    from carrel.core.paper import Paper
    from carrel.publish.edition.faces import Face
    from carrel.publish.edition.ties import Tied
    from carrel.publish.staging.reads import Asked
    from carrel.publish.staging.staged import StagedPage
    from carrel.publish.staging.tree import Standing
    from carrel.publish.text.passage import Unresolved
    from carrel.store.knowledge_base import KnowledgeBase

_WHOLE, _SINCE = "whole", "since"
_HEADER = b"carrel stage 2\n"
#: `since` may have so many bytes, or this part of those of `whole`; beyond it all is written anew.
LEAST, PART = 1 << 18, 8


class Found(NamedTuple):
    """What the search needs of a page beside its text: in short, and a digest of all."""

    digest: bytes
    said: bytes
    start: int
    end: int


class KeptPage(NamedTuple):
    """A page as it was laid out: what it asked, what was found in it."""

    page: StagedPage
    asked: Asked
    unresolved: tuple[Unresolved, ...]
    assets: tuple[tuple[str, tuple[str, int]], ...]
    found: Found | None


class KeptFile(NamedTuple):
    """A file that was made from notes."""

    digest: bytes
    asked: Asked


#: The dictionaries of a memory, which are kept as what changed in them.
_PARTS = ("notes", "faces", "pages", "files", "tree", "attachments", "records", "formatted", "ties", "linked_files")


class Memory:
    """What one stage remembers. `state` stands for all that its pages depend on and that is no note.

    `notes` are by path, each with the stamp of its file. One that comes from disk has its text still packed
    (`packing.Unread`), and unpacks it when that is asked for.
    """

    def __init__(self, state: str = "") -> None:
        self.forget(state)

    def forget(self, state: str = "") -> None:
        """Remember nothing."""
        self.state = state
        self.notes: dict[str, tuple[Stamp, Note]] = {}
        self.faces: dict[str, Face] = {}
        self.pages: dict[tuple[object, ...], KeptPage] = {}
        self.files: dict[tuple[object, ...], KeptFile] = {}
        self.tree: dict[str, Standing] = {}
        self.attachments: dict[str, tuple[Stamp, str]] = {}
        self.records: dict[str, tuple[str | None, str, Paper]] = {}
        self.formatted: dict[str, tuple[Paper, str, str]] = {}
        self.ties: dict[str, Tied] = {}
        self.linked_files: dict[str, bool] = {}
        self.reads = Reads()
        self._whole = _Whole(0, 0, {name: {} for name in _PARTS}, [])

    @classmethod
    def load(cls, folder: Path, state: str) -> Memory:
        """The memory in `folder`; an empty one if there is none of this state."""
        memory = cls(state)
        with suppress(Exception):  # whatever is wrong with it: it is a cache
            checksum, size, (of, parts, numbers, answers, wholes) = _read(folder / _WHOLE)
            if of == state:
                memory._whole = _Whole(checksum, size, {name: dict(parts[name]) for name in _PARTS}, list(answers))
                memory.__dict__.update(parts)
                memory.reads.numbers.update(numbers)
                memory.reads.answers, memory.reads.wholes = answers, wholes
                with suppress(FileNotFoundError):
                    memory._add(*_read(folder / _SINCE)[2])
                return memory
        return cls(state)

    def keep(self, paths: Set[str]) -> None:
        """Remember of papers only those of these notes."""
        for part in (self.records, self.formatted):
            for gone in part.keys() - paths:
                del part[gone]

    def save(self, folder: Path) -> None:
        """Keep it in `folder`. Raises nothing: without a memory the next time takes longer."""
        with suppress(OSError):
            make_private(folder)
            if self._whole.size:
                most = max(LEAST, self._whole.size // PART)
                if _write(folder / _SINCE, (self._whole.checksum, *self._since()), most):
                    return
            parts, reads = {name: self.__dict__[name] for name in _PARTS}, self.reads
            _write(folder / _WHOLE, (self.state, parts, reads.numbers, reads.answers, reads.wholes))
            (folder / _SINCE).unlink(missing_ok=True)

    def _since(self) -> tuple[object, ...]:
        """What is otherwise than in the file of the whole."""
        before, answers = self._whole, self.reads.answers
        known = len(before.answers)
        changed, gone = {}, {}
        for name in _PARTS:
            old, new = before.parts[name], self.__dict__[name]
            changed[name] = {key: value for key, value in new.items() if old.get(key) is not value}
            gone[name] = old.keys() - new.keys()
        numbers = {
            kind: {key: number for key, number in asked.items() if number >= known}
            for kind, asked in self.reads.numbers.items()
        }
        other = {number: one for number, one in enumerate(answers[:known]) if one is not before.answers[number]}
        return changed, gone, numbers, other, answers[known:], self.reads.wholes

    def _add(
        self,
        checksum: int,
        changed: Mapping[str, Mapping[Any, Any]],
        gone: Mapping[str, set[Any]],
        numbers: Mapping[str, Mapping[Any, int]],
        other: Mapping[int, object],
        answers: list[object],
        wholes: dict[str, bytes],
    ) -> None:
        """Add what was written after the whole."""
        if checksum != self._whole.checksum:
            return  # it belongs to a whole that was there before
        for name in _PARTS:
            part = self.__dict__[name]
            part.update(changed[name])
            for key in gone[name]:
                del part[key]
        for kind, asked in numbers.items():
            self.reads.numbers[kind].update(asked)
        for number, answer in other.items():
            self.reads.answers[number] = answer
        self.reads.answers += answers
        self.reads.wholes = wholes


@dataclass(frozen=True, slots=True)
class _Whole:
    """The file of the whole as it was read: its checksum and size, and what was in it."""

    checksum: int
    size: int
    parts: Mapping[str, Mapping[Any, Any]]
    answers: list[object]


@cache
def _our_style() -> Style:
    return own_style()


def state_of(kb: KnowledgeBase, audience: Visibility, dest: Path, style: Style | None) -> str:
    """What stands for all that staged pages depend on beside the notes and the files."""
    packages = program(), version("citeproc-py")
    said = (_HEADER, *packages, kb.config, audience, str(kb.root), str(dest), style or _our_style())
    return blake2b(repr(said).encode("utf-8", "replace"), digest_size=16).hexdigest()


class _Summed:
    """A file that is written, with the checksum of what was written to it. It has to stay shorter than `most`."""

    def __init__(self, file: BinaryIO, most: float) -> None:
        self._file, self._left, self.checksum = file, most, 0

    def write(self, data: bytes) -> None:
        """Write more of it. Raises `_TooLong`."""
        self._left -= len(data)
        if self._left <= 0:
            raise _TooLong
        self.checksum = crc32(data, self.checksum)
        self._file.write(data)


class _TooLong(Exception):
    """What was to be written is longer than it may be."""


def _write(place: Path, value: object, most: float = inf) -> bool:
    """Put a file with a value in place of the old one, for its owner alone; not if that has `most` bytes or more."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(b"%s%08x\n" % (_HEADER, 0))
            summed = _Summed(file, most)
            pack(value, summed)
            file.seek(len(_HEADER))
            file.write(b"%08x" % summed.checksum)
    except _TooLong:
        fresh.unlink()
        return False
    fresh.replace(place)
    return True


def _read(place: Path) -> tuple[int, int, Any]:
    """The checksum of a file's data, how long it is, and what is in it. Raises `ValueError` and many more."""
    stream = BytesIO(place.read_bytes())
    header, checksum = stream.readline(), int(stream.readline(), 16)
    with stream.getbuffer()[stream.tell() :] as data:
        if header != _HEADER or crc32(data) != checksum:
            raise ValueError(place)
        size = len(data)
    return checksum, size, unpacked(stream)
