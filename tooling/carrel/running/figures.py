"""Which files a command made: those that a pattern names and that were written while it ran."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import suppress
from glob import iglob
from itertools import islice
from pathlib import Path
from typing import NamedTuple

#: Figures of one run that an entry shows, and bytes of each that are kept.
MOST, LARGEST = 24, 64 * 1024 * 1024
#: Files that a pattern may name before the rest of them is passed over.
_LOOKED_AT = 20_000


class Stamp(NamedTuple):
    """What changes when a file is written, also if the same bytes are."""

    mtime: int
    ctime: int
    size: int
    inode: int


def look(patterns: Sequence[str]) -> dict[str, Stamp]:
    """The files that the patterns name now, by path, in the order of the patterns; `**` is any depth."""
    found: dict[str, Stamp] = {}
    for pattern in patterns:
        names = iglob(str(Path(pattern).expanduser()), recursive=True)  # noqa: PTH207  # patterns may be absolute
        for name in sorted(islice(names, _LOOKED_AT)):
            with suppress(OSError):  # it went while we looked
                status = Path(name).stat()
                if stat.S_ISREG(status.st_mode):
                    found[name] = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return found


def made(before: dict[str, Stamp], after: dict[str, Stamp]) -> list[Path]:
    """The files that were written between two looks, also those that got the same bytes again."""
    return [Path(name) for name, stamp in after.items() if before.get(name) != stamp]
