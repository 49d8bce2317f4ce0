"""Files that a command names and git does not know: what brings them back, for no commit does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path

from carrel.core.secret_files import is_secret_file
from carrel.errors import NoteVanished
from carrel.store import files

#: Bytes of a file that is kept, and of all that are.
LARGEST, ALL = 1024 * 1024, 8 * 1024 * 1024
#: Parts of a command that are looked at.
_LOOKED_AT = 20_000
_BEGINNING = 8192  # bytes, by which git tells what is no text
_BETWEEN = re.compile(r"[\s=:,;'\"()<>|&]+")  # also the words of a `bash -c '…'`, and `--config=new.yaml`
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_QUOTED = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')


def named(words: Sequence[str], folder: Path, root: Path) -> list[str]:
    """The files in the work tree at `root` that a command names which runs in `folder`, by path from the root.

    Of a link, or a file behind one, that is its own path, and also that of the file.
    """
    found: dict[str, None] = {}
    inside, real = os.path.join(root, ""), os.path.join(os.path.realpath(root), "")
    for name in islice(_names(words), _LOOKED_AT):
        place = os.path.normpath(os.path.join(folder, name))
        if place.startswith(inside) and os.path.isfile(place):  # noqa: PTH113 - most words are no file
            found[place.removeprefix(inside)] = None
            target = os.path.realpath(place)
            if target.startswith(real):
                found[target.removeprefix(real)] = None
    return list(found)


def _names(words: Sequence[str]) -> Iterator[str]:
    yield from words
    parts = ["", *(part for word in words for part in _BETWEEN.split(word))]
    for before, part in pairwise(parts):
        yield part
        if before == "-m" and _MODULE.fullmatch(part):  # python -m experiments.sweep
            yield f"{part.replace('.', '/')}.py"


def bring_back(root: Path, paths: Sequence[str], leave_out: Callable[[str], None]) -> bytes:
    """The files as a patch that `git apply` takes; `leave_out` is told of each that is not in it, and why."""
    pieces, room = [], ALL
    for path in paths:
        data, why = _read(root / path, min(LARGEST, room))
        if why:
            leave_out(f"{path}: {why}")
        else:
            room -= len(data)
            pieces.append(_new_file(path, data, executable=os.access(root / path, os.X_OK)))
    return b"".join(pieces)


def _read(place: Path, most: int) -> tuple[bytes, str]:
    """The bytes of a file, and why they are not to be kept, or ""."""
    if is_secret_file(place.name):
        return b"", "by its name it holds a secret"
    if place.is_symlink():
        return b"", "it is a link"
    try:
        if place.stat().st_size > most:
            return b"", "it is too large"
        if b"\0" in files.read(place, _BEGINNING):  # of the thousands that a pattern may name, no more is read
            return b"", "it is no text"
        data = files.read(place, most)
    except (NoteVanished, OSError):
        return b"", "it cannot be read"
    if b"PRIVATE KEY-----" in data:
        return b"", "it holds a private key"
    return data, "it is no text" if b"\0" in data else ""


def _new_file(path: str, data: bytes, *, executable: bool) -> bytes:
    """A file as git shows one that is new."""
    old, new = (_quoted(side + os.fsencode(path)) for side in (b"a/", b"b/"))
    head = b"diff --git %s %s\nnew file mode %s\n" % (old, new, b"100755" if executable else b"100644")
    if not data:
        return head
    lines = data.removesuffix(b"\n").split(b"\n")
    end = b"" if data.endswith(b"\n") else b"\\ No newline at end of file\n"
    return head + b"--- /dev/null\n+++ %s\t\n@@ -0,0 +1,%d @@\n+%s\n%s" % (new, len(lines), b"\n+".join(lines), end)


def _quoted(name: bytes) -> bytes:
    if not _QUOTED.search(name):
        return name
    return b'"%s"' % _QUOTED.sub(lambda found: b"\\%03o" % found[0][0], name)
