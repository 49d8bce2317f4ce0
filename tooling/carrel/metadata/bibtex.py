"""BibTeX and BibLaTeX: the entries of a .bib file as papers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.note import Problem
from carrel.core.paper import Paper, bare_doi, first_year, page_range
from carrel.metadata import arxiv
from carrel.metadata.bib_entries import read_entries
from carrel.metadata.bib_names import names
from carrel.metadata.latex import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.person import Name
    from carrel.metadata.bib_entries import Entry

# Entry types that carry data for other entries and are no publication themselves.
_NOT_PAPERS = ("xdata", "set", "control", "comment")
# Entry types whose organization is the site that they are on.
_ON_THE_WEB = ("online", "electronic", "www")
# Where the name of the place of publication and that of the publisher stand, best first.
_VENUES = ("journaltitle", "journal", "booktitle", "eventtitle")
_PUBLISHERS = ("publisher", "institution", "school")
_BRACE = re.compile(r"(?<!\\)[{}]")
_ESCAPED = re.compile(r"\\([_%&#~$])")
_BETWEEN_KEYWORDS = re.compile(r"[,;]")
# In a `file` field `;` is between files and `:` between their parts, unless there is a backslash before it.
_FILES = re.compile(r"(?:[^;\\]|\\.)+")
_FILE_PARTS = re.compile(r"(?:^|(?<=:))((?:[^:\\]|\\.)*)(?=:|$)")
_ESCAPED_FILE = re.compile(r"\\([:;\\])")
MAX_FILES = 20_000  # characters of a `file` field that are looked at
_WEB = re.compile(r"https?://[^\s{}<>\"]+")


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a .bib file in its order, and what could not be read, with its line. Never raises for content.

    `source` is the file's name, for the problems.

    >>> papers, problems = parse("@misc{a, title={{T}oy models}, author={Elhage, Nelson}, year=2022} @book{b, title")
    >>> papers[0].title, papers[0].authors[0].family, papers[0].year, papers[0].citekey
    ('Toy models', 'Elhage', '2022', 'a')
    >>> [problem.code for problem in problems]
    ['bad-entry']
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    entries, problems = read_entries(text, source)
    papers = []
    for entry in entries:
        if entry.type not in _NOT_PAPERS:
            paper = _paper(entry)
            papers.append(paper)
            if not paper.title:
                problems.append(Problem(source, entry.line, "no-title", f"the entry {entry.key!r} has no title"))
    return tuple(papers), tuple(sorted(problems, key=lambda problem: problem.line))


def _paper(entry: Entry) -> Paper:
    fields = entry.fields

    def text(*names: str) -> str:
        return next((shown for name in names if name in fields and (shown := plain_text(fields[name]))), "")

    def people(*roles: str) -> tuple[Name, ...]:
        return next((found for role in roles if role in fields and (found := names(fields[role]))), ())

    title, subtitle = text("title", "booktitle", "maintitle", "titleaddon"), text("subtitle")
    arxiv_id, version = _arxiv_id(entry)
    venue, publisher = _venue(entry, text), _publisher(entry, text)
    if arxiv_id and (_is_arxiv(venue) or (not venue and (not publisher or _is_arxiv(publisher)))):
        venue, publisher = "arXiv", "" if _is_arxiv(publisher) else publisher
    volume, number = text("volume"), text("number", "issue")
    url = _address(fields.get("url", "")) or _address(fields.get("howpublished", ""))
    editors = people("editor")
    return Paper(
        title=f"{title}: {subtitle}" if title and subtitle else title,
        authors=people("author", "director") or editors,
        year=first_year(text("date")) or first_year(text("year")),
        venue=venue or publisher,
        arxiv=arxiv_id,
        doi=bare_doi(_verbatim(fields.get("doi", ""))) or bare_doi(url if "doi.org/" in url else ""),
        url=url,
        pdf=_file(fields.get("file", "")) or next(filter(_is_pdf, (_address(fields.get("pdf", "")), url)), ""),
        abstract=text("abstract"),
        bibtype=entry.type,
        citekey=entry.key,
        editors=editors,
        volume="" if arxiv.find(volume) else volume,
        number="" if arxiv.find(number) else number,
        pages=page_range(text("pages", "eid", "articleno")),
        publisher=publisher,
        version=version,
        keywords=_keywords(text("keywords", "keyword", "mendeley-tags")),
        note=text("annotation", "annote", "comment", "review"),
    )


def _venue(entry: Entry, text: Callable[..., str]) -> str:
    """The journal, proceedings or book that holds the work; of a page on the web the site."""
    if "title" not in entry.fields:  # the title is then that of the book itself
        return text("journaltitle", "journal")
    places = (*_VENUES, *(("organization",) if entry.type in _ON_THE_WEB else ()), "howpublished")
    # A journal may be a command that only its publisher's style defines, `\\aap`: its name is better than nothing.
    venue = text(*places) or entry.fields.get("journal", "").strip("{}\\ ")
    return "" if _WEB.search(venue) else venue


def _publisher(entry: Entry, text: Callable[..., str]) -> str:
    publisher = text(*_PUBLISHERS) or ("" if entry.type in _ON_THE_WEB else text("organization"))
    return "" if _WEB.search(publisher) else publisher


def _is_arxiv(name: str) -> bool:
    return name.lower().startswith("arxiv") or name == "CoRR" or bool(arxiv.find(name))


def _is_pdf(place: str) -> bool:
    return place.lower().endswith(".pdf")


def _keywords(text: str) -> tuple[str, ...]:
    """Keywords as people list them, with commas or semicolons between."""
    found = (word.strip() for word in _BETWEEN_KEYWORDS.split(text))
    return tuple(dict.fromkeys(word for word in found if word))


def _file(field: str) -> str:
    """The first PDF in a `file` field: a path, or `description:path:type` several times, as reference managers write.

    >>> _file("Full Text:/home/ada/a\\\\:b.pdf:application/pdf;Page:b.html:text/html"), _file(":papers/C.PDF:PDF")
    ('/home/ada/a:b.pdf', 'papers/C.PDF')
    """
    field = field[:MAX_FILES].replace(r"$\backslash$", "\\")  # Mendeley's way of writing one
    for one in _FILES.findall(field):
        parts = [_ESCAPED_FILE.sub(r"\1", part) for part in _FILE_PARTS.findall(one)]
        # A path of Windows may have its colon bare.
        place = _verbatim(":".join(parts[1:-1]) if len(parts) > 2 and not one.startswith("file:") else one)
        if place.startswith("file://"):
            from urllib.parse import unquote

            place = unquote(place.removeprefix("file://").removeprefix("localhost"))
        if _is_pdf(place):
            return place
    return ""


def _arxiv_id(entry: Entry) -> tuple[str, str]:
    """The arXiv id and its version, from biblatex's eprint fields or from one of the places where exporters put it."""
    fields = entry.fields
    eprint = arxiv.match(_verbatim(fields.get("eprint", fields.get("arxiv", fields.get("arxivid", "")))))
    kind = fields.get("eprinttype", fields.get("archiveprefix", "arxiv")).strip("{} ").lower()
    if not eprint or kind != "arxiv":
        places = ("doi", "url", "journal", "journaltitle", "volume", "number", "howpublished", "note", "publisher")
        eprint = next((found for name in places if (found := arxiv.find(_verbatim(fields.get(name, ""))))), "")
    bare = arxiv.without_version(eprint)
    return bare, eprint.removeprefix(bare).removeprefix("v")


def _verbatim(value: str) -> str:
    """A field that holds an identifier rather than prose: only the escapes of LaTeX are undone."""
    return _BRACE.sub("", _ESCAPED.sub(r"\1", value)).strip()


def _address(value: str) -> str:
    found = _WEB.search(_ESCAPED.sub(r"\1", value))
    return found[0].replace("\\", "").rstrip(".,;") if found else ""
