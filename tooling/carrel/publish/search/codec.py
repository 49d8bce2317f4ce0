"""How the browser's index is written: numbers and lists of documents as letters that any script can carry."""

from __future__ import annotations

from collections.abc import Iterable

#: The 64 digits; `files.js` knows the same.
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
#: What stands between the lists of two blocks.
END = "."


def number(value: int) -> str:
    """A number as five bits a letter, the lowest first; a letter from the upper half says that more follow.

    >>> number(3), number(31), number(32), number(1000)
    ('3', 'V', 'W1', 'eV')
    """
    written = ""
    while value > 31:
        written += DIGITS[32 + (value & 31)]
        value >>= 5
    return written + DIGITS[value]


class _Numbers(dict[int, str]):
    """The numbers that were written, which are few."""

    def __missing__(self, value: int) -> str:
        self[value] = written = number(value)
        return written


_numbers = _Numbers()


def postings(block: int, found: Iterable[tuple[int, str]]) -> str:
    """The list of one block: its two digits, then for each unit the distance to the last one and its weight's digit.

    >>> postings(65, [(0, "5"), (1, "_"), (40, "1")])
    '11050_c11.'
    """
    written = DIGITS[block >> 6] + DIGITS[block & 63]
    following = 0
    for unit, weight in found:
        written += _numbers[unit - following] + weight
        following = unit + 1
    return written + END


def block_of(written: str) -> int:
    """The number of the first block in a list.

    >>> block_of(postings(65, [(0, "5")]))
    65
    """
    return DIGITS.index(written[0]) * 64 + DIGITS.index(written[1])
