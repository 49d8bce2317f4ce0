"""What a person gave to name a paper: an identifier, an address, a file or a title. Told by its form alone.

Nothing is looked up here, and in doubt a text is a title: a wrong identifier would bring the wrong paper.
Forms of identifiers: https://info.arxiv.org/help/arxiv_identifier.html, https://www.doi.org/doi-handbook/,
https://docs.openalex.org/how-to-use-the-api/get-single-entities and https://api.semanticscholar.org/api-docs/graph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from carrel.metadata import arxiv, library


class Kind(StrEnum):
    """What a reference is, and with that who is asked for it."""

    ARXIV = "arXiv"
    DOI = "DOI"
    OPENALEX = "OpenAlex"
    SEMANTICSCHOLAR = "Semantic Scholar"
    ADDRESS = "address"
    FILE = "file"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Reference:
    """What names a paper.

    `value` is the bare identifier: of arXiv with its version, if it has one; of OpenAlex `W…`, `pmid:…` or
    `pmcid:…`; of Semantic Scholar forty hexadecimal digits, `CorpusId:…` or `ACL:…`. An address has its scheme. A file
    is a path as it was written, `-` for standard input. A title is on one line.
    """

    kind: Kind
    value: str


#: No identifier and no address of one is longer.
MAX_CHARACTERS = 4096
#: Endings of the names of files that papers and libraries are kept in.
SUFFIXES = (".pdf", *library.SUFFIXES, ".xml", ".rdf", ".txt", ".md")

_DOI_PREFIX = r"10\.\d{4,9}(?:\.\d+)*/"
_DOI = re.compile(
    rf"(?:(?:doi|doi\s*:\s*|info:doi/)\s*|(?:doi\s*:\s*)?(?:https?://)?(?:www\.|dx\.)?doi\.org/)?({_DOI_PREFIX}\S+)",
    re.IGNORECASE,
)
_DOI_IN_ADDRESS = re.compile(rf"(?:[/=:]|%2f)({_DOI_PREFIX}[^\s?&#]+)", re.IGNORECASE)
# What publishers put behind a DOI in the addresses of a paper's pages and files.
_PAGE = re.compile(
    r"(?:/(?:abstract|full|full-?text|fulltext\.html|pdf|epdf|pdfdirect|html|meta|summary|references|citations?|figures"
    r"|suppl_file/.*|download|reader|xml|epub|issuetoc)|(?:v\d+)?\.(?:full(?:-text)?|abstract)(?:\.pdf)?(?:\+html)?|v\d+"
    r"|\.(?:pdf|html?|xml|short))$",
    re.IGNORECASE,
)
_MAX_PAGES = 3  # /full.pdf, .full.pdf+html and the like
_OUP_ARTICLE = re.compile(r"(10\.1093/[^/]+/[^/]+)/\d+")
_VERSIONED = re.compile(r"10\.(?:1101|64898)/")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_OPENALEX = re.compile(
    r"(?:https?://)?(?:(?:www\.|api\.|explore\.)?openalex\.org/)?(?:works/)?(W[1-9]\d{4,11})/?(?:[?#].*)?",
    re.IGNORECASE,
)
_SEMANTICSCHOLAR = re.compile(
    r"(?:https?://)?(?:(?:www\.|api\.)?semanticscholar\.org/)?(?:graph/v1/)?(?:paper/|reader/|p/)?(?:[^/?#\s]+/)?"
    r"([0-9a-f]{40})(?:[/?#].*)?",
    re.IGNORECASE,
)
_CORPUS = re.compile(
    r"(?:(?:https?://)?(?:(?:www\.|api\.)?semanticscholar\.org)/)?CorpusI[Dd]:\s*([1-9]\d{0,11})", re.IGNORECASE
)
_PMID = re.compile(
    r"(?:pmid\s*:?\s*|(?:https?://)?(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)"
    r"([1-9]\d{0,8})/?(?:[?#].*)?",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"(?:pmcid\s*:?\s*|(?:https?://)?(?:(?:www\.)?ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/)?"
    r"PMC([1-9]\d{3,8})(?:/[^\s]*)?",
    re.IGNORECASE,
)
_ACL = re.compile(
    r"(?:ACL:|(?:https?://)?(?:www\.)?aclanthology\.org/)((?:[A-Z]\d\d-\d{4}|\d{4}\.[\w-]+\.\d+))(?:\.pdf|\.bib)?/?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_PATH = re.compile(r"(?:\.{0,2}|~[^/\s]*)/.*", re.DOTALL)


def recognise(text: str) -> Reference:
    """What `text` names, by its form. Never raises; a text that is nothing else is a title.

    >>> recognise("https://arxiv.org/pdf/2209.10652v1")
    Reference(kind=<Kind.ARXIV: 'arXiv'>, value='2209.10652v1')
    >>> recognise("https://dl.acm.org/doi/pdf/10.1145/3442188.3445922").value, recognise("W2741809807").kind.value
    ('10.1145/3442188.3445922', 'OpenAlex')
    >>> [recognise(one).kind.value for one in ("~/papers/toy.pdf", "https://example.org/toy.pdf", "Toy Models")]
    ['file', 'address', 'title']
    >>> [recognise(one).kind.value for one in ("2012", "2026.1120", "3.1415", "17/10/2022")]
    ['title', 'title', 'title', 'title']
    """
    text = " ".join(text.split())
    if len(text) > MAX_CHARACTERS:
        return Reference(Kind.TITLE, text)
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    return _file(text) or _identifier(bare) or _address(bare) or Reference(Kind.TITLE, text)


def _file(text: str) -> Reference | None:
    if text.lower().startswith("file://"):
        return Reference(Kind.FILE, unquote(text[7:].removeprefix("localhost")))
    # `arxiv.org/pdf/2209.10652.pdf` is an address without its scheme, not a file in a folder of that name.
    known = text.lower().endswith(SUFFIXES) and "://" not in text and not _host_first(text)
    return Reference(Kind.FILE, text) if text == "-" or known or _PATH.fullmatch(text) else None


def _host_first(text: str) -> bool:
    host = text.partition("/")[0].lower()
    return "/" in text and (host.startswith("www.") or host.endswith(("arxiv.org", "doi.org", "aclanthology.org")))


def _identifier(text: str) -> Reference | None:
    if arxiv_id := arxiv.match(text):
        return Reference(Kind.ARXIV, arxiv_id)
    if found := _DOI.fullmatch(unquote(text)):
        return _doi(found[1])
    if found := _PMID.fullmatch(text):
        return Reference(Kind.OPENALEX, f"pmid:{found[1]}")
    if found := _PMCID.fullmatch(text):
        return Reference(Kind.OPENALEX, f"pmcid:{found[1]}")
    if found := _OPENALEX.fullmatch(text):
        return Reference(Kind.OPENALEX, found[1].upper())
    if found := _CORPUS.fullmatch(text):
        return Reference(Kind.SEMANTICSCHOLAR, f"CorpusId:{found[1]}")
    # Forty digits without a letter are a number.
    if (found := _SEMANTICSCHOLAR.fullmatch(text)) and not found[1].isdecimal():
        return Reference(Kind.SEMANTICSCHOLAR, found[1].lower())
    if found := _ACL.fullmatch(text):
        return Reference(Kind.SEMANTICSCHOLAR, f"ACL:{found[1]}")
    return None


def _address(text: str) -> Reference | None:
    if text.lower().startswith("www.") and " " not in text:
        text = f"https://{text}"
    if not _ADDRESS.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that hold no address
        return None
    found = _DOI_IN_ADDRESS.search(unquote(f"{parts.path}?{parts.query}"))
    return _doi(_without_page(found[1])) if found else Reference(Kind.ADDRESS, text)


def _doi(text: str) -> Reference:
    doi = text.rstrip(".,;")
    if doi.endswith((")", "]")) and doi.count("(") + doi.count("[") < doi.count(")") + doi.count("]"):
        doi = doi.rstrip(").,;]")
    if (found := _ARXIV_DOI.fullmatch(doi)) and (arxiv_id := arxiv.match(found[1])):
        return Reference(Kind.ARXIV, arxiv_id)
    return Reference(Kind.DOI, doi)


def _without_page(doi: str) -> str:
    """The DOI at the start of what stands in a publisher's address.

    >>> _without_page("10.1101/2020.01.30.927871v2.full.pdf"), _without_page("10.3389/fnins.2013.12345/full")
    ('10.1101/2020.01.30.927871', '10.3389/fnins.2013.12345')
    """
    doi = doi.rstrip("/")
    for _ in range(_MAX_PAGES):
        found = _PAGE.search(doi)
        if found is None or "/" not in doi[: found.start()]:
            break
        if found[0].lower().startswith("v") and "." not in found[0] and not _VERSIONED.match(doi):
            break  # only bioRxiv and medRxiv put a version behind the DOI; elsewhere v2 may belong to it
        doi = doi[: found.start()]
    article = _OUP_ARTICLE.fullmatch(doi)
    return article[1] if article else doi
