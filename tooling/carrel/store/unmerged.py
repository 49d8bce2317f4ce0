"""The two texts of a file that git could not merge, which it keeps until somebody has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from carrel.core.conflict import Sides, is_untouched
from carrel.store.git_answer import SMALL, GitSilent, ask
from carrel.store.git_environment import for_git

#: What git calls them: what both began with, ours, theirs.
_STAGES = (1, 2, 3)


def unmerged(root: Path, path: str, text: str, environment: Mapping[str, str]) -> Sides | None:
    """Both sides of the conflict that `text`, the file of a path, holds.

    The marks alone do not tell: what git could merge stands around them, and is of both. None where git knows of no
    conflict in the file, or where a hand was in it since.
    """
    base, mine, theirs = (_stage(root, path, stage, environment) for stage in _STAGES)
    if mine is None or theirs is None or not is_untouched(text, base or "", mine, theirs):
        return None
    if "\r\n" in text and "\r\n" not in mine + theirs:  # as git checks files out here
        mine, theirs = mine.replace("\n", "\r\n"), theirs.replace("\n", "\r\n")
    return Sides(mine, theirs, "", "")


def _stage(root: Path, path: str, stage: int, environment: Mapping[str, str]) -> str | None:
    try:
        command = ["git", "-c", "core.fsmonitor=false", "cat-file", "blob", f":{stage}:./{path}"]
        done = ask(command, root, for_git(environment), SMALL)
        return done.stdout.decode("utf-8-sig") if done.returncode == 0 else None
    except (OSError, GitSilent, UnicodeDecodeError):
        return None  # no git, none that answers, or no text
