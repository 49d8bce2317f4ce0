"""Which note a person means by a name."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.names import fold
from carrel.errors import NoteNotFound, OutsideRoot

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: How many candidates an ambiguous name shows.
LARGEST_LISTED = 3


def find_note(kb: KnowledgeBase, name: str) -> str:
    """The path of the note that a person means: a path, or what a wikilink would say. Raises `NoteNotFound`.

    A path may be relative to the root or to anywhere in it, given as it is from the current folder.
    """
    for start in (kb.root, Path.cwd()):
        if os.path.isfile(start / name):  # noqa: PTH113  # Path's own raises for a name too long to be one
            with suppress(OutsideRoot):  # a file of that name elsewhere is not meant
                return kb.relative(start / name)
    paths = kb.paths()
    key = fold(name).removesuffix(".md")
    named = sorted(path for path in paths if fold(path.rpartition("/")[2].removesuffix(".md")) == key)
    if len(named) == 1:
        return named[0]
    if len(named) > 1:
        raise NoteNotFound(name, tuple(named[:LARGEST_LISTED]))
    from carrel.core.note import Link

    graph = kb.graph()  # titles and aliases: every note must be read
    target = graph.resolve("", Link(name))
    if target is None or target.path not in paths:
        raise NoteNotFound(name, graph.nearest(name))
    return target.path
