"""The sorted terms of all blocks, cut into files along the letters they begin with.

Where a cut falls depends on the terms near it alone, so a new term changes few files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

#: Bytes of a file, about; a term whose line is longer has a file of its own.
SIZE = 16_000

#: A term and its line.
Line = tuple[str, str]


def cut(lines: Sequence[Line], depth: int = 0) -> Iterator[list[Line]]:
    """Sorted lines as the files that they are written to, in order."""
    if len(lines) <= 1 or sum(len(line) for _, line in lines) <= SIZE:
        if lines:
            yield list(lines)
        return
    waiting: list[Line] = []
    size = 0
    for _, group in groupby(lines, key=lambda line: line[0][: depth + 1]):
        branch = list(group)
        length = sum(len(line) for _, line in branch)
        if waiting and size + length > SIZE:
            yield waiting
            waiting, size = [], 0
        if length > SIZE:
            yield from cut(branch, depth + 1)
        else:
            waiting += branch
            size += length
    if waiting:
        yield waiting


def file_name(term: str) -> str:
    """The name of the file that begins with a term; it is one on every file system.

    >>> file_name("probe"), file_name("kind:log"), file_name("検索")
    ('probe-', 'kind_3a_log-', '_691c__7d22_-')
    """
    # the dash: Windows has no file `con.js`
    return "".join(letter if letter.isascii() and letter.isalnum() else f"_{ord(letter):x}_" for letter in term) + "-"
