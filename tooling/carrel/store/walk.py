"""Listing the files of the notes' folders: what is there, and what is passed over and why.

Every search begins with it, so it costs little more than the system calls: the files of a folder are asked about from
within it, which spares the system the way there, and nothing is made of a file but its path and stamp.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from carrel.core.names import is_conflict_copy
from carrel.core.note import Stamp
from carrel.errors import OutsideRoot

MARKER = ".carrel"
#: The stamp of a file that was not asked about.
UNSEEN = Stamp(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that looks like a note and is not read, and why."""

    path: str
    reason: str


@dataclass(slots=True)
class Walk:
    """What was found: every file with its stamp, and the folders that were entered, by their place on this machine.

    Paths are relative to the root. `skipped` is what was left out for a reason that a person should know. `aliased`
    says that some file has another name, a link or a hard link, by which it can be changed from elsewhere.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    aliased: bool = False


def is_note(path: str) -> bool:
    """Whether a file of that path is a note."""
    return path.endswith(".md") and not is_conflict_copy(path)


def notes_in(files: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """Those of the files that are notes."""
    copies = {path for path in files if "conflict" in path.lower() and is_conflict_copy(path)}
    return {path: stamp for path, stamp in files.items() if path.endswith(".md") and path not in copies}


def is_pdf(path: str) -> bool:
    """Whether a file of that path is a PDF."""
    return path[-4:].lower() == ".pdf"


def walk(
    root: str,
    folders: list[str],
    passed_over: frozenset[str],
    real_path: Callable[[str], str],
    *,
    stamped: bool = True,
) -> Walk:
    """Every file in `folders`; if it is not `stamped`, each is `UNSEEN`, and that takes a quarter of the time.

    Hidden names, links to folders and other knowledge bases within are not entered. `real_path` says where a link
    leads, relative to the root, or raises `OutsideRoot`; a link to a note that is listed itself is no second note.
    """
    cut = len(root.rstrip("/")) + 1
    found = Walk()
    links: list[str] = []
    stack = list(folders)
    while stack:
        folder = stack.pop()
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # deleted since its folder was listed
        except OSError as error:
            found.skipped.append(Skipped(folder[cut:], _reason(error)))
            continue
        try:
            if folder not in folders and os.path.isdir(f"{folder}/{MARKER}"):  # noqa: PTH112
                found.skipped.append(Skipped(folder[cut:], "a knowledge base of its own"))
                continue
            inner = (_files if stamped else _names)(found, f"{folder}/"[cut:], handle, links)
            found.folders.append(folder)
            stack += [place for name in inner if (place := os.path.join(folder, name)) not in passed_over]
        except OSError as error:
            found.skipped.append(Skipped(folder[cut:], _reason(error)))
        finally:
            os.close(handle)
    _follow(found, root, links, real_path)
    return found


def _files(found: Walk, prefix: str, handle: int, links: list[str]) -> list[str]:
    """Take in the files of a folder, and the `links` in it. Returns the names of the folders in it."""
    folders = []
    names = os.listdir(handle)
    files = found.files
    new: Callable[[type[Stamp], tuple[int, ...]], Stamp] = tuple.__new__  # Stamp's own is a Python function, and slower
    plain = prefix.isascii() and "".join(names).isascii()
    for name in names:
        if name[0] == "." or name[-1] == "~":
            continue
        try:
            status = os.stat(name, dir_fd=handle, follow_symlinks=False)
            kind = status.st_mode & 0o170000
            if kind == stat.S_IFREG:
                path = prefix + name
                plain or path.encode()  # a name that is not UTF-8 has no place in links or indexes
                files[path] = new(Stamp, (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
                if status.st_nlink > 1:
                    found.aliased = True
            elif kind == stat.S_IFDIR:
                folders.append(name)
            elif kind == stat.S_IFLNK:
                links.append(prefix + name)
        except FileNotFoundError:
            continue  # deleted since the folder was listed
        except UnicodeEncodeError:
            found.skipped.append(Skipped(ascii(name), "its name is not UTF-8; rename it"))
        except OSError as error:
            found.skipped.append(Skipped(prefix + name, _reason(error)))
    return folders


def _names(found: Walk, prefix: str, handle: int, links: list[str]) -> list[str]:
    """The same without stamps: what kind of file each is, most file systems say in the folder itself."""
    folders = []
    files, plain = found.files, prefix.isascii()
    with os.scandir(handle) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == "." or name[-1] == "~":
                continue
            try:
                if entry.is_file(follow_symlinks=False):
                    path = prefix + name
                    (plain and name.isascii()) or path.encode()
                    files[path] = UNSEEN
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif entry.is_symlink():
                    links.append(prefix + name)
            except UnicodeEncodeError:
                found.skipped.append(Skipped(ascii(name), "its name is not UTF-8; rename it"))
            except OSError as error:
                found.skipped.append(Skipped(prefix + name, _reason(error)))
    return folders


def _follow(found: Walk, root: str, links: list[str], real_path: Callable[[str], str]) -> None:
    """Take in what links lead to, if it is a file, ours, and not there by its own name."""
    for path in links:
        found.aliased = True
        place = os.path.join(root, path)
        try:
            target = real_path(place)
            status = os.stat(place)  # noqa: PTH116
            path.encode()
        except FileNotFoundError:
            continue  # a link to nothing
        except OutsideRoot:
            found.skipped.append(Skipped(path, "a link that leads out of the knowledge base"))
        except UnicodeEncodeError:
            found.skipped.append(Skipped(ascii(path.rpartition("/")[2]), "its name is not UTF-8; rename it"))
        except OSError as error:  # a link that leads to itself
            found.skipped.append(Skipped(path, _reason(error)))
        else:
            if not stat.S_ISREG(status.st_mode):
                continue
            if is_note(path) and is_note(target) and target in found.files:
                found.skipped.append(Skipped(path, f"a link to {target}, which is a note already"))
            else:
                found.files[path] = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def stamps_of(root: str, paths: Iterable[str]) -> dict[str, Stamp] | None:
    """The stamps of these files alone, of those that are there; None when only a walk can tell what they are."""
    found = {}
    for path in paths:
        try:
            status = os.stat(os.path.join(root, path), follow_symlinks=False)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            return None
        found[path] = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return found


def _reason(error: OSError) -> str:
    return (error.strerror or "").lower()
