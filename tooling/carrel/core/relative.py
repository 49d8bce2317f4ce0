"""Links between notes as they work anywhere: relative, percent-encoded, with the anchors that GitHub gives headings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from carrel.core.note import Heading

_PLAIN = re.compile(r"[a-zA-Z0-9/._~-]*")
#: Letters, marks, decimal digits and connectors: what GitHub keeps of a heading in its anchor, with blanks and hyphens.
_KEPT = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Pc"))


def relative_url(source: str, target: str) -> str:
    """The link from one file to another, percent-encoded where a Markdown link needs it.

    >>> relative_url("notes/2026/2026-11-20.md", "papers/elhage 2022 (toy).md")
    '../../papers/elhage%202022%20%28toy%29.md'
    """
    folders, parts = source.split("/")[:-1], target.split("/")
    common = 0
    while common < len(folders) and common < len(parts) - 1 and folders[common] == parts[common]:
        common += 1
    path = "/".join(parts[common:])
    return "../" * (len(folders) - common) + (path if _PLAIN.fullmatch(path) else quote(path, safe="/~"))


def github_anchors(headings: Iterable[Heading]) -> Mapping[int, str]:
    """The anchor that GitHub gives each heading of a note, by the line of the heading.

    >>> from carrel.core.markdown import scan
    >>> list(github_anchors(scan("# A — b\\n\\n## 14:32 Loss!\\n\\n## 14:32 Loss\\n").headings).values())
    ['a--b', '1432-loss', '1432-loss-1']
    """
    anchors: dict[int, str] = {}
    taken: dict[str, int] = {}
    for heading in headings:
        kept = (char for char in heading.text.lower() if char in " -" or unicodedata.category(char) in _KEPT)
        anchor = first = "".join(kept).replace(" ", "-")
        while anchor in taken:
            taken[first] += 1
            anchor = f"{first}-{taken[first]}"
        taken[anchor] = 0
        anchors[heading.line] = anchor
    return anchors
