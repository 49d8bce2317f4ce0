"""The papers of a knowledge base: which are here, under which keys, and the one way to add or renew one.

What the front matter of each says is kept in the cache with the file's stamp, so that adding one paper to thousands
reads none of them.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.citekey import citation_key
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.imported import changes, fingerprints, remembering
from carrel.core.names import in_folder, tag_name
from carrel.core.paper import fitted, folded, identity_keys, read_paper, same_identity
from carrel.core.summary import paper_text
from carrel.errors import NoteExists, NoteVanished, PaperExists, Refused
from carrel.store import cache, files
from carrel.store.scaffold import set_all, template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from carrel.core.frontmatter_edit import Writable
    from carrel.core.imported import Change
    from carrel.core.note import Note, Stamp
    from carrel.core.paper import Paper
    from carrel.core.reading import Level
    from carrel.store.knowledge_base import KnowledgeBase

#: Of the cache file; another one is made anew.
FORMAT = 3
#: So many changed papers are rather read again each time than the cache written anew.
MOST_UNSAVED = 8
# What two records have in common, the most telling first.
_TELLING = ("zotero", "doi", "arxiv", "title", "key")
# A file written this shortly before it was read may change again without its stamp changing (as git's index has it).
_RACY_NS = 2_000_000_000
#: What is known of a paper without reading it: its citation key, and the keys by which it is recognised.
Known: TypeAlias = "Sequence[str]"


class Shelf:
    """The papers that are here, so that none is added twice and no key is given twice."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._by_identity: dict[str, list[str]] = {}
        self._known: dict[str, Known] = {}
        self._taken: set[str] = set()
        self._turn = kb.turn()
        for path, known in self._load().items():
            self._remember(path, known)

    def find(self, paper: Paper, zotero: str = "") -> str | None:
        """The path of the summary of this very paper, under whatever spelling, or None; `zotero` is its key there."""
        identity = identity_keys(paper, zotero)
        for key in sorted(identity):
            for path in self._by_identity.get(key, ()):
                if same_identity(identity, self._identity(path)):
                    return path
        return None

    def add(
        self,
        paper: Paper,
        fields: Mapping[str, Writable],
        today: date,
        *,
        typed: bool = False,
        level: Level | None = None,
        dry_run: bool = False,
    ) -> str:
        """Write the summary file of one paper, with `fields` in its front matter. Returns its path.

        What a person `typed` is theirs from the beginning: no source overwrites it. `level` says which sections there
        are, as in `paper_text`. Raises `PaperExists`, `WriteFailed`, `ConfigInvalid`.
        """
        paper = fitted(replace(paper, keywords=tuple(dict.fromkeys(filter(None, map(tag_name, paper.keywords))))))
        written = fields.get("zotero", "")
        zotero = written if isinstance(written, str) else ""
        identity = identity_keys(paper, zotero)
        if not identity:
            raise Refused("a record without title, identifier and key cannot be filed", "give it one of them")
        if dry_run:
            return self._add(paper, zotero, identity, lambda keyed: None)

        def create(keyed: Paper) -> None:
            more: dict[str, Writable] = {} if typed else {"imported": fingerprints(keyed)}
            if paper.citekey not in ("", keyed.citekey):
                more["aliases"] = [paper.citekey]  # what is cited under its old key is still found
            text = self._text(keyed, {**fields, **more}, today, level)
            self._kb.create(self._path(keyed), text, names_known=True)

        with self._kb.exclusive():
            if self._kb.turn() != self._turn:
                self._look_again()
            path = self._add(paper, zotero, identity, create)
            self._turn = self._kb.turn()
        return path

    def _add(self, paper: Paper, zotero: str, identity: frozenset[str], create: Callable[[Paper], None]) -> str:
        """Find a free key and have the summary created under it. Raises `PaperExists`."""
        here = self.find(paper, zotero)
        if here is not None:
            raise self._exists(paper, here, identity)
        while True:
            keyed = replace(paper, citekey=citation_key(paper, self._taken, self._kb.config.papers_key))
            self._taken.add(keyed.citekey.casefold())
            try:
                create(keyed)
            except NoteExists:  # a file that is no paper has its name
                continue
            path = self._path(keyed)
            self._remember(path, (keyed.citekey, *(identity | identity_keys(keyed, zotero))))
            return path

    def rival(self, paper: Paper) -> str | None:
        """The path of another paper with an identifier of this one: one is mistaken, or a part of the other."""
        own = self.find(paper)
        keys = (key for key in identity_keys(paper) if key.startswith(("doi:", "arxiv:")))
        return next((path for key in keys for path in self._by_identity.get(key, ()) if path != own), None)

    def _path(self, paper: Paper) -> str:
        return in_folder(self._kb.config.papers_folder, f"{paper.citekey}.md")

    def _exists(self, paper: Paper, path: str, identity: frozenset[str]) -> PaperExists:
        """The error that says what is here, and by what it was recognised where that is not its title."""
        shared = min(identity & self._identity(path), key=lambda key: _TELLING.index(key.partition(":")[0]))
        if shared.startswith("title:"):
            return PaperExists(paper.title, path)
        with suppress(NoteVanished):
            title = self._kb.read(path, head=True).title
            return PaperExists(paper.title, path, shared, "" if folded(title) == folded(paper.title) else title)
        return PaperExists(paper.title, path, shared)

    def has_key(self, key: str) -> bool:
        """Whether a paper, or a file among the papers, has that key."""
        return key.casefold() in self._taken

    def has_pdf(self, path: str) -> bool:
        """Whether the PDF of the paper at `path` is kept."""
        return self._kb.absolute(self._pdf_path(path)).exists()

    def citekey(self, path: str) -> str:
        """The citation key of the paper at `path`."""
        return self._known[path][0]

    def renew(self, path: str, record: Paper, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Take what a source says now of the paper at `path` into its front matter; returns what differs.

        A field that was edited by hand since the import stays as it is; nothing to change, nothing written.
        Raises `NoteVanished`, `NotEditable`, `NoteChanged`, `WriteFailed`.
        """
        from carrel.core.parse import parse_note  # adding one paper reads no other

        found: tuple[Change, ...] = ()

        def change(text: str) -> str:
            # Judged by what is on the disk under the lock: an edit of a moment ago is an edit.
            nonlocal found
            note = parse_note(path, text.encode(), head=True)
            written = note.metadata.get("imported", "")
            remembered = written if isinstance(written, str) else ""
            found = changes(read_paper(note), remembered, fitted(record))
            if not found or dry_run:
                return text
            values = {one.field: one.after for one in found if not one.edited}
            return set_all(text, {**values, "imported": remembering(remembered, found)})

        self._kb.rewrite(path, change)
        return found

    def keep_pdf(self, path: str, data: bytes) -> str:
        """Put the PDF of the paper at `path` into `papers/files/`, under its key. Returns its path.

        Raises `NoteExists`, `WriteFailed`, `OutsideRoot`.
        """
        return self._kb.create(self._pdf_path(path), data)

    def _pdf_path(self, path: str) -> str:
        name = path.rpartition("/")[2].removesuffix(".md")
        return in_folder(self._kb.config.papers_folder, f"files/{name}.pdf")

    def _text(self, paper: Paper, fields: Mapping[str, Writable], today: date, level: Level | None) -> str:
        text = paper_text(
            paper,
            date=today,
            visibility=self._kb.config.visibility,
            template=template(self._kb, "paper"),
            level=level,
        )
        try:
            return set_all(text, fields)
        except CannotEdit as error:
            raise Refused(f"{paper.citekey}: the summary cannot be written: {error}") from error

    def _look_again(self) -> None:
        """Take in what other commands added since this one looked; two imports at once do so before each paper."""
        for path in self._kb.stamps(self._kb.config.papers_folder).keys() - self._known:
            with suppress(NoteVanished):  # deleted since the folder was listed
                self._remember(path, _known(self._kb.read(path, head=True)))

    def _identity(self, path: str) -> frozenset[str]:
        return frozenset(self._known[path][1:])

    def _remember(self, path: str, known: Known) -> None:
        self._known[path] = known
        self._taken.add(known[0].casefold())
        self._taken.add(path[path.rfind("/") + 1 : -3].casefold())  # without its .md
        for key in known[1:]:
            self._by_identity.setdefault(key, []).append(path)

    # --- the cache ---------------------------------------------------------------------------------------------

    def _load(self) -> dict[str, Known]:
        """Every paper on disk; only what changed since the last time is read."""
        cached: dict[str, tuple[list[int], list[str]]] = {}
        with suppress(NoteVanished, ValueError, TypeError, KeyError, AttributeError):  # none yet, or damaged
            stored = json.loads(files.read(self._place))
            if stored["format"] == FORMAT:
                cached = {path: (stamp, known) for path, (stamp, known) in stored["papers"].items()}
        found: dict[str, Known] = {}
        stamps = self._kb.stamps(self._kb.config.papers_folder)
        changed = len(cached.keys() - stamps)
        for path, stamp in stamps.items():
            kept = cached.get(path)
            if kept is not None and kept[0] == [*stamp]:
                found[path] = kept[1]
                continue
            changed += 1
            with suppress(NoteVanished):  # deleted since the folder was listed
                found[path] = _known(self._kb.read(path, head=True))
        if changed > MOST_UNSAVED or changed * 20 > len(found):
            self._save(found, stamps)
        return found

    def _save(self, papers: Mapping[str, Known], stamps: Mapping[str, Stamp]) -> None:
        settled = time.time_ns() - _RACY_NS
        listing = {path: [stamps[path], known] for path, known in papers.items() if stamps[path].mtime_ns < settled}
        data = json.dumps({"format": FORMAT, "papers": listing}, ensure_ascii=False).encode()
        cache.save(self._place, data)

    @property
    def _place(self) -> Path:
        return self._kb.cache_dir / "papers.json"


def _known(note: Note) -> Known:
    paper = read_paper(note)
    zotero = note.metadata.get("zotero", "")
    aliases = (f"key:{alias.casefold()}" for alias in note.aliases)
    keys = identity_keys(paper, zotero if isinstance(zotero, str) else "")
    return (paper.citekey, *sorted(keys.union(aliases)))
