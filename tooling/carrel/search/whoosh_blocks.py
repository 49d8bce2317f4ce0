"""A term's postings in Whoosh's bytes: the record in the table of terms, and blocks in the postings file.

A block is a pickled tuple of steps from document to document, counts, and places; a larger one is deflated, which
Whoosh provides for. A rare term needs none: its postings stand in its record.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat
from operator import sub
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from isal import isal_zlib

from carrel.search.index_folder import Damaged
from carrel.search.whoosh_format import ints, shorts

#: Postings of a block, and of a term whose postings stand in its record.
_BLOCK, _FEW = 65_535, 8
#: Bytes from which on a block is deflated, and how: the slower levels gain a tenth and cost twice as much.
_LARGE = 100
_LEVEL = 1
_MAGIC = b"W3Bl"
#: Whether inlined, total weight, documents, shortest and longest length code, greatest weight, first and last document.
_RECORD = Struct(">BfIBBfII")
_EXTENT = Struct(">qi")
#: A block's size (negative for the last), then the pickled tuple of its postings, last document, greatest weight,
#: whether it is deflated, shortest and longest length code.
_SIZE = Struct(">i")
_DOCUMENT = Struct("<cH")
_INFO = Struct("<2sHcicicBcBcB2s")
_WIDTHS = {75: 2, 77: 3, 74: 5}  # bytes that a number takes, by the opcode of its kind
_END = b"t\x87."
_CLOSING = {1: b"\x85", 2: b"\x86", 3: b"\x87"}  # of a short tuple; a longer one has a mark before it too


class Run(NamedTuple):
    """Postings of one term: documents in order, how often it is in each, and its pickled places, joined."""

    documents: list[int]
    counts: list[int]
    places: bytes


def pack_postings(run: Run, offset: int, codes: tuple[int, int]) -> tuple[bytes, bytes]:
    """A term's record, and its blocks for the postings file, where they will begin at `offset`.

    `codes` are the least and greatest length codes of the field. Whoosh skips by a block's own, and by these it skips
    less.
    """
    documents, counts, places = run
    number = len(documents)
    if number == 1 and counts[0] < 256 and documents[0] < 65536:  # as of half of all terms; the rest would do the same
        count, document = counts[0], documents[0]
        head = _RECORD.pack(1, count, 1, *codes, count, document, document)
        return b"%bM%b\x85K%c\x85%b\x85\x87." % (head, document.to_bytes(2, "little"), count, places), b""
    total = sum(counts)
    most = max(counts) if total > number else 1
    head = _RECORD.pack(number <= _FEW, total, number, *codes, most, documents[0], documents[-1])
    if number <= _FEW:
        return head + _pack_few(run, most), b""
    blocks = [_MAGIC]
    items = split_places(places, number) if number > _BLOCK else []
    for start in range(0, number, _BLOCK):
        end = start + _BLOCK
        some, few = documents[start:end], counts[start:end]
        data = _pack_block(some, few, b"".join(items[start:end]) if items else places, most)
        deflated = len(data) >= _LARGE
        if deflated:
            data = isal_zlib.compress(data, _LEVEL)
        fields = (b"(M", len(some), b"J", some[-1], b"J", most, b"K", deflated, b"K", codes[0], b"K", codes[1], b"t.")
        size = _INFO.size + len(data)
        blocks += (_SIZE.pack(-size if end >= number else size), _INFO.pack(*fields), data)
    written = b"".join(blocks)
    return head + _EXTENT.pack(offset, len(written)), written


def _pack_few(run: Run, most: int) -> bytes:
    """The pickled tuple of documents, counts and places, each a tuple."""
    documents, counts, places = run
    number = len(documents)
    mark, close = (b"", _CLOSING[number]) if number in _CLOSING else (b"(", b"t")
    numbers = b"".join(map(_DOCUMENT.pack, repeat(b"M"), documents)) if documents[-1] < 65536 else ints(documents)
    weights = b"K%c" * number % tuple(counts) if most < 256 else ints(counts)
    return b"".join((mark, numbers, close, mark, weights, close, mark, places, close, b"\x87."))


def _pack_block(documents: Sequence[int], counts: Sequence[int], places: bytes, most: int) -> bytes:
    """The pickled tuple of a block's steps from document to document, its counts (`most` at most) and its places."""
    first = documents[0]
    steps = list(map(sub, documents[1:], documents))
    largest = max(steps, default=0)
    if largest < 256 and first < 256:
        numbers = b"B" + pack("<I", 1 + len(steps)) + bytes((first, *steps))
    else:
        numbers = b"(J%b%bt" % (pack("<i", first), _pack_steps(steps, largest))
    if most == 1:
        weights = b"N"
    elif most < 256:
        weights = b"B" + pack("<I", len(counts)) + bytes(counts)
    else:
        weights = b"(%bt" % ints(counts)
    return b"".join((numbers, weights, b"(", places, _END))


