"""The files of a built site: which are as they were when the gate last saw them, and what is in the others."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carrel.errors import SourceError
from carrel.publish.gate.answers import Answers
from carrel.publish.gate.credentials import Credential, credentials
from carrel.publish.gate.grams import Numbers, Words, hashed
from carrel.publish.gate.rows import BREAK
from carrel.publish.gate.site_lines import GAP, FileLines, Flows, SiteLines
from carrel.publish.gate.site_text import is_script, readable, run_together, unpacked

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.publish.gate.needles import Mask, Needles
    from carrel.publish.gate.scanner import Scanner

#: A file that was written less than this ago may be written again without a new time: FAT's clock goes by two seconds.
_RACY_NS = 2_000_000_000
#: What tells cheaply that a file is as it was (inode number, nanoseconds of the last write, bytes), and the digest of
#: its bytes. The time of its last change would say more, but making a hard link of it changes that too.
_STAMP = struct.Struct("<QQQ16s")

#: Bytes of new text in which credentials are looked for at once.
_SCANNED = 1 << 18
_BETWEEN = f"\n{BREAK}\n".encode()


class SiteFiles:
    """The files of the site in the folder `site`, read unless they are the same in one of the folders `themes`.

    In `assets`, files that notes share, names do not count. `names` are all files; `credentials` are what looks like
    a key or a password, each with the first file that has it, to us or to `scanner`. Raises `Damaged`, `BuildFailed`.
    """

    def __init__(
        self, site: Path, assets: Set[str], themes: Sequence[Path], memory: Memory, scanner: Scanner | None = None
    ) -> None:
        self._scanner = scanner
        self.credentials: dict[Credential, str] = {}
        self._site, self._assets, self._themes = site, assets, themes
        self._lines = SiteLines(memory)
        self._before = {digest: np.frombuffer(lines, np.uint32) for digest, lines in memory.values("file")}
        self._now: dict[bytes, FileLines] = {}
        self._files: dict[str, FileLines] = {}
        self._bad: set[int] = set()
        self._unscanned: list[tuple[str, bytes]] = []
        self._size = 0
        digests_of: list[bytes] = []
        self._stamps: list[bytes] = []
        self._answers = Answers("found", memory)
        stamps = next((value for _, value in memory.values("stamps")), b"")
        digests = {stamp: digest for *stamp_of, digest in _STAMP.iter_unpack(stamps) if (stamp := tuple(stamp_of))}
        settled = time.time_ns() - _RACY_NS
        walked = sorted(_walk(str(site), ""))
        self.names = tuple(name for name, _ in walked)
        for name, status in walked:
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            digest = digests.get(stamp)
            if digest is None or not self._know(name, digest):
                digest = self._read(name)
            digests_of.append(digest)
            if status.st_mtime_ns < settled:
                self._stamps.append(_STAMP.pack(*stamp, digest))
        self._scan()
        self._scan_once_more()
        self._lines.settle()
        self._forget_the_bad()
        self._ids = [digest if digest in self._now else b"" for digest in digests_of]

    def _know(self, name: str, digest: bytes) -> bool:
        """Whether a file holds what another did that was looked through."""
        numbers = self._now.get(digest, self._before.get(digest))
        if numbers is not None:
            self._now[digest] = self._files[name] = numbers
        return numbers is not None

    def _read(self, name: str) -> bytes:
        """Look through one file. Returns its digest."""
        place = self._site / name
        data = place.read_bytes()
        # What a script holds is read in another way, and what a note shares counts in another way.
        kind = f"{'script' * is_script(name)} {'asset' * (name in self._assets)}"
        digest = blake2b(data, digest_size=16, person=kind.encode()).digest()
        if self._know(name, digest):
            return digest
        numbers: list[int] = []
        if not any(_is_same(f"{theme}/{name}", data) for theme in self._themes):
            for part in (*unpacked(name, data), *_pages(place, data)):
                known, new = self._lines.read(part)
                numbers += (*filter(None, known), GAP)
                if new:
                    self._unscanned.append((name, new))
                    self._size += len(new)
        if self._size > _SCANNED:
            self._scan()
        self._now[digest] = self._files[name] = np.array(numbers, np.uint32)
        return digest

    def _scan(self) -> None:
        """Look for credentials in what is new of the files so far."""
        if self._scanner is not None:
            for name, text in self._unscanned:
                self._scanner.add(name, _scannable([text]))
        if any(credentials(_scannable([text for _, text in self._unscanned]))):
            for name, text in self._unscanned:
                if doors := list(credentials(_scannable([text]))):
                    self._distrust(name, doors)
        self._unscanned, self._size = [], 0

    def _scan_once_more(self) -> None:
        """Hear what the scanner has found that our own rules have not."""
        for name, door in self._scanner.found() if self._scanner is not None else ():
            if not any(door.text in own.text or own.text in door.text for own in self.credentials):
                self._distrust(name, [door])

    def _distrust(self, name: str, doors: Sequence[Credential]) -> None:
        """Note credentials in a file. As long as it has them, it and what else has such lines is read every time."""
        self.credentials |= {door: name for door in doors if door not in self.credentials}
        place = self._site / name
        data = place.read_bytes()
        begins = [door.text[:8] for door in doors]
        for part in (*unpacked(name, data), *_pages(place, data)):
            self._bad |= self._lines.distrust(part, lambda line: any(one in _scannable([line]) for one in begins))

    def _forget_the_bad(self) -> None:
        if self._bad:
            bad = np.fromiter(self._bad, np.uint32)
            self._now = {digest: lines for digest, lines in self._now.items() if not np.isin(lines, bad).any()}

    def found(self, needles: Needles) -> Mask:
        """Which needles are in the site, in its files or their names."""
        return needles.found(self._words_of_names()) | self._answers.found(needles, self._ids, self._places)

    def places(self, needles: Needles) -> Iterator[tuple[str, int]]:
        """(file, needle): which files have which needles; "" are the names of files."""
        yield from (("", needle) for needle in needles.places(self._words_of_names())[1].tolist())
        names = list(self._files)
        files, found = self._places(needles, range(len(names)))
        yield from ((names[file], needle) for file, needle in zip(files.tolist(), found.tolist(), strict=True))

    def _places(self, needles: Needles, files: Sequence[int]) -> tuple[Numbers, Numbers]:
        """The same, by the numbers of files, in some of them."""
        lines, names = list(self._files.values()), list(self._files)
        places, found = Flows(self._lines, [lines[file] for file in files]).places(needles)
        numbers = np.asarray(files)[places]
        is_asset = np.fromiter((name in self._assets for name in names), np.bool_, len(names))
        counts = ~(is_asset[numbers] & needles.is_name[found])
        return numbers[counts], found[counts]

    def _words_of_names(self) -> Words:
        return hashed([name for name in self.names if name not in self._assets])[0]

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of the site, and forgotten."""
        fresh = set(self._now) - set(self._before)
        if self._lines.is_wasteful(self._now.values()):
            self._now = self._lines.shrink(self._now)
            yield "file", None, None
            fresh = set(self._now)
        else:
            yield from (("file", digest, None) for digest in self._before.keys() - self._now.keys())
        yield from self._lines.changes()
        yield from (("file", digest, self._now[digest].tobytes()) for digest in fresh)
        yield "stamps", b"", b"".join(self._stamps)
        yield from self._answers.changes()


def _walk(root: str, folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below `folder`, by its path relative to `root`."""
    with os.scandir(os.path.join(root, folder)) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(root, name)
            elif entry.is_file():
                yield name, entry.stat()


def _scannable(texts: Sequence[bytes]) -> str:
    """Texts as credentials are looked for in them: keys have no letters but those of ASCII, where it goes faster."""
    text = run_together(readable(_BETWEEN.join(texts)))
    return text.replace("…", "...").encode("ascii", "replace").decode("ascii")


def _pages(place: Path, data: bytes) -> Iterator[bytes]:
    """The text of a PDF."""
    if data[:4] == b"%PDF":
        from carrel.metadata import pdf

        with suppress(SourceError):  # one that cannot be read says nothing to a search engine either
            yield from (page.text.encode("utf-8", "replace") for page in pdf.pages(place))


def _is_same(place: str, data: bytes) -> bool:
    with suppress(OSError):
        return os.stat(place).st_size == len(data) and Path(place).read_bytes() == data  # noqa: PTH116
    return False
