"""The user's editor: which it is, and how a file is opened in it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import CarrelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FALLBACKS = ("sensible-editor", "nano", "vim", "vi", "emacs")
#: Editors that open a file at a line: by `+LINE` before its name, by `NAME:LINE`, and by that after `--goto`.
PLUS = frozenset(
    ("emacs", "emacsclient", "gvim", "jed", "joe", "kak", "mg", "micro", "nano", "ne", "nvim", "vi", "vim")
)
PLUS |= {"editor", "sensible-editor"}  # Debian's names for one of these
COLON = frozenset(("helix", "hx", "subl", "zed"))
GOTO = frozenset(("code", "code-insiders", "codium", "cursor", "vscodium", "windsurf"))


def editor_command(environment: Mapping[str, str], configured: str = "", *, terminal: bool | None = None) -> list[str]:
    """The editor with its arguments: the user's setting, VISUAL, EDITOR, or, on a terminal, one that is installed.

    Raises `UsageError` when there is none, its quotes do not match, or no one asked for it and there is no terminal.
    """
    written = configured or environment.get("VISUAL") or environment.get("EDITOR") or ""
    name = "" if written.strip() else next((name for name in FALLBACKS if shutil.which(name)), "")
    try:
        words = shlex.split(name or written)
    except ValueError as error:
        raise UsageError(
            f"EDITOR={written!r} cannot be read: {error}", "set it to a command, as in EDITOR=vim"
        ) from error
    if not words:
        raise UsageError("no editor is known", "set one: export EDITOR=nano")
    if words == [name] and not (_on_terminal() if terminal is None else terminal):
        raise UsageError("no editor is set, and there is no terminal to open one on", "set one: export EDITOR=nano")
    return words


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_files(command: list[str], places: list[Path], line: int = 0) -> None:
    """Open files in the editor and wait for it; a single one at a line, if that is not 0 and the editor is known.

    Raises `CarrelError` when it cannot run or reports a failure.
    """
    named = [os.fspath(place) for place in places]  # they are absolute: none is an option
    if line and len(named) == 1:
        named = at_line(command[0], named[0], line)
    try:
        done = subprocess.run([*command, *named], check=False)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CarrelError(
            f"the editor {command[0]!r} did not start: {reason}", "set another: export EDITOR=nano"
        ) from error
    if done.returncode:
        raise CarrelError(
            f"the editor {command[0]!r} ended with exit code {done.returncode}", "what it saved stays saved"
        )


def at_line(editor: str, path: str, line: int) -> list[str]:
    """The arguments with which an editor opens a file at a line; the file alone for one that is not known.

    >>> at_line("/usr/bin/vim", "/n/a.md", 12), at_line("code", "/n/a.md", 12), at_line("ed", "/n/a.md", 12)
    (['+12', '/n/a.md'], ['--goto', '/n/a.md:12'], ['/n/a.md'])
    """
    name = Path(editor).name
    if name in PLUS:
        return [f"+{line}", path]
    if name in COLON:
        return [f"{path}:{line}"]
    return ["--goto", f"{path}:{line}"] if name in GOTO else [path]


def compose(command: list[str], begin: str) -> tuple[bytes, Path]:
    """What a person writes in the editor, starting from `begin`, and the file that holds it until it is saved.

    Raises `CarrelError`, which names the file, when the editor fails.
    """
    handle, name = tempfile.mkstemp(prefix="carrel-", suffix=".md")
    draft = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(begin)
    try:
        open_files(command, [draft])
        return draft.read_bytes(), draft
    except FileNotFoundError as error:
        raise UsageError("the editor removed the draft; nothing was written") from error
    except CarrelError as error:
        keep(draft, error)
        raise


def keep(draft: Path, error: CarrelError) -> None:
    """Say in `error` where the draft is; one that nothing was written into is removed."""
    if draft.is_file() and draft.read_bytes().strip():
        error.hint = f"{error.hint}\n        what you wrote is in {draft}".strip()
    else:
        discard(draft)


def discard(draft: Path) -> None:
    """Remove a draft that is not needed any more."""
    with suppress(OSError):  # a draft that stays in the temporary folder does no harm
        draft.unlink()
