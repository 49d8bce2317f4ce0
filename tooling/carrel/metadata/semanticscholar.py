"""Semantic Scholar: an index of papers, strong where they have no DOI, with references and citations.

The API: https://api.semanticscholar.org/api-docs/graph. Without a key all the world shares one allowance, so that
"too many requests" is an ordinary answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.paper import Paper, folded, page_range
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnknown
from carrel.metadata import arxiv
from carrel.metadata.crossref import only_one
from carrel.metadata.fields import at, decoded, doi_address, listed, text
from carrel.metadata.markup import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carrel.metadata.http import Client

BASE_URL = "https://api.semanticscholar.org"
PAGE = 100
#: The API lists no further.
MAX_OFFSET = 9_000
SECONDS_BETWEEN_CALLS = 1.0

_FIELDS = "title,abstract,authors,year,venue,publicationVenue,journal,externalIds,publicationTypes,openAccessPdf,url"
_LISTED_FIELDS = "title,authors,year,venue,journal,externalIds,publicationTypes,url"
# A paper may have several types; the first of these that it has counts.
_TYPES = (
    ("Conference", "inproceedings"),
    ("BookSection", "incollection"),
    ("Book", "book"),
    ("JournalArticle", "article"),
    ("Review", "article"),
)


def names(paper: Paper) -> list[str]:
    """The names under which Semantic Scholar may know a paper.

    >>> names(Paper("Toy Models", arxiv="2209.10652v1"))
    ['ARXIV:2209.10652']
    """
    arxiv_id = arxiv.without_version(paper.arxiv)
    return [name for name in (arxiv_id and f"ARXIV:{arxiv_id}", paper.doi and f"DOI:{paper.doi}") if name]


def fetch(client: Client, name: str, base_url: str = BASE_URL) -> Paper:
    """Ask for one paper: forty hexadecimal digits, `CorpusId:…`, `ARXIV:…`, `DOI:…`, `PMID:…` or `ACL:…`.

    Raises SourceUnreachable, SourceInvalid, and SourceUnknown when there is no such paper.
    """
    address = _paper_address(name, base_url)
    answer = client.get(address, {"fields": _FIELDS}, statuses=(200, 404), every=SECONDS_BETWEEN_CALLS, check=_decoded)
    if answer.status == 404:
        raise SourceUnknown(f"Semantic Scholar has no paper {name}", "check the id on https://www.semanticscholar.org")
    return read(_decoded(answer.body))


def search(client: Client, title: str, author: str = "", base_url: str = BASE_URL) -> Paper | None:
    """The paper of exactly this title (and an author of this family name), if it is what the index matches best."""
    address = f"{base_url.rstrip('/')}/graph/v1/paper/search/match"
    query = {"query": " ".join(title.split()), "fields": _FIELDS}
    answer = client.get(address, query, statuses=(200, 404), every=SECONDS_BETWEEN_CALLS, check=_decoded)
    matches = listed(_decoded(answer.body), "data")
    papers = [read(match) for match in matches if text(match, "title")]
    return only_one([paper for paper in papers if folded(paper.title) == folded(title)], title, author)


def references(client: Client, name: str, limit: int, base_url: str = BASE_URL) -> list[Paper]:
    """What a paper cites, at most `limit` papers."""
    return _listing(client, name, "references", "citedPaper", limit, base_url)


def cited_by(client: Client, name: str, limit: int, base_url: str = BASE_URL) -> list[Paper]:
    """What cites a paper, at most `limit` papers, the newest first as the index has them."""
    return _listing(client, name, "citations", "citingPaper", limit, base_url)


def read(record: object) -> Paper:
    """The paper of one record. Raises SourceInvalid for a record without title."""
    title = plain(text(record, "title"))
    if not title:
        raise SourceInvalid(f"Semantic Scholar's record {text(record, 'paperId')} has no title".replace("  ", " "))
    doi, arxiv_id = text(record, "externalIds", "DOI"), text(record, "externalIds", "ArXiv")
    if found := arxiv.find(doi):
        doi, arxiv_id = "", arxiv_id or found
    journal, venue = plain(text(record, "journal", "name")), plain(text(record, "venue"))
    venue = plain(text(record, "publicationVenue", "name")) or venue or journal
    preprint = bool(arxiv_id) and (venue.lower().startswith("arxiv") or not (venue or doi))
    kinds = [text(kind) for kind in listed(record, "publicationTypes")]
    bibtype = next((bibtype for kind, bibtype in _TYPES if kind in kinds), "misc")
    return Paper(
        title=title,
        authors=_names(record),
        year=_year(record),
        venue="arXiv" if preprint else venue,
        arxiv=arxiv_id,
        doi=doi,
        url=_address(record, doi, arxiv_id),
        pdf=_pdf(record, arxiv_id),
        abstract=plain(text(record, "abstract")),
        bibtype="misc" if preprint else bibtype,
        # Of a preprint the "journal" is arXiv, and its volume abs/2209.10652.
        volume="" if preprint else text(record, "journal", "volume"),
        pages="" if preprint else page_range(text(record, "journal", "pages")),
    )


def _decoded(body: bytes) -> Mapping[str, object]:
    return decoded(body, "Semantic Scholar")


def _paper_address(name: str, base_url: str, listing: str = "") -> str:
    return f"{base_url.rstrip('/')}/graph/v1/paper/{quote(name, safe=':')}{listing}"


def _listing(client: Client, name: str, listing: str, key: str, limit: int, base_url: str) -> list[Paper]:
    found: list[Paper] = []
    offset = 0
    while len(found) < limit and offset < MAX_OFFSET:
        query = {"fields": _LISTED_FIELDS, "offset": str(offset), "limit": str(PAGE)}
        address = _paper_address(name, base_url, f"/{listing}")
        answer = client.get(address, query, statuses=(200, 404), every=SECONDS_BETWEEN_CALLS, check=_decoded)
        if answer.status == 404:
            raise SourceUnknown(f"Semantic Scholar has no paper {name}")
        page = _decoded(answer.body)
        # Of what it could not match to a paper the index has only words.
        found += [read(at(one, key)) for one in listed(page, "data") if text(one, key, "title")]
        following = at(page, "next")
        if not isinstance(following, int) or following <= offset:
            break
        offset = following
    return found[:limit]


def _names(record: object) -> tuple[Name, ...]:
    written = [plain(text(author, "name")) for author in listed(record, "authors")]
    return tuple(
        Name(literal=name) if name.rpartition(" ")[2].lower() in arxiv.GROUPS else Name.parse(name)
        for name in written
        if any(letter.isalnum() for letter in name)
    )


def _year(record: object) -> str:
    year = text(record, "year")
    return year if len(year) == 4 and year.isdecimal() else ""


def _address(record: object, doi: str, arxiv_id: str) -> str:
    if doi:
        return doi_address(doi)
    if arxiv_id:
        return f"https://arxiv.org/abs/{arxiv_id}"
    address = text(record, "url")
    return address if address.startswith(("https://", "http://")) else ""


def _pdf(record: object, arxiv_id: str) -> str:
    if arxiv_id:
        return f"https://arxiv.org/pdf/{arxiv_id}"
    address = text(record, "openAccessPdf", "url")
    # For many papers this is only the DOI again.
    return address if address.startswith(("https://", "http://")) and "doi.org/" not in address else ""
