"""Whether attached files are still what they were when they were attached."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest
from typing import TYPE_CHECKING

from carrel.core.attachment import records
from carrel.errors import OutsideRoot

if TYPE_CHECKING:
    from carrel.core.note import Link, Note
    from carrel.store.knowledge_base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Verdict:
    """A record of an attachment, and what became of the file.

    `code` is `same`, `changed`, `vanished`, `unreadable`, or `bad-record` where what the note says names no file or no
    digest. `file` is the path of the file; `sha256` is what was recorded, `found` what it is now, each "" if unknown.
    """

    path: str
    line: int
    code: str
    message: str
    file: str = ""
    sha256: str = ""
    found: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.code}]"


def verify(kb: KnowledgeBase, notes: Iterable[Note]) -> Iterator[Verdict]:
    """A verdict on each record in `notes`. A file that several notes show is read once."""
    found = cache(lambda path: _found(kb, path))
    for note in notes:
        for record in records(note):
            if record.link is None or not record.sha256:
                what = "a record behind no link" if record.link is None else "a record that is no SHA-256"
                yield Verdict(note.path, record.line, "bad-record", what, sha256=record.sha256)
                continue
            file = _path(kb, note, record.link)
            digest, code, message = found(file)
            if digest:
                code = "same" if digest == record.sha256 else "changed"
                message = f"{file} {'is the same' if code == 'same' else 'was changed since it was attached'}"
            yield Verdict(note.path, record.line, code, message, file, record.sha256, digest)


def _path(kb: KnowledgeBase, note: Note, link: Link) -> str:
    """The path of the file that a link leads to; that it names, if there is none."""
    if link.wiki:
        from carrel.core.graph import LinkGraph

        target = LinkGraph([note], kb.files()).resolve(note.path, link)
        return target.path if target else link.target
    folder = "" if link.target.startswith("/") else posixpath.dirname(note.path)
    return posixpath.normpath(posixpath.join(folder, link.target.lstrip("/")))


def _found(kb: KnowledgeBase, path: str) -> tuple[str, str, str]:
    """The digest of a file as it is now; else "", and why there is none."""
    try:
        place = kb.absolute(path)
        if not kb.holds(place):
            return "", "unreadable", f"{path} is a link that leads out of the knowledge base"
        if not place.exists():
            return "", "vanished", f"{path} is gone"
        if not place.is_file():  # a pipe would block for ever
            return "", "unreadable", f"{path} is no file"
        with place.open("rb") as file:
            return file_digest(file, "sha256").hexdigest(), "", ""
    except OutsideRoot as error:
        return "", "unreadable", error.message
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else None
        return "", "unreadable", f"{path}: {(reason or 'no path').lower()}"
