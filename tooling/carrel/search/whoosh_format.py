"""The bytes of Whoosh's "W3" terms and places, as far as they hold our fields.

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
from struct import Struct, pack

from carrel.search.index_folder import Damaged

INDEX_NAME = "MAIN"
#: Our ranked fields, in the order of their numbers. Terms are sorted by field number, then by their UTF-8 bytes.
RANKED = ("text", "title")

_NUMBERS = {field: number.to_bytes(2, "big") for number, field in enumerate(RANKED)}
_INT = Struct("<i")
_ONE_PLACE = tuple(b"C\x08\x00\x00\x00\x01C\x01%c." % place for place in range(256))


def key(field: str, term: str) -> bytes:
    """The bytes under which a term is sorted.

    >>> key("title", "loss")
    b'\\x00\\x01loss'
    """
    return _NUMBERS[field] + term.encode("utf-8", "surrogatepass")


def pack_extras(terms: int) -> bytes:
    """What Whoosh wants to know of a table of terms, a pickled dictionary: fields' numbers, how the order is kept.

    >>> from pickle import loads
    >>> loads(pack_extras(7))
    {'fieldmap': {'text': 0, 'title': 1}, 'indextype': 'i', 'indexlen': 7}
    """
    numbers = b"".join(b"%bK%c" % (_text(field), number) for number, field in enumerate(RANKED))
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
    size, first, last = len(places), places[0], places[-1]
    if last < 256 and size < 240:
        if size == 1:
            return _ONE_PLACE[first]
        return pack(">BBIBB", 67, size + 7, size, 67, size) + bytes((first, *map(sub, places[1:], places))) + b"."
    steps = (first, *map(sub, places[1:], places))
    codes = b"(%bt." % (shorts(steps) if max(steps) < 65536 else ints(steps))
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


def shorts(numbers: Sequence[int]) -> bytes:
    """Numbers below 65536, pickled."""
    raw = pack(f"<{len(numbers)}H", *numbers)
    codes = bytearray(b"M" * (3 * len(numbers)))
    codes[1::3], codes[2::3] = raw[::2], raw[1::2]
    return bytes(codes)


def ints(numbers: Sequence[int]) -> bytes:
    """Numbers below 2**31, pickled."""
    raw = pack(f"<{len(numbers)}i", *numbers)
    codes = bytearray(b"J" * (5 * len(numbers)))
    codes[1::5], codes[2::5], codes[3::5], codes[4::5] = raw[::4], raw[1::4], raw[2::4], raw[3::4]
    return bytes(codes)
