"""What an index has seen of all notes, compared with the disk without an object for each."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from carrel.core.note import Stamp
from carrel.search.index import UNTRUSTED, difference
from carrel.search.whoosh_notes import pack_notes, unpack_notes

if TYPE_CHECKING:
    from carrel.search.catalogue import Known
    from carrel.search.whoosh_notes import SeenNotes

#: An inode of 64 bits, as network file systems have them, and a time before 1970.
DISK = {"a.md": Stamp(1, 2, 3, 2**64 - 1), "b.md": Stamp(-5, 6, 0, 8), "ü\udcff.md": Stamp(9, 10, 11, 12)}
NEW = Stamp(21, 22, 23, 24)


def seen(notes: dict[str, Stamp], recent: dict[str, Known] | None = None) -> SeenNotes:
    data = pack_notes({path: (*stamp, f"digest of {path!a}") for path, stamp in notes.items()})
    return unpack_notes(data, zlib.crc32(data), recent or {})


def test_nothing_differs_from_what_was_seen_in_whatever_order_the_disk_lists_it() -> None:
    backwards = dict(reversed(DISK.items()))
    for on_disk in (DISK, backwards):
        known = seen(DISK)
        assert known.agrees(on_disk)
        assert difference(known, on_disk) == {}
        assert "stamps" not in vars(known), "no tuple was made of any note"


@pytest.mark.parametrize("number", range(4))
def test_each_number_of_a_stamp_tells_a_change(number: int) -> None:
    for path, stamp in DISK.items():
        changed = Stamp(*(value + (place == number) for place, value in enumerate(stamp)))
        if changed.inode < 2**64:
            assert difference(seen(DISK), {**DISK, path: changed}) == {path: changed}


def test_a_new_note_and_one_that_is_gone_differ_even_when_they_are_as_many() -> None:
    on_disk = {"a.md": DISK["a.md"], "b.md": DISK["b.md"], "c.md": NEW}
    assert difference(seen(DISK), on_disk) == {"c.md": NEW, "ü\udcff.md": None}


def test_what_changed_since_the_list_was_written_counts() -> None:
    known = seen(DISK, {"a.md": (*NEW, "new"), "b.md": None, "c.md": (*NEW, "c")})
    on_disk = {"a.md": NEW, "c.md": NEW, "ü\udcff.md": DISK["ü\udcff.md"]}
    assert known.agrees(on_disk)
    assert (dict(known.stamps), known["a.md"].digest) == (on_disk, "new")
    assert difference(known, DISK) == {"a.md": DISK["a.md"], "b.md": DISK["b.md"], "c.md": None}
    assert difference(known, {**on_disk, "ü\udcff.md": NEW}) == {"ü\udcff.md": NEW}


def test_a_note_whose_stamp_is_not_trusted_is_read_again() -> None:
    assert difference(seen({**DISK, "a.md": UNTRUSTED}), DISK) == {"a.md": DISK["a.md"]}


def test_an_index_that_holds_nothing_agrees_with_an_empty_disk_alone() -> None:
    nothing = unpack_notes(b"", 0, {})
    assert nothing.agrees({})
    assert difference(nothing, DISK) == DISK
