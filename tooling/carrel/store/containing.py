"""Which notes hold certain bytes, or a day, without an index: all are read, and only those are parsed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from carrel.core.log import MAX_BYTES
from carrel.core.parse import parse_note
from carrel.core.prediction import predicts

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.store.knowledge_base import KnowledgeBase

#: Bytes that are read at once; nearly every note has fewer.
CHUNK = 65536
_HOW = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe would block for ever


def containing(
    kb: KnowledgeBase, needle: bytes, *others: bytes, folder: str = "", remark: Callable[[str], None]
) -> Iterator[Note]:
    """The notes, of all or in one folder, whose bytes hold `needle` and all `others`, by path.

    One that cannot be read is left out, and `remark` is told. The needle that is rarest and shortest comes first: a
    single byte is looked for several times as fast.
    """
    return _parsed(
        kb, kb.paths(folder), lambda _, data: needle in data and all(other in data for other in others), remark
    )


def predicting(kb: KnowledgeBase, *others: bytes, folder: str = "", remark: Callable[[str], None]) -> Iterator[Note]:
    """The notes, of all or in one folder, that may hold predictions, and whose bytes hold all `others`, by path."""
    return _parsed(
        kb, kb.paths(folder), lambda _, data: all(other in data for other in others) and predicts(data), remark
    )


def naming_days(
    kb: KnowledgeBase, paths: Iterable[str], first: date, last: date, remark: Callable[[str], None]
) -> Iterator[Note]:
    """Those of the notes in whose text or path one of the days stands, as front matter and logs write days."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    written = "|".join(f"{day.year:04}[-_.]0?{day.month}[-_.]0?{day.day}(?![0-9])" for day in days)
    in_path, in_text = re.compile(written), re.compile(written.encode())
    return _parsed(kb, paths, lambda path, data: bool(in_text.search(data) or in_path.search(path)), remark)


def _parsed(
    kb: KnowledgeBase, paths: Iterable[str], wanted: Callable[[str, bytes], bool], remark: Callable[[str], None]
) -> Iterator[Note]:
    """The `wanted` ones of the notes, by path."""
    root = os.path.join(kb.root, "")
    found = []
    # All this is done for every note there is: bare system calls, for `store.files.read` takes twice as long.
    for path in paths:
        try:
            handle = os.open(root + path, _HOW)
            try:
                data = os.read(handle, CHUNK)
                while CHUNK <= len(data) <= MAX_BYTES and (more := os.read(handle, CHUNK)):
                    data += more
            finally:
                os.close(handle)
        except FileNotFoundError:
            continue  # deleted since the folder was listed
        except OSError as error:
            remark(f"{path} was passed over: {(error.strerror or str(error)).lower()}")
            continue
        if wanted(path, data):
            found.append((path, data))
    return (parse_note(path, data[: MAX_BYTES + 1]) for path, data in sorted(found))
