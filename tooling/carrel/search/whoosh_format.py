"""The bytes of Whoosh's "W3" postings, as far as they hold our fields.

Whoosh's own writer sorts tuples through a pool on disk and pickles every small value; a first index takes a minute.
Here the same bytes are put together directly. What Whoosh unpickles is written as a pickle of one fixed shape
(opcodes of protocol 3), so that our reader takes it apart by offsets and never runs the pickle machine, which
would execute whatever a planted file told it to. Format: `whoosh/codec/whoosh3.py` and `whoosh/formats.py` of
Whoosh-Reloaded 2.7.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from struct import Struct, pack, unpack_from
from typing import NamedTuple

INDEX_NAME = "MAIN"
#: Our fields, in the order of their numbers. Terms are sorted by field number, then by their UTF-8 bytes.
FIELDS = ("path", "text", "title", "values", "words")
#: Fields with places; the others only say in which documents a term is.
PLACED = frozenset(("text", "title", "values"))
#: Fields with lengths: those that are ranked.
RANKED = ("text", "title")

_NUMBERS = {field: number.to_bytes(2, "big") for number, field in enumerate(FIELDS)}
_BLOCK = 128  # postings
_MAGIC = b"W3Bl"
#: Whether inlined, total weight, documents, shortest and longest length code, greatest weight, first and last document.
_RECORD = Struct(">BfIBBfII")
_EXTENT = Struct(">qi")
#: A block's size (negative for the last), then the pickled tuple of its postings, last document, greatest weight,
#: compression (none), shortest and longest length code.
_SIZE, _DOUBLE = Struct(">i"), Struct(">d")
_INFO_BYTES = 30
_INT = Struct("<i")
_ONE = _DOUBLE.pack(1)
_ONE_PLACE = tuple(b"C\x08\x00\x00\x00\x01C\x01%c." % place for place in range(256))
_HEADS = tuple(pack(">BBIBB", 67, size + 7, size, 67, size) for size in range(240))
_NO_PLACES = b"C\x00"


class Damaged(ValueError):
    """Bytes that our writer has not written."""


class Run(NamedTuple):
    """Postings of one term: documents in order, how often it is in each, and its pickled places (or None)."""

    documents: Sequence[int]
    counts: Sequence[int]
    places: Sequence[bytes] | None


def key(field: str, term: str) -> bytes:
    """The bytes under which a term is sorted.

    >>> key("text", "loss")
    b'\\x00\\x01loss'
    """
    return _NUMBERS[field] + term.encode("utf-8", "surrogatepass")


def term_of(raw: bytes) -> str:
    """The term of a key."""
    return raw[2:].decode("utf-8", "surrogatepass")


def pack_extras(terms: int) -> bytes:
    """What Whoosh wants to know of a table of terms, a pickled dictionary: fields' numbers, how the order is kept.

    >>> from pickle import loads
    >>> loads(pack_extras(7))
    {'fieldmap': {'path': 0, 'text': 1, 'title': 2, 'values': 3, 'words': 4}, 'indextype': 'i', 'indexlen': 7}
    """
    numbers = b"".join(b"%bK%c" % (_text(field), number) for number, field in enumerate(FIELDS))
    head = b"\x80\x02}(%b}(%bu%b%b" % (_text("fieldmap"), numbers, _text("indextype"), _text("i"))
    return b"%b%bJ%bu." % (head, _text("indexlen"), _INT.pack(terms))


def _text(text: str) -> bytes:
    return b"X%b%b" % (_INT.pack(len(text)), text.encode("ascii"))


#: The size of `pack_extras`, whatever it says.
EXTRAS_BYTES = len(pack_extras(0))


def pack_places(places: Sequence[int]) -> bytes:
    """Places as Whoosh's `Positions` format has them (number, pickled steps), pickled again as a value of a block.

    >>> unpack_places(pack_places((3, 4, 700))), unpack_places(pack_places((70000,)))
    ([3, 4, 700], [70000])
    """
    size = len(places)
    if size == 1 and places[0] < 256:
        return _ONE_PLACE[places[0]]
    if size == 2 and places[1] < 256:
        return b"C\x09\x00\x00\x00\x02C\x02%c%c." % (places[0], places[1] - places[0])
    steps = [places[0], *map(sub, places[1:], places)]
    if steps[0] < 256 and size < 240:
        try:
            return b"%b%b." % (_HEADS[size], bytes(steps))
        except ValueError:
            pass  # a step that does not fit into a byte
    codes = b"(%bt." % (_shorts(steps) if max(steps) < 65536 else _ints(steps))
    value = size.to_bytes(4, "big") + codes
    return (b"C%c" % len(value) if len(value) < 256 else b"B" + pack("<I", len(value))) + value


def unpack_places(item: bytes) -> list[int]:
    """The places of `pack_places`. Raises `Damaged`."""
    value = item[2:] if item[:1] == b"C" else item[5:]
    kind = value[4:6]
    if kind[:1] == b"C":
        return list(accumulate(value[6:-1]))
    if kind == b"(M":
        return list(accumulate(step for (step,) in Struct("<xH").iter_unpack(value[5:-2])))
    if kind == b"(J":
        return list(accumulate(step for (step,) in Struct("<xi").iter_unpack(value[5:-2])))
    raise Damaged("places")


def pack_postings(run: Run, offset: int, codes: tuple[int, int]) -> tuple[bytes, bytes]:
    """A term's record, and its blocks for the postings file, where they will begin at `offset`.

    `codes` are the least and greatest length codes of the field. Whoosh skips by a block's own, and by these it skips
    less. A term of one document needs no block: its posting stands in the record.
    """
    documents, counts, places = run
    shortest, longest = codes
    if len(documents) == 1:
        count, document = counts[0], documents[0]
        record = _RECORD.pack(1, count, 1, shortest, longest, count, document, document)
        weight = _ONE if count == 1 else _DOUBLE.pack(count)
        item = _NO_PLACES if places is None else places[0]
        return b"%b\x80\x03J%b\x85G%b\x85%b\x85\x87." % (record, _INT.pack(document), weight, item), b""
    blocks = [_MAGIC]
    for start in range(0, len(documents), _BLOCK):
        end = start + _BLOCK
        some = documents[start:end]
        few = counts[start:end]
        data = _pack_block(some, few, None if places is None else places[start:end])
        info = b"\x80\x03(J%bJ%bG%bK\x00K%cK%ct." % (
            _INT.pack(len(some)),
            _INT.pack(some[-1]),
            _DOUBLE.pack(max(few)),
            shortest,
            longest,
        )
        size = len(info) + len(data)
        blocks += (_SIZE.pack(-size if end >= len(documents) else size), info, data)
    written = b"".join(blocks)
    record = _RECORD.pack(0, sum(counts), len(documents), shortest, longest, max(counts), documents[0], documents[-1])
    return record + _EXTENT.pack(offset, len(written)), written


def _pack_block(documents: Sequence[int], counts: Sequence[int], places: Sequence[bytes] | None) -> bytes:
    """The pickled tuple of a block's steps from document to document, its counts and its places."""
    steps = list(map(sub, documents[1:], documents))
    largest = max(steps, default=0)
    first = b"\x80\x03(J" + _INT.pack(documents[0])
    if largest < 256:
        codes = bytearray(b"K" * (2 * len(steps)))
        codes[1::2] = bytes(steps)
        following = bytes(codes)
    else:
        following = _shorts(steps) if largest < 65536 else _ints(steps)
    most = max(counts)
    if most == 1:
        weights = b"N"
    elif most < 256:
        weights = b"B" + pack("<I", len(counts)) + bytes(counts)
    else:
        weights = b"(%bt" % _ints(counts)
    values = b"N" if places is None else b"(%bt" % b"".join(places)
    return b"".join((first, following, b"t", weights, values, b"\x87."))


