"""What of a note can be found: the documents that an index keeps for it.

A note is one document; a log day is one for each of its entries, and one for the text outside them. A document has
ranked text (everything a reader would call its words), a title, and *values*: every front-matter key with every
value under it, beside the fields that are ours. A value is looked up whole or by its words, which is how any key
filters, compares and ranges without being configured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from carrel.core.pdf import Page, PdfText
from carrel.search.analysis import fold, terms

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note, Value
    from carrel.search.index import Findable

#: Between a value's key and the whole value, and between its key and one of its words.
WHOLE, WORD = "\x1f", "\x1e"
#: The value that every page of a PDF has, and that no front matter can make.
PAGE = f"in{WORD}{WHOLE}"
#: A whole value is compared by its first characters: an abstract under a key of its own need not be kept twice.
MAX_VALUE = 200
#: Front-matter keys that are known by another name in queries.
FIELD_NAMES: Mapping[str, str] = {
    "tags": "tag",
    "authors": "author",
    "aliases": "alias",
    "cite": "cites",
    "citation": "cites",
    "link": "links",
    "type": "kind",
}
#: Fields whose values are names: they match whole, or by a leading part before a slash, never by a word inside.
NAMES = frozenset(("kind", "date", "tag", "project", "visibility", "cites", "links", "reading", "state"))
#: Front-matter keys that our own fields replace, and those whose values are not words a reader would search for.
_OURS = frozenset(
    ("title", "kind", "date", "tags", "tag", "aliases", "alias", "project", "authors", "author", "visibility")
)
_UNSPOKEN = frozenset(("path", "kind", "date", "visibility", "reading", "rating", "state", "sessions", "bibtype"))


@dataclass(frozen=True, slots=True)
class Document:
    """One findable unit: a note, an entry of a log day, or a page of a PDF. `day` is an ordinal, 0 for none.

    `line` is 1 for a note, the heading's line for an entry, and for a page its place in the file.

    `passages` are its words: title, body, and each front-matter value that is worth finding by a bare word; a phrase
    never runs from one into the next. `values` maps a key and `WHOLE` or `WORD` and a value to its places.
    """

    path: str
    line: int
    anchor: str
    day: int
    title: str
    passages: list[str]
    values: Mapping[str, tuple[int, ...]]


def field_name(name: str) -> str:
    """The name under which a field's values are kept.

    >>> field_name("Tags"), field_name("arXiv")
    ('tag', 'arxiv')
    """
    name = name.casefold()
    return FIELD_NAMES.get(name, name)


def documents(note: Findable) -> Iterator[Document]:
    """The documents of a note. A note with conflict marks, or a sync tool's copy, has none: it is two notes at once."""
    if isinstance(note, PdfText):
        yield from _pages(note)
        return
    if any(problem.code == "conflict" for problem in note.problems):
        return
    common = _Common(note)
    for entry in note.entries:
        yield _document(note, common, unit_text(note, entry), entry)
    text = unit_text(note, None)
    if not note.entries or text.strip():
        yield _document(note, common, text, None)


def _pages(pdf: PdfText) -> Iterator[Document]:
    """A document for each page with text. It has no title: the paper's is for the paper's note to be found by."""
    common = _Values()
    for key, value in (("path", pdf.path), ("kind", "pdf"), ("visibility", "private"), ("citekey", pdf.citekey)):
        if value:
            common.add(key, value)
    values = {**common.places, PAGE: (0,)}
    for number, page in enumerate(pdf.pages, 1):
        if page.text.strip():
            yield Document(pdf.path, number, page_anchor(page), 0, "", [page.text], values)


def page_anchor(page: Page) -> str:
    """How a page is named in a hit, as a citation's locator names it: `p. 3`."""
    return f"p. {page.label}"


def unit_text(note: Note, entry: Entry | None) -> str:
    """The text of an entry with its heading, or of a note without its entries; comments are left out of either.

    It has as many lines as it has in the note: of what is left out, the line breaks stay.
    """
    start, end = (entry.start, entry.end) if entry else (0, len(note.body))
    # A comment that is never closed may be a slip, and what follows it a note that is to be found.
    hidden = [span for span in note.markup.comments if note.body.endswith(("-->", "%%"), *span)]
    if entry is None and note.entries:
        hidden = sorted((*hidden, *((one.start, one.end) for one in note.entries)))
    if not hidden:
        return note.body[start:end]
    parts: list[str] = []
    for first, last in hidden:
        if first >= end:
            break
        if last > start:
            parts += (note.body[start:first], " ", "\n" * note.body.count("\n", max(first, start), min(last, end)))
            start = last
    parts.append(note.body[start:end])
    return "".join(parts)


def unit_tags(note: Note, entry: Entry | None) -> tuple[str, ...]:
    """The tags of a note, or of an entry: the front matter's and its own."""
    if not note.entries:
        return note.tags
    own = entry.tags if entry else (tag.name for tag in note.markup.tags if _outside(note, tag.start))
    return tuple(dict.fromkeys((*_front_tags(note), *own)))


