"""A paper's metadata, and what makes two records the same paper."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from carrel.core.person import Name

if TYPE_CHECKING:
    from carrel.core.note import Note

# Angle brackets belong to it in pairs: old DOIs hold a SICI, `(199806)49:8<693::AID-ASI4>3.0.CO;2-O`.
_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>{}]|<[^\s\"<>{}/]*>)+")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_ARXIV_PREFIX = re.compile(r"\A(?:arxiv\s*:\s*|(?:https?://)?(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html)/)")
_SUBJECT_CLASS = re.compile(r"(?<=[a-z])\.[a-z]{2}/")
_VERSION = re.compile(r"v\d+$", re.IGNORECASE)
# A single hyphen is a range too, as BibTeX's own styles have it; any other dash is one whatever stands around it.
_PAGES_DASH = re.compile(r" ?(?:[-–—−‐‑]{2,}|[–—−‐‑]) ?|(?<=\d) ?- ?(?=[A-Za-z]{0,3}\d)")
_PAGES_COMMA = re.compile(r" ?, ?")
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")


# Titles that say what a text is, not which one.
_GENERIC_TITLES = """
    abstract abstracts announcement appendix bookreview bookreviews comment commentary contents correction corrections
    corrigendum editorial editorialboard editorsnote errata erratum foreword guesteditorial inmemoriam introduction
    inthisissue letters lettertotheeditor news obituary preface reply response review reviews untitled
