"""Publishing into a folder of this machine.

Files are replaced one by one, each whole: what pages show goes first, what is gone goes last. Before the first of them
the manifest names all that was and all that will be there, so that the next publish can finish one that was cut off.
Bytes are compared with those that are there, so whatever was damaged in between is mended.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import NoteVanished, Refused
from carrel.publish.to.site import MANIFEST, Changes, Manifest, Site, There, check_unchanged, parse_manifest
from carrel.store import files

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

_ELSEWHERE = "name another folder"


class FolderPlace:
    """A folder, which need not exist yet."""

    def __init__(self, kb: KnowledgeBase, folder: Path) -> None:
        self._kb = kb
        self._folder = Path(os.path.realpath(folder))

    @property
    def name(self) -> str:
        """Where it is."""
        return str(self._folder)

    def digest(self, data: bytes) -> str:
        """What identifies bytes there."""
        return files.digest(data)

    def look(self) -> There:
        """What stands there now. Raises `Refused` where the folder is part of the knowledge base, or no folder."""
        self._check()
        try:
            names = sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return There()
        except OSError as error:
            raise files.failed(self._folder, error) from error
        manifest = self._manifest()
        if manifest is None:
            return There(others=tuple(name for name in names if not name.startswith(files.TEMPORARY)))
        self._check_ways(manifest.files)
        found = {}
        for path in manifest.files:
            place = self._folder / path
            with suppress(NoteVanished):
                if not place.is_symlink():  # then it is not what we wrote, and what it leads to is not ours
                    found[path] = self.digest(files.read(place))
        return There(manifest, found)

    def put(self, site: Site, there: There, changes: Changes) -> str:
        """Make the folder hold the site, beside what others put there; its first page."""
        self._check_ways(site.files)
        check_unchanged(self._manifest(), there, self.name)
        whole = Manifest(site.audience, dict.fromkeys(site.files, ""))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            files.sweep(self._folder)
            if changes:
                before = there.manifest.files if there.manifest else {}
                both = Manifest(site.audience, dict.fromkeys((*before, *site.files), ""))
                self._write(MANIFEST, both.data())
                self._remove(changes.in_the_way())
                for path in (*changes.first(), *changes.then()):
                    self._write(path, site.files[path].read_bytes())
                self._remove(changes.last())
                whole = whole.with_strangers(self._manifest(), both)
            if not files.holds(self._folder / MANIFEST, whole.data()):
                self._write(MANIFEST, whole.data())
        except OSError as error:
            raise files.failed(Path(error.filename2 or error.filename or self._folder), error) from error
        return str(self._folder / "index.html")

    def _manifest(self) -> Manifest | None:
        place = self._folder / MANIFEST
        return parse_manifest(files.read(place), self.name) if os.path.lexists(place) else None

    def _check(self) -> None:
        """Raise `Refused` if the folder is, holds, or lies within what the knowledge base is made of."""
        kb, config = self._kb, self._kb.config
        notes = {*config.folders, config.log_folder, config.notes_folder, config.papers_folder} - {"."}
        own = [kb.root / folder for folder in (*sorted(notes), ".carrel", ".git", "site")]
        for place in map(Path, map(os.path.realpath, (*own, kb.cache_dir))):
            if self._folder.is_relative_to(place) or place.is_relative_to(self._folder):
                raise Refused(f"{self._folder}: the site would be written over {place}", _ELSEWHERE)
        if kb.root.is_relative_to(self._folder):
            raise Refused(f"{self._folder}: the site would be written over the knowledge base", _ELSEWHERE)
        if self._folder.exists() and not self._folder.is_dir():
            raise Refused(f"{self._folder} is no folder", _ELSEWHERE)

    def _check_ways(self, paths: Iterable[str]) -> None:
        """Raise `Refused` if a link is among the folders that these files are in: it may lead to anything."""
        for above in {parent for path in paths for parent in Path(path).parents}:
            place = self._folder / above
            if above != Path() and place.is_symlink():
                raise Refused(f"{place} is a symbolic link; nothing was written", f"remove it, or {_ELSEWHERE}")

    def _write(self, path: str, data: bytes) -> None:
        """Put a file there, whole, in place of what has its name. Not synced: the next publish looks at the bytes."""
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{files.TEMPORARY}{os.getpid()}.tmp"
        try:
            with fresh.open("xb") as handle:
                handle.write(data)
            fresh.replace(place)
        except OSError:
            with suppress(OSError):  # the first error is the one to report
                fresh.unlink()
            raise

    def _remove(self, paths: Iterable[str]) -> None:
        """Remove files that we wrote, and folders that are empty then."""
        for path in paths:
            with suppress(FileNotFoundError, NotADirectoryError):
                (self._folder / path).unlink()
            for above in Path(path).parents[:-1]:
                with suppress(OSError):  # it holds something: it stays
                    (self._folder / above).rmdir()
