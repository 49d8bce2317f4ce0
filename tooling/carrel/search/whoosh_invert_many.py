"""`whoosh_invert.py` for much text, by numpy: a first index has millions of words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from carrel.search.analysis import Stems
from carrel.search.whoosh_blocks import Run
from carrel.search.whoosh_format import pack_places
from carrel.search.whoosh_gather import Texts
from carrel.search.whoosh_invert import Inverted

_Numbers: TypeAlias = NDArray[np.uint32]
_Sizes: TypeAlias = NDArray[np.int64]
_Bytes: TypeAlias = NDArray[np.uint8]

#: Words whose postings are made at once, and documents whose words are placed: so few that they stay in the cache.
_AT_ONCE, _DOCUMENTS = 1 << 16, 512
#: Places of a document for which `pack_places` has its short form (all below 256, so a byte for each step), and a size
#: of one byte in its middle form (steps below 65536, in three bytes each).
_SHORT, _MIDDLE = 240, 82


def inverted_many(texts: Texts, stems: Stems) -> Inverted:
    """The postings of texts, word by word."""
    of_chunk = [("",), *map(stems.__getitem__, texts.chunks)]  # a gap is a word that nobody asks for
    words = sorted({*chain.from_iterable(of_chunk)})
    number_of = {word: number for number, word in enumerate(words)}
    flat = np.fromiter(map(number_of.__getitem__, chain.from_iterable(of_chunk)), np.uint32)
    sizes = np.fromiter(map(len, of_chunk), np.uint32, len(of_chunk))
    word, document, place = map(np.concatenate, zip(*_placed(texts, flat, sizes), strict=True))
    lengths = np.bincount(document[word > 0], minlength=len(texts.ends))
    return Inverted(lengths.tolist(), _runs(words, word, document, place, _order(word, len(words))))


def _placed(texts: Texts, flat: _Numbers, sizes: _Numbers) -> Iterator[tuple[_Numbers, _Numbers, _Numbers]]:
    """Word, document and place of all words, as they come in the texts; some documents at a time.

    `sizes` are how many words each chunk has, and `flat` are these, chunk by chunk.
    """
    starts = np.cumsum(sizes, dtype=np.uint32) - sizes
    all_ends = np.frombuffer(texts.ends, np.uint32)
    at = 0
    for first in range(0, len(all_ends), _DOCUMENTS):
        ends = all_ends[first : first + _DOCUMENTS] - np.uint32(at)
        chunks = np.frombuffer(texts.numbers, np.uint32, int(ends[-1]), 4 * at)
        at += len(chunks)
        count = sizes[chunks]
        behind = np.cumsum(count, dtype=np.uint32)
        counted = np.arange(behind[-1], dtype=np.uint32)
        word = flat[np.repeat(starts[chunks] - (behind - count), count) + counted]  # a number below 0 wraps around
        size = np.diff(behind[ends - 1], prepend=np.uint32(0))
        numbers = np.arange(first, first + len(ends), dtype=np.uint32)
        yield word, np.repeat(numbers, size), counted - np.repeat(behind[ends - 1] - size, size)


def _order(word: _Numbers, words: int) -> _Sizes:
    """What sorts the words and keeps the order of the same ones. numpy sorts numbers of 16 bits in linear time."""
    order: _Sizes = np.argsort(word.astype(np.uint16), kind="stable")
    if words > 1 << 16:
        order = order[np.argsort((word >> 16).astype(np.uint16)[order], kind="stable")]
    return order


def _runs(
    words: list[str], word: _Numbers, document: _Numbers, place: _Numbers, order: _Sizes
) -> Iterator[tuple[str, Run]]:
    """The postings of all words; some words at a time."""
    edges = np.append(0, np.cumsum(np.bincount(word, minlength=len(words))))
    start = 1  # behind the gaps
    while start < len(words):
        end = max(start + 1, int(np.searchsorted(edges, edges[start] + _AT_ONCE, "right")) - 1)
        some = order[edges[start] : edges[end]]
        yield from zip(
            words[start:end], _slab(edges[start:end] - edges[start], document[some], place[some]), strict=True
        )
        start = end


def _slab(edges: _Sizes, document: _Numbers, place: _Numbers) -> Iterator[Run]:
    """The postings of words that begin at `edges`."""
    new = np.ones(len(document), np.bool_)
    new[1:] = document[1:] != document[:-1]
    new[edges] = True
    first = np.flatnonzero(new)
    count = np.diff(first, append=len(document))
    packed, begins = _packed(place, first, count)
    documents, counts = document[first].tolist(), count.tolist()
    ends = np.append(np.searchsorted(first, edges), len(first))
    for (start, end), (begin, behind) in zip(pairwise(ends.tolist()), pairwise(begins[ends].tolist()), strict=True):
        yield Run(documents[start:end], counts[start:end], packed[begin:behind])


def _packed(place: _Numbers, first: _Sizes, count: _Sizes) -> tuple[bytes, _Sizes]:
    """The places of every posting as `pack_places` has them, one after the other, and where each begins."""
    step = np.diff(place, prepend=np.uint32(0))
    step[first] = place[first]
    short = (place[first + count - 1] < 256) & (count < _SHORT)
    middle = ~short & (count <= _MIDDLE) & (np.maximum.reduceat(step, first) < 1 << 16)
    rest = np.flatnonzero(~short & ~middle)
    items = [pack_places(place[first[one] : first[one] + count[one]].tolist()) for one in rest.tolist()]
    size = 9 + np.where(short, count, 3 * count)
    size[rest] = np.fromiter(map(len, items), np.int64, len(items))
    begins = np.append(0, np.cumsum(size))
    data: _Bytes = np.zeros(begins[-1], np.uint8)
    begin, behind = begins[:-1], begins[1:]
    data[begin], data[behind - 1] = ord("C"), ord(".")
    data[begin + 1] = (size - 2).astype(np.uint8)
    data[begin + 5] = count.astype(np.uint8)

    data[begin[short] + 6] = ord("C")
    data[begin[short] + 7] = count[short].astype(np.uint8)
    at, steps = _steps(step, begin + 8 - first, 1, short, count)
    data[at] = steps.astype(np.uint8)

    data[begin[middle] + 6], data[behind[middle] - 2] = ord("("), ord("t")
    at, steps = _steps(step, begin + 7 - 3 * first, 3, middle, count)
    data[at] = ord("M")
    data[at + 1], data[at + 2] = (steps & 255).astype(np.uint8), (steps >> 8).astype(np.uint8)

    for one, item in zip(rest.tolist(), items, strict=True):
        data[begins[one] : begins[one + 1]] = np.frombuffer(item, np.uint8)
    return data.tobytes(), begins


def _steps(
    step: _Numbers, shift: _Sizes, width: int, which: NDArray[np.bool_], count: _Sizes
) -> tuple[_Sizes, _Numbers]:
    """The steps of some postings, and where each goes: at its own number times `width`, and its posting's `shift`."""
    at = np.repeat(shift, count) + width * np.arange(len(step))
    chosen = np.repeat(which, count)
    return at[chosen], step[chosen]
