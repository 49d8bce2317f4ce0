"""Files of the stage on disk: written when their content changes, removed when nothing stands for them any more."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from carrel.core.note import Stamp
from carrel.errors import WriteFailed

#: What a staged file holds: its text, its bytes, or the file to copy.
Content = str | bytes | Path
#: What is remembered of a file that stands in a tree: what stands for its content, and its stamp.
Standing: TypeAlias = "tuple[bytes, Stamp]"


class Tree:
    """A folder that is made to hold certain files and nothing else, written one by one.

    `known` is what was remembered of its files, and after `finish` what is to be remembered. The folder is a cache: it
    is not synced to disk, and a file that is half written by a kill is written again, as its stamp is another one. A
    file is made anew, never written over: what links to the old one keeps it. Raises `WriteFailed`.
    """

    def __init__(self, root: Path, known: dict[str, Standing]) -> None:
        self.root = root
        self._root, self._known = str(root), known
        self._now: dict[str, Standing] = {}
        self._files: dict[str, Stamp] = {}
        self._folders: set[str] = {""}
        self._needed: set[str] = {""}
        self.changed = 0
        with _told(root):
            make_private(root)
            self._look("")

    def holds(self, path: str, mark: bytes) -> bool:
        """Whether a file stands there as it was left, with the content that `mark` stands for; if so it stays."""
        known = self._known.get(path)
        if known is None or known[0] != mark or self._files.get(path) != known[1]:
            return False
        self._keep(path, known)
        return True

    def put(self, path: str, mark: bytes, content: bytes | Path) -> None:
        """Write a file, or copy one, unless it is there."""
        place = f"{self._root}/{path}"
        with _told(place):
            if path in self._folders:  # a note now stands where a folder stood
                self._remove_folder(path)
            self._make_folder(path.rpartition("/")[0])
            if path not in self._files or not _is_same(Path(place), content):
                if self._files.pop(path, None) is not None:
                    os.unlink(place)  # noqa: PTH108
                if not _made(place, content):
                    return
                self.changed += 1
            status = os.stat(place, follow_symlinks=False)  # noqa: PTH116
            self._files[path] = _stamp(status)
            self._keep(path, (mark, self._files[path]))

    def finish(self) -> None:
        """Remove everything else."""
        with _told(Path(self._root)):
            for path in self._files.keys() - self._now.keys():
                os.unlink(f"{self._root}/{path}")  # noqa: PTH108
                self.changed += 1
            for folder in sorted(self._folders - self._needed, reverse=True):
                Path(self._root, folder).rmdir()
        self._known.clear()
        self._known.update(self._now)

    def _keep(self, path: str, standing: Standing) -> None:
        self._now[path] = standing
        folder = path.rpartition("/")[0]
        while folder not in self._needed:
            self._needed.add(folder)
            folder = folder.rpartition("/")[0]

    def _look(self, folder: str) -> None:
        """Take in what is in a folder. Links are never ours, nor followed."""
        inner = []
        with os.scandir(f"{self._root}/{folder}") as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    inner.append(path)
                elif entry.is_file(follow_symlinks=False):
                    self._files[path] = _stamp(entry.stat(follow_symlinks=False))
                else:
                    os.unlink(entry.path)  # noqa: PTH108
                    self.changed += 1
        for path in inner:
            self._folders.add(path)
            self._look(path)

    def _make_folder(self, folder: str) -> None:
        if folder in self._folders:
            return
        self._make_folder(folder.rpartition("/")[0])
        if self._files.pop(folder, None) is not None:  # and the other way round
            os.unlink(f"{self._root}/{folder}")  # noqa: PTH108
            self.changed += 1
        os.mkdir(f"{self._root}/{folder}")  # noqa: PTH102
        self._folders.add(folder)

    def _remove_folder(self, folder: str) -> None:
        shutil.rmtree(f"{self._root}/{folder}")
        below = f"{folder}/"
        self.changed += sum(path.startswith(below) for path in self._files)
        self._files = {path: stamp for path, stamp in self._files.items() if not path.startswith(below)}
        self._folders = {path for path in self._folders if path != folder and not path.startswith(below)}


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _is_same(place: Path, content: bytes | Path) -> bool:
    with suppress(FileNotFoundError):
        if isinstance(content, Path):
            return filecmp.cmp(content, place, shallow=False)
        return place.read_bytes() == content
    return False


def _made(place: str, content: bytes | Path) -> bool:
    """Write or copy a file; whether there was something to copy."""
    if isinstance(content, Path):
        try:
            shutil.copyfile(content, place)
        except FileNotFoundError:  # deleted since the folder was listed; the page keeps the image's words
            return False
        return True
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        data = memoryview(content)
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
    return True


@contextmanager
def _told(place: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteFailed(str(error.filename or place), error.strerror or str(error)) from error


def write(root: Path, contents: Mapping[str, Content]) -> int:
    """Make `root` hold exactly `contents` (by path relative to it). Returns how many files changed or went.

    Raises `WriteFailed`.
    """
    tree = Tree(root, {})
    for path, content in contents.items():
        tree.put(path, b"", as_bytes(content) if isinstance(content, str) else content)
    tree.finish()
    return tree.changed


def fill(root: Path, contents: Mapping[str, Content]) -> int:
    """Write `contents` into `root`, beside what else it holds. Returns how many files changed. Raises `WriteFailed`."""
    with _told(root):
        changed = 0
        folders: set[Path] = set()
        for path, content in contents.items():
            place = root / path
            if place.parent not in folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                folders.add(place.parent)
            if place.is_dir():  # a note now stands where a folder stood
                shutil.rmtree(place)
            changed += _copy(place, content) if isinstance(content, Path) else _write(place, content)
    return changed


def link(root: Path, places: Mapping[str, Path]) -> None:
    """Put these files into `root`, by path, beside what else it holds: as links where that can be, else as copies.

    They must never be written over, only made anew. Raises `WriteFailed`.
    """
    with _told(root):
        folders: set[str] = set()
        for path, source in places.items():
            place = f"{root}/{path}"
            if (folder := os.path.dirname(place)) not in folders:  # noqa: PTH120
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103
                folders.add(folder)
            try:
                os.link(source, place)
            except OSError:
                if not (os.path.exists(place) and os.path.samefile(source, place)):  # noqa: PTH110, PTH121
                    _replaced(Path(place), source)


def _replaced(place: Path, source: Path) -> None:
    """Put a file in the place of what is there."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    try:
        place.hardlink_to(source)
    except OSError:  # another file system
        shutil.copyfile(source, place)


def files(root: Path) -> dict[str, Path]:
    """Every file below `root`, by its path relative to it."""
    return {place.relative_to(root).as_posix(): place for place in sorted(root.rglob("*")) if place.is_file()}


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are not there, each for its owner alone; `mkdir` would open the others."""
    if not folder.parent.is_dir():
        make_private(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)


def as_bytes(text: str) -> bytes:
    """A text as a file holds it. A lone surrogate came from what is not UTF-8, and has no place on a site."""
    return text.encode("utf-8", "replace")


def _write(place: Path, content: str | bytes) -> bool:
    data = as_bytes(content) if isinstance(content, str) else content
    with suppress(FileNotFoundError):
        if place.read_bytes() == data:
            return False
    place.write_bytes(data)
    return True


def _copy(place: Path, source: Path) -> bool:
    try:
        if place.is_file() and filecmp.cmp(source, place, shallow=False):
            return False
        shutil.copyfile(source, place)
    except FileNotFoundError:  # deleted since the folder was listed; the page keeps the image's words
        place.unlink(missing_ok=True)
    return True
