"""Who leads the session in which a command has its terminal: a process of ours, as it is a shell's elsewhere.

When the leader of a session ends, the kernel hangs its terminal up and sends SIGHUP to those in front. So what a
command leaves running in the background would end with it, if it led the session itself.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import termios
from collections.abc import Callable, Collection
from contextlib import suppress

from carrel.running.signals import FORWARDED


class Led:
    """A command in a session of its own, in front of its terminal. The leader is in its group, `group`.

    `told` is readable when the command ended; the rest is as of a `Popen`. Call `dismiss` when done.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], terminal: int, ends: Collection[int]) -> None:
        """`start` is called in the leader, to which the `terminal` belongs; `ends` are what else it needs open.

        Raises `OSError` or `ValueError` as `start` does.
        """
        self.told, says = os.pipe()
        awaits, self._until = os.pipe()
        self.returncode: int | None = None
        self.group = os.fork()
        if not self.group:
            try:
                _lead(start, terminal, {terminal, *ends}, says, awaits)
            finally:
                os._exit(0)
        os.close(says)
        os.close(awaits)
        self._rest = b""
        begun = self._next()
        if "pid" not in begun:
            self.dismiss()
            if "errno" in begun:
                raise OSError(begun["errno"], begun["why"])
            raise ValueError(begun.get("why", "it could not be started"))
        self.pid = int(str(begun["pid"]))

    def _next(self) -> dict[str, object]:
        """What the leader says next; nothing if it was killed."""
        while b"\n" not in self._rest:
            data = os.read(self.told, 4096)
            if not data:
                return {}
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        said: dict[str, object] = json.loads(line)
        return said

    def poll(self) -> int | None:
        """How it ended, if it did."""
        if self.returncode is None and select.select([self.told], [], [], 0)[0]:
            code = self._next().get("code")
            if isinstance(code, int):
                self.returncode = code
            else:  # somebody killed the whole group
                self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.group, 0)[1]) or -signal.SIGKILL
                self.group = 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the command alone."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def dismiss(self) -> None:
        """Let the leader go; what the command left running stays."""
        os.close(self._until)
        os.close(self.told)
        if self.group:
            os.waitpid(self.group, 0)


def _lead(
    start: Callable[[], subprocess.Popen[bytes]], terminal: int, ends: Collection[int], says: int, awaits: int
) -> None:
    """What the leader does, from its beginning to its end."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    for number in (*FORWARDED, signal.SIGCHLD):  # sent to the group, they are the command's; not ignored, or it would
        if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGCHLD:
            signal.signal(number, _stay)
    _keep_open({*ends, says, awaits, woken, wakes})

    def say(**what: object) -> None:
        with suppress(OSError):
            os.write(says, json.dumps(what).encode() + b"\n")

    try:
        command = start()
    except OSError as error:
        say(errno=error.errno, why=error.strerror)
        return
    except ValueError as error:
        say(why=str(error))
        return
    for end in ends:
        os.close(end)
    say(pid=command.pid)
    alone = False
    while command.poll() is None:
        ready, _, _ = select.select([woken] if alone else [woken, awaits], [], [])
        if woken in ready:
            os.read(woken, 512)
        if awaits in ready:  # Carrel was killed: as when a window is closed
            alone = True
            os.killpg(0, signal.SIGHUP)
            os.killpg(0, signal.SIGCONT)
    say(code=command.returncode)
    if not alone:
        os.read(awaits, 1)
        _step_back()


def _stay(number: int, frame: object) -> None:
    pass


def _keep_open(some: Collection[int]) -> None:
    """Close all but some descriptors: who holds on to a pipe or a terminal keeps others waiting for its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) not in some:
            with suppress(OSError):
                os.close(int(name))


def _step_back() -> None:
    """Put a group without a process in front of the terminal: to that the kernel sends SIGHUP when we end."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:  # nobody has it any more
        return
    other = os.fork()
    if not other:
        try:
            os.setpgid(0, 0)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # it is in the background, and may all the same
            os.tcsetpgrp(terminal, os.getpid())
        finally:
            os._exit(0)
    os.waitpid(other, 0)
