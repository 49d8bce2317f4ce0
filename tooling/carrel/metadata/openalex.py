"""OpenAlex: an open index of works, with what each of them cites and is cited by.

The API: https://docs.openalex.org/api-entities/works/work-object. Without a key it gives single works freely, and
some hundred listings a day, which `429 Too Many Requests` ends.
"""

from __future__ import annotations

import re
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
    from collections.abc import Callable, Mapping

    from carrel.metadata.http import Client

BASE_URL = "https://api.openalex.org"
#: How many works one question may name, or one answer hold.
BATCH = 50
PAGE = 100

_TYPES = {
    "article": "article",
    "review": "article",
    "letter": "article",
    "editorial": "article",
    "book-chapter": "incollection",
    "reference-entry": "incollection",
    "book": "book",
    "dissertation": "phdthesis",
    "report": "techreport",
    "standard": "techreport",
}
_WORK = re.compile(r"W\d{1,12}")
# Positions further out than this are no abstract's: the answer would only ask for memory.
_MAX_POSITION = 20_000
_LISTED_FIELDS = (
    "id,doi,title,display_name,publication_year,type,authorships,primary_location,locations,biblio,is_retracted"
)


def names(paper: Paper) -> list[str]:
    """The names under which OpenAlex may know a paper; its keys for arXiv's papers are the DOIs that arXiv gives them.

    >>> names(Paper("Toy Models", arxiv="2209.10652"))
    ['doi:10.48550/arxiv.2209.10652']
    """
    arxiv_doi = f"10.48550/arxiv.{arxiv.without_version(paper.arxiv)}" if paper.arxiv else ""
    return [f"doi:{doi}" for doi in (paper.doi, arxiv_doi) if doi]


def fetch(client: Client, name: str, base_url: str = BASE_URL, remark: Callable[[str], None] | None = None) -> Paper:
    """Ask OpenAlex for one work: `W…`, `pmid:…`, `pmcid:…`, or `doi:…`; `remark` is told if it was retracted.

    Raises SourceUnreachable, SourceInvalid, and SourceUnknown when there is no such work.
    """
    work = _work(client, name, base_url)
    if remark is not None and at(work, "is_retracted") is True:
        remark(f"{name}: OpenAlex knows it as retracted")
    return read(work)


def search(client: Client, title: str, author: str = "", base_url: str = BASE_URL) -> Paper | None:
    """The work of exactly this title (and an author of this family name), if there is one and only one."""
    # A comma or a bar in a filter's value would end it.
    words = " ".join(re.sub(r"[^\w\s'-]", " ", title).split())
    found = _listing(client, {"filter": f"title.search:{words}"}, 10, base_url)
    return only_one([paper for paper in found if folded(paper.title) == folded(title)], title, author)


def references(client: Client, name: str, limit: int, base_url: str = BASE_URL) -> list[Paper]:
    """What a work cites, at most `limit` papers, in the order of the index."""
    named = [text(work).rpartition("/")[2] for work in listed(_work(client, name, base_url), "referenced_works")]
    ids = [work for work in named if _WORK.fullmatch(work)][:limit]
    found: list[Paper] = []
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        found += _listing(client, {"filter": f"openalex:{'|'.join(some)}"}, len(some), base_url)
    return found


def cited_by(client: Client, name: str, limit: int, base_url: str = BASE_URL) -> list[Paper]:
    """What cites a work, at most `limit` papers, the most cited ones first."""
    work = text(_work(client, name, base_url), "id").rpartition("/")[2]
    if not _WORK.fullmatch(work):
        raise SourceInvalid(f"OpenAlex's record of {name} has no id")
    return _listing(client, {"filter": f"cites:{work}", "sort": "cited_by_count:desc"}, limit, base_url)


