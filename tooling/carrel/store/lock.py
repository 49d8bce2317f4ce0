"""The lock that writers of one knowledge base hold, one at a time.

It is a file of its own: a note is replaced by rename, and a lock on a file that is replaced protects nothing.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from carrel.errors import Refused
from carrel.store.files import failed

LOCK_PATIENCE = 30.0  # seconds; a write takes milliseconds, so whoever holds the lock longer is stuck
NOTICE = 1.0  # seconds after which who waits is told so


def _silent(_: str) -> None:
    """Tell nobody."""


#: Is told once a wait who holds a lock. The command line puts in its place what speaks to people: a wait can happen in
#: any write, and a process has one way of speaking.
tell: Callable[[str], None] = _silent


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold the knowledge base's lock file. Raises `Refused` when another keeps it too long, `WriteFailed`."""
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise failed(lock, error) from error
    try:
        begun, told = time.monotonic(), False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waited = time.monotonic() - begun
                if waited > NOTICE and not told:
                    told = True
                    tell(f"waiting for {_holder(handle)}, which holds {lock}")
                if waited > LOCK_PATIENCE:
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


def _holder(handle: int) -> str:
    """Who holds the lock of an open file, as far as the system tells: Linux lists all locks by device and inode."""
    status = os.fstat(handle)
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with suppress(OSError):  # elsewhere there is no such list
        for line in Path("/proc/locks").read_text("ascii", "replace").splitlines():
            match line.split():
                case [_, "FLOCK", _, _, process, where, *_] if where == place and process.isdecimal():
                    with suppress(OSError):  # it has just ended
                        name = Path(f"/proc/{process}/comm").read_text("utf-8", "replace").strip()
                        return f"{name} (process {process})"
    return "another program"


def turn(lock: Path) -> bytes:
    """What the last command wrote that created a file; another value means that another one did since."""
    try:
        handle = os.open(lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return b""  # nobody wrote yet, or nobody can: then no other command does
    try:
        return os.read(handle, 16)
    finally:
        os.close(handle)


def take_turn(lock: Path) -> None:
    """Say to all others that a file was created. Only for who holds the lock."""
    with suppress(
        OSError
    ):  # the file itself is saved; that a full disk keeps this from others costs them a second look
        handle = os.open(lock, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.pwrite(handle, os.urandom(16), 0)
        finally:
            os.close(handle)
