"""Stage, then render: a tree that holds what an audience may see and nothing else.

The tree is plain Markdown with plain relative links, so any builder can render it, and it is a function of the
visible notes: with the hidden ones deleted from disk it is the same, byte for byte. What a stage remembers of the last
time only saves time: a page is laid out again when something of what it read has changed (`reads`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.graph import LinkGraph
from carrel.core.names import stays_private
from carrel.core.note import Link, Note, Visibility
from carrel.publish.edition.compose import compose
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.groups import LISTS
from carrel.publish.edition.known import Known
from carrel.publish.edition.places import (
    BIBLIOGRAPHY,
    GRAPH,
    HOME,
    PAPERS,
    PEOPLE,
    PREDICTIONS,
    TAGS,
    TIMELINE,
    list_page,
)
from carrel.publish.edition.style import style_of
from carrel.publish.edition.tables import with_tables
from carrel.publish.pages.address import address_of
from carrel.publish.pages.every_file import made_files
from carrel.publish.pages.layout import note_tasks, other_tasks
from carrel.publish.staging.attachments import Attachments
from carrel.publish.staging.laying import Laying
from carrel.publish.staging.memory import Memory, state_of
from carrel.publish.staging.pictures import NotPublished
from carrel.publish.staging.sources import sources
from carrel.publish.staging.staged import PagesReady, Staged, StagedPage
from carrel.publish.staging.tree import Tree, make_private
from carrel.publish.text.passage import Unresolved
from carrel.store.lock import locked

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Tells the day, which queries in notes count from.
Today: TypeAlias = Callable[[], date]


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


def stage(
    kb: KnowledgeBase,
    audience: Visibility,
    dest: Path,
    today: Today = date.today,
    *,
    memory: Memory | None = None,
    first: Collection[str] = (),
    ready: Callable[[PagesReady], None] = lambda _: None,
) -> Staged:
    """Write into `dest` what `audience` may see of the knowledge base.

    Nothing is written below the notes: `dest` is a cache of its own. What is remembered lies beside it, unless the
    caller keeps a `memory` for the next time. `ready` is told when the pages at the paths `first` stand there, then
    when all do; files may still be missing.
    Raises `WriteFailed`, `ConfigInvalid`, `Refused`.
    """
    style = style_of(kb)
    state = state_of(kb, audience, dest, style)
    folder = dest.with_name(f"{dest.name}-memory")
    make_private(dest.parent)
    with locked(dest.with_name(f"{dest.name}.lock")), _without_collector(collect=memory is not None):
        kept = Memory.load(folder, state) if memory is None else memory
        if kept.state != state:
            kept.forget(state)
        found = sources(kb, kept.notes)
        attachments = Attachments(kb, kept.attachments)
        known = Known(kept.records, kept.formatted, kept.ties, kept.linked_files)
        edition = compose(found.notes, found.pages, found.files, audience, attachments.place, style, kept.faces, known)
        index = dest.with_name(f"{dest.name}-index")
        edition = with_tables(edition, found.notes, index, today, kb.config.queries)
        laying = Laying(edition, kept, Tree(dest, kept.tree))
        address = address_of(kb)
        tasks = (*note_tasks(edition), *other_tasks(edition, address.name))
        paths = frozenset(task.path for task in tasks)
        if ahead := [laying.lay_ahead(task) for task in tasks if task.path in first]:
            ready(PagesReady({page.path: page for page in ahead}, tuple(laying.changed), paths))
        told = len(laying.changed)
        for task in tasks:
            laying.lay(task)
        ready(PagesReady(laying.pages, tuple(laying.changed[told:]), paths))
        for made in made_files(edition, address, paths):
            laying.write(made)
        assets, refused = _carried(laying, edition, attachments)
        kept.keep(edition.by_path.keys())
        changed = laying.finish()
        if memory is None:
            kept.save(folder)
        unresolved = sorted(
            (*refused, *_explained(laying.findings.unresolved, found.notes, found.files, audience)),
            key=lambda one: (one.path, one.line, one.target),
        )
        nav, files = _nav(edition, laying.pages), tuple(laying.files)
        return Staged(dest, laying.pages, assets, tuple(unresolved), nav, changed, laying.found(), files, found.read)


@contextmanager
def _without_collector(*, collect: bool) -> Iterator[None]:
    """Staging makes a hundred thousand objects that stay: to look through them again and again finds nothing.

    They are not looked through afterwards either. What `collect` finds is garbage from between two stagings, in a
    process that goes on.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collect and gc.get_freeze_count():
            gc.collect()
        gc.freeze()
        if was:
            gc.enable()


def _carried(laying: Laying, edition: Edition, attachments: Attachments) -> tuple[tuple[str, ...], list[Unresolved]]:
    """The attachments that pages show or link, put into the stage; and which of them are not published, and why."""
    assets: list[str] = []
    refused = []
    for path, (source, line) in sorted(laying.findings.assets.items()):
        place, mark = edition.place(path), attachments.mark(path)
        try:
            if not laying.tree.holds(place, mark):
                laying.tree.put(place, mark, attachments.content(path))
            assets.append(place)
        except NotPublished as why:
            private, reason = stays_private(path), f"is not published: it {why}"
            refused.append(Unresolved(source, line, path, reason=reason, hidden=private, by_name=private))
    return tuple(dict.fromkeys(assets)), refused


def _explained(
    unresolved: list[Unresolved], notes: Iterable[Note], files: Iterable[str], audience: Visibility
) -> Iterator[Unresolved]:
    """Why each leads nowhere, for the eyes of whoever builds: what is hidden is there in the whole knowledge base."""
    whole = LinkGraph(notes, files) if unresolved else None
    for one in unresolved:
        target = whole.resolve(one.path, one.pointer) if whole is not None and one.pointer is not None else None
        if target is None and isinstance(one.pointer, Link) and one.pointer.private:  # it may be on another machine
            yield _private_by_name(one)
        elif target is None or target.missing:
            yield one
        elif target.path.endswith(".md"):
            yield replace(one, reason=f"is not shared with {audience}", hidden=True)
        elif stays_private(target.path):
            yield _private_by_name(one)
        else:
            yield replace(one, reason="is not published: it is of a kind that is not")


def _private_by_name(one: Unresolved) -> Unresolved:
    return replace(one, reason="is not published: it is private by its name", hidden=True, by_name=True)


def _nav(edition: Edition, pages: Mapping[str, StagedPage]) -> tuple[tuple[str, str], ...]:
    """Home, the lists that are not empty, and the knowledge base's own top pages, in that order."""
    titles = {HOME: "Home", TIMELINE: "Log", PAPERS: "Papers"}
    titles |= {list_page(kind): title for kind, title in LISTS.items()}
    titles |= {PREDICTIONS: "Predictions", PEOPLE: "People", TAGS: "Tags", BIBLIOGRAPHY: "Bibliography", GRAPH: "Graph"}
    own = sorted(edition.place(page.path) for page in edition.pages)
    top = [path for path in own if "/" not in path and path not in titles]
    found = [(title, path) for path, title in titles.items() if path in pages]
    return (*found, *((pages[path].title, path) for path in top))
