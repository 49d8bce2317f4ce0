"""The bytes of postings: what we write we read, and Whoosh's own reader reads the same."""

from __future__ import annotations

import struct
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

from carrel.search.matching import LENGTHS
from carrel.search.whoosh_columns import pack_stored, unpack_stored
from carrel.search.whoosh_format import Damaged, Run, pack_places, pack_postings, unpack_places, unpack_postings
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


counted = st.lists(st.one_of(st.just(1), st.integers(1, 5), st.integers(1, 1000)), min_size=300, max_size=300)


@given(
    documents=placed,
    counts=counted,
    single=st.booleans(),
    with_places=st.booleans(),
)
def test_postings_are_read_back_and_whoosh_reads_them_too(
    documents: tuple[int, ...], counts: list[int], single: bool, with_places: bool
) -> None:
    counts = [1] * len(documents) if single else counts[: len(documents)]
    places = [pack_places(range(count)) for count in counts] if with_places else None
    record, blocks = pack_postings(Run(documents, counts, places), 7, (3, 9))
    file = b"padding" + blocks
    assert unpack_postings(record, memoryview(file), places=with_places) == (list(documents), counts, places)

    info = W3TermInfo.from_bytes(record)
    assert (info.doc_frequency(), info.weight(), info.max_weight()) == (len(documents), sum(counts), max(counts))
    matcher = W3Codec().postings_reader(StructFile(BytesIO(file)), info, Positions())
    theirs = []
    while matcher.is_active():
        theirs.append((matcher.id(), matcher.weight(), matcher.value_as("positions") if with_places else None))
        matcher.next()
    ours = zip(documents, counts, ([*range(count)] if with_places else None for count in counts), strict=True)
    assert theirs == list(ours)


@given(st.data())
def test_a_changed_byte_is_damage_or_harmless_and_never_hangs(data: st.DataObject) -> None:
    documents = [3, 4, 700, 70_000]
    run = Run(documents, [1, 2, 300, 1], [pack_places(range(count)) for count in (1, 2, 300, 1)])
    record, blocks = pack_postings(run, 0, (0, 0))
    broken = bytearray(blocks)
    broken[data.draw(st.integers(0, len(blocks) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(ValueError, LookupError, TypeError, struct.error):  # Damaged is a ValueError
        unpack_postings(record, memoryview(bytes(broken)), places=True)


def test_bytes_that_are_no_postings_are_damage() -> None:
    record, blocks = pack_postings(Run([1, 2], [1, 1], None), 0, (0, 0))
    with pytest.raises(Damaged):
        unpack_postings(record, memoryview(bytes(len(blocks))))


@given(st.text(), st.integers(0, 2**31 - 1), st.text())
def test_stored_values_are_read_back(path: str, line: int, anchor: str) -> None:
    assert unpack_stored(pack_stored(path, line, anchor)) == (path, line, anchor)


def test_lengths_have_whooshs_codes() -> None:
    assert [byte_to_length(code) for code in range(256)] == list(LENGTHS)
    for length in [*range(2000), 106_373, 106_374, 10**7]:
        assert length_code(length) == length_to_byte(length)
