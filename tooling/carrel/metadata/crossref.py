"""Crossref: the records that publishers deposit with the DOIs of papers.

The API and its records: https://github.com/CrossRef/rest-api-doc and https://api.crossref.org/swagger-ui/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.paper import Paper, folded, page_range
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnknown
from carrel.metadata import arxiv
from carrel.metadata.fields import at, decoded, doi_address, listed, text
from carrel.metadata.markup import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from carrel.metadata.http import Client

BASE_URL = "https://api.crossref.org"

_TYPES = {
    "journal-article": "article",
    "proceedings-article": "inproceedings",
    "book-chapter": "incollection",
    "book-part": "incollection",
    "book-section": "incollection",
    "book-track": "incollection",
    "reference-entry": "incollection",
    "book": "book",
    "edited-book": "book",
    "monograph": "book",
    "reference-book": "book",
    "proceedings": "proceedings",
    "dissertation": "phdthesis",
    "report": "techreport",
    "report-component": "techreport",
    "standard": "techreport",
}
#: Years as libraries cite them: that of the printed issue, and only without one that of the first appearance.
_DATES = ("published-print", "issued", "published-online", "published", "posted", "published-other")
_GRAVE = ("retraction", "partial retraction", "withdrawal", "removal", "expression of concern")
# Some publishers deposit "Laurens van der" as the given name.
_PARTICLES = re.compile(r"(?<=\s)(?:(?:van|von|der|den|de|du|da|di|la|le|del|della|dos|das|ter|ten|zu|zur|af|av)\s*)+$")
_WORDS_ENOUGH = 5


def fetch(client: Client, doi: str, base_url: str = BASE_URL, remark: Callable[[str], None] | None = None) -> Paper:
    """Ask Crossref for the work with this DOI; `remark` is told if it was retracted or the like.

    Raises SourceUnreachable, SourceInvalid, and SourceUnknown for a DOI that Crossref did not give: other agencies do.
    """
    answer = client.get(f"{base_url.rstrip('/')}/works/{quote(doi, safe='')}", statuses=(200, 404), check=_decoded)
    if answer.status == 404:
        raise SourceUnknown(f"Crossref has no work {doi}", "check the DOI on https://doi.org")
    work = at(_decoded(answer.body), "message")
    paper = read(work)
    if paper.doi.lower() != doi.lower():
        raise SourceInvalid(f"Crossref answered with another work than {doi}: {paper.doi}")
    if remark is not None:
        for notice in notices(work):
            remark(f"{doi}: {notice}")
    return paper


def search(client: Client, title: str, author: str = "", base_url: str = BASE_URL) -> Paper | None:
    """The work of exactly this title, by somebody of the family name `author`, if there is one and only one.

    Without an author the title must have five words, and all works of that title the same first author. Raises
    SourceUnreachable and SourceInvalid.
    """
    query = {"query.bibliographic": f"{title} {author}".strip(), "rows": "10"}
    answer = client.get(f"{base_url.rstrip('/')}/works", query, check=_decoded)
    works = [work for work in listed(_decoded(answer.body), "message", "items") if _is_work(work)]
    papers = [read(work) for work in works if folded(title) in (folded(_title(work)), folded(_main_title(work)))]
    return only_one(papers, title, author)


def only_one(papers: Iterable[Paper], title: str, author: str) -> Paper | None:
    """The paper that a title (and an author) names beyond doubt, among those of that title; published before not."""
    papers = [paper for paper in papers if paper.authors]
    if author:
        papers = [one for one in papers if folded(author) in {folded(name.last) for name in one.authors}]
    elif len(title.split()) < _WORDS_ENOUGH:
        return None
    published = [paper for paper in papers if paper.bibtype != "misc"] or papers
    ids = {paper.doi.lower() or paper.arxiv for paper in published}
    return published[0] if len(ids) == 1 and len({folded(one.authors[0].last) for one in papers}) == 1 else None


def read(work: object) -> Paper:
    """The paper of one of Crossref's records. Raises SourceInvalid for a record without DOI or title."""
    doi, title = text(work, "DOI"), _title(work)
    if not doi or not title:
        raise SourceInvalid(f"Crossref's record of {doi or 'this work'} has no {'title' if doi else 'DOI'}")
    editors = _names(work, "editor")
    bibtype = _TYPES.get(text(work, "type"), "misc")
    return Paper(
        title=title,
        authors=_names(work, "author") or editors,
        year=next((year for key in _DATES if (year := _year(work, key))), ""),
        venue=_venue(work, bibtype),
        arxiv=_preprint(work),
        doi=doi,
        url=doi_address(doi),
        pdf=_pdf(work),
        abstract=plain(text(work, "abstract")),
        bibtype=bibtype,
        editors=editors,
        volume=text(work, "volume"),
        number=text(work, "issue"),
        pages=page_range(plain(text(work, "page") or text(work, "article-number"))),
        publisher=plain(text(work, "publisher")),
    )


