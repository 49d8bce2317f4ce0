"""BibTeX and BibLaTeX: the entries of a .bib file as papers."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from carrel.core.note import Problem
from carrel.core.paper import Paper, bare_doi, first_year
from carrel.core.person import Name
from carrel.metadata import arxiv
from carrel.metadata.bib_entries import closing, read_entries
from carrel.metadata.latex import plain_text

if TYPE_CHECKING:
    from carrel.metadata.bib_entries import Entry

# Entry types that carry data for other entries and are no publication themselves.
_NOT_PAPERS = ("xdata", "set", "control", "comment")
# Where the name of the place of publication stands, best first; from `publisher` on it is a publisher of some sort.
_VENUES = ("journaltitle", "journal", "booktitle", "eventtitle")
_PUBLISHERS = ("publisher", "institution", "school", "organization", "howpublished")
_JABREF_ENCODING = re.compile(rb"\A%\s*Encoding:\s*([\w-]+)", re.IGNORECASE)
_NAME_PART = re.compile(r"\s*(family|given|prefix|suffix|useprefix)\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
_BRACE = re.compile(r"(?<!\\)[{}]")
_ESCAPED = re.compile(r"\\([_%&#~$])")
_WEB = re.compile(r"https?://[^\s{}<>\"]+")
# Blanks and commas in braces belong to one word of a name: private-use letters stand for them meanwhile. The blank
# that ends a command is LaTeX's own: {\H o} is one letter.
_PROTECTED = re.compile(r"(\\[A-Za-z]+\s)|[ ,]")
_PROTECT = str.maketrans({" ": "\ue001", ",": "\ue002"})
_UNPROTECT = str.maketrans({"\ue001": " ", "\ue002": ","})


def decode(data: bytes) -> str:
    """The text of a .bib file: UTF-8, or what its BOM or JabRef's first line says, or else Windows-1252. Never raises.

    >>> decode("Müller".encode("utf-16")), decode(b"% Encoding: ISO-8859-15\\n\\xa4"), decode(b"M\\xfcller")
    ('Müller', '% Encoding: ISO-8859-15\\n€', 'Müller')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _JABREF_ENCODING.match(data)
    for encoding in ("utf-8-sig", declared[1].decode() if declared else "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


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

    title, subtitle = text("title", "booktitle", "maintitle", "titleaddon"), text("subtitle")
    venue = text(*_VENUES) if "title" in fields else text("journaltitle", "journal")
    arxiv_id = _arxiv_id(entry)
    publisher = text(*_PUBLISHERS)
    url = _address(fields.get("url", "")) or _address(fields.get("howpublished", ""))
    if arxiv_id and (not venue or arxiv.find(venue) or venue == "CoRR" or venue.lower().startswith("arxiv")):
        venue = "arXiv"
    return Paper(
        title=f"{title}: {subtitle}" if title and subtitle else title,
        authors=_names(fields.get("author", "")) or _names(fields.get("editor", "")),
        year=first_year(text("date")) or first_year(text("year")),
        venue=venue or ("" if _WEB.search(publisher) else publisher),
        arxiv=arxiv_id,
        doi=bare_doi(_verbatim(fields.get("doi", ""))) or bare_doi(url if "doi.org/" in url else ""),
        url=url,
        pdf=url if url.lower().endswith(".pdf") else "",
        abstract=text("abstract"),
        bibtype=entry.type,
        citekey=entry.key,
    )


def _arxiv_id(entry: Entry) -> str:
    """The arXiv id, from biblatex's eprint fields or from one of the places where exporters put it."""
    fields = entry.fields
    eprint = arxiv.match(_verbatim(fields.get("eprint", fields.get("arxiv", fields.get("arxivid", "")))))
    kind = fields.get("eprinttype", fields.get("archiveprefix", "arxiv")).strip("{} ").lower()
    if eprint and kind == "arxiv":
        return arxiv.without_version(eprint)
    places = ("doi", "url", "journal", "journaltitle", "volume", "number", "howpublished", "note", "publisher")
    return next((found for name in places if (found := arxiv.find(_verbatim(fields.get(name, ""))))), "")


def _verbatim(value: str) -> str:
    """A field that holds an identifier rather than prose: only the escapes of LaTeX are undone."""
    return _BRACE.sub("", _ESCAPED.sub(r"\1", value)).strip()


def _address(value: str) -> str:
    found = _WEB.search(_ESCAPED.sub(r"\1", value))
    return found[0].rstrip(".,;") if found else ""


def _names(field: str) -> tuple[Name, ...]:
    """The people of an author field.

    >>> [str(name) for name in _names("Ludwig van Beethoven and {Simon and Schuster} and Brinch Hansen, Per")]
    ['Ludwig van Beethoven', '{Simon and Schuster}', 'Brinch Hansen, Per']
    """
    from bibtexparser.middlewares.names import split_multiple_persons_names

    names = (_name(" ".join(written.split())) for written in split_multiple_persons_names(field))
    return tuple(name for name in names if name.last)


def _name(written: str) -> Name:
    protected = _outside_braces(written)
    labelled = [_NAME_PART.fullmatch(part) for part in protected.split(",")]
    if labelled[0]:  # biblatex's extended format: family=Duchamp, given=Philippe, prefix=de
        named = {part[1].lower(): _shown(part[2]) for part in labelled if part}
        return Name(*(named.get(label, "") for label in ("family", "given", "prefix", "suffix")))
    if written.startswith("{") and closing(written, 0) == len(written) - 1:
        return Name(literal=_shown(written))
    parsed = Name.parse(plain_text(protected))
    parts = (parsed.family, parsed.given, parsed.particle, parsed.suffix, parsed.literal)
    return Name(*(part.translate(_UNPROTECT) for part in parts))


def _outside_braces(written: str) -> str:
    """The name with what braces enclose protected from being split."""
    pieces, depth, at = [], 0, 0
    for brace in _BRACE.finditer(written):
        piece = written[at : brace.end()]
        pieces.append(_PROTECTED.sub(_protect, piece) if depth else piece)
        depth = max(0, depth + (1 if brace[0] == "{" else -1))
        at = brace.end()
    return "".join((*pieces, written[at:]))


def _protect(found: re.Match[str]) -> str:
    return found[1] or found[0].translate(_PROTECT)


def _shown(latex: str) -> str:
    return plain_text(latex.translate(_UNPROTECT))
