"""What a stage is made from: the notes, the site's own pages, and the files that they may show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING

from carrel.core.names import in_folder, stays_private
from carrel.errors import NoteVanished
from carrel.publish.edition.places import PAGES
from carrel.search.index import RACY_NS, UNTRUSTED
from carrel.store.walk import notes_in

if TYPE_CHECKING:
    from carrel.core.note import Note, Stamp
    from carrel.store.knowledge_base import KnowledgeBase
    from carrel.store.walk import Walk


@dataclass(frozen=True, slots=True)
class Sources:
    """The notes by path, the pages below `site/pages`, and the paths of all other files.

    `read` are those notes that were not known, by path.
    """

    notes: list[Note]
    pages: list[Note]
    files: list[str]
    read: dict[str, Note]


def sources(kb: KnowledgeBase, known: dict[str, tuple[Stamp, Note]]) -> Sources:
    """What the disk holds now. Notes whose stamp is `known` are not read; what is read is known afterwards."""
    started = time_ns()
    walk = kb.walk()
    site = list(_site_files(kb.root))
    copies = in_folder(kb.config.papers_folder, "files/")  # of papers, which their publishers did not give us to share
    files = sorted(path for path in walk.files if not path.endswith(".md") and not path.startswith(copies))
    files += [path for path in site if not path.endswith(".md")]
    before = dict(known)
    notes = _notes(kb, walk, known, started - RACY_NS)
    read = {path: one[1] for path, one in known.items() if before.get(path) is not one}
    return Sources(notes, list(_read(kb, [path for path in site if path.endswith(".md")])), files, read)


def _notes(kb: KnowledgeBase, walk: Walk, known: dict[str, tuple[Stamp, Note]], settled: int) -> list[Note]:
    """Every note, by path. One that changed after `settled` may change again under the same stamp."""
    now: dict[str, tuple[Stamp, Note]] = {}
    for path, stamp in sorted(notes_in(walk.files).items()):
        before = known.get(path)
        if before is not None and before[0] == stamp:
            now[path] = before
        elif _is_page(kb, path):
            with suppress(NoteVanished):  # deleted since the folder was listed: it is no note any more
                note = kb.read(path)
                if before is not None and before[1].digest == note.digest:
                    note = before[1]
                now[path] = stamp if max(stamp.mtime_ns, stamp.ctime_ns) < settled else UNTRUSTED, note
    if walk.aliased:
        now = {path: one for path, one in now.items() if _is_page(kb, path)}
    known.clear()
    known.update(now)
    return [note for _, note in now.values()]


def _is_page(kb: KnowledgeBase, path: str) -> bool:
    """Whether a Markdown file in the notes' folders is a page: not one of the site's own, not an attachment of the
    log, and not a second name of something private."""
    log = "" if kb.config.log_folder == "." else f"{kb.config.log_folder}/"
    if path.startswith((PAGES, f"{log}assets/")):
        return False
    place = kb.root / path
    return not place.is_symlink() or not stays_private(
        os.path.relpath(os.path.realpath(place), os.path.realpath(kb.root))
    )


def _site_files(root: Path) -> Iterator[str]:
    """The files below `site/pages`, by path relative to the root. Links that lead out of it are passed over."""
    base = (root / PAGES).resolve()
    for folder, folders, names in os.walk(root / PAGES):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            place = Path(folder, name)
            real = Path(os.path.realpath(place))
            inside = real.is_relative_to(base) and not any(
                part.startswith(".") for part in real.relative_to(base).parts
            )
            if not name.startswith(".") and inside and (real.suffix == ".md") == (place.suffix == ".md"):
                yield place.relative_to(root).as_posix()


def _read(kb: KnowledgeBase, paths: list[str]) -> Iterator[Note]:
    for path in paths:
        with suppress(NoteVanished):  # deleted since the folder was listed
            yield kb.read(path)
