"""The lines of a built site as words, each distinct line once: most of a page stands on all pages, and most pages stay.

A file is known by the numbers of its lines, in their order. So names and phrases, also those that go across lines,
are looked for in the whole site without reading a file again.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from carrel.publish.gate.gate_memory import packed
from carrel.publish.gate.grams import Numbers
from carrel.publish.gate.line_words import BLANK, GAP, FileLines, LineWords, gathered, starts_of, used_lines
from carrel.publish.gate.rows import BREAK

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory

_NOWHERE = np.uint32(0xFFFFFFFF)
#: Bytes of new lines that are made words of at once, and lines of a tag that goes on and on.
_AT_ONCE, _MOST = 1 << 18, 50
#: Lines that no file has any more, and that are kept all the same.
_SPARE = 20_000
_OPEN = re.compile(rb"<[a-zA-Z!/][^<>]*\Z")


class SiteLines:
    """Distinct lines by number, and their words: held of lines that were read, the others' only while they are looked
    through. Raises `Damaged`.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        #: Hashes of the lines; 0 of what must be looked at again.
        self.keys = array("Q")
        memory.fill("keys", self.keys)
        self._kept = len(self.keys)  # so many are remembered
        #: The words of lines that are new, and of known ones that were read again, and the numbers of these.
        self._new, self._again, self._known = LineWords(), LineWords(), array("I", (BLANK, GAP))
        self._numbers = {hash(b""): BLANK}
        self._waiting: tuple[list[bytes], list[bytes]] = [], []
        self._size = 0
        (self._again if self._kept else self._new).add([b"", BREAK.encode()])
        if not self._kept:
            self.keys.extend((0, 0))

    @cached_property
    def _sorted(self) -> tuple[array[int], Numbers]:
        """The keys of what is remembered in their order, and the numbers that they have."""
        keys = np.frombuffer(self.keys, np.uint64)[: self._kept]
        order = np.argsort(keys)
        return array("Q", keys[order].tobytes()), order

    def read(self, part: bytes) -> tuple[list[int], bytes]:
        """The numbers of the lines of a text, and those of its lines that are new, with their neighbours."""
        lines = _lines(part)
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
        lines = list(_closed(_lines(part)))
        bad = {self._number(line) for line in lines if is_bad(line)} or set(map(self._number, lines))
        for number in bad - {BLANK, GAP}:
            self.keys[number] = 0
        return bad - {BLANK, GAP}

    def settle(self) -> None:
        """Make words of the lines that were read."""
        for words, lines in zip((self._new, self._again), self._waiting, strict=True):
            words.add(lines)
        self._waiting, self._size = ([], []), 0

    def forget_texts(self) -> None:
        """No line is read any more."""
        self.settle()
        self._numbers = {}

    def words(self, *, of_all: bool) -> tuple[LineWords, FileLines]:
        """Words of lines, and at what place each line's are, by its number: `_NOWHERE` of those that were not read.

        The words `of_all` lines are many. They must be settled.
        """
        count, kept = len(self.keys), self._kept
        places = np.arange(count, dtype=np.uint32)
        if not kept:
            return self._new, places
        words = LineWords()
        if of_all:
            for kind, numbers in words.arrays():
                self._memory.fill(kind, numbers)
        else:
            words.take(self._again)
            places = np.full(count, _NOWHERE)
            places[np.frombuffer(self._known, np.uint32)] = np.arange(len(self._known))
            places[kept:] = np.arange(len(self._known), len(self._known) + count - kept)
        words.take(self._new)
        return words, places

    def wasted(self, files: Iterable[FileLines]) -> int:
        """How many of the lines none of these files has any more."""
        return len(self.keys) - int(np.count_nonzero(used_lines(len(self.keys), files)))

    def is_wasteful(self, wasted: int) -> bool:
        """Whether most of it is of lines that no file has any more."""
        return 2 * wasted > len(self.keys) + _SPARE

    def shrink(self, files: Mapping[bytes, FileLines]) -> dict[bytes, FileLines]:
        """Forget the lines that none of these files has. Returns the files, with the new numbers of their lines."""
        live = used_lines(len(self.keys), files.values())
        lines = np.flatnonzero(live)
        words, _ = self.words(of_all=True)
        words.texts, words.text_counts = _some(words.texts, words.text_counts, lines)
        words.tags, words.tag_counts = _some(words.tags, words.tag_counts, lines)
        self.keys = array("Q", np.frombuffer(self.keys, np.uint64)[live].tobytes())
        self._new, self._kept = words, 0
        numbers = (np.cumsum(live) - 1).astype(np.uint32)
        return {digest: numbers[of_file] for digest, of_file in files.items()}

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of it."""
        for kind, numbers in (("keys", self.keys[self._kept :]), *self._new.arrays()):
            if not self._kept:
                yield kind, None, None
            yield from packed(kind, numbers, self._kept)

    def _number(self, line: bytes) -> int:
        number = self._numbers.get(hash(line))
        if number is None:
            number = self._numbers[hash(line)] = self._by_its_key(line)
        return number

    def _by_its_key(self, line: bytes) -> int:
        key = int.from_bytes(blake2b(line, digest_size=8).digest(), "little")
        self._size += len(line)
        if self._kept and key:
            keys, numbers = self._sorted
            place = bisect_left(keys, key)
            if place < len(keys) and keys[place] == key:
                number = int(numbers[place])
                self._waiting[1].append(line)
                self._known.append(number)
                return number
        self._waiting[0].append(line)
        self.keys.append(key)
        return len(self.keys) - 1


def _lines(part: bytes) -> list[bytes]:
    """The lines of a text that are not blank, without what is so at their beginning: most lines of a page begin so."""
    return [line for line in map(bytes.lstrip, part.split(b"\n")) if line]


def _some(words: array[int], counts: array[int], lines: Numbers) -> tuple[array[int], array[int]]:
    """The words of some lines and how many each has."""
    count = np.frombuffer(counts, np.uint32)
    kept = gathered(np.frombuffer(words, np.uint64), starts_of(count), count, lines)
    return array("Q", kept.tobytes()), array("I", count[lines].tobytes())


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
