"""What a built site was made from, file by file, so that the next build keeps what would come out the same.

A file is kept by a hard link into the new site, or copied where the file system has no links. It is kept only if it
is as the last build left it. Whatever is wrong with what is remembered, everything is made again.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Collection
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeAlias

from carrel.publish.press.hard_links import Links, Stamp, stamp_of
from carrel.publish.staging.staged import digest_of
from carrel.store import cache

_FORMAT = b"carrel sheets 1\n"
_DIGEST = 16  # bytes of what `digest_of` gives


class Row(NamedTuple):
    """A file: what it was made from, the places that its links lead to, and the digest of its bytes.

    A file that was copied from elsewhere has no digest.
    """

    key: bytes
    targets: tuple[str, ...]
    digest: bytes


#: What is remembered: the world, the folder of the site, the places of its links, and by place rows and stamps.
_Known: TypeAlias = tuple[bytes, str, frozenset[str], dict[str, tuple[bytes, tuple[str, ...], bytes]], dict[str, Stamp]]


class Sheets:
    """The files of the site in the folder `old`, and those of the one that is being made of them in `fresh`.

    `world` stands for everything else that a page depends on; `places` are all files that links may lead to. The
    file `memory` is for its owner alone: it tells what private notes link to. `there` is what `link_ahead` put into
    `fresh`: what of it is not kept must be cleared away before anything is written.
    """

    def __init__(
        self,
        memory: Path,
        world: bytes,
        places: frozenset[str],
        old: Path,
        fresh: Path,
        there: Collection[str] = (),
    ) -> None:
        self._memory, self._world, self._places = memory, world, places
        self._old, self._links = str(old), Links(old, fresh, there)
        self._folder = fresh.stat().st_ino
        self._rows: dict[str, Row] = {}
        self._stamps: dict[str, Stamp] = {}
        self._now: dict[str, Row] = {}
        before = self._load()
        # what is there now and was not, or the other way round
        self._altered = places ^ before

    def keep(self, place: str, key: bytes) -> bool:
        """Take over the file at `place`, if it was made from the same as it would be made from now."""
        row = self._rows.get(place)
        if row is None or row.key != key or not self._altered.isdisjoint(row.targets):
            return False
        if self._links.link(place, self._stamps.get(place)) or self._same(place, row):
            self._now[place] = row
            return True
        return False

    def clear(self) -> None:
        """Remove what was put there ahead and is not kept."""
        self._links.remove_but(self._now)

    def write(self, place: str, data: bytes) -> bytes:
        """Write the file at `place` and return its digest. To be told of by `add`, maybe in another process."""
        with open(self._links.emptied(place), "xb") as file:
            file.write(data)
        return digest_of(data)

    def copy(self, place: str, source: str, key: bytes) -> None:
        """Copy the file at `place` from elsewhere."""
        shutil.copyfile(source, self._links.emptied(place))
        self.add(place, Row(key, (), b""))

    def add(self, place: str, row: Row) -> None:
        """Remember a file that was written."""
        self._now[place] = row

    def changed(self) -> dict[str, bytes]:
        """The places where something else stands than before, with the digests of what; b"" where nothing does now."""
        before, now = self._rows, self._now
        gone = dict.fromkeys(before.keys() - now, b"")
        return gone | {place: row.digest for place, row in now.items() if before.get(place) != row}

    def save(self, site: Path) -> None:
        """Remember the new site, which now stands in the folder `site`, when nothing of it changes any more.

        A build for another audience may have put its own there meanwhile: then nothing is remembered.
        """
        stamps = {}
        for place in self._now:
            with suppress(OSError):  # it was changed already: then it is made again
                stamps[place] = stamp_of(os.lstat(f"{site}/{place}"))
        if not site.is_dir() or site.stat().st_ino != self._folder:
            return
        rows = {place: tuple(row) for place, row in self._now.items()}
        data = pickle.dumps((self._world, str(site), self._places, rows, stamps), pickle.HIGHEST_PROTOCOL)
        cache.save(self._memory, b"".join((_FORMAT, digest_of(data), data)))

    def _load(self) -> frozenset[str]:
        """The places of the last build, if it was in the same world and for the same folder."""
        if (known := _read(self._memory)) is not None and known[:2] == (self._world, self._old):
            _, _, places, rows, self._stamps = known
            self._rows = {place: Row(*row) for place, row in rows.items()}
            return places
        return frozenset()

    def _same(self, place: str, row: Row) -> bool:
        """Whether the file holds what was written, whatever happened to it, and is now in the new site too."""
        try:
            with open(os.open(f"{self._old}/{place}", os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                data = file.read()
        except OSError:
            return False
        if not row.digest or digest_of(data) != row.digest:
            return False
        self.write(place, data)
        return True


def link_ahead(memory: Path, old: Path, fresh: Path) -> set[str]:
    """Put every file of the site in `old` that is as it was left into `fresh`, and nothing else; which ones that are.

    So it can be done before it is known which of them stay. Not those of the search, which are put there by others.
    """
    for left in fresh.iterdir():  # of a process that died at it
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    known = _read(memory)
    if known is None or known[1] != str(old):
        return set()
    links = Links(old, fresh)
    return {place for place, stamp in known[4].items() if not place.startswith("search/") and links.link(place, stamp)}


def _read(memory: Path) -> _Known | None:
    with suppress(Exception):  # a damaged pickle raises whatever it likes; a build of everything repairs it
        data = memory.read_bytes()
        digest, body = data[len(_FORMAT) :][:_DIGEST], data[len(_FORMAT) + _DIGEST :]
        if data.startswith(_FORMAT) and digest == digest_of(body):
            world, site, places, rows, stamps = _Unpickler(BytesIO(body)).load()
            return world, site, frozenset(places), dict(rows), dict(stamps)
    return None


class _Unpickler(pickle.Unpickler):
    """Reads what has no classes in it, so that nobody's file makes us run anything."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name}")
