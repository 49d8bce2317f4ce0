"""The files of a built site: which are as they were when the gate last saw them, and what is in the others."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carrel.errors import SourceError
from carrel.publish.gate.answers import Answers
from carrel.publish.gate.credentials import Credential, credentials
from carrel.publish.gate.grams import Numbers, Words, hashed
from carrel.publish.gate.line_words import GAP, FileLines, Flows
from carrel.publish.gate.rows import BREAK
from carrel.publish.gate.site_lines import SiteLines
from carrel.publish.gate.site_text import is_script, readable, run_together, unpacked

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.publish.gate.needles import Mask, Needles
    from carrel.publish.gate.scanner import Scanner

#: A file that was written less than this ago may be written again without a new time: FAT's clock goes by two seconds.
_RACY_NS = 2_000_000_000
#: What tells cheaply that a file is as it was (inode number, nanoseconds of the last write, bytes), and the digest of
#: its bytes. The time of its last change would say more, but making a hard link of it changes that too. What the
#: rendering knows of a file, that it was made from the same, is not asked: it may be wrong in what it made, and the
#: gate is there for that. To ask the file system for each of ten thousand files takes
#: less than a tenth of a second.
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
        self._memory = memory
        self._lines = SiteLines(memory)
        self._before = frozenset(memory.names("file"))
        self._numbers: dict[bytes, FileLines] = {}
        self._files: dict[str, bytes] = {}
        self._now: set[bytes] = set()
        self._bad: set[int] = set()
        self._unscanned: list[tuple[str, bytes]] = []
        self._size = 0
        self._stamps: list[bytes] = []
        self._answers = Answers("found", memory)
        stamps = next((value for _, value in memory.values("stamps")), b"")
        digests = {(inode, written, size): digest for inode, written, size, digest in _STAMP.iter_unpack(stamps)}
        settled = time.time_ns() - _RACY_NS
        walked = sorted(_walk(str(site), ""))
        self.names = tuple(name for name, _ in walked)
        for name, stamp in walked:
            digest = digests.get(stamp)
            if digest is None or not self._know(name, digest):
                digest = self._read(name)
            if stamp[1] < settled:
                self._stamps.append(_STAMP.pack(*stamp, digest))
        self._scan()
        self._scan_once_more()
        self._lines.forget_texts()
        self._forget_the_bad()
        self._ids = [digest if digest in self._now else b"" for digest in self._files.values()]

    def _know(self, name: str, digest: bytes) -> bool:
        """Whether a file holds what another did that was looked through."""
        if digest not in self._numbers and digest not in self._before:
            return False
        self._files[name] = digest
        self._now.add(digest)
        return True

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
        self._numbers[digest] = np.array(numbers, np.uint32)
        self._files[name] = digest
        self._now.add(digest)
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
            self._now = {digest for digest in self._now if not np.isin(self._lines_of(digest), bad).any()}

    @cached_property
    def _remembered(self) -> dict[bytes, FileLines]:
        """The lines of files that were not read."""
        return {digest: np.frombuffer(lines, np.uint32) for digest, lines in self._memory.values("file")}

    def _lines_of(self, digest: bytes) -> FileLines:
        numbers = self._numbers.get(digest)
        return self._remembered[digest] if numbers is None else numbers

    def found(self, needles: Needles) -> Mask:
        """Which needles are in the site, in its files or their names."""
        in_files: Mask = self._answers.first(needles, self._ids, self._places) >= 0
        return needles.found(self._words_of_names()) | in_files

    def places(self, needles: Needles) -> Iterator[tuple[str, int]]:
        """(file, needle): which files have which needles; "" are the names of files."""
        yield from (("", needle) for needle in needles.places(self._words_of_names())[1].tolist())
        names = list(self._files)
        files, found = self._places(needles, range(len(names)))
        yield from ((names[file], needle) for file, needle in zip(files.tolist(), found.tolist(), strict=True))

    def _places(self, needles: Needles, files: Sequence[int]) -> tuple[Numbers, Numbers]:
        """The same, by the numbers of files, in some of them."""
        names, digests = list(self._files), list(self._files.values())
        words, at = self._lines.words(of_all=any(digests[file] not in self._numbers for file in files))
        places, found = Flows(words, [at[self._lines_of(digests[file])] for file in files]).places(needles)
        numbers = np.asarray(files)[places]
        is_asset = np.fromiter((name in self._assets for name in names), np.bool_, len(names))
        counts = ~(is_asset[numbers] & needles.is_name[found])
        return numbers[counts], found[counts]

    def _words_of_names(self) -> Words:
        return hashed([name for name in self.names if name not in self._assets])[0]

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of the site, and forgotten."""
        fresh, gone = self._now - self._before, self._before - self._now
        lost = sum(int.from_bytes(value, "big") for _, value in self._memory.values("lost"))
        lost += sum(len(self._memory.value("file", digest)) // np.uint32().nbytes for digest in gone)
        lost += len(self._bad)  # lines that so many files had at most that are gone
        if self._lines.is_wasteful(lost):
            lines = {digest: self._lines_of(digest) for digest in self._now}
            lost = self._lines.wasted(lines.values())
            if self._lines.is_wasteful(lost):
                self._numbers, fresh, lost = self._lines.shrink(lines), self._now, 0
                yield "file", None, None
        yield from (("file", digest, None) for digest in gone)
        if fresh:
            yield from self._lines.changes()
        yield from (("file", digest, self._numbers[digest].tobytes()) for digest in fresh)
        yield "lost", b"", lost.to_bytes(8, "big")
        yield "stamps", b"", b"".join(self._stamps)
        yield from self._answers.changes()


def _walk(root: str, folder: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Every file below `folder`, by its path relative to `root`, with its inode number, time of writing and size."""
    with os.scandir(os.path.join(root, folder)) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(root, name)
            elif entry.is_file():
                status = entry.stat()
                yield name, (status.st_ino, status.st_mtime_ns, status.st_size)


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
