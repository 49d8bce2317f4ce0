"""The words of lines, and looking for needles in files that are rows of such lines."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from carrel.publish.gate.grams import END_WORD, Numbers, Words, hashed
from carrel.publish.gate.needles import Mask, Needles
from carrel.publish.gate.site_text import shown_lines

#: The numbers of a file's lines; blank ones are left out.
FileLines: TypeAlias = NDArray[np.uint32]

#: The numbers of a line that is blank, and of one that stands between texts.
BLANK, GAP = 0, 1
#: Lines of files that are looked through at once.
_TOGETHER = 1 << 15


class LineWords:
    """The words that HTML shows of some lines, and those in their tags: one line's after the other's.

    Two arrays say how many of them each line has.
    """

    def __init__(self) -> None:
        self.texts, self.tags = array("Q"), array("Q")
        self.text_counts, self.tag_counts = array("I"), array("I")

    def arrays(self) -> Iterator[tuple[str, array[int]]]:
        """Each with the kind that it is remembered as."""
        yield from (("texts", self.texts), ("tags", self.tags))
        yield from (("text counts", self.text_counts), ("tag counts", self.tag_counts))

    def take(self, more: LineWords) -> None:
        """Add others behind."""
        for (_, own), (_, others) in zip(self.arrays(), more.arrays(), strict=True):
            own.extend(others)

    def add(self, lines: Sequence[bytes]) -> None:
        """Make words of lines."""
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
    """The words of some files, to look for needles in: `files` say at which places in `words` their lines are."""

    def __init__(self, words: LineWords, files: Iterable[FileLines]) -> None:
        self._files = list(files)
        self._texts, self._tags = np.frombuffer(words.texts, np.uint64), np.frombuffer(words.tags, np.uint64)
        self._text_counts = np.frombuffer(words.text_counts, np.uint32)
        self._tag_counts = np.frombuffer(words.tag_counts, np.uint32)
        self._text_starts, self._tag_starts = starts_of(self._text_counts), starts_of(self._tag_counts)

    def places(self, needles: Needles) -> tuple[Numbers, Numbers]:
        """(files, needles): the numbers of files, and of the needles that are there."""
        pairs = [*self._in_texts(needles), *self._in_tags(needles)]
        none = np.empty(0, np.int64)
        files, found = zip((none, none), *pairs, strict=True)
        return np.concatenate(files), np.concatenate(found)

    def _in_texts(self, needles: Needles) -> Iterator[tuple[Numbers, Numbers]]:
        for first, files in self._groups():
            lines = np.concatenate(files)
            places, found = needles.places(gathered(self._texts, self._text_starts, self._text_counts, lines))
            if len(places):
                line = np.searchsorted(np.cumsum(self._text_counts[lines]), places, "right")
                yield first + np.searchsorted(np.cumsum([len(one) for one in files]), line, "right"), found

    def _in_tags(self, needles: Needles) -> Iterator[tuple[Numbers, Numbers]]:
        there = np.flatnonzero(used_lines(len(self._tag_counts), self._files) & (self._tag_counts > 0))
        found = np.zeros((2, 0), np.int64)
        for first in range(0, len(there), _TOGETHER):
            lines = there[first : first + _TOGETHER]
            places, which = needles.places(gathered(self._tags, self._tag_starts, self._tag_counts, lines))
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


def used_lines(count: int, files: Iterable[FileLines]) -> Mask:
    """Which of `count` lines some file has."""
    live = np.zeros(count, np.bool_)
    live[np.concatenate([np.array([BLANK, GAP], np.uint32), *files])] = True
    return live


def starts_of(counts: NDArray[np.uint32]) -> Numbers:
    return np.cumsum(counts, dtype=np.int64) - counts


def gathered(words: Words, starts: Numbers, counts: NDArray[np.uint32], lines: NDArray[np.uint32] | Numbers) -> Words:
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
