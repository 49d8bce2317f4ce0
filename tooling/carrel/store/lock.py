"""The lock that writers of one knowledge base hold, one at a time.

It is a file of its own: a note is replaced by rename, and a lock on a file that is replaced protects nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carrel.errors import Refused
from carrel.store.files import failed

LOCK_PATIENCE = 30.0  # seconds; a write takes milliseconds, so whoever holds the lock longer is stuck


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold the knowledge base's lock file. Raises `Refused` when another keeps it too long, `WriteFailed`."""
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise failed(lock, error) from error
    try:
        deadline = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Refused(
                        f"another carrel command has held {lock} for {LOCK_PATIENCE:.0f} seconds; nothing was written",
                        "find it with `ps` and end it, then run the command again",
                    ) from None
                time.sleep(0.002)
            except OSError as error:
                raise failed(lock, error) from error
        yield
    finally:
        os.close(handle)  # the lock goes with it
