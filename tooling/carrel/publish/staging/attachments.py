"""The files that pages show or link: which of them may leave, under what name, and with which bytes.

A picture leaves without what its camera or program wrote into it. A file that cannot be told to be harmless
stays at home, and the build says so.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from time import time_ns
from typing import TYPE_CHECKING

from carrel.core.names import stays_private
from carrel.core.note import Stamp
from carrel.publish.edition.places import ASSETS, asset_name
from carrel.publish.staging import pictures, svg
from carrel.publish.staging.pictures import NotPublished
from carrel.search.index import RACY_NS

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

_CLEANED = {
    ".svg": svg.plain,
    ".jpg": pictures.jpeg,
    ".jpeg": pictures.jpeg,
    ".png": pictures.png,
    ".webp": pictures.webp,
}
#: Bytes of a picture that is read into memory to be cleaned.
_LARGEST = 256 * 1024 * 1024


class Attachments:
    """The attachments of one knowledge base, each read only when a page needs it."""

    def __init__(self, kb: KnowledgeBase, known: dict[str, tuple[Stamp, str]] | None = None) -> None:
        """`known` are digests of files by path, each with the file's stamp; what is read here is added to it."""
        self._root = kb.root
        self._known = {} if known is None else known
        self._bases = [Path(os.path.realpath(folder)) for folder in (kb.root, *kb.folders())]
        self._places: dict[str, str] = {}

    def place(self, path: str) -> str:
        """Where in the stage the file goes: named after itself and its content."""
        if path not in self._places:
            self._places[path] = asset_name(path, "" if self._refusal(path) else self._digest(path))
        return self._places[path]

    def mark(self, path: str) -> bytes:
        """What stands for the bytes of a file as it is on disk; b"" if it may change and that would not be seen."""
        self.place(path)
        stamp, _ = self._known.get(path, (None, ""))
        return repr((path, stamp)).encode("utf-8", "replace") if stamp else b""

    def content(self, path: str) -> bytes | Path:
        """What of the file is published: its clean bytes, or the file as it is. Raises `NotPublished`."""
        if why := self._refusal(path):
            raise NotPublished(why)
        place = self._root / path
        clean = _CLEANED.get(place.suffix.lower())
        if clean is None:
            return place
        try:
            if place.stat().st_size > _LARGEST:
                raise NotPublished("is too large")
            return clean(place.read_bytes())
        except OSError as error:
            raise NotPublished(f"cannot be read: {error.strerror}") from error

    def _refusal(self, path: str) -> str:
        """Why a file may not leave whatever it holds, or "". A link counts as what it leads to."""
        real = Path(os.path.realpath(self._root / path))
        base = next((base for base in self._bases if real.is_relative_to(base)), None)
        if base is None:
            return "lies outside the knowledge base"
        if any(part.startswith(".") for part in real.relative_to(base).parts):
            return "lies in a hidden folder"
        if stays_private(str(real.relative_to(base))) or stays_private(path):
            return "is private by its name"
        if real.suffix.lower() not in ASSETS or PurePosixPath(path).suffix.lower() not in ASSETS:
            return "is of a kind that is not published"
        return "" if real.is_file() else "is not there"

    def _digest(self, path: str) -> str:
        # As `carrel log --attach` names a file, so that its name does not say the same thing twice.
        digest = blake2b(digest_size=12)
        try:
            with (self._root / path).open("rb") as file:
                status = os.fstat(file.fileno())
                stamp = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
                known = self._known.pop(path, None)
                if known is None or known[0] != stamp:
                    while part := file.read(1 << 20):
                        digest.update(part)
                    known = stamp, digest.hexdigest()[:8]
                if max(stamp.mtime_ns, stamp.ctime_ns) + RACY_NS < time_ns():
                    self._known[path] = known
                return known[1]
        except OSError:  # deleted since the folder was listed; it will be refused
            return ""
