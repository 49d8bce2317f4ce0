"""What must be known of a day's file before an entry is put behind it: whether the entry would be found there."""

from __future__ import annotations

import os
from collections.abc import Callable

from carrel.core.log import MAX_BYTES, closer, lone_mark
from carrel.errors import Refused


def check_size(size: int) -> None:
    """Raise `Refused` when an entry, or a day with it, would be larger than what is read of a note."""
    if size > MAX_BYTES:
        raise Refused(
            f"a day's log may hold {MAX_BYTES // 2**20} MiB, and this entry would go beyond; nothing was written",
            "keep the text in a file and attach it: carrel log --attach FILE",
        )


def bridge(path: str, text: bytes, remark: Callable[[str], None]) -> Callable[[int], bytes]:
    """What `files.append` asks of the open day `path` before it adds the entry `text`.

    The answer is the line that closes code or a comment which somebody left open in the day and which would swallow
    the entry; `remark` is told of it, and of a lone `%%` that one in the entry would pair with. Raises `Refused` for a
    day that is too large, or that no entry can be read from.
    """

    def before(handle: int) -> bytes:
        size = os.fstat(handle).st_size
        check_size(size + len(text))
        day = os.pread(handle, size, 0)
        if day.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in day:
            what = "holds NUL bytes" if b"\0" in day and day[:2] not in (b"\xff\xfe", b"\xfe\xff") else "is UTF-16"
            raise Refused(f"{path} {what}, and text put behind would be lost; nothing was written", "save it as UTF-8")
        line, number = _closer(day)
        if b"%%" in text and (lone := _lone_mark(day)):
            remark(f"{path}:{lone} holds a %% without a second one, and may hide what follows it: write \\%% there")
        if not line:
            return b""
        remark(f"{path}:{number} opened {'a comment' if line == '-->' else 'code'} that never closed; closed it")
        return f"{line}\n\n".encode()

    return before


def _closer(day: bytes) -> tuple[str, int]:
    """The line that closes what `day` leaves open, and the line of the file where that began; ("", 0) for most."""
    if not any(opener in day for opener in (b"```", b"~~~", b"<!--")):
        return "", 0
    head, body = _parts(day)
    line, start = closer(body)
    return line, _line(head, body, start)


def _lone_mark(day: bytes) -> int:
    """The line of the file with a `%%` that has no second one; 0 for none."""
    if b"%%" not in day:
        return 0
    head, body = _parts(day)
    lone = lone_mark(body)
    return _line(head, body, lone) if lone >= 0 else 0


def _parts(day: bytes) -> tuple[str, str]:
    """The front matter of a day, and its text."""
    from carrel.core.frontmatter import read

    text = day.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    begin = read(text).end
    return text[:begin], text[begin:]


def _line(head: str, body: str, offset: int) -> int:
    return head.count("\n") + body.count("\n", 0, offset) + 1
