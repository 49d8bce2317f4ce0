"""A paper's record as others may read it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.paper import Paper, read_paper

if TYPE_CHECKING:
    from carrel.core.note import Note

#: Before titles are known, what names somebody may still hold a link, and so the name of something hidden.
_LINKED = re.compile(r"\[|<!--|%%|<\w[^<>]*=|@\w*\d{4}")


def public_record(note: Note, title: str) -> Paper:
    """The paper as others may read it: addresses are those of the web, files on its owner's disk no one's business."""
    found = read_paper(note)
    return replace(
        found,
        title=title,
        authors=tuple(name for name in found.authors if not _LINKED.search(str(name))),
        editors=tuple(name for name in found.editors if not _LINKED.search(str(name))),
        year="" if _LINKED.search(found.year) else found.year,
        url=found.url if found.url.startswith(("https://", "http://")) else "",
        pdf="",
    )
