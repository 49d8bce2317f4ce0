"""Asking a running watcher to make the index current, which spares a search the look at every file.

The watcher listens on a socket in the cache folder, which only its owner can enter. A question is what both must agree
on, and the answer is yes, with the version of the index for which that holds, or anything else. No answer in time, a
no, another user's process, another program or other settings: all mean that the search looks itself, and so does one
that finds another version of the index; so nothing depends on the watcher but time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from time import monotonic
from typing import TYPE_CHECKING

from carrel import __version__

if TYPE_CHECKING:
    from socket import socket

    from carrel.store.knowledge_base import KnowledgeBase

#: Seconds that an answer may take: half of what a person notices.
PATIENCE = 0.15
#: What comes before the version in an answer, and the other answer.
YES, NO = b"yes ", b"no"
_LONGEST = 256  # bytes of an answer
NAME = "door"
_CREDENTIALS = Struct("3i")  # process, user, group


def terms(kb: KnowledgeBase) -> bytes:
    """What the asker and the watcher must agree on: program, place, settings, and which texts of PDFs there are."""
    try:
        status = os.stat(kb.cache_dir / "pdf" / "known.json")  # noqa: PTH116
        pdfs = (status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        pdfs = (0, 0, 0)
    agreed = f"{__version__}\0{kb.root}\0{kb.config!r}\0{pdfs}"
    return blake2b(agreed.encode("utf-8", "surrogateescape"), digest_size=32).digest()


class Question:
    """A question that was put to the watcher and may be answered."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._deadline = monotonic() + PATIENCE

    def answered(self) -> str:
        """The version of the index that the watcher says is current, if it says so within `PATIENCE` seconds from the
        question on."""
        with self._connection as connection:
            try:
                connection.settimeout(max(0.001, self._deadline - monotonic()))
                answer = connection.recv(_LONGEST)
            except OSError:
                return ""
        return answer.removeprefix(YES).decode() if answer.startswith(YES) else ""


def ask(kb: KnowledgeBase) -> Question | None:
    """Put the question to the watcher; None when there is none, or none that is ours."""
    place = kb.cache_dir
    if sys.platform != "linux" or not os.path.exists(place / NAME):  # noqa: PTH110
        return None
    import socket  # 3 ms, which most searches need not spend

    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.settimeout(PATIENCE)
        with short_address(place) as address:
            connection.connect(f"{address}/{NAME}")
        if is_ours(connection):
            connection.send(terms(kb))
            return Question(connection)
    except OSError:
        pass  # it was killed, or its queue is full
    connection.close()
    return None


def is_ours(connection: socket) -> bool:
    """Whether the process at the other end is the same user's."""
    import socket

    about = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(about)[1] == os.geteuid())


@contextmanager
def short_address(place: Path) -> Iterator[str]:
    """A folder by a name that is short enough for a socket in it, which has about 100 bytes."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
