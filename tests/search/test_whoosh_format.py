"""The bytes of postings: what we write we read, and Whoosh's own reader reads the same."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.codec.whoosh3 import W3Codec, W3TermInfo
from whoosh.filedb.structfile import StructFile
from whoosh.formats import Positions
from whoosh.util.numeric import byte_to_length, length_to_byte

from carrel.search.index_folder import Damaged
from carrel.search.ranking import LENGTHS
from carrel.search.whoosh_blocks import Run, extent, pack_postings, unpack_postings
from carrel.search.whoosh_columns import pack_stored, unpack_stored
from carrel.search.whoosh_format import pack_places, unpack_places
from carrel.search.whoosh_values import Holders, pack_holders, pack_stands, unpack_holders
from carrel.search.whoosh_writer import length_code


def rising(numbers: Sequence[int]) -> tuple[int, ...]:
    total, found = -1, []
    for number in numbers:
        total += 1 + number
        found.append(total)
    return tuple(found)


steps = st.one_of(st.integers(0, 3), st.integers(0, 300), st.integers(0, 70_000))
placed = st.lists(steps, min_size=1, max_size=300).map(rising)


@given(placed)
def test_places_are_read_back_and_whoosh_reads_them_too(places: tuple[int, ...]) -> None:
    item = pack_places(places)
    assert unpack_places(item) == list(places)
    value = item[2:] if item[:1] == b"C" else item[5:]
    assert Positions().decode_positions(value) == list(places)
    assert Positions().decode_frequency(value) == len(places)


def read(record: bytes, file: bytes, *, places: bool) -> Run:
    where = extent(record)
    return unpack_postings(record, b"" if where is None else file[slice(*where)], places=places)


counted = st.lists(st.one_of(st.just(1), st.integers(1, 5), st.integers(1, 1000)), min_size=300, max_size=300)


@given(documents=placed, counts=counted, single=st.booleans(), block=st.sampled_from([5, 64, 65_535]))
def test_postings_are_read_back_and_whoosh_reads_them_too(
    documents: tuple[int, ...], counts: list[int], single: bool, block: int
) -> None:
    counts = [1] * len(documents) if single else counts[: len(documents)]
    run = Run(list(documents), counts, b"".join(pack_places(range(count)) for count in counts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("carrel.search.whoosh_blocks._BLOCK", block)
        record, blocks = pack_postings(run, 7, (3, 9))
    file = b"padding" + blocks
    assert read(record, file, places=True) == run
    assert read(record, file, places=False) == (run.documents, run.counts, b"")

    info = W3TermInfo.from_bytes(record)
    assert (info.doc_frequency(), info.weight(), info.max_weight()) == (len(documents), sum(counts), max(counts))
    matcher = W3Codec().postings_reader(StructFile(BytesIO(file)), info, Positions())
    theirs = []
    while matcher.is_active():
        theirs.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
        matcher.next()
    assert theirs == list(zip(documents, counts, ([*range(count)] for count in counts), strict=True))


@given(st.data())
def test_a_changed_byte_is_damage_or_harmless_and_never_hangs(data: st.DataObject) -> None:
    documents = [3, 4, 700, *range(70_000, 70_010)]
    counts = [1, 2, 300, *range(1, 11)]
    run = Run(documents, counts, b"".join(pack_places(range(count)) for count in counts))
    record, blocks = pack_postings(run, 0, (0, 0))
    broken = bytearray(blocks)
    broken[data.draw(st.integers(0, len(blocks) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(ValueError, LookupError, TypeError, struct.error, zlib.error):  # Damaged is a ValueError
        unpack_postings(record, bytes(broken), places=True)


def test_bytes_that_are_no_postings_are_damage() -> None:
    places = pack_places([1]) * 10
    record, blocks = pack_postings(Run(list(range(10)), [1] * 10, places), 0, (0, 0))
    with pytest.raises(Damaged):
        unpack_postings(record, bytes(len(blocks)))


@given(documents=placed, counts=st.lists(st.integers(0, 70), min_size=300, max_size=300), placeless=st.booleans())
def test_the_documents_of_a_value_are_read_back(documents: tuple[int, ...], counts: list[int], placeless: bool) -> None:
    places: list[Sequence[int]] = (
        [] if placeless else [list(range(7, 7 + count)) or [0] for count in counts[: len(documents)]]
    )
    holders = Holders(list(documents), places)
    assert unpack_holders(pack_holders(holders)) == holders


@given(st.text(), st.integers(0, 2**31 - 1), st.text())
def test_stored_values_are_read_back(path: str, line: int, anchor: str) -> None:
    assert unpack_stored(pack_stored(path, line, anchor)) == (path, line, anchor)


@pytest.mark.parametrize("size", [0, 300, 65_400, 70_000])
def test_what_is_stored_is_the_bytes_that_zlib_makes_of_it(size: int) -> None:
    packed = pack_stored("notes/a.md", 12, "é" * (size // 2))
    assert packed == zlib.compress(zlib.decompress(packed), 0)


@pytest.mark.parametrize("number", [0, 255, 256, 65_535, 65_536, 2**32 - 1])
def test_a_value_of_one_document_is_packed_as_any_other(number: int) -> None:
    for document, place in ((number, 3), (3, number)):
        stands = array("Q", [document << 32 | place])
        assert pack_stands(stands, placed=True) == pack_holders(Holders([document], [[place]]))
        assert pack_stands(stands, placed=False) == pack_holders(Holders([document], []))


def test_lengths_have_whooshs_codes() -> None:
    assert [byte_to_length(code) for code in range(256)] == list(LENGTHS)
    for length in [*range(2000), 106_373, 106_374, 10**7]:
        assert length_code(length) == length_to_byte(length)