def read(work: object) -> Paper:
    """The paper of one of OpenAlex's records. Raises SourceInvalid for a record without title."""
    title = plain(text(work, "title") or text(work, "display_name"))
    if not title:
        raise SourceInvalid(f"OpenAlex's record {text(work, 'id')} has no title".replace("  ", " "))
    if text(work, "ids", "pmid") and not title.endswith(".."):
        title = title.removesuffix(".")  # PubMed ends every title with a full stop
    doi, arxiv_id = text(work, "doi").removeprefix("https://doi.org/"), _arxiv_id(work)
    if found := arxiv.find(doi):
        doi, arxiv_id = "", found
    source = at(work, "primary_location", "source")
    venue = plain(text(source, "display_name"))
    preprint = bool(arxiv_id) and (not venue or venue.startswith("arXiv"))
    conference = text(source, "type") == "conference" or text(work, "type_crossref") == "proceedings-article"
    bibtype = "inproceedings" if conference else _TYPES.get(text(work, "type"), "misc")
    return Paper(
        title=title,
        authors=_names(work),
        year=_year(work),
        venue="arXiv" if preprint else venue,
        arxiv=arxiv_id,
        doi=doi,
        url=doi_address(doi) if doi else text(work, "primary_location", "landing_page_url") or text(work, "id"),
        pdf=_pdf(work),
        abstract=plain(_abstract(at(work, "abstract_inverted_index"))),
        bibtype="misc" if preprint else bibtype,
        volume=text(work, "biblio", "volume"),
        number=text(work, "biblio", "issue"),
        pages=_pages(work),
        publisher="" if preprint else plain(text(source, "host_organization_name")),
    )


def _decoded(body: bytes) -> Mapping[str, object]:
    return decoded(body, "OpenAlex")


def _work(client: Client, name: str, base_url: str) -> object:
    address = f"{base_url.rstrip('/')}/works/{quote(name, safe=':')}"
    answer = client.get(address, statuses=(200, 404), check=_decoded)
    if answer.status == 404:
        raise SourceUnknown(f"OpenAlex has no work {name}", "check the id on https://openalex.org")
    return _decoded(answer.body)


def _listing(client: Client, query: dict[str, str], limit: int, base_url: str) -> list[Paper]:
    """The works of a listing, page after page until there are `limit`; those without a title are left out."""
    found: list[Paper] = []
    for page in range(1, -(-limit // PAGE) + 1):
        size = min(PAGE, limit)
        asked = {**query, "per-page": str(size), "page": str(page), "select": _LISTED_FIELDS}
        answer = client.get(f"{base_url.rstrip('/')}/works", asked, check=_decoded)
        works = listed(_decoded(answer.body), "results")
        found += [read(work) for work in works if text(work, "title") or text(work, "display_name")]
        if len(works) < size:
            break
    return found[:limit]


def _names(work: object) -> tuple[Name, ...]:
    names = []
    for authorship in listed(work, "authorships"):
        # The name on the paper; the other one is that of the person whom OpenAlex takes the author for.
        written = plain(text(authorship, "raw_author_name") or text(authorship, "author", "display_name"))
        if any(letter.isalnum() for letter in written):
            names.append(Name.parse(written))
    return tuple(names)


def _year(work: object) -> str:
    year = text(work, "publication_year")
    return year if len(year) == 4 and year.isdecimal() else ""


def _arxiv_id(work: object) -> str:
    for location in (at(work, "primary_location"), *listed(work, "locations")):
        for key in ("landing_page_url", "pdf_url"):
            if found := arxiv.match(text(location, key)) or arxiv.find(text(location, key)):
                return arxiv.without_version(found)
    return ""


def _pdf(work: object) -> str:
    for location in ("best_oa_location", "primary_location"):
        if (address := text(work, location, "pdf_url")).startswith(("https://", "http://")):
            return address
    return ""


def _pages(work: object) -> str:
    first, last = text(work, "biblio", "first_page"), text(work, "biblio", "last_page")
    return page_range(f"{first}-{last}" if first and last and first != last else first or last)


def _abstract(index: object) -> str:
    """The text of which `index` says where each of its words stands.

    >>> _abstract({"models": [1], "Toy": [0, 3], "of": [2]})
    'Toy models of Toy'
    """
    if not isinstance(index, dict):
        return ""
    words: dict[int, str] = {}
    for word, positions in index.items():
        for position in positions if isinstance(positions, list) else ():
            if isinstance(position, int) and 0 <= position < _MAX_POSITION:
                words[position] = str(word)
    return " ".join(words[position] for position in sorted(words))
