"""The papers of a knowledge base: which are here, under which keys, and the one way to add another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from carrel.core.citekey import citation_key
from carrel.core.names import in_folder
from carrel.core.paper import identity_keys, read_paper, same_paper
from carrel.core.summary import paper_text
from carrel.errors import NoteExists, PaperExists
from carrel.store.scaffold import set_all, template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from carrel.core.frontmatter_edit import Writable
    from carrel.core.paper import Paper
    from carrel.store.knowledge_base import KnowledgeBase


class Shelf:
    """The papers that are here, so that none is added twice and no key is given twice."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._known: dict[str, list[tuple[Paper, str]]] = {}
        self._taken: set[str] = set()
        for note in kb.notes(in_folder(kb.config.papers_folder, ""), head=True):
            self._remember(read_paper(note), note.path)
            self._taken.add(note.name.casefold())

    def find(self, paper: Paper) -> str | None:
        """The path of the summary of this very paper, under whatever spelling, or None."""
        for identity in sorted(identity_keys(paper)):
            for known, path in self._known.get(identity, ()):
                if same_paper(paper, known):
                    return path
        return None

    def add(self, paper: Paper, fields: Mapping[str, Writable], today: date, *, dry_run: bool = False) -> str:
        """Write the summary file of one paper, with `fields` in its front matter. Returns its path.

        Raises `PaperExists`, `WriteFailed`, `ConfigInvalid`.
        """
        here = self.find(paper)
        if here is not None:
            raise PaperExists(paper.title, here)
        while True:
            keyed = replace(paper, citekey=citation_key(paper, self._taken))
            path = in_folder(self._kb.config.papers_folder, f"{keyed.citekey}.md")
            self._taken.add(keyed.citekey.casefold())
            if not dry_run:
                visibility = self._kb.config.visibility
                text = paper_text(keyed, date=today, visibility=visibility, template=template(self._kb, "paper"))
                try:
                    self._kb.create(path, set_all(text, fields))
                except NoteExists:  # another command added it just now, or a file that is no paper has its name
                    continue
            self._remember(keyed, path)
            return path

    def _remember(self, paper: Paper, path: str) -> None:
        self._taken.add(paper.citekey.casefold())
        for identity in identity_keys(paper):
            self._known.setdefault(identity, []).append((paper, path))
