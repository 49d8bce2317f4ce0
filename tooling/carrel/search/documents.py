"""What of a note can be found: the documents that an index keeps for it.

A note is one document; a log day is one for each of its entries, and one for the text outside them. A document has
ranked text (everything a reader would call its words), a title, and *values*: every front-matter key with every
value under it, beside the fields that are ours. A value is looked up whole or by its words, which is how any key
filters, compares and ranges without being configured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.pdf import Page, PdfText
from carrel.search.analysis import fold, last_signs
from carrel.search.fields import PAGE

if TYPE_CHECKING:
    from carrel.search.index import Findable


class Document(NamedTuple):
    """One findable unit: a note, an entry of a log day, or a page of a PDF. `day` is an ordinal, 0 for none.

    `line` is 1 for a note, the heading's line for an entry, and for a page its place in the file.

    `passages` are its words: title, body, and each front-matter value that is worth finding by a bare word; a phrase
    never runs from one into the next, because each begins one place behind the end of the last. Behind them stand the
    `last_signs`, one by one, which belong to no part.

    `values` maps a key and `WHOLE` or `WORD` and a value to its places. Of a whole value they mean nothing, of its
    words they are their order. Beside the front matter's keys there are
    - `title`, whole; `links` and `cites`, the names that are pointed to; `year`, the date's if none is written;
    - `has` and `is`, see `traits.py`;
    - `mentions`, what follows each @ that may mean a person; whom it means, `people.py` says;
    - `in`, the parts of the text by the name of `fields.part_name`. Their places are spans, in order: the place of the
      first word, that behind the last, the next span's first word, … as `analysis.terms` counts over `passages`.
    """

    path: str
    line: int
    anchor: str
    day: int
    title: str
    passages: list[str]
    values: Mapping[str, tuple[int, ...]]


def documents(note: Findable) -> Iterator[Document]:
    """The documents of a note. A note with conflict marks, or a sync tool's copy, has none: it is two notes at once."""
    if isinstance(note, PdfText):
        yield from _pages(note)
        return
    from carrel.search.note_documents import note_documents  # which a search never needs

    if not note.conflicted:
        yield from note_documents(note)


def _pages(pdf: PdfText) -> Iterator[Document]:
    """A document for each page with text. It has no title: the paper's is for the paper's note to be found by."""
    from carrel.search.note_documents import Values

    values = Values()
    for key, value in (("path", pdf.path), ("kind", "pdf"), ("visibility", "private"), ("citekey", pdf.citekey)):
        if value:
            values.add(key, value)
    values.places[PAGE] = (0,)
    for number, page in enumerate(pdf.pages, 1):
        if page.text.strip():
            yield Document(
                pdf.path, number, page_anchor(page), 0, "", [page.text, *last_signs([page.text])], values.places
            )


def page_anchor(page: Page) -> str:
    """How a page is named in a hit, as a citation's locator names it: `p. 3`."""
    return f"p. {page.label}"


def link_names(target: str) -> Iterator[str]:
    """The names by which `links:` finds a link: as it is written, and its last part.

    >>> list(link_names("../papers/Elhage2022toy.md"))
    ['../papers/elhage2022toy', 'elhage2022toy']
    """
    written = fold(target).removesuffix(".md").removeprefix("@")  # `[[@key]]` links a paper
    if written:
        yield written
    if "/" in written:
        yield written.rpartition("/")[2]
