"""Where things are in a knowledge base: its root, the folders that hold notes, and the place of a path on this machine.

Nothing here knows what a note says, and nothing writes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from carrel.core.names import slugify
from carrel.errors import OutsideRoot
from carrel.store.config import Config, cache_home
from carrel.store.walk import MARKER, Walk, walk


class Rooted:
    """A folder `root` with its settings. Paths that go in and come out are POSIX strings relative to it."""

    def __init__(self, root: Path, config: Config, environment: Mapping[str, str]) -> None:
        self.root = root
        self.config = config
        self._environment = environment

    @staticmethod
    def root_above(start: Path) -> Path | None:
        """The nearest folder from `start` upwards that holds `.carrel/`."""
        start = start.resolve()
        return next((folder for folder in (start, *start.parents) if (folder / MARKER).is_dir()), None)

    @property
    def config_path(self) -> Path:
        """Its own configuration file, which need not exist."""
        return self.root / MARKER / "config.toml"

    @cached_property
    def cache_dir(self) -> Path:
        """Where its index and site stage are kept: outside of it, named after its place on this machine."""
        identity = blake2b(os.fsencode(self.root), digest_size=8).hexdigest()
        return cache_home(self._environment) / f"{slugify(self.root.name)[:30] or 'root'}-{identity}"

    def absolute(self, path: str) -> Path:
        """The place of `path` on this machine. Raises `OutsideRoot`."""
        return Path(self._place(path))

    def _place(self, path: str) -> str:
        if path.startswith("/") or (".." in path and ".." in path.split("/")):
            raise OutsideRoot(path)
        return os.path.join(self.root, path)

    def relative(self, place: Path) -> str:
        """The path of a file that is given by its place. Raises `OutsideRoot`."""
        absolute = Path(os.path.normpath(Path.cwd() / place))
        for known in (absolute, absolute.parent.resolve() / absolute.name):
            if known.is_relative_to(self.root):
                return known.relative_to(self.root).as_posix()
        raise OutsideRoot(str(place))

    def folder_names(self) -> tuple[str, ...]:
        """The folders that hold notes: the configured ones and those that are written to, none within another.

        What was written must be found, whatever `folders` says.
        """
        config = self.config
        wanted = dict.fromkeys((*config.folders, config.log_folder, config.notes_folder, config.papers_folder))
        return tuple(
            name
            for name in wanted
            if not any(name != other and (other == "." or name.startswith(f"{other}/")) for other in wanted)
        )

    def folders(self) -> list[Path]:
        """The folders that hold notes, as far as they exist."""
        return [place for name in self.folder_names() if (place := self.root / name).is_dir()]

    def walk(self, only: str = "", *, stamped: bool = True) -> Walk:
        """Every file in the notes' folders, or in `only` one, with its stamp if it is to be `stamped`."""
        root = str(self.root)
        everywhere = "." in self.folder_names()
        passed_over = frozenset(os.path.join(root, name) for name in ("site", "node_modules") if everywhere)
        folders = [str(self.root / only)] if only else [str(folder) for folder in self.folders()]
        return walk(root, folders, passed_over, self._real_path, stamped=stamped)

    def _real_path(self, link: str) -> str:
        """Where a link leads, relative to the root as notes are listed. Raises `OutsideRoot`."""
        real = Path(os.path.realpath(self._inside(Path(link))))
        for folder in (self.root, *self.folders()):
            if real.is_relative_to(folder.resolve()):
                return (folder / real.relative_to(folder.resolve())).relative_to(self.root).as_posix()
        raise OutsideRoot(link)

    def _inside(self, place: Path) -> Path:
        """`place`, if no link leads from it out of the knowledge base or its notes' folders. Raises `OutsideRoot`."""
        if not self.holds(place):
            raise OutsideRoot(str(place))
        return place

    def holds(self, place: Path) -> bool:
        """Whether no link leads from `place` out of the knowledge base or its notes' folders."""
        real = Path(os.path.realpath(place))  # Path.resolve raises for a link that leads to itself
        return any(real.is_relative_to(base) for base in (self.root, *map(Path.resolve, self.folders())))
