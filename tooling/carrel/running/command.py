"""Running a command unchanged: where Carrel has a terminal it has one, where not it has pipes, and nothing is lost.

With a person at stdin and stdout, the command gets a session and a terminal of its own, to which all is handed on.
Else it stays in our group of processes and reads our stdin itself; only its output passes through here.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from shutil import which
from typing import NamedTuple

from carrel.errors import CarrelError
from carrel.running.leader import Led, to_front
from carrel.running.relay import Relay
from carrel.running.signals import Signals
from carrel.running.terminal import Terminal, is_behind

_STDIN, _STDOUT, _STDERR = 0, 1, 2


class NotStarted(CarrelError):
    """A command that could not be started. `exit_code` is what a shell would say: 127 not found, 126 not runnable."""

    def __init__(self, word: str, code: int, reason: str) -> None:
        from carrel.core.run import shell_form

        hint = "it is run as it is, without a shell: for shell syntax, carrel run -- bash -c '…'" if code == 127 else ""
        if code == 127 and word and "/" not in word and Path(word).is_file():  # a pattern that the shell replaced
            hint = "it is a file here: put a pattern in quotes, --figure '*.png', or say what runs it"
        super().__init__(f"{shell_form([word])}: {reason}; nothing was run", hint)
        self.exit_code = code


class Ending(NamedTuple):
    """How a command ended: the exit code that a shell would tell, the signal that ended it or "", its wall time.

    `lost` is why its output could not be handed on, or "". `left` says that something it started still runs, and can
    write to us no more. Of a command that is not `known` to have ended, code and signal are no more than our own.
    """

    code: int
    signal: str
    seconds: float
    lost: str = ""
    left: bool = False
    known: bool = True


def check_startable(word: str) -> None:
    """Raise `NotStarted` when there is no program of that name."""
    if which(word) is None:
        named = "/" in word and Path(word).exists()
        if named:
            raise NotStarted(word, 126, "is a directory" if Path(word).is_dir() else "permission denied")
        raise NotStarted(word, 127, "no such command")


def run_command(words: Sequence[str], keep: Callable[[bytes], None], signals: Signals) -> Ending:
    """Run a command to its end; `keep` is given all that it writes. Raises `NotStarted`."""
    seen = [fd for fd in (_STDOUT, _STDERR) if os.isatty(fd)]
    typed = _STDOUT in seen and os.isatty(_STDIN) and not is_behind(_STDIN)
    terminal = Terminal(_STDIN if typed else seen[0], typed=typed) if seen else None
    relay = Relay(terminal, keep, {terminal.master: seen[0]} if terminal else {})
    ends = {fd: terminal.slave if terminal and fd in seen else relay.pipe(fd) for fd in (_STDOUT, _STDERR)}
    try:
        relay.begun = time.monotonic()
        try:
            relay.child = _start(words, terminal.slave if typed and terminal else None, ends[_STDOUT], ends[_STDERR])
        finally:
            for fd in (_STDOUT, _STDERR):
                if not terminal or fd not in seen:
                    os.close(ends[fd])
        relay.led = relay.child if isinstance(relay.child, Led) else None
        signals.to(relay.send)
        relay.until_ended(signals)
    finally:
        left = bool(relay.routes)
        relay.close()
    code, name = relay.code, ""
    if code < 0:
        known = {number.value: number.name for number in signal.Signals}
        name = known.get(-code, f"signal {-code}")
    unseen = relay.led is not None and relay.led.unseen
    return Ending(128 - code if code < 0 else code, name, relay.ended - relay.begun, relay.lost, left, not unseen)


def _start(words: Sequence[str], stdin: int | None, stdout: int, stderr: int) -> subprocess.Popen[bytes] | Led:
    """Start a command; `stdin` is a terminal that it gets for its own, None for what is our stdin."""
    start = partial(_started, words, stdin, stdout, stderr)
    try:
        return start() if stdin is None else Led(start, stdin, {stdout, stderr})
    except OSError as error:
        found = which(words[0]) is not None
        missing = isinstance(error, FileNotFoundError)
        reason = "its interpreter is missing" if found and missing else (error.strerror or str(error)).lower()
        raise NotStarted(words[0], 127 if missing and not found else 126, reason) from error
    except ValueError as error:  # a NUL in a word
        raise NotStarted(words[0], 126, str(error)) from error


def _started(words: Sequence[str], stdin: int | None, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
        own = to_front if stdin is not None else None
        return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, preexec_fn=own)

    try:
        return start(words)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return start(["/bin/sh", which(words[0]) or words[0], *words[1:]])  # as every shell and `env` do
