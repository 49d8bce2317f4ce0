"""Where searches ask whether the index is current: the watcher's end of `carrel.store.door`."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from carrel.store.door import NAME, NO, PATIENCE, YES, is_ours, short_address

_LONGEST = 64  # bytes of a question


class Door:
    """A socket in `folder`; a thread of its own takes questions, and calls `tell` when there is one for `serve`.

    While it is closed the answer is no, at once: who asks would otherwise wait for a look that takes long.
    Raises `OSError`.
    """

    def __init__(self, folder: Path, tell: Callable[[], None]) -> None:
        self._shut = True
        self._tell = tell
        self._waiting: SimpleQueue[tuple[bytes, socket.socket]] = SimpleQueue()
        self._place = folder / NAME
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        new = f"{NAME}-{os.getpid()}"
        try:
            (folder / new).unlink(missing_ok=True)  # of a process that had the same number
            with short_address(folder) as address:
                self._socket.bind(f"{address}/{new}")
            self._socket.listen(16)
            self._inode = (folder / new).stat().st_ino
            (folder / new).replace(self._place)  # of two watchers the later one is asked
        except OSError:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._listen, name="door", daemon=True)
        self._thread.start()

    def serve(self, current: Callable[[bytes], str]) -> None:
        """Answer what was asked. `current` is given the terms of a question and says which version of the index is
        current, if one is."""
        with suppress(Empty):
            while True:
                question, connection = self._waiting.get_nowait()
                version = current(question)
                _answer(connection, YES + version.encode() if version else NO)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Answer no meanwhile."""
        self._shut = True
        try:
            yield
        finally:
            self._shut = False

    def close(self) -> None:
        """Take no more questions."""
        with suppress(OSError):
            if self._place.stat().st_ino == self._inode:
                self._place.unlink()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # which ends its thread's waiting
        self._thread.join()
        self._socket.close()
        self.serve(lambda question: "")

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed, or so many files are open that watching will not work either
            try:
                connection.settimeout(PATIENCE)
                if not is_ours(connection):
                    connection.close()
                    continue
                question = connection.recv(_LONGEST)
            except OSError:
                connection.close()
                continue
            if self._shut or not question:
                _answer(connection, NO)
            else:
                self._waiting.put((question, connection))
                self._tell()


def _answer(connection: socket.socket, word: bytes) -> None:
    with connection, suppress(OSError):  # who asked waits no more
        connection.send(word)
