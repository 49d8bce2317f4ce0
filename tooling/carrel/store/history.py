"""What git remembers of notes: the lines that were ever put into them. Nothing is written, no hook or filter runs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from carrel.errors import CarrelError, NotFound
from carrel.store.git_answer import HISTORY, SMALL, ask
from carrel.store.git_environment import for_git

_HUNK = re.compile(rb"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
#: Files that git is asked about one by one; what that takes grows with the square of their number.
MANY = 100
#: So that git runs no program that a repository names.
_UNAIDED = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false")


class Added(NamedTuple):
    """A line that a commit put into a file, or took out of it (`gone`). `path` is relative to the root of the
    knowledge base.
    """

    commit: str
    at: datetime
    path: str
    line: str
    gone: bool = False


def lines_added(
    root: Path,
    paths: Sequence[str],
    pattern: str,
    environment: Mapping[str, str],
    *,
    gone: bool = False,
    given_up: Callable[[], bool] | None = None,
) -> list[Added]:
    """Every line that a commit on the way to HEAD put into these files, or those in these folders, where it changed a
    line with a match of `pattern` (a POSIX regular expression); the oldest first.

    With `gone`, those that it took out as well. Of more than `MANY` files, the others of their folders come along.
    `given_up` says, from another thread, that nobody waits any more. Raises `NotFound` where git has no history,
    `GitSilent` where it does not answer, `CarrelError` where it fails.
    """
    if len(paths) > MANY:
        paths = sorted({path.rpartition("/")[0] or "." for path in paths})
    command = [
        "git", *_UNAIDED, "-c", "core.quotePath=false", "log", "--reverse", "--date-order", "--relative", "--patch",
        "--unified=0", "--no-color", "--no-renames", "--no-ext-diff", "--no-textconv", "--text", "--src-prefix=a/",
        "--dst-prefix=b/", "--format=%x1e%h %aI", f"-G{pattern}", "--", *(f":(literal){path}" for path in paths),
    ]  # fmt: skip
    try:
        done = ask(command, root, _own(environment), HISTORY, given_up=given_up)
    except OSError as error:
        raise NotFound("git cannot be run, so there is no history to look into", "install git") from error
    if done.returncode:
        reason = os.fsdecode(done.stderr).strip().split("\n")[0].removeprefix("fatal: ")
        if "not a git repository" in reason or "does not have any commits" in reason:
            raise NotFound(f"git has no history of {root}", "`git init`, and commit your notes: that dates them")
        raise CarrelError(f"git log: {reason}")
    return _added(done.stdout, gone)


def ignored(root: Path, paths: Iterable[str], environment: Mapping[str, str]) -> frozenset[str]:
    """Which of these paths git ignores: such a file may be on one machine alone. None where there is no git.

    Raises `GitSilent` where it does not answer.
    """
    asked = b"".join(b"%s\0" % os.fsencode(path) for path in paths)
    try:
        done = ask(["git", *_UNAIDED, "check-ignore", "-z", "--stdin"], root, _own(environment), SMALL, asked)
    except OSError:
        return frozenset()
    return frozenset(map(os.fsdecode, filter(None, done.stdout.split(b"\0"))))


def _own(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which git looks at the folder that it is told of, and says in English why it fails."""
    return for_git(environment) | {"LC_ALL": "C"}


def _added(patches: bytes, gone: bool) -> list[Added]:
    """The lines that begin with +, or with -, in what `git log --patch` prints."""
    found: list[Added] = []
    commit, at, left = "", datetime.min, 0
    paths = {b"-": "", b"+": ""}  # of a file that was deleted, the latter is none
    for raw in patches.split(b"\n"):
        if left and raw[:1] in (b"+", b"-"):  # of a hunk, whatever it says: a note may quote a patch
            left -= 1
            if gone or raw.startswith(b"+"):
                text = raw[1:].decode("utf-8", "replace").removesuffix("\r")
                found.append(Added(commit, at, paths[raw[:1]], text, raw.startswith(b"-")))
        elif raw.startswith(b"\x1e"):
            commit, _, moment = raw[1:].decode().partition(" ")
            at = datetime.fromisoformat(moment)
        elif raw.startswith((b"+++ ", b"--- ")):
            paths[raw[:1]] = os.fsdecode(raw[4:].removeprefix(b"b/" if raw[:1] == b"+" else b"a/").rstrip(b"\t"))
        elif (hunk := _HUNK.match(raw)) is not None:
            left = sum(1 if count is None else int(count) for count in hunk.groups())
    return found
