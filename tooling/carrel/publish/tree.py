"""Files of the stage on disk: written when their bytes change, removed when nothing stands for them any more."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from carrel.errors import WriteFailed

#: What a staged file holds: its text, its bytes, or the file to copy.
Content = str | bytes | Path


def write(root: Path, contents: Mapping[str, Content]) -> int:
    """Make `root` hold exactly `contents` (by path relative to it). Returns how many files changed or went.

    The stage is a cache: it is not synced to disk, and a file that is half written by a kill is written again.
    Raises `WriteFailed`.
    """
    try:
        make_private(root)
        changed = _remove_others(root, {str(root / path) for path in contents})
    except OSError as error:
        raise _failed(root, error) from error
    return changed + fill(root, contents)


def fill(root: Path, contents: Mapping[str, Content]) -> int:
    """Write `contents` into `root`, beside what else it holds. Returns how many files changed. Raises `WriteFailed`."""
    try:
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
    except OSError as error:
        raise _failed(root, error) from error
    return changed


def _failed(root: Path, error: OSError) -> WriteFailed:
    return WriteFailed(str(error.filename or root), error.strerror or str(error))


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are not there, each for its owner alone; `mkdir` would open the others."""
    if not folder.parent.is_dir():
        make_private(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)


def _write(place: Path, content: str | bytes) -> bool:
    # A lone surrogate came from a name or a text that is not UTF-8; it has no place on a site.
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
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


def _remove_others(root: Path, wanted: set[str]) -> int:
    """Remove what is not wanted, and folders that are empty then. Links are never ours, nor followed."""
    removed = 0
    for folder, folders, names in os.walk(root, topdown=False):
        for name in names:
            place = Path(folder, name)
            if str(place) not in wanted or place.is_symlink():
                place.unlink()
                removed += 1
        for name in folders:
            if Path(folder, name).is_symlink():
                Path(folder, name).unlink()
        if folder != str(root):
            with suppress(OSError):  # it holds something: it stays
                Path(folder).rmdir()
    return removed
