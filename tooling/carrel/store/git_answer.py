"""Asking git, and no longer than somebody would wait: one that does not answer is ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from carrel.errors import CarrelError

#: Seconds in which git answers a small question, and one that it looks through all of its history for.
SMALL, HISTORY = 10.0, 60.0
#: Seconds between two looks at whether an answer is still wanted.
_LOOK = 0.2


class GitSilent(CarrelError):
    """Git did not answer in time, and was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"git did not answer within {seconds:g} seconds", "`git status` there may say what it waits for"
        )


def ask(
    command: Sequence[str],
    root: Path,
    environment: Mapping[str, str],
    seconds: float,
    stdin: bytes = b"",
    given_up: Callable[[], bool] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """What git says in `root`, and how it ends. `given_up` says, from another thread, that nobody waits any more.

    Raises `OSError` where there is no git, `GitSilent` where it takes longer than `seconds`, or nobody waits.
    """
    deadline = time.monotonic() + seconds
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as git:
        unsaid: bytes | None = stdin
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            try:
                out, errors = git.communicate(unsaid, min(left, _LOOK) if given_up else left)
                return subprocess.CompletedProcess(command, git.returncode, out, errors)
            except subprocess.TimeoutExpired:
                unsaid = None  # `communicate` goes on with what it was given
                if time.monotonic() >= deadline or (given_up and given_up()):
                    git.kill()
                    raise GitSilent(seconds) from None
            except BaseException:  # Ctrl-C
                git.kill()
                raise
