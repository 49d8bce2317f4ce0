"""The terminal that a person sits at, and the one that a command is given in its place."""

from __future__ import annotations

import os
import signal
import termios
import tty
from contextlib import suppress

_OUTPUT = 1  # place in what tcgetattr gives


def is_behind(terminal: int) -> bool:
    """Whether this process is in the background of its terminal, which is then the shell's to set."""
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:
        return False  # not the terminal that controls us: no shell works on it


def is_in_front() -> bool:
    """Whether what is typed at the controlling terminal, as Ctrl-C, reaches this process's whole group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


class Terminal:
    """A pseudo-terminal for a command, as wide and set as the real one at `real`.

    `typed` says that what is typed there goes to the command: then the real one is raw, while it is ours, until
    `restore`. `slave` is held open until `release`: a command may close its own ends and go on. Who uses it closes
    `master` in the end.
    """

    def __init__(self, real: int, *, typed: bool) -> None:
        self.real, self.typed = real, typed
        self._before = termios.tcgetattr(real)
        self._raw = self._gone = False
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        settings = termios.tcgetattr(real)
        if not typed:
            settings[_OUTPUT] &= ~termios.OPOST  # the real one does that
        termios.tcsetattr(self.slave, termios.TCSANOW, settings)
        self.resize()

    def resize(self) -> None:
        """Tell the command how large the window is now."""
        with suppress(OSError, termios.error):  # the window is gone
            termios.tcsetwinsize(self.master, termios.tcgetwinsize(self.real))

    def listens(self) -> bool:
        """Whether keys can be read. Then each is handed on, Ctrl-C too: the command's own terminal knows what it is."""
        if not self.typed or self._gone or is_behind(self.real):
            return False
        if not self._raw:
            self._raw = True
            with suppress(termios.error):
                tty.setraw(self.real, termios.TCSADRAIN)  # what was typed ahead stays
        return True

    def read(self) -> bytes:
        """What was typed."""
        try:
            data = os.read(self.real, 65536)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        self._gone = not data  # the window was closed
        return data

    def restore(self) -> None:
        """Set the real one as it was, if it is ours to set."""
        if self._raw and not is_behind(self.real):
            self._raw = False
            before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it may become the shell's just now
            with suppress(termios.error):
                termios.tcsetattr(self.real, termios.TCSADRAIN, self._before)
            signal.signal(signal.SIGTTOU, before)

    def release(self) -> None:
        """Close the command's side, so that its output has an end."""
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1

    def foreground(self) -> int:
        """The group of processes that keys like Ctrl-C are for; 0 if there is none any more."""
        try:
            return os.tcgetpgrp(self.master)
        except OSError:
            return 0

    def stand_still(self) -> None:
        """Stop ourselves as the command was stopped, until the shell says to go on."""
        self.restore()
        os.kill(0, signal.SIGTSTP)  # here we stand still
        self._raw = False  # the shell has set it since
        self.listens()
        self.resize()
