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

from carrel.core.frontmatter_edit import Writable, yaml_value
from carrel.core.graph import LinkGraph
from carrel.core.names import in_folder
from carrel.core.note import Note, Visibility
from carrel.errors import NoteVanished
from carrel.publish import tree
from carrel.publish.about import about
from carrel.publish.attachments import Attachments
from carrel.publish.backlinks import backlinks
from carrel.publish.compose import compose, is_called_private
from carrel.publish.dialect import for_python_markdown
from carrel.publish.edition import BIBLIOGRAPHY, HOME, LISTS, PAGES, PAPERS, TAGS, TIMELINE, Edition, list_page
from carrel.publish.labels import literal
from carrel.publish.pages import generated, gist
from carrel.publish.parts import neighbours
from carrel.publish.passage import Findings, Unresolved
from carrel.publish.pictures import NotPublished
from carrel.publish.references import references
from carrel.publish.rewrite import Rewriter
from carrel.publish.search.pages import search_pages
from carrel.publish.search.units import Page
from carrel.publish.style import style_of
from carrel.publish.tables import with_tables
from carrel.publish.words import summary

if TYPE_CHECKING:
    from carrel.store.knowledge_base import KnowledgeBase

#: Tells the day, which queries in notes count from.
Today: TypeAlias = Callable[[], date]


@dataclass(frozen=True, slots=True)
class StagedPage:
    """One page: where it stands in the stage, what it is called, its Markdown, and what the builder is told of it.

    `source` is the note that it shows, "" for a page that was made from others. `meta` is what stands in its
    front matter: title, date, kind, description, authors, tags. `own` is what the note itself says below its title.
    """

    path: str
    title: str
    text: str
    meta: Mapping[str, Writable]
    source: str = ""
    own: str = ""

    @property
    def markdown(self) -> str:
        """The file of the stage."""
        lines = "".join(f"{key}: {yaml_value(value)}\n" for key, value in self.meta.items())
        return f"---\n{lines}---\n\n{self.text}\n"


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


def lay_out(edition: Edition) -> tuple[dict[str, StagedPage], Findings]:
    """Every page of an edition, by its path in the stage, and what was found on the way."""
    findings = Findings()
    pages: dict[str, StagedPage] = {}
    days = edition.days
    number_of = {note.path: number for number, note in enumerate(days)}
    for note in edition.notes:
        number = number_of.get(note.path)
        before = days[number - 1] if number else None
        after = days[number + 1] if number is not None and number + 1 < len(days) else None
        page = _note_page(edition, note, findings, before, after)
        pages[page.path] = page
    own = {edition.place(note.path): note for note in edition.pages}
    for path, title, text in generated(edition):
        pages[path] = _generated_page(edition, path, title, text, own.pop(path, None), findings)
    for note in own.values():
        page = _note_page(edition, note, findings, None, None)
        pages[page.path] = page
    return pages, findings


def _note_page(edition: Edition, note: Note, findings: Findings, before: Note | None, after: Note | None) -> StagedPage:
    place, title = edition.place(note.path), edition.titles[note.path]
    rewriter = Rewriter(edition, note, place, findings)
    rewriter.check_relations()
    body = for_python_markdown(rewriter.text())
    heading, text = _with_title(note, title, body)
    is_own = note.path.startswith(PAGES)
    parts = (
        heading,
        "" if is_own else about(edition, note, place),
        text.strip("\n"),
        references(edition, place, rewriter.cited),
        neighbours(edition, note, place, before, after),
        backlinks(edition, note, place),
    )
    about_it = gist(edition, note) or summary(edition, note, 0, len(note.body), 160)
    meta: dict[str, Writable] = {"title": title}
    if note.date:
        meta["date"] = note.date
    if not is_own:
        meta["kind"] = note.kind
    if about_it:
        meta["description"] = about_it
    if note.authors:
        meta["authors"] = note.authors
    if note.tags:
        meta["tags"] = note.tags
    whole = "\n\n".join(part for part in parts if part)
    return StagedPage(place, title, whole, meta, note.path, text.strip("\n"))


def _generated_page(
    edition: Edition, path: str, title: str, text: str, own: Note | None, findings: Findings
) -> StagedPage:
    """A page made from notes, below the knowledge base's own words for it."""
    if own is None:
        return StagedPage(path, title, f"# {literal(title)}\n\n{text}", {"title": title})
    name = edition.titles[own.path] if own.metadata.get("title") or own.title != own.name else title
    rewriter = Rewriter(edition, own, path, findings)
    heading, words = _with_title(own, name, for_python_markdown(rewriter.text()))
    cited = references(edition, path, rewriter.cited)
    whole = "\n\n".join(part for part in (heading, words.strip("\n"), text, cited) if part)
    return StagedPage(path, name, whole, {"title": name}, own.path, words.strip("\n"))


def _with_title(note: Note, title: str, body: str) -> tuple[str, str]:
    """The page's own heading and the rest: the first line when it is a top heading already, else the title."""
    first = note.markup.headings[0] if note.markup.headings else None
    if first is not None and first.level == 1 and not note.body[: first.start].strip():
        heading, _, rest = body.lstrip("\n").partition("\n")
        return heading, rest
    return f"# {literal(title)}", body


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