def notices(work: object) -> list[str]:
    """What must be known of a work before it is trusted: that it was retracted, or is itself such a notice.

    >>> notices({"updated-by": [{"type": "retraction", "DOI": "10.1000/2", "updated": {"date-parts": [[2023, 5, 1]]}}]})
    ['retraction 10.1000/2 (2023)']
    """
    found = []
    for key, before in (("updated-by", ""), ("update-to", "this is itself the ")):
        for update in listed(work, key):
            kind, year = text(update, "type").lower().replace("_", " "), _year(update, "updated")
            if kind in _GRAVE:
                of = "of " if before else ""
                found.append(f"{before}{kind} {of}{text(update, 'DOI')}{year and f' ({year})'}")
    return list(dict.fromkeys(found))


def _decoded(body: bytes) -> Mapping[str, object]:
    return decoded(body, "Crossref")


def _is_work(work: object) -> bool:
    return bool(text(work, "DOI") and _main_title(work))


def _first(work: object, key: str) -> str:
    """A field that is a list of texts in the API's own records, and a text in those of content negotiation."""
    return plain(text(work, key, 0) or text(work, key))


def _main_title(work: object) -> str:
    return _first(work, "title")


def _title(work: object) -> str:
    title, subtitle = _main_title(work), _first(work, "subtitle")
    if not subtitle or not title or folded(subtitle) in folded(title):
        return title
    return f"{title} {subtitle}" if title[-1] in ":?!.–—-" else f"{title}: {subtitle}"


def _names(work: object, key: str) -> tuple[Name, ...]:
    names = []
    for person in listed(work, key):
        family, given, group = (plain(text(person, part)) for part in ("family", "given", "name"))
        if not any(letter.isalnum() for letter in family):
            family = ""  # people with one name are deposited with a dash for the other
        particle = _PARTICLES.search(given) if family else None
        if particle:
            family, given = f"{particle[0]} {family}", given[: particle.start()]
        name = Name(family, given, suffix=plain(text(person, "suffix")), literal="" if family or given else group)
        if any(letter.isalnum() for letter in name.last):
            names.append(name)
    return tuple(names)


def _year(work: object, key: str) -> str:
    year = text(work, key, "date-parts", 0, 0)
    return year if len(year) == 4 and year.isdecimal() else ""


def _venue(work: object, bibtype: str) -> str:
    titles = [plain(text(title)) for title in listed(work, "container-title")] or [_first(work, "container-title")]
    # Of a chapter the series comes first, then the book.
    venue = titles[-1] if bibtype in ("incollection", "inproceedings") else titles[0]
    if venue or bibtype == "book":
        return venue
    # A preprint's server is its institution; its group is sometimes the server, sometimes the subject.
    return (
        plain(text(work, "institution", 0, "name") or text(work, "institution", "name"))
        or plain(text(work, "event", "name"))
        or (plain(text(work, "group-title")) if text(work, "type") == "posted-content" else "")
    )


def _preprint(work: object) -> str:
    """The arXiv id that the publisher names as the paper's preprint."""
    for related in (*listed(work, "relation", "has-preprint"), *listed(work, "relation", "is-version-of")):
        named = text(related, "id")
        if found := arxiv.find(named) or (arxiv.match(named) if text(related, "id-type").lower() == "arxiv" else ""):
            return arxiv.without_version(found)
    return ""


def _pdf(work: object) -> str:
    links = [text(link, "URL") for link in listed(work, "link") if text(link, "content-type") == "application/pdf"]
    web = [link for link in links if link.startswith(("https://", "http://")) and "://api." not in link]
    return min(web, key=lambda link: not link.startswith("https://"), default="")
