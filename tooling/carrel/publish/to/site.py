"""What is published, what is there already, and how the two differ.

A place remembers in a file of its own, `MANIFEST`, which of its files Carrel wrote. Only these are ever removed, and
none is where there is no such file. It says nothing that the site does not say.
"""

from __future__ import annotations

import json
import os
import posixpath
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from carrel.core.note import Visibility
from carrel.errors import PublishFailed, Refused

MANIFEST = ".carrel-published"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Site:
    """A built site that is to go: its folder, and its files by path, each with its place on this machine."""

    folder: Path
    audience: Visibility
    files: Mapping[str, Path]

    def digests(self, digest: Callable[[bytes], str]) -> dict[str, str]:
        """What identifies each file's bytes."""
        return {path: digest(place.read_bytes()) for path, place in self.files.items()}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which files of a place Carrel wrote, each with what identifies its bytes ("" where the place itself tells)."""

    audience: Visibility
    files: Mapping[str, str]

    def data(self) -> bytes:
        """The file that says it: one line for each, so that two of them compare well."""
        said = {"carrel": _FORMAT, "audience": self.audience.value, "files": dict(sorted(self.files.items()))}
        return (json.dumps(said, indent=0, ensure_ascii=False) + "\n").encode("utf-8", "surrogateescape")

    def with_strangers(self, found: Manifest | None, written: Manifest) -> Manifest:
        """This one, which also names what somebody published meanwhile, so that the next publish removes it.

        `found` is there now, where `written` should be.
        """
        strange = [path for path in (found.files if found else ()) if path not in written.files]
        return Manifest(self.audience, {**dict.fromkeys(strange, ""), **self.files})


@dataclass(frozen=True, slots=True)
class There:
    """What stands at a place now: what Carrel wrote and is still there, by path with what identifies its bytes.

    `manifest` is None where nothing was published yet. `others` are names of what somebody else put there, as far as
    the place tells them. `version` is what it calls this state.
    """

    manifest: Manifest | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    version: str = ""

    def blocking(self, paths: Collection[str]) -> str:
        """A file of others that cannot stand beside files of these names, "" if there is none."""
        folders = {above for path in paths for above in folders_of(path)}
        return next((one for one in self.others if one in folders or any(up in paths for up in folders_of(one))), "")


@dataclass(frozen=True, slots=True)
class Changes:
    """How a site differs from what stands at a place, in paths."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def in_the_way(self) -> list[str]:
        """What is removed before anything is written: pages where a folder is to stand now, and the reverse."""
        wanted = {*self.added, *self.changed}
        folders = {above for path in wanted for above in folders_of(path)}
        return [path for path in self.removed if path in folders or not wanted.isdisjoint(folders_of(path))]

    def first(self) -> list[str]:
        """What can be written before anything links to it: what pages show, and the pages that are new."""
        assets = [path for path in (*self.added, *self.changed) if not is_page(path) and not _lists(path)]
        return assets + [path for path in self.added if is_page(path)]

    def then(self) -> list[str]:
        """What links to the rest: changed pages, then what lists pages for programs."""
        lists = [path for path in (*self.added, *self.changed) if _lists(path) and not is_page(path)]
        return [path for path in self.changed if is_page(path)] + lists

    def last(self) -> list[str]:
        """What is removed when nothing leads to it any more."""
        early = set(self.in_the_way())
        return [path for path in self.removed if path not in early]


class Place(Protocol):
    """Somewhere a site can be published to. Nothing is kept between `look` and `put` but what `There` says."""

    @property
    def name(self) -> str:
        """What people call it."""

    def digest(self, data: bytes) -> str:
        """What identifies bytes there."""

    def look(self) -> There:
        """What stands there now; nothing is written. Raises `Refused` where no site may stand, `PublishFailed`."""

    def put(self, site: Site, there: There, changes: Changes) -> str:
        """Make the changes; where the site is now. Raises `PublishFailed`, `WriteFailed`, `Refused`."""


def site_at(folder: Path, audience: Visibility) -> Site:
    """The built site in `folder`. Its hidden files stay: the marker of the build, and what its owner keeps there."""
    files = {}
    for above, folders, names in os.walk(folder):
        if above == str(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            names = [name for name in names if not name.startswith(".")]
        for name in names:
            place = Path(above, name)
            if stat.S_ISREG(place.lstat().st_mode):
                files[place.relative_to(folder).as_posix()] = place
    return Site(folder, audience, dict(sorted(files.items())))


def compare(now: Mapping[str, str], there: There) -> Changes:
    """What has to change at a place that holds `there` for a site of the files `now`, by path with their digests."""
    return Changes(
        tuple(path for path in now if path not in there.files),
        tuple(path for path, digest in now.items() if there.files.get(path, digest) != digest),
        tuple(sorted(path for path in there.files if path not in now)),
    )


def parse_manifest(data: bytes, place: str) -> Manifest:
    """The manifest of a place. Raises `Refused`: what it lists is removed, so it must be one of ours, whole."""
    try:
        said = json.loads(data.decode("utf-8", "surrogateescape"))
        files = said["files"]
        if said["carrel"] == _FORMAT and _are_paths(files) and all(isinstance(one, str) for one in files.values()):
            return Manifest(Visibility(said["audience"]), files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise Refused(
        f"{place}: its {MANIFEST} is damaged, or a newer Carrel's; nothing was written",
        "if the place holds nothing but a site of yours, empty it and publish again",
    )


def check_unchanged(now: Manifest | None, there: There, name: str) -> None:
    """Raise `PublishFailed` if somebody published at a place since it was looked at."""
    if now != there.manifest:
        raise PublishFailed(f"{name}: somebody published there meanwhile", "run the command again")


def is_page(path: str) -> bool:
    """Whether a file of a site is a page."""
    return path.endswith(".html")


def is_attachment(path: str) -> bool:
    """Whether a file of a site is a note's. Attachments lie side by side in one folder; the theme's files are below."""
    return posixpath.dirname(path) == "assets"


def _lists(path: str) -> bool:
    """Whether a file of a site lists pages: the search, the map of the site, feeds."""
    return path.startswith("search/") or path.endswith((".xml", ".xml.gz", ".atom"))


def folders_of(path: str) -> list[str]:
    """The folders that a file is in.

    >>> folders_of("a/b/c.html")
    ['a', 'a/b']
    """
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def _are_paths(paths: Iterable[str]) -> bool:
    """Whether all of these lead to files within a folder."""
    return all(
        "\0" not in path and not any(part in ("", ".", "..", ".git") for part in path.lower().split("/"))
        for path in paths
    )
