"""The pages of an edition: each note on its own with what belongs to it, and those that are made from several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from carrel.core.frontmatter_edit import Writable, yaml_value
from carrel.publish.edition.edition import Edition
from carrel.publish.edition.places import PAGES
from carrel.publish.pages.about import about
from carrel.publish.pages.backlinks import backlinks
from carrel.publish.pages.every_page import made_pages
from carrel.publish.pages.gists import about_it
from carrel.publish.pages.graph_page import around
from carrel.publish.pages.made import plain_call
from carrel.publish.pages.parts import neighbours
from carrel.publish.pages.references import references
from carrel.publish.pages.rollups import rollup
from carrel.publish.text.dialect import for_python_markdown
from carrel.publish.text.labels import literal
from carrel.publish.text.passage import Findings, Passage
from carrel.publish.text.rewrite import Rewriter

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.publish.pages.made import MadePage


@dataclass(frozen=True, slots=True)
class LaidPage:
    """One page: where it stands in the stage, what it is called, its Markdown, and what the builder is told of it.

    `source` is the note that it shows, "" for a page that was made from others. `meta` is what stands in its
    front matter: title, date, kind, description, authors, tags. `own` is what the note itself says below its title,
    which stands in the text from `own_at` on.
    """

    path: str
    title: str
    text: str
    meta: Mapping[str, Writable]
    source: str = ""
    own: str = ""
    own_at: int = 0

    @property
    def markdown(self) -> str:
        """The file of the stage."""
        lines = "".join(f"{key}: {yaml_value(value)}\n" for key, value in self.meta.items())
        return f"---\n{lines}---\n\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Task:
    """A page to be laid out. `key` tells it from every other page that there is or was; it is plain.

    `lay` is given an edition that has its questions written down, and must read nothing else.
    """

    key: tuple[object, ...]
    path: str
    lay: Callable[[Edition, Findings], LaidPage]


def note_tasks(edition: Edition) -> Iterator[Task]:
    """The pages of notes."""
    for note in edition.notes:
        yield Task(("note", note.path), edition.place(note.path), partial(_note_page, path=note.path))


def other_tasks(edition: Edition, name: str = "Home") -> Iterator[Task]:
    """The pages that are made from several notes, and the knowledge base's own pages; `name` is that of the site."""
    own = {edition.place(note.path): note.path for note in edition.pages}
    for made in made_pages(edition, name):
        words = own.pop(made.path, "")
        key = ("made", made.path, made.title, *plain_call(made.text), words)
        yield Task(key, made.path, partial(_made_page, made=made, own_path=words))
    for place, path in own.items():
        yield Task(("own", path), place, partial(_note_page, path=path))


def _note_page(edition: Edition, findings: Findings, path: str) -> LaidPage:
    note, place, title = edition.by_path[path], edition.place(path), edition.titles[path]
    rewriter = Rewriter(Passage(edition, note, place, findings))
    rewriter.check_relations()
    body = for_python_markdown(rewriter.text())
    heading, text = _with_title(note, title, body)
    before, after = edition.days_around(path)
    is_own = note.path.startswith(PAGES)
    parts = (
        heading,
        "" if is_own else about(edition, note, place),
        text,
        rollup(edition, note, place),
        references(edition, place, rewriter.cited),
        neighbours(edition, note, place, before, after),
        backlinks(edition, note, place),
        around(edition, note, place),
    )
    said = about_it(edition, note)
    meta: dict[str, Writable] = {"title": title}
    if note.date:
        meta["date"] = note.date
    if not is_own:
        meta["kind"] = note.kind
    if said:
        meta["description"] = said
    if note.authors:
        meta["authors"] = note.authors
    if note.tags:
        meta["tags"] = note.tags
    return LaidPage(place, title, _joined(parts), meta, path, text, _start(parts[:2]))


def _made_page(edition: Edition, findings: Findings, made: MadePage, own_path: str) -> LaidPage:
    """A page made from notes, below the knowledge base's own words for it."""
    path, title, text = made.path, made.title, made.text(edition)
    if not own_path:
        return LaidPage(path, title, f"# {literal(title)}\n\n{text}", {"title": title})
    own = edition.by_path[own_path]
    name = edition.titles[own_path] if own.metadata.get("title") or own.title != own.name else title
    rewriter = Rewriter(Passage(edition, own, path, findings))
    heading, words = _with_title(own, name, for_python_markdown(rewriter.text()))
    parts = (heading, words, text, references(edition, path, rewriter.cited))
    return LaidPage(path, name, _joined(parts), {"title": name}, own_path, words, _start(parts[:1]))


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _start(before: Iterable[str]) -> int:
    """Where that starts which stands behind these parts."""
    return sum(len(part) + 2 for part in before if part)


def _with_title(note: Note, title: str, body: str) -> tuple[str, str]:
    """The page's own heading and the rest: the first line when it is a top heading already, else the title."""
    first = note.markup.headings[0] if note.markup.headings else None
    if first is not None and first.level == 1 and not note.body[: first.start].strip():
        heading, _, rest = body.lstrip("\n").partition("\n")
        return heading, rest.strip("\n")
    return f"# {literal(title)}", body.strip("\n")
