"""Signals while a command runs: what is sent to Carrel goes to the command, and Carrel lives on to write the entry."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

#: What a person, a scheduler or a terminal that closes sends: it is meant for the command.
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


class Signals:
    """Takes signals until it is left. What comes before `to` is called is passed on then.

    A signal that is ignored stays so, here and in the command: so `nohup` and `&` of a script mean what they did.
    `awake` is readable after the command ended, or the window changed.
    """

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._send: Callable[[int], None] | None = None
        self._earlier: dict[int, object] = {}
        self.window_changed = False

    def __enter__(self) -> Self:
        self.awake, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(self.awake, False)
        self._wakeup = signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        for number in (*FORWARDED, signal.SIGCHLD, signal.SIGWINCH):
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGCHLD:
                self._earlier[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what `signal.signal` returned
        signal.set_wakeup_fd(self._wakeup)
        os.close(self.awake)
        os.close(self._wakes)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGWINCH:
            self.window_changed = True
        elif number in FORWARDED:
            if self._send is None:
                self._waiting.append(number)
            else:
                self._send(number)

    def to(self, send: Callable[[int], None]) -> None:
        """Pass signals on to `send` from now on."""
        self._send = send
        for number in self._waiting:
            send(number)

    def wake(self) -> None:
        """Take what made `awake` readable."""
        try:
            while os.read(self.awake, 512):
                pass
        except BlockingIOError:
            pass
