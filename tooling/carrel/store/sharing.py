"""What git hands on of the files for their writer's eyes alone, where others may read the repository."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from carrel.core.names import PRIVATE, in_folder
from carrel.store.git_answer import SMALL
from carrel.store.git_answer import ask as ask_git
from carrel.store.git_environment import for_git
from carrel.store.scaffold import PRIVATE_FILES

_FILES = f":(icase)*{PRIVATE}.*"


class HandedOn(NamedTuple):
    """Whether git takes a new private file along, or one that is there, and those that it has, relative to the root."""

    takes: bool
    tracked: tuple[str, ...]


def handed_on(root: Path, folder: str, environment: Mapping[str, str]) -> HandedOn | None:
    """What the repository around `root` would hand on, going by files in `folder`; None where it is no repository with
    a remote, and where its settings say of private files that they belong to it: `!*.private.*`.

    Raises `GitSilent` where git does not answer.
    """

    def ask(*words: str, stdin: bytes = b"") -> bytes:
        command = ["git", "-c", "core.fsmonitor=false", *words]  # else it would run a program
        done = ask_git(command, root, for_git(environment), SMALL, stdin)
        return done.stdout if done.returncode in (0, 1) else b""  # 1 is an answer of `check-ignore`

    samples = [in_folder(folder, f"a{PRIVATE}{ending}") for ending in (".md", ".txt", ".patch")]
    try:
        if not ask("remote"):
            return None
        asked = b"".join(b"%s\0" % os.fsencode(path) for path in samples)
        told = ask("check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin", stdin=asked)
        tracked = ask("ls-files", "-z", "--", _FILES)
        there = ask("ls-files", "-z", "--others", "--exclude-standard", "--", _FILES)  # also a.Private.md
    except OSError:  # there is no git
        return None
    patterns = [os.fsdecode(field) for field in told.split(b"\0")[2::4]]
    if not patterns or any(_is_meant(pattern) for pattern in patterns):
        return None
    takes = bool(there) or not all(pattern and not pattern.startswith("!") for pattern in patterns)
    return HandedOn(takes, tuple(os.fsdecode(path) for path in tracked.split(b"\0") if path))


def _is_meant(pattern: str) -> bool:
    return pattern.startswith("!") and (PRIVATE in pattern or PRIVATE_FILES in pattern)
