"""Reading and writing files so that nothing is lost: every way in which Carrel puts bytes on a disk.

Each write returns only when the bytes are on the disk, and leaves the old state whole when it fails:

- `append`: one `O_APPEND` write, fsync; a short write is cut back; again, if the file lost its name meanwhile.
- `create`: temporary file, fsync, link (which fails when the name is taken), fsync of the directory.
- `replace`: temporary file with the old mode, fsync, rename, fsync of the directory; refused when the file is
  no longer what was read.

Writers of one knowledge base hold its lock (`carrel.store.lock`).
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from carrel.errors import NoteChanged, NoteExists, NoteVanished, Refused, WriteFailed

RENAME_PATIENCE = 1.0  # seconds that an editor may take between moving a file away and putting the new one there
APPEND_ATTEMPTS = 10
TEMPORARY = ".carrel-"

_HINTS = {
    errno.ENOSPC: "make room on the disk and run the command again",
    errno.EDQUOT: "your disk quota is used up; make room and run the command again",
    errno.EROFS: "the file system is read-only",
    errno.ENOLCK: "the file system has no locks; keep the knowledge base on one that has",
    errno.ELOOP: "it is a symbolic link; remove it and run the command again",
    errno.EACCES: "check who owns the file and its folder (`ls -l`)",
    errno.EPERM: "check who owns the file and its folder (`ls -l`)",
}


def failed(path: Path, error: OSError) -> WriteFailed:
    """The error that a person sees when the system refused a write."""
    reason = (error.strerror or str(error)).lower()
    return WriteFailed(str(path), reason, _HINTS.get(error.errno or 0, ""))


def read(path: str | Path, limit: int = -1) -> bytes:
    """The bytes of a regular file, at most `limit` of them. Raises `NoteVanished` when that cannot be had."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would block for ever
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                folder = stat.S_ISDIR(status.st_mode)
                raise NoteVanished(str(path), "is a directory" if folder else "not a regular file")
            most = status.st_size + 1 if limit < 0 else min(limit, status.st_size + 1)
            data = os.read(handle, most)  # `open` takes longer to ask for the same
            while (limit < 0 or len(data) < limit) and (more := os.read(handle, 65536)):  # it grew meanwhile
                data += more
            return data if limit < 0 else data[:limit]
        finally:
            os.close(handle)
    except OSError as error:
        raise NoteVanished(str(path), (error.strerror or str(error)).lower()) from error


def holds(path: Path, data: bytes) -> bool:
    """Whether there is a file with exactly these bytes."""
    try:
        return read(path, len(data) + 1) == data
    except NoteVanished:
        return False


def digest(data: bytes) -> str:
    """What identifies some bytes: 96 bits of BLAKE2b, in hexadecimal."""
    return blake2b(data, digest_size=12).hexdigest()


def append(path: Path, data: bytes, before: Callable[[int], bytes] = lambda _: b"") -> None:
    """Put `data` after the last byte of an existing file, as a paragraph of its own. Raises `WriteFailed`, `Refused`.

    A blank line is put between where there is none; CRLF stays CRLF. `before` is given the open file, and says what
    must stand in front of `data` there, or raises `Refused`. When it returns, the data is in the file that has the
    name: an editor that saves by rename may put another in its place while we write to the old one.
    """
    for _ in range(APPEND_ATTEMPTS):
        if _append_once(path, data, before):
            return
    raise WriteFailed(str(path), "another program replaces it again and again", "close it there and try again")


def _append_once(path: Path, data: bytes, before: Callable[[int], bytes]) -> bool:
    """Append and sync; whether the file still has the name."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except OSError as error:
        raise failed(path, error) from error
    try:
        status = os.fstat(handle)
        if not status.st_mode & 0o222:  # root may, and should not either
            raise _read_only(path)
        data = before(handle) + data
        size = status.st_size
        end = os.pread(handle, 4, max(0, size - 4))
        newline = b"\r\n" if b"\r\n" in end or b"\r\n" in os.pread(handle, 4096, 0) else b"\n"
        line_ends = end.replace(b"\r\n", b"\n")
        gap = b"" if not size or line_ends.endswith(b"\n\n") else newline if line_ends.endswith(b"\n") else newline * 2
        written = gap + data.replace(b"\n", newline)
        try:
            count = os.write(handle, written)
            if count < len(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError:
            _cut_back(handle, size, len(written))
            raise
        return _has_name(path, status)
    except OSError as error:
        raise failed(path, error) from error
    finally:
        os.close(handle)


def _has_name(path: Path, status: os.stat_result) -> bool:
    """Whether `path` still leads to the file of `status`; an editor between its two renames is waited for."""
    deadline = time.monotonic() + RENAME_PATIENCE
    while True:
        try:
            return os.path.samestat(os.stat(path), status)
        except FileNotFoundError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def _cut_back(handle: int, size: int, most: int) -> None:
    """Take back a fragment of ours at the end; another program's bytes behind it are left alone."""
    with suppress(OSError):  # the first error is the one to report
        if size < os.fstat(handle).st_size <= size + most:
            os.ftruncate(handle, size)
            os.fsync(handle)


