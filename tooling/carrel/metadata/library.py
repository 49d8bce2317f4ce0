"""Files of references, whatever their format: which one it is, and its papers.

What is read: BibTeX, RIS, PubMed's .nbib, Web of Science's and EndNote's tagged files, CSL-JSON, Zotero's CSV and
CITATION.cff. Formats are told by what is in them; only where that says nothing, by the file's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from carrel.errors import SourceInvalid
from carrel.metadata.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.note import Problem
    from carrel.core.paper import Paper

    Parse = Callable[[str, str], tuple[tuple[Paper, ...], tuple[Problem, ...]]]

#: Bytes. A library of 60,000 references with their abstracts has as many.
MAX_BYTES = 64 * 1024 * 1024
#: Names of files end so; `paper add` reads them as files of references.
SUFFIXES = (".bib", ".bibtex", ".ris", ".nbib", ".medline", ".isi", ".ciw", ".enw", ".json", ".csv", ".tsv", ".cff")


class _Format(NamedTuple):
    """How to recognise a format: by its first characters, or else by the file's suffixes."""

    name: str
    content: re.Pattern[str]
    suffixes: tuple[str, ...]


_START = r"\A\s*"
_FORMATS = (
    _Format("csl", re.compile(_START + r"[\[{]\s*(?:[\]}\"{]|\Z)"), (".json",)),
    _Format("isi", re.compile(_START + r"(?:FN (?:Clarivate|ISI|Thomson)|PT [A-Z]\s*\n)"), (".isi", ".ciw")),
    _Format("nbib", re.compile(r"^PMID *- *\d", re.MULTILINE), (".nbib", ".medline")),
    _Format("ris", re.compile(r"^TY\s{1,3}- ?\S?", re.MULTILINE), (".ris",)),
    _Format("cff", re.compile(r"^cff-version\s*:", re.MULTILINE), (".cff",)),
    _Format("refer", re.compile(r"^%[0A-Z] \S", re.MULTILINE), (".enw", ".ref", ".refer")),
    _Format("zotero", re.compile(r"\A[^\n]*\bItem Type\b[^\n]*"), (".csv", ".tsv")),
    _Format("bibtex", re.compile(r"^[^\S\n]*@\s*\w+\s*[{(]", re.MULTILINE), (".bib", ".bibtex")),
)
# What people have instead of a file that we read, and the way from the one to the other.
_OTHERS = (
    (re.compile(_START + r"%PDF-"), "a PDF", "give it by a name that ends with .pdf"),
    (re.compile(r"<rdf:RDF\b"), "RDF", "in Zotero: File → Export Library → Better BibTeX, BibTeX or CSL JSON"),
    (re.compile(r"<PubmedArticle\b|<MedlineCitation\b"), "PubMed's XML", "on PubMed: Send to → Citation manager"),
    (re.compile(r"<xml>\s*<records>"), "EndNote's XML", "in EndNote: File → Export, as RIS or BibTeX"),
    (re.compile(r"<(?:\w+:)?modsCollection\b|<(?:\w+:)?mods\b"), "MODS", "export RIS or BibTeX instead"),
    (re.compile(r"<(?:\w+:)?(?:Sources|b:Source)\b"), "Word's XML", "export RIS or BibTeX from where Word had it"),
    (re.compile(_START + r"<!doctype html|" + _START + r"<html", re.IGNORECASE), "an HTML page", ""),
    (re.compile(_START + r"<\?xml|" + _START + r"<[A-Za-z]"), "XML", ""),
    (re.compile(r"\0"), "no text", ""),
)
_READ = "Carrel reads .bib, .ris, .nbib, CSL-JSON, Zotero's CSV, .enw, .isi and CITATION.cff; export one of these"
#: Characters. Further down no format begins.
_HEAD = 20_000


def read(data: bytes, name: str) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers in a file of references, in its order, and what could not be read, with its line.

    `name` is the file's name, for the problems and where the content does not tell the format. Raises
    SourceInvalid for what is no file of references, one without any, and one that must be exported otherwise.

    >>> papers, _ = read(b"TY  - JOUR\\nTI  - Toy models\\nAU  - Elhage, Nelson\\nER  - ", "downloaded.txt")
    >>> papers[0].title
    'Toy models'
    """
    if len(data) > MAX_BYTES:
        raise SourceInvalid(f"{name} has more than {MAX_BYTES // 1024 // 1024} MB", "split it")
    text = decode(data)
    if not text.strip():
        raise SourceInvalid(f"{name} is empty")
    papers, problems = _parser(text, name)(text, name)
    if not papers and not problems:
        raise SourceInvalid(f"{name} holds no references")
    return papers, problems


def format_of(text: str, name: str) -> str:
    """The name of the format, or "" for none that is known here.

    >>> format_of("@misc{a}", "x.txt"), format_of("", "library.bib"), format_of("Dear Sir", "x.txt")
    ('bibtex', 'bibtex', '')
    """
    head = text[:_HEAD].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    likely = [one for one in _FORMATS if one.content.search(head)]
    named = [one for one in _FORMATS if suffix in one.suffixes]
    if not likely and any(content.search(head) for content, _, _ in _OTHERS):
        return ""
    # An abstract may quote anything: of several that it could be, it is what it is called.
    best = [one for one in likely if one in named] or likely or named
    return best[0].name if best else ""


def _parser(text: str, name: str) -> Parse:
    """The reader for what `text` is. Raises SourceInvalid when there is none."""
    found = format_of(text, name)
    if found == "bibtex":
        from carrel.metadata.bibtex import parse
    elif found == "ris":
        from carrel.metadata.ris import parse
    elif found == "nbib":
        from carrel.metadata.nbib import parse
    elif found == "isi":
        from carrel.metadata.isi import parse
    elif found == "refer":
        from carrel.metadata.refer import parse
    elif found == "csl":
        from carrel.metadata.csl import parse
    elif found == "zotero":
        from carrel.metadata.zotero_csv import parse
    elif found == "cff":
        from carrel.metadata.cff import parse
    else:
        raise _not_read(text[:_HEAD], name)
    return parse


def _not_read(head: str, name: str) -> SourceInvalid:
    what, hint = next(((what, hint) for content, what, hint in _OTHERS if content.search(head)), ("", ""))
    return SourceInvalid(f"{name} is {what or 'no file of references that Carrel knows'}", hint or _READ)
