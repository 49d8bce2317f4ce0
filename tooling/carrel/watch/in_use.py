"""Whether somebody is at a note, as far as that shows: then Carrel does not write into it unasked."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

#: How long a note is left alone after it was written, in seconds.
CALM = 30.0
#: A time of writing may lie as far in the future, in seconds: another machine's clock, or its time zone, is wrong.
AHEAD = 86_400.0
#: What editors put beside a file that they hold open: Vim, Emacs, LibreOffice-like locks.
HELD = (".{}.swp", ".#{}", ".~lock.{}#")


def in_use(place: Path, calm: float = CALM) -> bool:
    """Whether somebody has written the file within `calm` seconds, or holds it open."""
    if any(os.path.lexists(place.parent / name.format(place.name)) for name in HELD) or _held_by_neovim(place):
        return True
    with suppress(OSError):  # it went away: said when it is read
        return -AHEAD < time.time() - place.stat().st_mtime < calm
    return False


def _held_by_neovim(place: Path) -> bool:
    """Neovim keeps its swap files in one folder, each named after the whole path of its file."""
    state = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    name = os.path.realpath(place).replace(os.sep, "%")
    return os.path.lexists(state / "nvim" / "swap" / f"{name}.swp")
