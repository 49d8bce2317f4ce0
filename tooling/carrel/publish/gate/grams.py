"""Words as numbers, and rows of words as one number: what makes it cheap to look for very many phrases at once.

A word is known by a hash of 64 bits that is the same in every run, so it can be kept; that of some words in a row is
a sum in which each place has a factor of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from carrel.publish.gate.rows import BREAK, PHRASE, words

Words: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int64]

#: Bytes of text that are worked on at once: so few that what is made of them stays in the cache.
_AT_ONCE = 1 << 16
#: Ends a row; no byte of UTF-8.
_END = 0xFF
_MARK = BREAK.strip()
#: Dashes, quotation marks, arrows and the like: most texts that are not ASCII are so by these alone.
_PUNCTUATION = re.compile(r"[\xa0-\xa7\xab\xb0\xb1\xb6\xb7\xbb\xbf\xd7\u2010-\u2027\u2030-\u205e\u2190-\u21ff]+")
_PRIME = 0x9E3779B97F4A7C15
_32, _29 = np.uint64(32), np.uint64(29)
_MIX = np.uint64(0xD6E8FEB86659FD93)


def _values() -> NDArray[np.uint8]:
    """What each byte adds to a word; 0 of what is no part of one."""
    values = np.zeros(256, np.uint8)
    for byte in (*b"0123456789abcdefghijklmnopqrstuvwxyz", *_MARK.encode(), *range(0x80, 0x100)):
        values[byte] = byte
    values[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = list(b"abcdefghijklmnopqrstuvwxyz")
    return values


_VALUES = _values()
_POWERS = np.cumprod(np.full(_AT_ONCE + 1, _PRIME, np.uint64), dtype=np.uint64)
#: One for each place: the order of words counts.
_FACTORS = [np.uint64(pow(_PRIME, place, 1 << 64)) for place in range(1, PHRASE + 1)]


def _hashed(text: bytes) -> Iterator[Words]:
    """The words of a text in which what is not ASCII is a word's."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > _AT_ONCE:
            end = max(text.rfind(blank, start, start + _AT_ONCE) for blank in (b" ", b"\n", b'"', b",")) + 1
            end = end or start + _AT_ONCE  # one word of many thousand letters is none
        values = _VALUES[np.frombuffer(text, np.uint8, end - start, start)]
        edges = np.flatnonzero(np.diff(values != 0, prepend=False, append=False))
        begins, ends = edges[::2], edges[1::2]
        sums = np.zeros(len(values) + 1, np.uint64)
        np.cumsum(values * _POWERS[: len(values)], out=sums[1:])
        found: Words = (sums[ends] - sums[begins]) * _POWERS[_AT_ONCE - begins]
        found ^= found >> _32
        found *= _MIX
        found ^= found >> _29
        yield found
        start = end


END_WORD = next(_hashed(bytes([_END])))[0]


def hashed(rows: Sequence[str]) -> tuple[Words, Numbers]:
    """The words of some texts, one text after the other, and where each text ends: behind a word that none has."""
    return hashed_words([row if row.isascii() else _plainly(row) for row in rows])


def hashed_words(rows: Sequence[str]) -> tuple[Words, Numbers]:
    """The same of texts in which nothing is left but words with blanks between them, as `rows.words` gives them."""
    if not rows:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    end = b" %c " % _END
    found = np.concatenate(list(_hashed(end.join([row.encode("utf-8", "replace") for row in rows]) + end)))
    return found, np.flatnonzero(found == END_WORD) + 1


def _plainly(text: str) -> str:
    """A text with those of its words that are not ASCII in their plainest form."""
    text = _PUNCTUATION.sub(" ", text)
    if text.isascii():
        return text
    return " ".join([part if part.isascii() else " ".join(words(part)) for part in text.split()])


def grams(row: Words, length: int) -> Words:
    """At place i the hash of the `length` words from word i on."""
    return next((hashes for each, hashes in all_grams(row, length) if each == length), row[:0])


def all_grams(row: Words, longest: int) -> Iterator[tuple[int, Words]]:
    """(length, hashes): of one word, two words, and so on. The hashes are written over by the next ones."""
    sums: Words = np.zeros(len(row), np.uint64)
    more: Words = np.empty(len(row), np.uint64)
    for length in range(1, min(longest, len(row)) + 1):
        count = len(row) - length + 1
        np.multiply(row[length - 1 :], _FACTORS[length - 1], out=more[:count])
        sums = sums[:count]
        sums += more[:count]
        yield length, sums
