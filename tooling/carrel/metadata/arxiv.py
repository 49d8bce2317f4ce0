"""arXiv: which texts name one of its papers, and how its API's Atom answers read.

The API and its pace of one call in three seconds: https://info.arxiv.org/help/api/user-manual.html; the two
forms of its identifiers: https://info.arxiv.org/help/arxiv_identifier.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.paper import Paper, bare_doi, first_year
from carrel.core.person import Name
from carrel.errors import SourceInvalid
from carrel.metadata.latex import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from carrel.metadata.http import Client

BASE_URL = "https://export.arxiv.org"
SECONDS_BETWEEN_CALLS = 3.0
#: Papers in one call.
BATCH = 100

# Since April 2007 year, month and a number (of five digits since 2015); before that an archive and seven digits.
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga"
    "|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph"
    "|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_MONTH = r"(?:0[1-9]|1[0-2])"
_ID = (
    rf"(?:(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}}|(?:1[5-9]|[2-8]\d){_MONTH}\.\d{{5}}"
    rf"|(?:{_ARCHIVES})(?:\.[a-z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}})(?:v[1-9]\d*)?"
)
# Other sites show arXiv's papers under its ids.
_SITES = (
    r"arxiv\.org|alphaxiv\.org|ar5iv\.org|arxiv-vanity\.com|huggingface\.co|hf\.co|scirate\.com|papers\.cool"
    r"|emergentmind\.com|lanl\.gov"
)
_REFERENCE = re.compile(
    rf"(?:arxiv:\s*)?({_ID})(?:\s*\[[\w.-]+\].*)?"
    rf"|(?:https?://)?(?:[\w-]+\.)*(?:{_SITES})/(?:abs|pdf|html|format|e-print|src|ps|overview|papers|arxiv)/({_ID})"
    r"(?:\.pdf)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
# In running text the id must be announced: "1234.5678" alone may be a page or a price.
_MENTION = re.compile(
    rf"(?:\barxiv(?:\s+preprint)?(?:\s*:|\.org/(?:abs|pdf)/|\s)\s*|10\.48550/arxiv\.|\babs/)({_ID})(?![\d.]*\d)",
    re.IGNORECASE,
)
#: Last words of the names of groups among authors.
GROUPS = frozenset(("team", "collaboration", "collaborations", "consortium", "group", "project", "committee"))
_VERSION = re.compile(r"v\d+$", re.IGNORECASE)
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"


def match(reference: str) -> str | None:
    """The arXiv id (with its version, if it has one) when `reference` is an id or an address of a paper there.

    >>> match("arXiv:2209.10652v1"), match("https://arxiv.org/pdf/math.GT/0309136"), match("10.1038/nature14539")
    ('2209.10652v1', 'math.GT/0309136', None)
    """
    found = _REFERENCE.fullmatch(unquote(reference.strip()))
    return found[1] or found[2] if found else None


def find(text: str) -> str:
    """The id without its version that a text announces, or "".

    >>> find("arXiv preprint arXiv:2209.10652v1"), find("CoRR, abs/1706.03762"), find("pages 1706.03762")
    ('2209.10652', '1706.03762', '')
    """
    found = _MENTION.search(text)
    return without_version(found[1]) if found else ""


def without_version(arxiv_id: str) -> str:
    """The id of the paper rather than of one of its versions.

    >>> without_version("2209.10652v1")
    '2209.10652'
    """
    return _VERSION.sub("", arxiv_id)


def _version(arxiv_id: str) -> str:
    """The digits of its version: "3" of `2209.10652v3`, "" of `2209.10652`."""
    found = _VERSION.search(arxiv_id)
    return found[0][1:] if found else ""


def fetch(client: Client, arxiv_id: str, base_url: str = BASE_URL) -> Paper:
    """Ask arXiv for one paper. Raises SourceUnreachable, and SourceInvalid when there is no such paper."""
    # A malformed id is answered with 400 and an Atom feed that says what is wrong with it.
    address = f"{base_url.rstrip('/')}/api/query"
    answer = client.get(
        address, {"id_list": arxiv_id}, statuses=(200, 400), every=SECONDS_BETWEEN_CALLS, check=parse_feed
    )
    for paper in parse_feed(answer.body):
        if paper.arxiv.lower() == without_version(arxiv_id).lower():
            return paper
    raise SourceInvalid(f"arXiv has no paper {arxiv_id}", "check the id on https://arxiv.org")


def fetch_many(client: Client, arxiv_ids: Iterable[str], base_url: str = BASE_URL) -> dict[str, Paper]:
    """Ask arXiv for many papers, a hundred in one call: those that it knows, by their ids without version.

    Raises SourceUnreachable, and SourceInvalid as soon as one of the ids is malformed.
    """
    ids = list(dict.fromkeys(without_version(arxiv_id) for arxiv_id in arxiv_ids))
    found: dict[str, Paper] = {}
    address = f"{base_url.rstrip('/')}/api/query"
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        query = {"id_list": ",".join(some), "max_results": str(len(some))}
        answer = client.get(address, query, every=SECONDS_BETWEEN_CALLS, check=parse_feed)
        found |= {paper.arxiv: paper for paper in parse_feed(answer.body)}
    return found


def parse_feed(data: bytes) -> tuple[Paper, ...]:
    """The papers of one of the API's answers, in order. Raises SourceInvalid, also for an error sent as an entry."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        feed = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # ValueError and LookupError: an encoding that Python does not know.
        raise _not_a_feed(_kind(data)) from error
    if feed.tag != f"{_ATOM}feed":
        raise _not_a_feed(_kind(data))
    return tuple(_paper(entry) for entry in feed.iter(f"{_ATOM}entry"))