"""
_GENERIC = frozenset(_GENERIC_TITLES.split())
#: Characters of a field, and of all authors together, that front matter holds.
MOST_CHARACTERS, MOST_OF_AUTHORS = 2_000, 24_000


@dataclass(frozen=True, slots=True)
class Paper:
    """What a bibliography says about one paper. Texts are plain Unicode, with mathematics as `$…$`; "" is unknown.

    `year` has four digits. `arxiv` has no version: that is `version`, "3" for v3. `doi` has no resolver before it.
    `venue` is the journal, the proceedings or the book it is part of; `publisher` also a school or an institution.
    `pages` has en dashes, 117–128, as `page_range` writes them. `pdf` is an address, or the place of a file. `bibtype`
    is the BibTeX entry type. `citekey` is the key that the source used; `citation_key` decides which one the paper
    gets. `keywords` and `note` are what the owner of a library wrote to it, not what a publisher did.

    Where nobody is named as author, `authors` are the editors, and where a work is part of nothing, `venue` is its
    publisher: a list has something to show, and `editors` and `publisher` say what they are.
    """

    title: str
    authors: tuple[Name, ...] = ()
    year: str = ""
    venue: str = ""
    arxiv: str = ""
    doi: str = ""
    url: str = ""
    pdf: str = ""
    abstract: str = ""
    bibtype: str = "misc"
    citekey: str = ""
    editors: tuple[Name, ...] = ()
    volume: str = ""
    number: str = ""
    pages: str = ""
    publisher: str = ""
    version: str = ""
    keywords: tuple[str, ...] = ()
    note: str = ""


def bare_doi(text: str) -> str:
    """The DOI in `text` without resolver and punctuation around it, or "".

    >>> bare_doi("https://doi.org/10.1038/s41586-020-2649-2."), bare_doi("doi: none")
    ('10.1038/s41586-020-2649-2', '')
    """
    found = _DOI.search(text)
    if found is None:
        return ""
    doi = found[0].rstrip(".,;")
    return doi if doi.count("(") >= doi.count(")") else doi.rstrip(").,;")


def first_year(text: str) -> str:
    """The first year in a date however it is written, or "".

    >>> first_year("2008-03/2009"), first_year("c. 1850"), first_year("in press")
    ('2008', '1850', '')
    """
    found = _YEAR.search(text)
    return found[0] if found else ""


def page_range(text: str) -> str:
    """Pages in the one form that is stored: an en dash between first and last, a comma between ranges.

    >>> page_range("117--128"), page_range("pp. S1-S9,12"), page_range(" 4:1 - 4:10 "), page_range("e1000")
    ('117–128', 'S1–S9, 12', '4:1–4:10', 'e1000')
    """
    pages = " ".join(text.split()).removeprefix("pp.").removeprefix("p.").strip()
    return _PAGES_COMMA.sub(", ", _PAGES_DASH.sub("–", pages))


def fitted(paper: Paper) -> Paper:
    """The paper as front matter can hold it: of five thousand authors the first, and "others"; no title like a book.

    >>> crowd = fitted(Paper("Mass of a boson", tuple(Name(f"Author{n}", "A. B.") for n in range(5000))))
    >>> len(crowd.authors) < 2000, crowd.authors[-1].last
    (True, 'others')
    """
    values: dict[str, object] = {}
    for field in fields(Paper):
        value = getattr(paper, field.name)
        if isinstance(value, str) and len(value) > MOST_CHARACTERS and field.name not in ("abstract", "note"):
            values[field.name] = value[:MOST_CHARACTERS].rstrip() + "…"
    for field_name in ("authors", "editors"):
        names: tuple[Name, ...] = getattr(paper, field_name)
        size = list(accumulate(len(str(name).encode()) + 4 for name in names[:MOST_OF_AUTHORS]))
        most = bisect(size, MOST_OF_AUTHORS)
        if most < len(names):
            values[field_name] = (*names[:most], Name("others"))
    if len(paper.keywords) > 100:
        values["keywords"] = paper.keywords[:100]
    return replace(paper, **values) if values else paper  # type: ignore[arg-type]  # each is of its field's type


def identity_keys(paper: Paper, zotero: str = "") -> frozenset[str]:
    """The keys that name this paper; two records with a key in common are candidates for being the same paper.

    `zotero` is the key under which a Zotero keeps it.

    >>> sorted(identity_keys(Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022", arxiv="2209.10652v1")))
    ['arxiv:2209.10652', 'title:toymodels|elhage|2022']
    """
    doi, arxiv = _identifiers(paper)
    title = _folded_title(paper.title)
    author = folded(paper.authors[0].last) if paper.authors else ""
    # "Introduction" by nobody knows who is the same one only at the same place, and so is an editorial.
    when = paper.year or ("" if author else folded(paper.url or paper.venue))
    if title in _GENERIC:
        when += folded(f"{paper.venue} {paper.volume} {paper.pages}")
    keys = (
        f"doi:{doi}" if doi else "",
        f"arxiv:{arxiv}" if arxiv else "",
        f"zotero:{zotero}" if zotero else "",
        f"title:{title}|{author}|{when}" if title else "",
        f"key:{paper.citekey.casefold()}" if paper.citekey else "",
    )
    return frozenset(key for key in keys if key)


def _folded_title(title: str) -> str:
    """A title as it compares: C, C++ and C# are three; one of signs alone is what it is."""
    spoken = title.replace("&", " and ").replace("+", " plus ").replace("#", " sharp ")
    return folded(spoken) or "".join(title.replace("|", "").split())


def same_paper(one: Paper, other: Paper) -> bool:
    """Whether two records are of the same paper: one DOI, one arXiv id, or the same title, first author and year.

    Different DOIs, or different arXiv ids, outweigh an equal title: a journal prints an "Editorial" every year. An
    equal one does not count where title and first author are both others. An equal citation key counts where nothing
    speaks against it: the record of a library whose title was mended.
    """
    return same_identity(identity_keys(one), identity_keys(other))


def same_identity(one: frozenset[str], other: frozenset[str]) -> bool:
    """`same_paper` for records of which only their `identity_keys` are at hand.

    >>> same_identity(frozenset({"doi:10.1000/1", "title:editorial|smith|2020"}),
    ...               frozenset({"doi:10.1000/2", "title:editorial|smith|2020"}))
    False
    """
    shared = one & other
    if any(key.startswith("zotero:") for key in shared):
        return True
    both = tuple(
        kind for kind in ("doi:", "arxiv:") if all(any(key.startswith(kind) for key in keys) for keys in (one, other))
    )
    if both:
        return any(key.startswith(both) for key in shared) and not _strangers(one, other)
    if any(not key.startswith("key:") for key in shared):
        return True
    return bool(shared) and _resemble(one, other)


def _strangers(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether neither the title nor the first author is the same: a chapter under its book's DOI, or a mistake."""
    (title, author), (other_title, other_author) = _described(one), _described(other)
    known = bool(title and other_title and author and other_author)
    return known and author != other_author and not _similar(title, other_title)


def _resemble(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether records under the same key may be one paper: no other first author, and not quite another title."""
    (title, author), (other_title, other_author) = _described(one), _described(other)
    if author and other_author and author != other_author:
        return False
    return not title or not other_title or _similar(title, other_title)


def _similar(title: str, other: str) -> bool:
    if title.startswith(other) or other.startswith(title):
        return True
    from difflib import SequenceMatcher

    return SequenceMatcher(None, title[:300], other[:300]).ratio() > 0.8


def _described(keys: frozenset[str]) -> tuple[str, str]:
    """Title and first author, as they compare; a record without a title goes by its key, which is none."""
    described = next((key.removeprefix("title:") for key in keys if key.startswith("title:")), "||")
    title, author, _ = described.split("|", 2)
    named = {folded(key.removeprefix("key:")) for key in keys if key.startswith("key:")}
    return "" if title in named else title, author


def _identifiers(paper: Paper) -> tuple[str, str]:
    """DOI and arXiv id as they compare; the DOI that arXiv itself gives out is an arXiv id."""
    doi, arxiv = bare_doi(paper.doi).lower(), paper.arxiv.strip().lower()
    if found := _ARXIV_DOI.match(doi):
        doi, arxiv = "", arxiv or doi[found.end() :]
    # As people write it into front matter: with a prefix, with an address; `cs.CL/9901001` is `cs/9901001`.
    arxiv = _SUBJECT_CLASS.sub("/", _ARXIV_PREFIX.sub("", arxiv))
    return doi, _VERSION.sub("", arxiv)


def folded(text: str) -> str:
    """Letters and digits only, without case and accents: spelling variants of a title fall together."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def read_paper(note: Note) -> Paper:
    """The paper that a note of `papers/` describes; keys that are missing or of another shape count as unknown."""

    def text(key: str) -> str:
        value = note.metadata.get(key, "")
        return " ".join(value.split()) if isinstance(value, str) else ""

    def names(key: str) -> tuple[Name, ...]:
        listed = note.metadata.get(key, ())
        written = (listed,) if isinstance(listed, str) else () if isinstance(listed, Mapping) else listed
        return tuple(Name.parse(name) for name in written if isinstance(name, str) and name.strip())

    return Paper(
        title=note.title,
        authors=names("authors"),
        year=text("year"),
        venue=text("venue"),
        arxiv=text("arxiv"),
        doi=text("doi"),
        url=text("url"),
        pdf=text("pdf"),
        bibtype=text("bibtype") or "misc",
        citekey=text("citekey") or note.name,
        editors=names("editors"),
        volume=text("volume"),
        number=text("number"),
        pages=text("pages"),
        publisher=text("publisher"),
        version=text("version"),
    )
