"""The terms of all blocks together, kept by what they begin with, so that a change reaches the few that it touches.

A bucket has the terms with the same first letters. It is a function of the blocks' lines alone: what was merged before
is changed by taking out what a block had there and putting in what it has now.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from carrel.publish.search.block import spelled
from carrel.publish.search.codec import END, block_of

#: Letters that the terms of a bucket have in common.
LETTERS = 3

#: What a block has of a term, as a text: its postings, which begin with the block's number; how many units have it; its
#: words' endings.
Row = str


class Bucket(NamedTuple):
    """Some terms: their lines in the index, and their words with how frequent each is.

    `parts` has a line for each term: what its rows in the blocks say behind their postings, which the index has too.
    """

    lines: str
    parts: str
    words: str


def rows_of(lines: str) -> dict[str, Row]:
    """The rows of a block's lines, by term."""
    return dict(line.split("\t", 1) for line in lines.split("\n")) if lines else {}


def merge(blocks: Iterable[str]) -> dict[str, Bucket]:
    """The buckets of the lines of these blocks, which are in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for lines in blocks:
        if lines:
            for start, some in groupby(lines.split("\n"), key=_start):
                found[start].append("\n".join(some))
    return {start: _bucket(_sorted_out(some)) for start, some in found.items()}


def _start(line: str) -> str:
    return line[:LETTERS].partition("\t")[0]


def change(buckets: dict[str, Bucket], before: Mapping[str, Row], now: Mapping[str, Row]) -> None:
    """Put in place of the rows that a block had `before` those that it has `now`.

    Raises `ValueError` when it had others.
    """
    touched: dict[str, list[str]] = defaultdict(list)
    for term in before.keys() | now.keys():
        if before.get(term) != now.get(term):
            touched[term[:LETTERS]].append(term)
    for start, terms in touched.items():
        rows = _rows(buckets[start]) if start in buckets else {}
        for term in terms:
            kept = rows.setdefault(term, [])
            if (old := before.get(term)) is not None:
                kept.remove(old)
            if (new := now.get(term)) is not None:
                insort(kept, new, key=block_of)
            if not kept:
                del rows[term]
        if rows:
            buckets[start] = _bucket(rows)
        else:
            del buckets[start]


def _sorted_out(blocks: Iterable[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for lines in blocks:
        for line in lines.split("\n"):
            term, row = line.split("\t", 1)
            found[term].append(row)
    return found


def _rows(bucket: Bucket) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line, parts in zip(bucket.lines.split("\n"), bucket.parts.split("\n"), strict=True):
        term, _, lists = line.split("\t")
        said = parts.split("\t")
        each = zip(lists.split(END)[:-1], said[::2], said[1::2], strict=True)
        found[term] = [f"{postings}{END}\t{count}\t{ends}" for postings, count, ends in each]
    return found


def _bucket(terms: Mapping[str, Sequence[Row]]) -> Bucket:
    lines: list[str] = []
    parts: list[str] = []
    words: dict[str, int] = {}
    for term in sorted(terms):
        said = "\t".join(terms[term]).split("\t")
        total, ends = _together(said[1::3], said[2::3])
        lines.append(f"{term}\t{ends}\t{''.join(said[::3])}")
        del said[::3]
        parts.append("\t".join(said))
        if len(term) > 2 and term.isalpha():
            size = min(total.bit_length(), 9)
            for end in ends.split(","):
                word = spelled(term, end)
                if len(word) > 3:
                    words[word] = max(words.get(word, 0), size)
    return Bucket("\n".join(lines), "\n".join(parts), " ".join(f"{word}{size}" for word, size in sorted(words.items())))


def _together(counts: Sequence[str], several: Sequence[str]) -> tuple[int, str]:
    """How many units of all blocks have a term, and its words' endings: "" among these is the stem as it is."""
    known = set(several)
    ends = several[0] if len(known) == 1 else ",".join(sorted({end for some in known for end in some.split(",")}))
    return sum(map(int, counts)), ends
