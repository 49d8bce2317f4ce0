"""Somebody who sits at a terminal and runs a command there: a real pseudo-terminal, with job control."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

PATIENCE = 30.0  # seconds; this machine may be busy
CARREL = [sys.executable, "-m", "carrel"]


class Person:
    """A terminal of 24 lines and 80 columns in which `words` run, in `folder`."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.seen = b""
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            try:
                os.chdir(folder)
                self.resize(24, 80, 0)
                os.execvp(words[0], words)
            finally:
                os._exit(99)
        self.ended: int | None = None

    def resize(self, lines: int, columns: int, fd: int | None = None) -> None:
        """Draw the window to another size."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.terminal if fd is None else fd, termios.TIOCSWINSZ, size)

    def types(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def sees(self, text: str) -> None:
        """Wait until `text` is on the screen, and take the screen up to there."""
        end = time.monotonic() + PATIENCE
        while text.encode() not in self.seen:
            assert time.monotonic() < end, f"{text!r} did not come: {self.seen!r}"
            if not self.reads():
                raise AssertionError(f"{text!r} did not come, and the terminal is closed: {self.seen!r}")
        self.seen = self.seen.partition(text.encode())[2]

    def reads(self) -> bool:
        if select.select([self.terminal], [], [], 0.2)[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return False
            self.seen += data
            return bool(data)
        return True

    def waits(self) -> int:
        """The exit code of what runs, when it has ended; negative for a signal."""
        end = time.monotonic() + PATIENCE
        while self.ended is None:
            assert time.monotonic() < end, f"it does not end: {self.seen!r}"
            self.reads()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = os.waitstatus_to_exitcode(status)
                while self.reads() and select.select([self.terminal], [], [], 0)[0]:
                    pass
        return self.ended

    def settings(self) -> list[object]:
        """How the terminal is set."""
        return list(termios.tcgetattr(self.terminal))

    def leaves(self) -> None:
        """Close the window."""
        os.close(self.terminal)
        self.terminal = -1

    def close(self) -> None:
        if self.ended is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        if self.terminal >= 0:
            os.close(self.terminal)
