"""The notes in which a day stands, without an index: all are read, and only those are parsed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from carrel.core.log import MAX_BYTES
from carrel.core.parse import parse_note
from carrel.errors import NoteVanished
from carrel.store import files

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.store.knowledge_base import KnowledgeBase


def naming_days(kb: KnowledgeBase, paths: Iterable[str], first: date, last: date) -> Iterator[Note]:
    """Those of the notes in whose text or path one of the days stands, as front matter and logs write days."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    written = "|".join(f"{day.year:04}[-_.]0?{day.month}[-_.]0?{day.day}(?![0-9])" for day in days)
    in_path, in_text = re.compile(written), re.compile(written.encode())
    root = os.path.join(kb.root, "")
    for path in paths:
        with suppress(NoteVanished):  # deleted since the folder was listed
            data = files.read(root + path, MAX_BYTES + 1)
            if in_text.search(data) or in_path.search(path):
                yield parse_note(path, data)
