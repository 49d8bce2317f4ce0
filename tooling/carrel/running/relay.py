"""Between a command and our own streams: what it writes is handed on and kept, what is typed reaches it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from carrel.running.leader import Led
from carrel.running.signals import Signals
from carrel.running.terminal import Terminal, is_in_front

_STDIN = 0
_PIECE = 65536
#: Seconds for which output is awaited after the command ended: what it left running may hold the pipe for ever.
_QUIET, _LONGEST = 0.1, 1.0


@dataclass
class Relay:
    """Hands on what is written and typed, until the command ends. `routes`: from where to where output goes."""

    terminal: Terminal | None
    keep: Callable[[bytes], None]
    routes: dict[int, int]
    child: subprocess.Popen[bytes] | Led = field(init=False)
    led: Led | None = None  # the same, where it has a session of its own
    code: int = 0  # how it ended, negative for a signal
    typed: bytes = b""  # read at the real terminal, not taken yet by the command's
    begun: float = 0.0
    ended: float = 0.0
    lost: str = ""
    _heard: int = -1  # the source that was last read, and whether it ended its line
    _ends_line: bool = True

    def pipe(self, to: int) -> int:
        """The end of a new pipe for the command to write into; what comes out goes `to` one of our own streams."""
        source, end = os.pipe()
        self.routes[source] = to
        return end

    def send(self, number: int) -> None:
        """Pass a signal on as the command would have got it without us."""
        if self.ended:
            return  # it is for nobody any more; the entry is being written
        keys = number in (signal.SIGINT, signal.SIGQUIT)
        front = self.terminal.foreground() if self.terminal else 0
        groups: list[int] = []
        if self.led and keys:
            groups = [front or self.led.pid]
        elif self.led and number == signal.SIGHUP:  # the window was closed
            groups = [front, self.led.pid] if front not in (0, self.led.pid) else [self.led.pid]
        elif not (keys and is_in_front()):  # what was typed in front of us reached the command by itself
            with suppress(OSError):
                self.child.send_signal(number)
        for group in groups:
            with suppress(OSError):  # one may be gone, and the other not
                os.killpg(group, number)

    def until_ended(self, signals: Signals) -> None:
        """Relay until the command has ended and its output is here."""
        while not self.ended or (self.routes and time.monotonic() < self.ended + _LONGEST):
            ready = self._wait(signals.awake)
            if signals.awake in ready:
                signals.wake()
            if signals.window_changed:
                signals.window_changed = False
                self._resize()
            for source in [source for source in self.routes if source in ready]:
                self._hand_on(source, ready[source])
            if _STDIN in ready:
                self._read_keys()
            code = None if self.ended else self.child.poll()
            if self.led and self.led.stopped and self.terminal:
                self.terminal.stand_still()
                self.led.go_on()
            if code is not None:
                self.code, self.ended = code, time.monotonic()
                if self.terminal:
                    self.terminal.release()
            elif self.ended and not ready:
                return

    def _wait(self, awake: int) -> dict[int, int]:
        """What there is to be read, or can be written, after a while at most."""
        poller = select.poll()
        poller.register(awake, select.POLLIN)
        if self.led and not self.ended:
            poller.register(self.led.told, select.POLLIN)
        for source in self.routes:
            writes = self.typed and self.terminal and source == self.terminal.master
            poller.register(source, select.POLLIN | (select.POLLOUT if writes else 0))
        if self.terminal and not self.ended and not self.typed and self.terminal.listens():
            poller.register(_STDIN, select.POLLIN)
        return dict(poller.poll(1000 * (_QUIET if self.ended else 1)))

    def _resize(self) -> None:
        if self.terminal:
            self.terminal.resize()
            if not self.terminal.typed:
                self.send(signal.SIGWINCH)  # its kernel told it of the real one's size, before we told it of its own

    def _hand_on(self, source: int, event: int) -> None:
        if event & select.POLLOUT:
            with suppress(OSError):
                self.typed = self.typed[os.write(source, self.typed) :]
        if not event & ~select.POLLOUT:
            return
        try:
            data = os.read(source, _PIECE)
        except BlockingIOError:
            return
        except OSError:  # a terminal that nobody has open any more
            data = b""
        if data:
            self._keep(source, data)
        if not data or not self._put(self.routes[source], data):
            del self.routes[source]
            os.close(source)

    def _keep(self, source: int, data: bytes) -> None:
        if self.terminal and self.terminal.typed and source == self.terminal.master:
            data = data.replace(b"\r\n", b"\n")  # which its terminal made of a line break
        between = source != self._heard and not self._ends_line
        self.keep(b"\n" + data if between else data)  # two streams may take turns within a line
        self._heard, self._ends_line = source, data.endswith(b"\n")

    def _put(self, to: int, data: bytes) -> bool:
        """Write all of `data`; False when its reader has had enough, so that the command is told so too."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(to, rest) :]
            except BlockingIOError:
                select.select([], [to], [])
            except BrokenPipeError:
                return False
            except OSError as error:  # the window is gone, or a disk is full: what is kept here is all the more worth
                self.lost = (error.strerror or str(error)).lower()
                return True
        return True

    def _read_keys(self) -> None:
        assert self.terminal is not None
        self.typed = self.terminal.read()

    def close(self) -> None:
        """Set the terminal as it was, and give everything back."""
        if self.terminal:
            self.terminal.restore()
            self.terminal.release()
        if self.led:
            self.led.dismiss()
        for source in self.routes:
            os.close(source)
