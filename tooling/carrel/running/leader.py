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
    """A command in a session of its own, in front of its terminal; its group of processes is called by its `pid`.

    `told` is readable when there is something to `poll`. `stopped` says that the command stands still, for Ctrl-Z or
    by itself, and `unseen` that somebody killed the leader: then nobody knows what becomes of the command. The rest is
    as of a `Popen`. Call `dismiss` when done.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], terminal: int, ends: Collection[int]) -> None:
        """`start` is called in the leader, to which the `terminal` belongs; `ends` are what else it needs open.

        Raises `OSError` or `ValueError` as `start` does.
        """
        self.told, says = os.pipe()
        awaits, self._until = os.pipe()
        self.returncode: int | None = None
        self.stopped = self.unseen = False
        self._leader = os.fork()
        if not self._leader:
            try:
                _lead(start, terminal, {terminal, *ends}, says, awaits)
            finally:
                os._exit(0)
        os.close(says)
        os.close(awaits)
        begun = self._next()
        if "pid" not in begun:
            self.dismiss()
            if "errno" in begun:
                raise OSError(begun["errno"], begun["why"])
            raise ValueError(begun.get("why", "it could not be started"))
        self.pid = int(str(begun["pid"]))

    def _next(self) -> dict[str, object]:
        """What the leader says next; nothing if it was killed."""
        line = b""
        while not line.endswith(b"\n"):  # no more than this: what is left is what makes it readable again
            data = os.read(self.told, 1)
            if not data:
                return {}
            line += data
        said: dict[str, object] = json.loads(line)
        return said

    def poll(self) -> int | None:
        """How it ended, if it did; as the leader ended, if that is all that is known."""
        while self.returncode is None and select.select([self.told], [], [], 0)[0]:
            said = self._next()
            self.stopped = "stopped" in said
            if not self.stopped:
                self.unseen = "code" not in said
                self.returncode = int(str(said.get("code", -signal.SIGKILL)))
        return self.returncode

    def go_on(self) -> None:
        """Wake what was stopped."""
        self.stopped = False
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGCONT)

    def send_signal(self, number: int) -> None:
        """Send a signal to the command alone.

        When it has just ended, and we were not told yet, its number may be nobody's, or in theory somebody else's.
        """
        if self.returncode is None:
            os.kill(self.pid, number)

    def dismiss(self) -> None:
        """Let the leader go; what the command left running stays."""
        os.close(self._until)
        os.close(self.told)
        os.waitpid(self._leader, 0)


def _lead(
    start: Callable[[], subprocess.Popen[bytes]], terminal: int, ends: Collection[int], says: int, awaits: int
) -> None:
    """What the leader does, from its beginning to its end."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    for number in (*FORWARDED, signal.SIGCHLD):  # it lives on; ignored, they would be ignored by the command too
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
    while True:
        pid, status = os.waitpid(command.pid, os.WNOHANG | os.WUNTRACED)
        if pid and not os.WIFSTOPPED(status):
            break
        if pid:
            say(stopped=True)
        ready, _, _ = select.select([woken] if alone else [woken, awaits], [], [])
        if woken in ready:
            os.read(woken, 512)
        if awaits in ready:  # Carrel was killed: as when a window is closed
            alone = True
            os.killpg(command.pid, signal.SIGHUP)
            os.killpg(command.pid, signal.SIGCONT)
    say(code=os.waitstatus_to_exitcode(status))
    if not alone:
        os.read(awaits, 1)
        with suppress(OSError):  # nobody has the terminal any more
            _to_front(os.open("/dev/tty", os.O_RDWR), os.getpid())  # who is there when we end is sent SIGHUP


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


def to_front() -> None:
    """Become a group of our own, in front of the terminal at stdin: for a command that is about to begin."""
    os.setpgid(0, 0)
    _to_front(0, os.getpid())


def _to_front(terminal: int, group: int) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # from the background, this is asked for
    os.tcsetpgrp(terminal, group)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
