"""Which folders are watched, what counts as a change in them, and where the system's notices cannot be relied on."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from carrel.store.walk import is_pdf

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Types of file systems, as in /proc/self/mountinfo, whose notices do not tell what other machines change.
REMOTE = ("9p", "afs", "ceph", "cifs", "fuse", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf")
_NOT_NOTES = ("site", "node_modules")  # at the root of a knowledge base that is all notes


class Place(NamedTuple):
    """A folder to watch, with everything below it when `deep`; the same path with another inode is another place."""

    path: str
    deep: bool
    device: int
    inode: int


def places(kb: KnowledgeBase) -> frozenset[Place]:
    """What must be watched to hear of every change to a note, as far as it exists now.

    Of a folder of notes everything below it; of the folders that lead there only what appears, so that a folder
    which is made or replaced later is heard of. Hidden folders at the root, `.git` above all, are not watched.
    """
    wanted: dict[Path, bool] = {kb.root: False}
    for folder in kb.folder_names():
        steps = PurePosixPath(folder).parts
        for count in range(1, len(steps)):
            wanted.setdefault(kb.root.joinpath(*steps[:count]), False)
        wanted.update(dict.fromkeys([kb.root / folder] if steps else _subfolders(kb.root), True))
    found = set()
    for path, deep in wanted.items():
        try:
            real = path.resolve()  # watching a link would not be watching what it leads to
            status = real.stat()
        except (OSError, RuntimeError):
            continue  # not there, not ours to read, or a link that leads to itself
        if stat.S_ISDIR(status.st_mode):
            found.add(Place(str(real), deep, status.st_dev, status.st_ino))
    return frozenset(found)


def _subfolders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as entries:
            return [root / one.name for one in entries if one.name not in _NOT_NOTES and _is_open_folder(one)]
    except OSError:
        return []  # the root is gone, or not ours to read: then nothing in it is watched


def _is_open_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)


def count_folders(watched: Iterable[Place]) -> int:
    """How many folders there are in those places now."""
    found = set()
    for place in watched:
        found.add(place.path)
        if place.deep:
            found.update(folder for folder, _, _ in os.walk(place.path))
    return len(found)


def concerns_notes(path: str, *, folder: bool = False) -> bool:
    """Whether a change at `path`, relative to its place, can be one of notes or PDFs: no hidden or temporary name.

    >>> concerns_notes("2026/2026-11-20.md"), concerns_notes("2026", folder=True), concerns_notes("files/a.PDF")
    (True, True, True)
    >>> [concerns_notes(name) for name in (".a.md.swp", "a.md~", "4913", ".#a.md", "#a.md#", ".git/HEAD.md", "fig.png")]
    [False, False, False, False, False, False, False]
    """
    parts = path.split("/")
    ours = folder or path.endswith(".md") or is_pdf(path)
    return ours and not any(part.startswith(".") or part.endswith("~") for part in parts)


def remote_type(path: str, mountinfo: str) -> str:
    """The type of the file system that holds the real `path`, if it is a remote one; else "".

    >>> mounts = "27 1 8:1 / / rw - ext4 /dev/sda rw\\n40 27 0:40 / /home/my\\\\040lab rw shared:1 - nfs4 srv:/x rw\\n"
    >>> remote_type("/home/my lab/notes", mounts), remote_type("/home/mine", mounts)
    ('nfs4', '')
    """
    nearest, kind = "", ""
    for line in mountinfo.splitlines():
        about, _, source = line.partition(" - ")
        fields = about.split()
        if len(fields) < 5 or not source:
            continue
        place = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        if len(place) >= len(nearest) and (path == place or path.startswith(place.rstrip("/") + "/")):
            nearest, kind = place, source.split()[0]
    return kind if kind.partition(".")[0] in REMOTE else ""


def first_remote(watched: Iterable[Place]) -> str:
    """Says of the first place on a remote file system which one it is; "" when there is none, or no telling."""
    try:
        mountinfo = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""  # not Linux
    for place in sorted(watched):
        kind = remote_type(place.path, mountinfo)
        if kind:
            return f"{place.path} is on a {kind} file system"
    return ""


def mounts(root: str) -> str | None:
    """The system's table of mounts, to be compared with another time's; None when there is none, or one is in `root`.

    What is mounted over a folder hides its files without a notice.
    """
    try:
        table = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return None  # not Linux
    written = re.sub(r"[ \t\n\\]", lambda odd: f"\\{ord(odd[0]):03o}", root.rstrip("/"))
    return None if f" {written}/" in table else table


def refusal(error: OSError) -> str:
    """Why the system does not let us listen."""
    if error.errno == errno.ENOSPC:
        return f"there are more folders than the system lets you watch (fs.inotify.max_user_watches = {_watch_limit()})"
    if error.errno == errno.EMFILE:
        return "too many programs of yours are watching folders (fs.inotify.max_user_instances)"
    return f"changes cannot be heard of: {(error.strerror or str(error)).lower()}"


def _watch_limit() -> str:
    """The system's limit of watched folders for each user, as Linux tells it; "" elsewhere."""
    try:
        return Path("/proc/sys/fs/inotify/max_user_watches").read_text().strip()
    except OSError:
        return ""
