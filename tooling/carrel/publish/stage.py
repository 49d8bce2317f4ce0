"""Stage, then render: a tree that holds what an audience may see and nothing else.

The tree is plain Markdown with plain relative links, so any builder can render it, and it is a function of the
visible notes: with the hidden ones deleted from disk it is the same, byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.graph import LinkGraph
from carrel.core.names import in_folder
from carrel.core.note import Note, Visibility
from carrel.errors import NoteVanished
from carrel.publish import tree
from carrel.publish.attachments import Attachments
from carrel.publish.compose import compose, is_called_private
from carrel.publish.edition import BIBLIOGRAPHY, HOME, PAGES, PAPERS, TAGS, TIMELINE, Edition, list_page
from carrel.publish.groups import LISTS
from carrel.publish.layout import StagedPage, lay_out
from carrel.publish.passage import Unresolved
from carrel.publish.pictures import NotPublished
from carrel.publish.search.pages import search_pages
from carrel.publish.search.units import Page
from carrel.publish.style import style_of
from carrel.publish.tables import with_tables

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Tells the day, which queries in notes count from.
Today: TypeAlias = Callable[[], date]


@dataclass(frozen=True, slots=True)
class Staged:
    """What a stage holds.

    `nav` are the pages of the navigation, as (title, path); `changed` counts files; `found` is what the search finds.
    """

    root: Path
    pages: Mapping[str, StagedPage]
    assets: tuple[str, ...]
    unresolved: tuple[Unresolved, ...]
    nav: tuple[tuple[str, str], ...]
    changed: int = 0
    found: tuple[Page, ...] = ()


#: What a build that Carrel started is for, and how it knows the day; plain `mkdocs build` starts without it.
request: ContextVar[tuple[KnowledgeBase, Visibility, Today] | None] = ContextVar("request", default=None)


@contextmanager
def requested(kb: KnowledgeBase, audience: Visibility, today: Today) -> Iterator[None]:
    """Within the block, the plugin stages this knowledge base for this audience, whatever mkdocs.yml says."""
    token = request.set((kb, audience, today))
    try:
        yield
    finally:
        request.reset(token)


def stage(kb: KnowledgeBase, audience: Visibility, dest: Path, today: Today = date.today) -> Staged:
    """Write into `dest` what `audience` may see of the knowledge base. Raises `WriteFailed`.

    Nothing is written below the notes: `dest` is a cache of its own.
    """
    own = [path for path in _site_files(kb.root) if path.endswith(".md")]
    copies = in_folder(kb.config.papers_folder, "files/")  # of papers, which their publishers did not give us to share
    files = [path for path in kb.files() if not path.startswith(copies)]
    files += [path for path in _site_files(kb.root) if not path.endswith(".md")]
    notes = [note for note in kb.notes() if _is_page(kb, note.path)]
    attachments = Attachments(kb)
    edition = compose(notes, _read(kb, own), files, audience, attachments.place, style_of(kb))
    edition = with_tables(edition, notes, dest.with_name(f"{dest.name}-index"), today, kb.config.queries)
    pages, findings = lay_out(edition)
    assets: dict[str, tree.Content] = {}
    refused = []
    for path, (source, line) in sorted(findings.assets.items()):
        try:
            assets[edition.place(path)] = attachments.content(path)
        except NotPublished as why:
            refused.append(Unresolved(source, line, path, reason=f"is not published: it {why}"))
    contents: dict[str, tree.Content] = {path: page.markdown for path, page in pages.items()}
    changed = tree.write(dest, {**assets, **contents})
    unresolved = sorted(
        (*refused, *_explained(findings.unresolved, notes, files, audience)),
        key=lambda one: (one.path, one.line, one.target),
    )
    found = tuple(search_pages(edition, pages.values()))
    return Staged(dest, pages, tuple(assets), tuple(unresolved), _nav(edition, pages), changed, found)


def _explained(
    unresolved: list[Unresolved], notes: Iterable[Note], files: Iterable[str], audience: Visibility
) -> Iterator[Unresolved]:
    """Why each leads nowhere, for the eyes of whoever builds: what is hidden is there in the whole knowledge base."""
    whole = LinkGraph(notes, files) if unresolved else None
    for one in unresolved:
        target = whole.resolve(one.path, one.pointer) if whole is not None and one.pointer is not None else None
        if target is None or target.missing:
            yield one
        elif target.path.endswith(".md"):
            yield replace(one, reason=f"is not shared with {audience}", hidden=True)
        else:
            yield replace(one, reason="is not published: it is of a kind that is not")


def _nav(edition: Edition, pages: Mapping[str, StagedPage]) -> tuple[tuple[str, str], ...]:
    """Home, the lists that are not empty, and the knowledge base's own top pages, in that order."""
    titles = {HOME: "Home", TIMELINE: "Timeline", PAPERS: "Papers", BIBLIOGRAPHY: "Bibliography"}
    titles |= {list_page(kind): title for kind, title in LISTS.items()} | {TAGS: "Tags"}
    own = sorted(edition.place(page.path) for page in edition.pages)
    top = [path for path in own if "/" not in path and path not in titles]
    found = [(title, path) for path, title in titles.items() if path in pages]
    return (*found, *((pages[path].title, path) for path in top))


def _is_page(kb: KnowledgeBase, path: str) -> bool:
    """Whether a Markdown file in the notes' folders is a page: not one of the site's own, not an attachment of the
    log, and not a second name of something private."""
    log = "" if kb.config.log_folder == "." else f"{kb.config.log_folder}/"
    if path.startswith((PAGES, f"{log}assets/")):
        return False
    place = kb.root / path
    return not place.is_symlink() or not is_called_private(os.path.realpath(place))


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
