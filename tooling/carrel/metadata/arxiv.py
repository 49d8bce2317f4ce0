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
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from carrel.metadata.http import Client

BASE_URL = "https://export.arxiv.org"
SECONDS_BETWEEN_CALLS = 3.0

_ID = r"(?:\d{4}\.\d{4,5}|[a-z][a-z-]+(?:\.[A-Za-z]{2})?/\d{7})(?:v[1-9]\d*)?"
_REFERENCE = re.compile(
    rf"(?:arxiv:\s*|(?:https?://)?(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|format|e-print|src|ps)/)?({_ID})"
    r"(?:\.pdf)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
# In running text the id must be announced: "1234.5678" alone may be a page or a price.
_MENTION = re.compile(
    rf"(?:\barxiv(?:\s+preprint)?(?:\s*:|\.org/(?:abs|pdf)/|\s)\s*|10\.48550/arxiv\.|\babs/)({_ID})(?![\d.]*\d)",
    re.IGNORECASE,
)
_GROUPS = frozenset(("team", "collaboration", "collaborations", "consortium", "group", "project", "committee"))
_VERSION = re.compile(r"v\d+$")
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"


def match(reference: str) -> str | None:
    """The arXiv id (with its version, if it has one) when `reference` is an id or an address of a paper there.

    >>> match("arXiv:2209.10652v1"), match("https://arxiv.org/pdf/math.GT/0309136"), match("10.1038/nature14539")
    ('2209.10652v1', 'math.GT/0309136', None)
    """
    found = _REFERENCE.fullmatch(unquote(reference.strip()))
    return found[1] if found else None


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


def fetch(client: Client, arxiv_id: str, base_url: str = BASE_URL) -> Paper:
    """Ask arXiv for one paper. Raises SourceUnreachable, and SourceInvalid when there is no such paper."""
    client.pace("arXiv", SECONDS_BETWEEN_CALLS)
    # A malformed id is answered with 400 and an Atom feed that says what is wrong with it.
    answer = client.get(f"{base_url.rstrip('/')}/api/query", {"id_list": arxiv_id}, statuses=(200, 400))
    for paper in parse_feed(answer.body):
        if paper.arxiv.lower() == without_version(arxiv_id).lower():
            return paper
    raise SourceInvalid(f"arXiv has no paper {arxiv_id}", "check the id on https://arxiv.org")


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
        url=f"https://arxiv.org/abs/{arxiv_id}",
        pdf=f"https://arxiv.org/pdf/{arxiv_id}",
        abstract=plain_text(_text(entry, f"{_ATOM}summary")),
        bibtype="article" if published_in else "misc",
    )


def _authors(listed: Iterator[str]) -> tuple[Name, ...]:
    """arXiv lists groups among the people, and the colon after a group's name as if it were one of them.

    >>> [name.last for name in _authors(iter(["Gemini Team", ":", "Rohan Anil"]))]
    ['Gemini Team', 'Anil']
    """
    names = [plain_text(text) for text in listed]
    return tuple(
        Name(literal=name) if name.rpartition(" ")[2].lower() in _GROUPS else Name.parse(name)
        for name in names
        if any(letter.isalnum() for letter in name)
    )


def _text(parent: Element, tag: str) -> str:
    return " ".join((parent.findtext(tag) or "").split())
