"""The pages of an edition: each note on its own with what belongs to it, and those that are made from several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrel.core.frontmatter_edit import Writable, yaml_value
from carrel.publish.about import about
from carrel.publish.backlinks import backlinks
from carrel.publish.dialect import for_python_markdown
from carrel.publish.edition import PAGES, Edition
from carrel.publish.labels import literal
from carrel.publish.pages import gist, made_pages
from carrel.publish.parts import neighbours
from carrel.publish.passage import Findings
from carrel.publish.references import references
from carrel.publish.rewrite import Rewriter
from carrel.publish.words import summary

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.publish.made import MadePage


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
    for made in made_pages(edition):
        pages[made.path] = _made_page(edition, made, own.pop(made.path, None), findings)
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


def _made_page(edition: Edition, made: MadePage, own: Note | None, findings: Findings) -> StagedPage:
    """A page made from notes, below the knowledge base's own words for it."""
    path, title, text = made.path, made.title, made.text(edition)
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
