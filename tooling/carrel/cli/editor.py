"""The user's editor: which it is, and how a file is opened in it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FALLBACKS = ("sensible-editor", "nano", "vim", "vi", "emacs")


def editor_command(environment: Mapping[str, str], configured: str = "") -> list[str]:
    """The editor with its arguments: the user's setting, VISUAL, EDITOR, or one that is installed.

    Raises `UsageError` when there is none or its quotes do not match.
    """
    written = configured or environment.get("VISUAL") or environment.get("EDITOR") or ""
    if not written.strip():
        written = next((name for name in FALLBACKS if shutil.which(name)), "")
    try:
        words = shlex.split(written)
    except ValueError as error:
        raise UsageError(
            f"EDITOR={written!r} cannot be read: {error}", "set it to a command, as in EDITOR=vim"
        ) from error
    if not words:
        raise UsageError("no editor is known", "set one: export EDITOR=nano")
    return words


def open_files(command: list[str], places: list[Path]) -> None:
    """Open files in the editor and wait for it. Raises `CarrelError` when it cannot run or reports a failure."""
    try:
        done = subprocess.run([*command, *map(os.fspath, places)], check=False)  # paths are absolute: none is an option
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CarrelError(
            f"the editor {command[0]!r} did not start: {reason}", "set another: export EDITOR=nano"
        ) from error
    if done.returncode:
        raise CarrelError(f"the editor {command[0]!r} ended with exit code {done.returncode}")


def compose(command: list[str], begin: str) -> tuple[str, Path]:
    """What a person writes in the editor, starting from `begin`, and the file that holds it until it is saved."""
    handle, name = tempfile.mkstemp(prefix="carrel-", suffix=".md")
    draft = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(begin)
    open_files(command, [draft])
    return draft.read_text("utf-8", "replace"), draft
