"""What a command writes, kept while it runs: its beginning and its end, on the disk, however much it is."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO

#: Bytes that are kept of the beginning, and of the end.
KEPT = 4 * 1024 * 1024
# Bytes that no text has, but for those that drive a terminal.
_CONTROLS = bytes(number for number in range(32) if number not in b"\a\b\t\n\r\x1b")


class Output:
    """The bytes that a command wrote, in a file without a name: the first `kept`, and of the rest the last `kept`.

    When the disk takes no more, the last bytes are kept in memory, `in_memory` of them. Close it when done.
    """

    def __init__(self, kept: int = KEPT, in_memory: int = 64 * 1024) -> None:
        self.size = 0
        self.error: OSError | None = None  # why the disk took no more
        self._kept, self._in_memory = kept, in_memory
        self._file: IO[bytes] | None = None
        self._last = b""

    def write(self, data: bytes) -> None:
        """Keep `data`. Never fails."""
        self._last = (self._last + data)[-self._in_memory :]
        if self.error is None:
            try:
                self._store(data)
            except OSError as error:
                self.error = error
        self.size += len(data)

    def _store(self, data: bytes) -> None:
        if self._file is None:
            import tempfile  # not for a command that says nothing

            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # `close` closes it
        place = self.size
        rest = memoryview(data)
        while rest:
            begin = place
            edge = self._kept
            if place >= self._kept:  # then the file goes round
                begin = self._kept + (place - self._kept) % self._kept
                edge = 2 * self._kept
            count = os.pwrite(self._file.fileno(), rest[: edge - begin], begin)
            place += count
            rest = rest[count:]

    def whole(self) -> bytes:
        """All of it; of too much the beginning and the end, cut between lines, with a line that says so between."""
        if self._file is None or self.error is not None:
            missing = self.size - len(self.last)
            return (_note(missing) if missing else b"") + self.last
        head = self._read(0, min(self.size, self._kept))
        if self.size <= self._kept:
            return head
        if self.size <= 2 * self._kept:
            return head + self._read(self._kept, self.size - self._kept)
        turn = self._kept + (self.size - self._kept) % self._kept
        tail = self._read(turn, 2 * self._kept - turn) + self._read(self._kept, turn - self._kept)
        head, tail = head[: head.rfind(b"\n") + 1] or head, _from_line(tail, True)
        return head + _note(self.size - len(head) - len(tail)) + tail

    def _read(self, place: int, count: int) -> bytes:
        assert self._file is not None
        with suppress(OSError):
            return os.pread(self._file.fileno(), count, place)
        return b""

    @property
    def last(self) -> bytes:
        """Its last bytes, from the beginning of a line."""
        return _from_line(self._last, self.size > len(self._last))

    @property
    def is_last(self) -> bool:
        """Whether `last` is all of it."""
        return self.size <= self._in_memory

    @property
    def is_text(self) -> bool:
        """Whether its last bytes are text, but for a few: of a picture every other is none."""
        data = self.last
        controls = len(data) - len(data.translate(None, _CONTROLS))
        foreign = len(data) - len(data.decode("utf-8", "ignore").encode())
        return 10 * (controls + foreign) <= len(data)

    @property
    def called(self) -> str:
        """How much of it `whole` has, in words."""
        if self.error is not None and self.size > len(self.last):
            return f"the last {_amount(len(self.last))} of {_amount(self.size)} of output"
        if self.error is None and self.size > 2 * self._kept:
            return f"the first and last {_amount(self._kept)} of {_amount(self.size)} of output"
        return "full output"

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            self._file.close()


def _from_line(data: bytes, cut: bool) -> bytes:
    """`data` without the part of a line that it begins with: half a secret would not be known for one."""
    return data[data.find(b"\n") + 1 :] if cut else data


def _amount(size: int) -> str:
    return next((f"{size / unit:.0f} {name}" for unit, name in ((1e6, "MB"), (1e3, "KB")) if size >= unit), f"{size} B")


def _note(count: int) -> bytes:
    return f"\n[carrel: {count} bytes left out here]\n\n".encode()
