"""The notes that every engine gets, read the same way: path, title, text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_TITLE = re.compile(r"^(?:title:[ \t]*(.+)|#[ \t]+(.+))$", re.MULTILINE)


class Plain(NamedTuple):
    """A note as an engine's own small script would read it."""

    path: str
    title: str
    text: str


def paths(root: Path) -> Iterator[str]:
    """Every Markdown file below a folder, hidden folders left out, relative to it, in order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, name), root)


def read(root: Path, which: Iterable[str]) -> Iterator[Plain]:
    """These notes: the title is the front matter's, else the first heading, else nothing."""
    for path in which:
        text = (root / path).read_text("utf-8", "replace")
        found = _TITLE.search(text)
        yield Plain(path, (found[1] or found[2]).strip(" \"'") if found else "", text)


def queries(root: Path, count: int) -> list[str]:
    """Two words each, of the titles of papers from all over the notes: what somebody looks for."""
    found: dict[str, None] = {}
    for note in read(root, paths(root)):
        words = re.findall(r"[a-z]{4,}", note.title.lower())
        if len(words) >= 3 and note.path.startswith("papers"):
            found.setdefault(" ".join(words[1:3]))
    every = list(found)
    return every[:: max(1, len(every) // count)][:count]