def create(path: Path, data: bytes, mode: int = 0o666) -> None:
    """A new file. Raises `NoteExists`, whatever the reason that the name is taken, or `WriteFailed`."""
    try:
        _make_folders(path.parent)
        temporary = _temporary(path.parent, data, mode)
        try:
            try:
                os.link(temporary, path)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                    raise
                # exFAT and some network file systems have no links: the name is taken first, then filled.
                _write_new(path, data, mode)
        finally:
            with suppress(OSError):  # the note is there, or an error on its way; `sweep` takes what stays
                os.unlink(temporary)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise NoteExists(str(path)) from error
    except OSError as error:
        raise failed(path, error) from error


def replace(path: Path, data: bytes, read_digest: str) -> None:
    """Put `data` in place of a file whose bytes were `read_digest` when they were read.

    A symlink stays one: its target is replaced. Mode, owner and extended attributes stay. Raises `NoteChanged` when the
    file is another by now, `Refused` when it is read-only or has several names, `WriteFailed`, `NoteVanished`.
    """
    real = path.resolve()
    try:
        status = real.stat()
    except OSError as error:
        raise NoteVanished(str(path), (error.strerror or str(error)).lower()) from error
    if not status.st_mode & 0o222:
        raise _read_only(path)
    if status.st_nlink > 1:
        raise Refused(
            f"{path} has {status.st_nlink} names (hard links), and replacing it would part them; nothing was written",
            "edit it in your editor",
        )
    try:
        temporary = _temporary(real.parent, data, stat.S_IMODE(status.st_mode))
        try:
            _copy_attributes(real, temporary)
            with suppress(OSError):  # a group that we are not in: the mode is then kept for our own
                os.chown(temporary, status.st_uid, status.st_gid)
            os.chmod(temporary, stat.S_IMODE(status.st_mode))  # the umask took bits that the note had
            if digest(read(real)) != read_digest:
                raise NoteChanged(str(path))
            os.replace(temporary, real)
        except BaseException:
            with suppress(OSError):  # the first error is the one to report
                os.unlink(temporary)
            raise
        _sync_folder(real.parent)
    except OSError as error:
        raise failed(path, error) from error


def _read_only(path: Path) -> Refused:
    return Refused(f"{path} is read-only; nothing was written", f"`chmod u+w {path}` makes it writable")


def remove(path: Path) -> None:
    """Remove a file that Carrel itself made. Raises `WriteFailed`."""
    try:
        os.unlink(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise failed(path, error) from error


def sweep(folder: Path) -> None:
    """Remove temporary files that a killed command left in `folder`. Only for who holds the lock."""
    with suppress(OSError):  # a folder that cannot be listed or cleaned is no reason not to write a note
        for name in os.listdir(folder):
            if name.startswith(TEMPORARY) and name.endswith(".tmp"):
                os.unlink(folder / name)


def _temporary(folder: Path, data: bytes, mode: int) -> Path:
    path = folder / f"{TEMPORARY}{os.urandom(8).hex()}.tmp"
    _write_new(path, data, mode)
    return path


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """A file that is whole or, after an error, gone again."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            _write_all(handle, data)
        finally:
            os.close(handle)
    except OSError:
        with suppress(OSError):  # the first error is the one to report
            os.unlink(path)
        raise


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)


def _make_folders(folder: Path) -> None:
    """Make missing folders, each one's name on the disk before anything is put into it."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    with suppress(FileExistsError):  # another command made it meanwhile
        folder.mkdir()
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF):  # some network file systems cannot, and need not
            raise
    finally:
        os.close(handle)


def _copy_attributes(source: Path, target: Path) -> None:
    with suppress(OSError, AttributeError):  # not every file system or platform has them; the text matters more
        for name in os.listxattr(source):
            os.setxattr(target, name, os.getxattr(source, name))