def _pack_steps(steps: Sequence[int], largest: int) -> bytes:
    if largest > 255:
        return shorts(steps) if largest < 65536 else ints(steps)
    codes = bytearray(b"K" * (2 * len(steps)))
    codes[1::2] = bytes(steps)
    return bytes(codes)


def extent(record: bytes) -> tuple[int, int] | None:
    """Where the blocks of a term begin and end in the postings file; None if the record has all there is."""
    if record[0]:
        return None
    offset, size = _EXTENT.unpack_from(record, _RECORD.size)
    return offset, offset + size


def unpack_postings(record: bytes, blocks: bytes, *, places: bool = False) -> Run:
    """The postings of a term by its record and its blocks, with the places on request only. Raises `Damaged`."""
    _, _, number, *_ = _RECORD.unpack_from(record)
    documents: list[int] = []
    counts: list[int] = []
    if record[0]:
        at = _unpack_few(record, number, documents, counts)
        return Run(documents, counts, record[at : -len(_END)] if places else b"")
    if not blocks.startswith(_MAGIC):
        raise Damaged("postings")
    pieces: list[bytes] = []
    at = len(_MAGIC)
    while at < len(blocks):
        (length,) = _SIZE.unpack_from(blocks, at)
        begin = at + _SIZE.size + _INFO.size
        at += _SIZE.size + abs(length)
        if not begin < at <= len(blocks):
            raise Damaged("postings")
        _, size, _, _, _, _, _, deflated, *_ = _INFO.unpack_from(blocks, begin - _INFO.size)
        block = blocks[begin:at]
        if deflated:
            block = zlib.decompress(block) if places else _without_places(block, size)
        rest = _unpack_block(block, size, documents, counts)
        if places:
            pieces.append(block[rest + 1 : -len(_END)])
    if len(documents) != number:
        raise Damaged("postings")
    return Run(documents, counts, b"".join(pieces))


def _without_places(block: bytes, size: int) -> bytes:
    """The beginning of a deflated block, as far as the end of its counts."""
    inflate = zlib.decompressobj()
    begin = inflate.decompress(block, 7)
    width = 1 if begin[0] == 66 else _WIDTHS.get(begin[6], 1)
    begin += inflate.decompress(inflate.unconsumed_tail, width * size)
    at = _after_documents(begin, size)
    rest = {78: 1, 66: 5 + size}.get(begin[at], 2 + 5 * size)
    return begin + inflate.decompress(inflate.unconsumed_tail, rest)


def _after_documents(block: bytes, size: int) -> int:
    """Where a block's counts begin."""
    return 5 + size if block[0] == 66 else 7 + _WIDTHS.get(block[6], 0) * (size - 1)


def _unpack_block(block: bytes, size: int, documents: list[int], counts: list[int]) -> int:
    """Add a block's documents and counts; where its places begin."""
    at = _after_documents(block, size)
    if block[0] == 66:
        steps: Iterable[int] = block[5:at]
    else:
        (first,) = unpack_from("<i", block, 2)
        kind, codes = block[6], block[6 : at - 1]
        steps = (first, *(codes[1::2] if kind == 75 else _unpack_numbers(codes, kind) if codes else ()))
    documents.extend(accumulate(steps))
    kind = block[at]
    if kind == 78:
        counts.extend((1,) * size)
        return at + 1
    if kind == 66:
        at += 5 + size
        counts.extend(block[at - size : at])
        return at
    end = at + 1 + 5 * size
    counts.extend(_unpack_numbers(block[at + 1 : end], 74))
    return end + 1


def _unpack_few(record: bytes, number: int, documents: list[int], counts: list[int]) -> int:
    """Add the postings that stand in a record; where their places begin."""
    mark = number not in _CLOSING
    at = _RECORD.size + mark
    for numbers in (documents, counts):
        end = at + _WIDTHS[record[at]] * number
        numbers.extend(_unpack_numbers(record[at:end], record[at]))
        at = end + 1 + mark
    return at


def _unpack_numbers(codes: bytes, kind: int) -> Sequence[int]:
    if kind == 75:
        return codes[1::2]
    return [number for (number,) in Struct("<xH" if kind == 77 else "<xi").iter_unpack(codes)]


def split_places(places: bytes, number: int) -> list[bytes]:
    """The places of each of so many documents. Raises `Damaged`."""
    items: list[bytes] = []
    at = 0
    for _ in range(number):
        if places[at] == 67:
            end = at + 2 + places[at + 1]
        elif places[at] == 66:
            end = at + 5 + int.from_bytes(places[at + 1 : at + 5], "little")
        else:
            raise Damaged("places")
        items.append(places[at:end])
        at = end
    if at != len(places):
        raise Damaged("places")
    return items
