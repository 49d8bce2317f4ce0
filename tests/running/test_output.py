"""Output is kept on the disk, its beginning and its end, however much it is; and without a disk its last bytes."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from carrel.running.output import Output


def lines(count: int) -> bytes:
    return b"".join(b"line %06d\n" % number for number in range(count))


def pieces(data: bytes, chance: random.Random) -> Iterator[bytes]:
    while data:
        size = chance.randrange(1, 3000)
        yield data[:size]
        data = data[size:]


@pytest.mark.parametrize(
    ("size", "called"),
    [(0, "full output"), (2002, "full output"), (2003, "the first and last 1 KB of 2 KB of output")],
)
def test_what_is_called_full_is_all_of_it(size: int, called: str) -> None:
    with closing(Output(kept=1001, in_memory=100)) as output:
        output.write(b"x" * size)
        assert output.called == called


@pytest.mark.parametrize(
    ("data", "is_text"),
    [
        (b"", True),
        ("épochs ▏█████▏ 100 %\r\n".encode() * 9, True),
        (b"\x1b[31mred\x1b[0m\a", True),
        ("Übergröße, also im alten Zeichensatz".encode("latin-1"), True),
        (random.Random(1).randbytes(3000), False),
        (bytes(100), False),
        ("text".encode("utf-16"), False),
    ],
)
def test_bytes_that_are_no_text_are_told_from_text(data: bytes, is_text: bool) -> None:
    with closing(Output()) as output:
        output.write(data)
        assert output.is_text is is_text


@pytest.mark.parametrize("count", [0, 1, 90, 91, 180, 182, 183, 200, 500, 1000, 5000])
def test_the_beginning_and_the_end_are_kept_and_what_is_between_is_counted(count: int) -> None:
    data = lines(count)
    with closing(Output(kept=1001, in_memory=100)) as output:
        for piece in pieces(data, random.Random(count)):
            output.write(piece)
        whole = output.whole()
    if len(data) <= 2002:
        assert whole == data
        return
    head, _, rest = whole.partition(b"\n[carrel: ")
    number, _, tail = rest.partition(b" bytes left out here]\n\n")
    assert data.startswith(head)
    assert data.endswith(tail)
    assert int(number) + len(head) + len(tail) == len(data)
    assert 980 < len(head) <= 1001
    assert 980 < len(tail) <= 1001


def test_output_without_line_breaks_is_kept_too() -> None:
    with closing(Output(kept=100, in_memory=10)) as output:
        output.write(b"a" * 150 + b"z" * 150)
        assert output.whole() == b"a" * 100 + b"\n[carrel: 100 bytes left out here]\n\n" + b"z" * 100


def test_the_last_lines_are_at_hand_and_none_is_cut_in_two() -> None:
    with closing(Output(in_memory=100)) as output:
        output.write(lines(5))
        assert (output.last, output.is_last) == (lines(5), True)
        output.write(lines(50))
        assert (output.last, output.is_last) == (lines(50)[-96:], False)


def test_on_a_full_disk_the_last_bytes_are_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with closing(Output(in_memory=100)) as output:
        output.write(lines(50))
        assert output.error is not None
        assert output.whole() == b"\n[carrel: 504 bytes left out here]\n\n" + lines(50)[-96:]
        assert output.last == lines(50)[-96:]
