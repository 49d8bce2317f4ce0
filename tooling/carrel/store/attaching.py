"""Entries with figures and files: both are kept, or neither."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.attachment import Attachment, Source, below, shown
from carrel.core.names import in_folder, stays_private
from carrel.errors import CarrelError, NoteVanished, Refused, WriteFailed
from carrel.store import files
from carrel.store.day import check_size

if TYPE_CHECKING:
    from carrel.core.log import LogEntry
    from carrel.store.knowledge_base import KnowledgeBase

#: Bytes of a file that can be attached. It goes into git with the notes, and git's hosts refuse larger ones.
LARGEST = 100 * 2**20


def read_source(place: Path, caption: str = "") -> Source:
    """A file to be attached; it is private if its path as it is given, or what it links to, says so.

    Raises `NoteVanished` when it cannot be read, `Refused` when it is too large.
    """
    name = place.name.encode("utf-8", "backslashreplace").decode()
    return checked(Source(name, files.read(place, LARGEST + 1), caption, is_private(place)), str(place))


def is_private(place: Path) -> bool:
    """Whether a file's path as it is given, or as it goes on behind a link, says that it stays private."""
    real = os.path.relpath(os.path.realpath(place), os.path.realpath(place.parent))
    return stays_private(place.as_posix()) or stays_private(real)


def checked(source: Source, what: str) -> Source:
    """The same file, if it can be attached. Raises `Refused`."""
    if len(source.data) > LARGEST:
        raise Refused(
            f"{what} is larger than {LARGEST // 2**20} MiB, which hosts of git refuse; nothing was written",
            "leave it where it is, and say its path in the entry",
        )
    return source


def append_with(
    kb: KnowledgeBase, entry: LogEntry, sources: Sequence[Source], remark: Callable[[str], None] = lambda _: None
) -> tuple[LogEntry, str]:
    """Write an entry with files below its text. Returns it as it was written, and the path of its day.

    An entry without words is called by its first caption, else by its first file's name. When it fails, no file of it
    stays either. What comes with a private entry is private too. Raises what `KnowledgeBase.append` raises.
    """
    check_size(len(entry.text.encode()))
    attached: list[Attachment] = []
    with kb.exclusive():  # so that no other command can have linked a file of ours that is taken away again
        try:
            attached += (
                kb.attach(source._replace(private=source.private or entry.private), entry.at.year) for source in sources
            )
            folder = in_folder(kb.config.log_folder, f"{entry.at.year:04}")
            links = [shown(one, folder, source.caption) for one, source in zip(attached, sources, strict=True)]
            named = sources[0].caption or attached[0].name if sources else ""
            entry = replace(entry, text=below(entry.text.strip() or " ".join(named.split()), links))
            return entry, kb.append(entry, remark)
        except CarrelError:
            _take_back(kb, kb.day_of(entry), attached)
            raise


def _take_back(kb: KnowledgeBase, day: str, attached: Sequence[Attachment]) -> None:
    """Remove files that came with an entry that was not written. If it stands there all the same, they stay."""
    written = b""
    with suppress(NoteVanished):  # there is no day yet
        written = kb.read_bytes(day)
    for one in attached:
        if one.fresh and one.sha256.encode() not in written:
            with suppress(WriteFailed):  # the first error is the one to report
                files.remove(kb.absolute(one.path))
