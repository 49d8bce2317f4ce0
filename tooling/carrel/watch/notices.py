"""What the system says has changed in some folders, read on the spot.

watchdog's events come through several threads, some of them half a second late: good for hearing that something
changed, not for saying that nothing did. The kernel puts a notice into its queue before the call that changed
something returns. So who is asked now and reads the queue now knows of everything that was saved before, but for two
things. Bytes that a program put into a file it has mapped are told when it lets go of it; no editor of texts writes so.
And a hard link that is made of a note, in a folder that is not listened to, is told to no one, nor is what is written
through it: until the next look at everything, half a minute later at most, searches may find that note as it was.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from struct import Struct

_EVENT = Struct("iIII")  # watch, what happened, number of a move, length of the name
_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x2, 0x4, 0x8, 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _ONLYDIR, _ISDIR = 0x400, 0x800, 0x1000000, 0x40000000
_NAMES = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLYDIR
_FILES = _NAMES | _MODIFY | _ATTRIB | _CLOSE_WRITE
_ROOM = 65_536


class Notices:
    """Notices of changes to files in `folders`, not below them, and of names in `leads`, the folders on the way.

    Raises `OSError` where the system has none, or no more of them.
    """

    def __init__(self, folders: Iterable[str], leads: Iterable[str]) -> None:
        if sys.platform != "linux":
            raise OSError("only Linux has inotify")
        self.folders = frozenset(folders)
        self._paths: dict[int, str] = {}
        libc = ctypes.CDLL(None, use_errno=True)
        self._handle = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check(self._handle)
            for folder in self.folders:
                number = libc.inotify_add_watch(self._handle, os.fsencode(folder), _FILES)
                _check(number)
                self._paths[number] = folder
            for folder in set(leads) - self.folders:
                _check(libc.inotify_add_watch(self._handle, os.fsencode(folder), _NAMES))
        except OSError:
            self.close()
            raise

    def changed(self) -> set[str] | None:
        """The places of the files that changed since the last call. None when folders did, or notices were lost: then
        these notices are of no use any more."""
        found: set[str] = set()
        while True:
            try:
                data = os.read(self._handle, _ROOM)
            except BlockingIOError:
                return found
            except OSError:
                return None
            at = 0
            while at < len(data):
                watch, what, _, length = _EVENT.unpack_from(data, at)
                name = os.fsdecode(data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0"))
                at += _EVENT.size + length
                folder = self._paths.get(watch)
                if folder is None or not name or what & _ISDIR or not what & _FILES:
                    return None
                if name[0] != "." and name[-1] != "~":
                    found.add(os.path.join(folder, name))

    def close(self) -> None:
        """Be told no more."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _check(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
