"""The lines of a built site as words, each distinct line once: most of a page stands on all pages, and most pages stay.

A file is known by the numbers of its lines, in their order. So names and phrases, also those that go across lines,
are looked for in the whole site without reading a file again.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from carrel.publish.gate.gate_memory import packed
from carrel.publish.gate.grams import END_WORD, Numbers, Words, hashed
from carrel.publish.gate.needles import Mask, Needles
from carrel.publish.gate.rows import BREAK
from carrel.publish.gate.site_text import shown_lines

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory

#: The numbers of a file's lines; blank ones are left out.
FileLines: TypeAlias = NDArray[np.uint32]

#: The numbers of a line that is blank, and of one that stands between texts.
BLANK, GAP = 0, 1
#: Bytes of new lines that are made words of at once, and lines of a tag that goes on and on.
_AT_ONCE, _MOST = 1 << 18, 50
#: Lines that no file has any more, and that are kept all the same.
_SPARE = 20_000
#: Lines of files that are looked through at once.
_TOGETHER = 1 << 15
#: Between lines, with what is blank at the beginning of the next one: most lines of a page are.
_LINES = re.compile(rb"\n\s*+")
_OPEN = re.compile(rb"<[a-zA-Z!/][^<>]*\Z")


class SiteLines:
    """Distinct lines by number: the words that HTML shows of each, and those in its tags.

    `keys` are hashes of them, 0 of what must be looked at again; `texts` and `tags` are their words, one line's after
    the other's, and two arrays say how many of them each line has. Raises `Damaged`.
    """

    def __init__(self, memory: Memory) -> None:
        self.keys, self.texts, self.tags = array("Q"), array("Q"), array("Q")
        self.text_counts, self.tag_counts = array("I"), array("I")
        self._kept = {kind: memory.fill(kind, numbers) for kind, numbers in self._arrays()}
        self._numbers = {hash(b""): BLANK}
        self._by_key: dict[int, int] | None = None
        self._new: list[bytes] = []
        self._size = 0
        if not self.keys:
            self.keys.extend((0, 0))
            self._add([b"", BREAK.encode()])

    def _arrays(self) -> Iterator[tuple[str, array[int]]]:
        yield from (("keys", self.keys), ("texts", self.texts), ("tags", self.tags))
        yield from (("text counts", self.text_counts), ("tag counts", self.tag_counts))

    def read(self, part: bytes) -> tuple[list[int], bytes]:
        """The numbers of the lines of a text, and those of its lines that are new, with their neighbours."""
        lines = _LINES.split(part)
        numbers = list(map(self._numbers.get, map(hash, lines)))
        if None not in numbers:
            return numbers, b""  # type: ignore[return-value]  # as was just seen
        if any(_is_open(line) for line, number in zip(lines, numbers, strict=True) if number is None):
            lines = list(_closed(lines))
            numbers = list(map(self._numbers.get, map(hash, lines)))
        before = len(self.keys)
        known = [self._number(line) if number is None else number for line, number in zip(lines, numbers, strict=True)]
        places = [place for place, number in enumerate(known) if number >= before]
        if self._size > _AT_ONCE:
            self.settle()
        return known, _with_neighbours(lines, places)

    def distrust(self, part: bytes, is_bad: Callable[[bytes], bool]) -> set[int]:
        """Look at lines of a text that are bad again in the next build. Returns their numbers."""
        lines = list(_closed(_LINES.split(part)))
        bad = {self._number(line) for line in lines if is_bad(line)} or set(map(self._number, lines))
        for number in bad - {BLANK, GAP}:
            self.keys[number] = 0
        return bad - {BLANK, GAP}

    def settle(self) -> None:
        """Make words of the new lines."""
        self._add(self._new)
        self._new, self._size = [], 0

    def is_wasteful(self, files: Iterable[FileLines]) -> bool:
        """Whether most of it is of lines that none of these files has any more."""
        return len(self.keys) > 2 * int(np.count_nonzero(_live(len(self.keys), files))) + _SPARE

    def shrink(self, files: Mapping[bytes, FileLines]) -> dict[bytes, FileLines]:
        """Forget the lines that none of these files has. Returns the files, with the new numbers of their lines."""
        live = _live(len(self.keys), files.values())
        lines = np.flatnonzero(live)
        self.texts, self.text_counts = _some(self.texts, self.text_counts, lines)
        self.tags, self.tag_counts = _some(self.tags, self.tag_counts, lines)
        self.keys = array("Q", np.frombuffer(self.keys, np.uint64)[live].tobytes())
        self._kept = {}
        numbers = (np.cumsum(live) - 1).astype(np.uint32)
        return {digest: numbers[of_file] for digest, of_file in files.items()}

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of it."""
        for kind, numbers in self._arrays():
            if not self._kept.get(kind):
                yield kind, None, None
            yield from packed(kind, numbers, self._kept.get(kind, 0))

    def _number(self, line: bytes) -> int:
        number = self._numbers.get(hash(line))
        if number is None:
            number = self._numbers[hash(line)] = self._by_its_key(line)
        return number

    def _by_its_key(self, line: bytes) -> int:
        if self._by_key is None:
            self._by_key = dict(zip(self.keys, range(len(self.keys)), strict=True))
        key = int.from_bytes(blake2b(line, digest_size=8).digest(), "little")
        number = self._by_key.get(key)
        if number is None or not key:
            number = len(self.keys)
            self.keys.append(key)
            self._new.append(line)
            self._size += len(line)
        return number

    def _add(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        texts, tags = shown_lines(lines)
        found, ends = hashed(texts)
        self.text_counts.frombytes((np.diff(ends, prepend=0) - 1).astype(np.uint32).tobytes())
        self.texts.frombytes(found[found != END_WORD].tobytes())
        found, ends = hashed(tags)  # an end stays behind the words of each line, for they do not go on in the next
        counts = np.diff(ends, prepend=0)
        self.tag_counts.frombytes(np.where(counts > 1, counts, 0).astype(np.uint32).tobytes())
        self.tags.frombytes(found[np.repeat(counts > 1, counts)].tobytes())


class Flows:
    """The words of some files, to look for needles in. `lines` must be settled, and not change meanwhile."""

    def __init__(self, lines: SiteLines, files: Iterable[FileLines]) -> None:
        self._files = list(files)
        self._texts, self._tags = np.frombuffer(lines.texts, np.uint64), np.frombuffer(lines.tags, np.uint64)
        self._text_counts = np.frombuffer(lines.text_counts, np.uint32)
        self._tag_counts = np.frombuffer(lines.tag_counts, np.uint32)
        self._text_starts, self._tag_starts = _starts(self._text_counts), _starts(self._tag_counts)

    def places(self, needles: Needles) -> tuple[Numbers, Numbers]:
        """(files, needles): the numbers of files, and of the needles that are there."""
        pairs = [*self._in_texts(needles), *self._in_tags(needles)]
        none = np.empty(0, np.int64)
        files, found = zip((none, none), *pairs, strict=True)
        return np.concatenate(files), np.concatenate(found)

    def _in_texts(self, needles: Needles) -> Iterator[tuple[Numbers, Numbers]]:
        for first, files in self._groups():
            lines = np.concatenate(files)
            places, found = needles.places(_gathered(self._texts, self._text_starts, self._text_counts, lines))
            if len(places):
                line = np.searchsorted(np.cumsum(self._text_counts[lines]), places, "right")
                yield first + np.searchsorted(np.cumsum([len(one) for one in files]), line, "right"), found

    def _in_tags(self, needles: Needles) -> Iterator[tuple[Numbers, Numbers]]:
        there = np.flatnonzero(_live(len(self._tag_counts), self._files) & (self._tag_counts > 0))
        found = np.zeros((2, 0), np.int64)
        for first in range(0, len(there), _TOGETHER):
            lines = there[first : first + _TOGETHER]
            places, which = needles.places(_gathered(self._tags, self._tag_starts, self._tag_counts, lines))
            line = lines[np.searchsorted(np.cumsum(self._tag_counts[lines]), places, "right")]
            found = np.concatenate([found, [line, which]], axis=1)
        if not found.size:
            return
        with_them = np.zeros(len(self._tag_counts), np.bool_)
        with_them[found[0]] = True
        for file, numbers in enumerate(self._files):
            for line in numbers[with_them[numbers]].tolist():
                which = found[1, found[0] == line]
                yield np.full(len(which), file), which

    def _groups(self) -> Iterator[tuple[int, list[FileLines]]]:
        """Some files at a time, and the number of the first."""
        first, group, size = 0, list[FileLines](), 0
        for number, lines in enumerate(self._files, start=1):
            group.append(lines)
            size += len(lines)
            if size > _TOGETHER or number == len(self._files):
                yield first, group
                first, group, size = number, [], 0


def _live(count: int, files: Iterable[FileLines]) -> Mask:
    """Which of `count` lines some file has."""
    live = np.zeros(count, np.bool_)
    live[np.concatenate([np.array([BLANK, GAP], np.uint32), *files])] = True
    return live


def _some(words: array[int], counts: array[int], lines: Numbers) -> tuple[array[int], array[int]]:
    """The words of some lines and how many each has."""
    count = np.frombuffer(counts, np.uint32)
    kept = _gathered(np.frombuffer(words, np.uint64), _starts(count), count, lines)
    return array("Q", kept.tobytes()), array("I", count[lines].tobytes())


def _starts(counts: NDArray[np.uint32]) -> Numbers:
    return np.cumsum(counts, dtype=np.int64) - counts


def _gathered(words: Words, starts: Numbers, counts: NDArray[np.uint32], lines: NDArray[np.uint32] | Numbers) -> Words:
    """The words of some lines, one line's after the other's."""
    lines = lines[counts[lines] > 0]
    count, start = counts[lines].astype(np.int64), starts[lines]
    if not len(lines):
        return words[:0]
    ends = np.cumsum(count)
    steps = np.ones(ends[-1], np.int64)  # from each word to the next one
    steps[0] = start[0]
    steps[ends[:-1]] = start[1:] - start[:-1] - count[:-1] + 1
    return words.take(np.cumsum(steps, out=steps), mode="wrap")  # of the modes the quickest


def _is_open(line: bytes) -> bool:
    """Whether a tag begins in a line and ends in another."""
    return line.rfind(b"<") > line.rfind(b">") and _OPEN.search(line) is not None


def _closed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines, those put together through which a tag goes."""
    held: list[bytes] = []
    for line in lines:
        held.append(line)
        if len(held) > 1 and b">" not in line and len(held) < _MOST:
            continue
        if not _is_open(line) or len(held) >= _MOST:
            yield b"\n".join(held)
            held = []
    if held:
        yield b"\n".join(held)


def _with_neighbours(lines: Sequence[bytes], places: Sequence[int]) -> bytes:
    """Some lines, each with those before and behind it, and a `BREAK` where lines are left out."""
    parts, end = list[bytes](), 0
    for place in places:
        start = max(place - 1, end)
        if start > end:
            parts.append(BREAK.encode())
        parts += lines[start : place + 2]
        end = min(place + 2, len(lines))
    return b"\n".join(parts)
