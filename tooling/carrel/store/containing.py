"""Which notes hold certain bytes, without an index: all are read, and only those are parsed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from carrel.core.log import MAX_BYTES
from carrel.core.parse import parse_note

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.store.knowledge_base import KnowledgeBase


def containing(kb: KnowledgeBase, needle: bytes, *others: bytes, remark: Callable[[str], None]) -> Iterator[Note]:
    """The notes whose bytes hold `needle` and all `others`, those that were changed last first.

    Who needs only one may stop early. Notes that cannot be read are left out, and `remark` is told.
    """
    root, stamps = os.path.join(kb.root, ""), kb.stamps()
    # The first number of a stamp is when the note was changed. What is in this loop is done for every note there is:
    # bare system calls, for `store.files.read` takes twice as long.
    for stamp, path in sorted(zip(stamps.values(), stamps, strict=True), reverse=True):
        try:
            handle = os.open(root + path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                data = os.read(handle, min(stamp.size, MAX_BYTES) + 1)
            finally:
                os.close(handle)
        except FileNotFoundError:
            continue  # deleted since the folder was listed
        except OSError as error:
            remark(f"{path} was passed over: {(error.strerror or str(error)).lower()}")
            continue
        if needle in data and all(other in data for other in others):
            yield parse_note(path, data)