def _not_a_feed(what: str) -> SourceInvalid:
    return SourceInvalid(f"arXiv's answer cannot be read: {what} where an Atom feed was due", "try again later")


def _kind(data: bytes) -> str:
    start = data[:200].lstrip().lower()
    if not start:
        return "nothing"
    return "an HTML page" if start.startswith((b"<!doctype html", b"<html")) else "something else, or half of it,"


def _paper(entry: Element) -> Paper:
    address = _text(entry, f"{_ATOM}id")
    if "/api/errors" in address:
        said = _text(entry, f"{_ATOM}summary")
        raise SourceInvalid(f"arXiv says: {said}", "an id looks like 2209.10652 or hep-th/9901001")
    arxiv_id = match(address) or ""
    title = plain_text(_text(entry, f"{_ATOM}title"))
    if not arxiv_id or not title:
        raise _not_a_feed("an entry without id or title")
    published_in = plain_text(_text(entry, f"{_ARXIV}journal_ref"))
    return Paper(
        title=title,
        authors=_authors(_text(author, f"{_ATOM}name") for author in entry.iter(f"{_ATOM}author")),
        year=first_year(_text(entry, f"{_ATOM}published")),
        venue=published_in or "arXiv",
        arxiv=without_version(arxiv_id),
        doi=bare_doi(_text(entry, f"{_ARXIV}doi")),
        url=f"https://arxiv.org/abs/{without_version(arxiv_id)}",
        pdf=f"https://arxiv.org/pdf/{without_version(arxiv_id)}",
        abstract=plain_text(_text(entry, f"{_ATOM}summary")),
        bibtype="article" if published_in else "misc",
        version=_version(arxiv_id),
    )


def _authors(listed: Iterator[str]) -> tuple[Name, ...]:
    """arXiv lists groups among the people, and the colon after a group's name as if it were one of them.

    >>> [name.last for name in _authors(iter(["Gemini Team", ":", "Rohan Anil"]))]
    ['Gemini Team', 'Anil']
    """
    names = [plain_text(text) for text in listed]
    return tuple(
        Name(literal=name) if name.rpartition(" ")[2].lower() in GROUPS else Name.parse(name)
        for name in names
        if any(letter.isalnum() for letter in name)
    )


def _text(parent: Element, tag: str) -> str:
    return " ".join((parent.findtext(tag) or "").split())