def _shorts(numbers: Sequence[int]) -> bytes:
    """Numbers below 65536, pickled."""
    raw = pack(f"<{len(numbers)}H", *numbers)
    codes = bytearray(b"M" * (3 * len(numbers)))
    codes[1::3], codes[2::3] = raw[::2], raw[1::2]
    return bytes(codes)


def _ints(numbers: Sequence[int]) -> bytes:
    """Numbers below 2**31, pickled."""
    return b"".join([pack("<ci", b"J", number) for number in numbers])


def unpack_postings(record: bytes, postings: memoryview, *, places: bool = False) -> Run:
    """The postings of a term by its record, with the places on request only. Raises `Damaged`."""
    inlined, _, number, *_ = _RECORD.unpack_from(record)
    if inlined:
        tail = record[_RECORD.size :]
        (document,), (count,) = unpack_from("<i", tail, 3), _DOUBLE.unpack_from(tail, 9)
        return Run([document], [int(count)], [tail[18:-3]] if places else None)
    offset, size = _EXTENT.unpack_from(record, _RECORD.size)
    if postings[offset : offset + 4] != _MAGIC:
        raise Damaged("postings")
    at, end = offset + 4, offset + size
    documents: list[int] = []
    counts: list[int] = []
    items: list[bytes] = []
    while at < end:
        (length,) = _SIZE.unpack_from(postings, at)
        following = at + 4 + abs(length)
        if not at < following <= end:
            raise Damaged("postings")
        block = bytes(postings[at + 4 : following])
        (size,) = unpack_from("<i", block, 4)
        rest = _unpack_block(block, size, documents, counts)
        if places and block[rest : rest + 1] == b"(":
            _unpack_items(block, rest + 1, size, items)
        at = following
    if len(documents) != number:
        raise Damaged("postings")
    return Run(documents, counts, items if places else None)


def _unpack_block(block: bytes, size: int, documents: list[int], counts: list[int]) -> int:
    """Add a block's documents and counts; where its places begin."""
    (first,) = unpack_from("<i", block, _INFO_BYTES + 4)
    at = _INFO_BYTES + 8
    kind = block[at]
    width = {75: 2, 77: 3, 74: 5}.get(kind, 1)
    end = at + width * (size - 1)
    if kind == 75:
        steps: Sequence[int] = block[at + 1 : end : 2]
    elif kind == 77:
        steps = [step for (step,) in Struct("<xH").iter_unpack(block[at:end])]
    elif kind == 74:
        steps = [step for (step,) in Struct("<xi").iter_unpack(block[at:end])]
    else:
        steps, end = b"", at
    if len(steps) != size - 1 or block[end] != 116:
        raise Damaged("block")
    documents += accumulate(steps, initial=first)
    at = end + 1
    kind = block[at]
    if kind == 78:
        counts += (1,) * size
        return at + 1
    if kind == 66:
        at += 5
        counts += block[at : at + size]
        return at + size
    if kind != 40:
        raise Damaged("block")
    end = at + 1 + 5 * size
    counts += [count for (count,) in Struct("<xi").iter_unpack(block[at + 1 : end])]
    return end + 1


def _unpack_items(block: bytes, at: int, size: int, items: list[bytes]) -> None:
    for _ in range(size):
        if block[at] == 67:
            end = at + 2 + block[at + 1]
        elif block[at] == 66:
            end = at + 5 + int.from_bytes(block[at + 1 : at + 5], "little")
        else:
            raise Damaged("block")
        items.append(block[at:end])
        at = end
