"""The style of citations that a knowledge base chose."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import ConfigInvalid, NoteVanished, OutsideRoot
from carrel.metadata.bibliography import Bibliography
from carrel.metadata.style import Style, parse_style

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase


def style_of(kb: KnowledgeBase) -> Style | None:
    """The style of citations that the knowledge base chose; None for Carrel's own. Raises `ConfigInvalid`."""
    path = kb.config.papers_style
    if not path:
        return None
    hint = "papers.style names a .csl file of the knowledge base, by its path from the root"
    if "\0" in path:
        raise ConfigInvalid(f"papers.style = {path!r}: no file has such a name", hint)
    try:
        if not Path(os.path.realpath(kb.absolute(path))).is_relative_to(kb.root):
            raise OutsideRoot(path)
        style = parse_style(kb.read_bytes(path), path)
    except (NoteVanished, OutsideRoot) as error:
        raise ConfigInvalid(f"papers.style = {path!r}: {error.message}", hint) from error
    Bibliography({}, style)  # it can also be such that nothing can be formatted with it
    return style