def _front_tags(note: Note) -> list[str]:
    """The tags of a note that are not only written in its text."""
    written = note.metadata.get("tags", note.metadata.get("tag", ()))
    names = written.replace(",", " ").split() if isinstance(written, str) else written
    front = {name.lstrip("#") for name in names if isinstance(name, str)}
    return [tag for tag in note.tags if tag in front]


def link_names(target: str) -> Iterator[str]:
    """The names by which `links:` finds a link: as it is written, and its last part.

    >>> list(link_names("../papers/Elhage2022toy.md"))
    ['../papers/elhage2022toy', 'elhage2022toy']
    """
    written = fold(target).removesuffix(".md")
    yield written
    if "/" in written:
        yield written.rpartition("/")[2]


class _Common:
    """What the documents of one note have in common: the front matter's values, and its words."""

    def __init__(self, note: Note) -> None:
        pairs = list(_front_matter(note))
        self.values = _Values()
        for key, value in pairs:
            self.values.add(key, value)
        spoken = [value for key, value in pairs if key.partition(".")[0] not in _UNSPOKEN]
        if not note.entries and fold(note.name) not in map(fold, (note.title, *spoken)):
            spoken.append(note.name)
        self.passages = spoken


def _document(note: Note, common: _Common, text: str, entry: Entry | None) -> Document:
    values = _Values(common.values)
    tags = unit_tags(note, entry)
    for tag in tags:
        values.add("tag", tag)
    for key, value in entry.fields.items() if entry else ():  # its `key:: value` lines
        values.add(field_name(key), value)
    for name in _targets(note, entry):
        values.add("links", name)
    for citation in note.markup.citations:
        if _within(note, entry, citation.start):
            values.add("cites", citation.key)
            values.add("links", citation.key)
    title = (entry.title or entry.anchor) if entry else note.title
    heading = [] if entry else [title]  # an entry's text begins with its heading
    return Document(
        path=note.path,
        line=entry.line if entry else 1,
        anchor=entry.anchor if entry else "",
        day=note.date.toordinal() if note.date else 0,
        title=title,
        passages=[*heading, text, *common.passages, *tags],
        values=values.places,
    )


class _Values:
    """Values as terms. Two values of a key do not stand side by side, so that no phrase runs from one to the next."""

    def __init__(self, others: _Values | None = None) -> None:
        self.places: dict[str, tuple[int, ...]] = dict(others.places) if others else {}
        self.ends: dict[str, int] = dict(others.ends) if others else {}

    def add(self, key: str, value: str) -> None:
        start = self.ends.get(key, 0)
        whole, words = _looked_up(key, value)
        self._put(whole, start)
        for place, word in enumerate(words, start):
            self._put(word, place)
        self.ends[key] = start + len(words) + 1

    def _put(self, value: str, place: int) -> None:
        before = self.places.get(value)
        self.places[value] = (place,) if before is None else (*before, place)


@lru_cache(maxsize=20_000)
def _looked_up(key: str, value: str) -> tuple[str, tuple[str, ...]]:
    """The terms under which a value is found: whole, and by its words if it has several and is no name."""
    whole = fold(value)[:MAX_VALUE]
    single = whole.isascii() and whole.isalnum()
    words = () if key in NAMES or single else tuple(f"{key}{WORD}{term.surface}" for term in terms(value))
    return f"{key}{WHOLE}{whole}", words


def _front_matter(note: Note) -> Iterator[tuple[str, str]]:
    yield "path", note.path
    yield "kind", note.kind
    yield "visibility", note.visibility.value
    if note.date:
        yield "date", note.date.isoformat()
    if note.project:
        yield "project", note.project
    yield from (("author", author) for author in note.authors)
    yield from (("alias", alias) for alias in note.aliases)
    for key, value in note.metadata.items():
        if key.casefold() not in _OURS:
            yield from _pairs(field_name(key), value)


def _pairs(key: str, value: Value) -> Iterator[tuple[str, str]]:
    """Every text under a key; those of a mapping inside it as `key.inner`."""
    stack: list[tuple[str, Value]] = [(key, value)]
    while stack:
        name, top = stack.pop()
        if isinstance(top, str):
            if top.strip():
                yield name, top
        elif isinstance(top, Mapping):
            stack.extend((f"{name}.{inner.casefold()}", item) for inner, item in reversed(list(top.items())))
        else:
            stack.extend((name, item) for item in reversed(top))


def _within(note: Note, entry: Entry | None, offset: int) -> bool:
    return entry.start <= offset < entry.end if entry else _outside(note, offset)


def _outside(note: Note, offset: int) -> bool:
    return not any(entry.start <= offset < entry.end for entry in note.entries)


def _targets(note: Note, entry: Entry | None) -> Iterator[str]:
    for link in note.markup.links:
        if link.target and _within(note, entry, link.start):
            yield from link_names(link.target)
    for link in note.relations:
        if link.target:
            yield from link_names(link.target)
