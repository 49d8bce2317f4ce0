"""Listing the files of the notes' folders: what is there, and what is passed over and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from carrel.core.names import is_conflict_copy
from carrel.core.note import Stamp
from carrel.errors import OutsideRoot

MARKER = ".carrel"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that looks like a note and is not read, and why."""

    path: str
    reason: str


def is_note(path: str) -> bool:
    """Whether a file of that path is a note."""
    return path.endswith(".md") and not is_conflict_copy(path)


def is_pdf(path: str) -> bool:
    """Whether a file of that path is a PDF."""
    return path[-4:].lower() == ".pdf"


def walk(
    root: str, folders: list[str], passed_over: frozenset[str], real_path: Callable[[str], str], skipped: list[Skipped]
) -> Iterator[tuple[str, Stamp]]:
    """Every file in `folders` with its stamp; paths are relative to `root`.

    Hidden names, links to folders and other knowledge bases within are not entered. `real_path` says where a link
    leads, relative to the root, or raises `OutsideRoot`; a link to a note that is listed itself is no second note.
    What is left out for a reason that a person should know goes into `skipped`.
    """
    cut = len(root.rstrip("/")) + 1
    listed: set[str] = set()
    links: list[tuple[str, str, Stamp]] = []
    stack = list(folders)
    while stack:
        folder = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue  # deleted since its folder was listed
        except OSError as error:
            skipped.append(Skipped(str(error.filename)[cut:], (error.strerror or "").lower()))
            continue
        if folder not in folders and any(entry.name == MARKER and entry.is_dir() for entry in entries):
            skipped.append(Skipped(folder[cut:], "a knowledge base of its own"))
            continue
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name.endswith("~"):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.path not in passed_over:
                        stack.append(entry.path)
                    continue
                path = entry.path[cut:]
                target = real_path(entry.path) if entry.is_symlink() else ""
                status = entry.stat()
                if stat.S_ISREG(status.st_mode):
                    path.isascii() or path.encode()  # a name that is not UTF-8 has no place in links or indexes
                    stamp = Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
                    if target:
                        links.append((path, target, stamp))
                        continue
                    listed.add(path)
                    yield path, stamp
            except FileNotFoundError:
                continue  # deleted since the folder was listed, or a link to nothing
            except OutsideRoot:
                skipped.append(Skipped(entry.path[cut:], "a link that leads out of the knowledge base"))
            except UnicodeEncodeError:
                skipped.append(Skipped(ascii(name), "its name is not UTF-8; rename it"))
            except OSError as error:  # a link that leads to itself, a folder that went away
                skipped.append(Skipped(entry.path[cut:], (error.strerror or "").lower()))
    for path, target, stamp in links:
        if is_note(path) and is_note(target) and target in listed:
            skipped.append(Skipped(path, f"a link to {target}, which is a note already"))
        else:
            yield path, stamp
