"""The files of an index in the cache, from where a site links them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from carrel.publish.search.state import Stamp, stamp_of


class Files:
    """The files of an index in a folder of the cache: `found` gives their places by path, `stamps` what they are like.

    What a site links is never written over: it is made anew.
    """

    def __init__(self, folder: Path, before: Mapping[str, Stamp], stamps: dict[str, Stamp]) -> None:
        self._folder, self._before, self._stamps = folder, before, stamps
        self.found: dict[str, Path] = {}
        self.digests: dict[str, bytes] = {}

    def put(self, name: str, data: object) -> None:
        """Write a file, unless it is there."""
        path = f"{name}.js"
        said = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.digests[path] = blake2b(said.encode("utf-8", "replace"), digest_size=8).digest()
        place = self._folder / f"{path}.{self.digests[path].hex()}"
        if (stamp := _stamp(place)) is None or self._before.get(path) != stamp:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            write(place, script(name, data))
            stamp = stamp_of(place.stat())
        self.add(path, place, stamp)

    def add(self, path: str, place: Path, stamp: Stamp) -> None:
        """Take in a file that is there."""
        self.found[path] = place
        self._stamps[path] = stamp

    def forget(self) -> None:
        """Remove the files of before."""
        wanted = set(self.found.values())
        for place in self._folder.rglob("*.js.*"):
            if place not in wanted:
                place.unlink()


def _stamp(place: Path) -> Stamp | None:
    with suppress(FileNotFoundError):
        return stamp_of(place.stat())
    return None


def script(name: str, data: object) -> str:
    """A file of the index: it hands its data to whoever asked for it."""
    return f'carrelSearch.got("{name}",{json.dumps(data, ensure_ascii=False, separators=(",", ":"))})\n'


def write(place: Path, text: str) -> None:
    """Write a file. A lone surrogate came from what is not UTF-8."""
    place.write_bytes(text.encode("utf-8", "replace"))
