"""Papers as the entries of a .bib file, for BibTeX or for biblatex; `bibtex.parse` reads them back as the same papers.

Two types do not come back: BibTeX's styles know none for a page on the web, which is a @misc for them, and biblatex has
no article without a journal, so that one that is on arXiv alone is an @online there.

The fields of each entry type: the documentation of BibTeX (btxdoc) and biblatex's manual, section 2.1. What a paper
has for its owner alone, its file and reading, is not written.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from carrel.metadata.bib_names import names_text
from carrel.metadata.latex_writer import latex_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carrel.core.paper import Paper


class Dialect(StrEnum):
    """Which program reads the file: BibTeX, with its types and fields of 1988, or biblatex with biber."""

    BIBTEX = "bibtex"
    BIBLATEX = "biblatex"


# biblatex's types that BibTeX's styles do not know, as what they come closest to.
_IN_BIBTEX = {
    "online": "misc",
    "electronic": "misc",
    "www": "misc",
    "dataset": "misc",
    "software": "misc",
    "report": "techreport",
    "thesis": "phdthesis",
    "collection": "book",
    "reference": "book",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "proceedings",
    "inreference": "incollection",
    "suppbook": "inbook",
    "periodical": "misc",
    "patent": "misc",
}
_WITH_JOURNAL = ("article", "suppperiodical", "review")
_IN_A_BOOK = ("inproceedings", "conference", "incollection", "inbook", "inreference", "suppbook", "suppcollection")
_ON_THE_WEB = ("online", "electronic", "www")
_WITH_SCHOOL = ("phdthesis", "mastersthesis")
_WITH_INSTITUTION = ("techreport", "report", "thesis")
# What cannot stand in a key: https://tug.org/texinfohtml/btxdoc is silent; this is what BibTeX and biber refuse.
_NOT_IN_KEYS = re.compile(r"[\s{}(),\"#%'=~\\\x00-\x1f\x7f]")
_NOT_IN_TYPES = re.compile(r"[^a-z0-9_-]")
_NOT_IN_IDENTIFIERS = re.compile(r"[\s{}\\]")


def bib_text(
    papers: Iterable[Paper], dialect: Dialect = Dialect.BIBTEX, *, ascii_only: bool = False, comment: str = ""
) -> str:
    """A whole .bib file: an entry for each paper in the order given, with a blank line between.

    `comment` is its first line. With `ascii_only` letters are written as LaTeX's commands, for BibTeX of old.
    """
    head = f"% {comment}\n\n" if comment else ""
    return head + "\n".join(entry(paper, dialect, ascii_only=ascii_only) for paper in papers)


def entry(paper: Paper, dialect: Dialect = Dialect.BIBTEX, *, ascii_only: bool = False) -> str:
    """One entry, with every field of the paper that a bibliography can show.

    >>> from carrel.core.paper import Paper; from carrel.core.person import Name
    >>> print(entry(Paper("Toy Models of {SAEs} & more", (Name("Elhage", "Nelson"),), "2022", "arXiv",
    ...     arxiv="2209.10652", citekey="elhage2022toy")))
    @misc{elhage2022toy,
      title = {Toy Models of \\{{SAE}s\\} \\& more},
      author = {Elhage, Nelson},
      year = {2022},
      eprint = {2209.10652},
      archiveprefix = {arXiv},
    }
    <BLANKLINE>
    """
    biblatex = dialect is Dialect.BIBLATEX
    kind = _NOT_IN_TYPES.sub("", paper.bibtype.lower()) or "misc"
    kind = kind if biblatex else _IN_BIBTEX.get(kind, kind)
    if biblatex and kind == "article" and paper.arxiv and not _venue(paper, kind, biblatex):
        kind = "online"

    def text(value: str) -> str:
        return latex_text(value, ascii_only=ascii_only)

    own_authors = () if paper.authors == paper.editors else paper.authors
    fields = {
        "title": latex_text(paper.title, title=True, ascii_only=ascii_only),
        "author": names_text(own_authors, ascii_only=ascii_only),
        "editor": names_text(paper.editors, ascii_only=ascii_only),
        "date" if biblatex else "year": text(paper.year),
        _venue_field(kind, biblatex): text(_venue(paper, kind, biblatex)),
        "volume": text(paper.volume),
        "number": text(paper.number),
        "pages": "--".join(map(text, paper.pages.split("–"))),
        _publisher_field(kind, biblatex): text(paper.publisher),
        "doi": _identifier(paper.doi),
        "eprint": _identifier(paper.arxiv),
        "eprinttype" if biblatex else "archiveprefix": ("arxiv" if biblatex else "arXiv") if paper.arxiv else "",
        "url": _identifier(paper.url),
        "abstract": text(paper.abstract),
        "keywords": text(", ".join(paper.keywords)),
        "annotation" if biblatex else "annote": text(paper.note),
    }
    lines = (f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{bib_key(paper.citekey)},\n{''.join(lines)}}}\n"


def bib_key(key: str) -> str:
    """A citation key without what BibTeX cannot have in one.

    >>> bib_key("DBLP:conf/nips/Va17"), bib_key("a b{c}")
    ('DBLP:conf/nips/Va17', 'abc')
    """
    return _NOT_IN_KEYS.sub("", key)


def _venue(paper: Paper, kind: str, biblatex: bool) -> str:
    """Where it appeared, unless other fields say it: its publisher, or arXiv where the style shows an eprint."""
    if paper.venue == paper.publisher:
        return ""
    if paper.arxiv and paper.venue == "arXiv" and kind in _WITH_JOURNAL and not biblatex:
        return f"arXiv preprint arXiv:{paper.arxiv}"  # BibTeX's own styles know no eprint
    return "" if paper.arxiv and paper.venue == "arXiv" and not paper.publisher else paper.venue


def _venue_field(kind: str, biblatex: bool) -> str:
    if kind in _WITH_JOURNAL:
        return "journaltitle" if biblatex else "journal"
    if kind in _IN_A_BOOK:
        return "booktitle"
    return "organization" if kind in _ON_THE_WEB else "howpublished"


def _publisher_field(kind: str, biblatex: bool) -> str:
    if kind in _WITH_SCHOOL:
        return "institution" if biblatex else "school"
    if kind in _WITH_INSTITUTION:
        return "institution"
    return "organization" if kind == "manual" else "publisher"


def _identifier(text: str) -> str:
    """An address or a number as it is; only what would end the field is left out."""
    return _NOT_IN_IDENTIFIERS.sub("", text)
