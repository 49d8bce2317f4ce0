"""The terms of all blocks together, kept by what they begin with, so that a change reaches the few that it touches.

A bucket has the terms with the same first letters. It is a function of the blocks' lines alone: what was merged before
is changed by taking out what a block had there and putting in what it has now.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from carrel.publish.search.block import spelled
from carrel.publish.search.codec import block_of

#: Letters that the terms of a bucket have in common.
LETTERS = 3

#: What a block has of a term, as a text: its postings, which begin with the block's number; how many units have it; its
#: words' endings.
Row = str


class Bucket(NamedTuple):
    """Some terms: their rows in all blocks, their lines in the index, and their words with how frequent each is."""

    rows: str
    lines: str
    words: str


def rows_of(lines: str) -> dict[str, Row]:
    """The rows of a block's lines, by term."""
    return dict(line.split("\t", 1) for line in lines.split("\n")) if lines else {}


def merge(blocks: Iterable[Mapping[str, Row]]) -> dict[str, Bucket]:
    """The buckets of these blocks, which are in order."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for block in blocks:
        for term, row in block.items():
            found[term[:LETTERS]][term].append(row)
    return {start: _bucket(terms) for start, terms in found.items()}


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


def _rows(bucket: Bucket) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line in bucket.rows.split("\n"):
        term, row = line.split("\t", 1)
        found.setdefault(term, []).append(row)
    return found


def _bucket(terms: Mapping[str, Sequence[Row]]) -> Bucket:
    rows: list[str] = []
    lines: list[str] = []
    words: dict[str, int] = {}
    for term in sorted(terms):
        some = terms[term]
        total, ends, postings = _together(some)
        rows += [f"{term}\t{row}" for row in some]
        lines.append(f"{term}\t{ends}\t{postings}")
        if len(term) > 2 and term.isalpha():
            size = min(total.bit_length(), 9)
            for end in ends.split(","):
                word = spelled(term, end)
                if len(word) > 3:
                    words[word] = max(words.get(word, 0), size)
    return Bucket("\n".join(rows), "\n".join(lines), " ".join(f"{word}{size}" for word, size in sorted(words.items())))


def _together(rows: Sequence[Row]) -> tuple[int, str, str]:
    """A term of some blocks as one: "" among the endings is the stem as it is."""
    if len(rows) == 1:
        postings, count, ends = rows[0].split("\t")
        return int(count), ends, postings
    lists, counts, several = zip(*(row.split("\t") for row in rows), strict=True)
    known = set(several)
    ends = several[0] if len(known) == 1 else ",".join(sorted({end for some in known for end in some.split(",")}))
    return sum(map(int, counts)), ends, "".join(lists)
