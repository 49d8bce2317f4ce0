"""Attached files that no note links: what is left when a command is killed between a file and its entry."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.names import in_folder
from carrel.errors import NoteVanished
from carrel.store import files

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

# As `core.names.attachment_names` makes them: a name, a piece of the digest, perhaps a number.
_STORED = re.compile(r"[^/]{1,255}-([0-9a-f]{8})(?:-\d{1,9})?(?:\.private)?(?:\.[a-z0-9]{1,10}){0,2}")
_BETWEEN = re.compile(r"[^\w.-]++")  # in a text, what such names do not hold
_DIGEST = re.compile(rb"-([0-9a-f]{8})")


def unlinked(kb: KnowledgeBase) -> list[str]:
    """The paths of attached files whose name stands in no note that can be read."""
    folder = in_folder(kb.config.log_folder, "assets/")
    left: dict[bytes, dict[str, str]] = defaultdict(dict)  # by digest: names, with their paths
    for path in kb.files():
        stored = _STORED.fullmatch(path.rpartition("/")[2]) if path.startswith(folder) else None
        if stored:
            left[stored[1].encode()][stored[0]] = path
    for path in sorted(kb.paths(), reverse=True) if left else ():  # nearly every file belongs to a day
        try:
            data = files.read(os.path.join(kb.root, path))
        except NoteVanished:
            continue
        digests = left.keys() & set(_DIGEST.findall(data))
        text = unquote(data.decode("utf-8", "replace")) if digests else ""
        words = {word.strip(".") for word in _BETWEEN.split(text)}
        for digest in digests:
            left[digest] = {name: stored for name, stored in left[digest].items() if name not in words}
            if not left[digest]:
                del left[digest]
        if not left:
            break
    return sorted(path for names in left.values() for path in names.values())
