"""Web pages that say what they are: the metadata in a page's head, as search engines for papers read it.

Highwire's `citation_…` tags and Dublin Core (https://scholar.google.com/intl/en/scholar/inclusion.html#indexing), then
schema.org's JSON-LD, then Open Graph (https://ogp.me), then the title alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html.parser import HTMLParser

from carrel.core.paper import Paper, bare_doi, first_year
from carrel.core.person import Name
from carrel.errors import SourceInvalid
from carrel.metadata import arxiv

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
#: Names of tags for each field, best first.
_TITLE = ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title")
_AUTHOR = ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author")
_DATE = (
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "dc.date",
    "dcterms.issued",
    "article:published_time",
)
_VENUE = (
    "citation_journal_title",
    "citation_conference_title",
    "citation_inbook_title",
    "citation_dissertation_institution",
    "og:site_name",
)
_ABSTRACT = ("citation_abstract", "dc.description", "og:description", "description")
_ARTICLES = frozenset(("Article", "BlogPosting", "NewsArticle", "ScholarlyArticle", "TechArticle", "Report", "WebPage"))
#: A head is at the beginning; what comes after this many bytes is not looked at.
MAX_BYTES = 2 * 1024 * 1024


def parse(page: bytes, url: str) -> Paper:
    """The paper, or the post, that an HTML page is. Raises SourceInvalid when it has no title.

    >>> paper = parse(b'<title>On toys</title><meta name="citation_author" content="Elhage, Nelson">', "https://a.org/")
    >>> paper.title, paper.authors[0].family, paper.url, paper.bibtype
    ('On toys', 'Elhage', 'https://a.org/', 'online')
    """
    head = _Head()
    with suppress(AssertionError):  # so Python 3.11 takes a broken `<![`; what stands before it counts
        head.feed(_decoded(page[:MAX_BYTES]))
    tags = head.tags

    def first(names: tuple[str, ...]) -> str:
        return next((value for name in names for value in tags.get(name, ()) if value), "")

    def all_of(names: tuple[str, ...]) -> tuple[str, ...]:
        return next((tuple(tags[name]) for name in names if name in tags), ())

    linked = next(_articles(head.json), {})
    title = first(_TITLE[:3]) or _text(linked.get("headline")) or first(_TITLE) or " ".join(head.title.split())
    if not title:
        raise SourceInvalid(f"{url}: the page does not say its title", 'give it by hand: carrel paper add "…" --url …')
    authors = all_of(_AUTHOR[:3]) or tuple(_people(linked.get("author"))) or all_of(_AUTHOR)
    venue = first(_VENUE)
    published = first(_VENUE[:3])
    return Paper(
        title=title,
        authors=tuple(Name.parse(name) for name in authors if not name.startswith(("http:", "https:"))),
        year=first_year(first(_DATE[:3]) or _text(linked.get("datePublished")) or first(_DATE)),
        venue=venue,
        arxiv=arxiv.without_version(arxiv.match(first(("citation_arxiv_id",))) or ""),
        doi=bare_doi(first(("citation_doi", "dc.identifier", "prism.doi"))),
        url=url,
        pdf=first(("citation_pdf_url",)),
        abstract=first(_ABSTRACT[:2]) or _text(linked.get("description")) or first(_ABSTRACT),
        volume=first(("citation_volume",)),
        number=first(("citation_issue",)),
        pages="–".join(filter(None, (first(("citation_firstpage",)), first(("citation_lastpage",))))),
        publisher=first(("citation_publisher", "dc.publisher")),
        bibtype=("inproceedings" if "citation_conference_title" in tags else "article") if published else "online",
    )


def _decoded(page: bytes) -> str:
    declared = _CHARSET.search(page[:4096])
    for encoding in (declared[1].decode("ascii") if declared else "utf-8", "utf-8"):
        try:
            return page.decode(encoding, "replace")
        except LookupError:
            continue  # an encoding that Python does not know
    raise AssertionError("UTF-8 is known")


class _Head(HTMLParser):
    """Collects the `meta` tags by name, the title, and JSON-LD."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: dict[str, dict[str, None]] = {}  # each value once, in order
        self.title = ""
        self.json: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a `meta` tag, or that a title or JSON-LD begins."""
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (values.get("name") or values.get("property") or "").lower()
            content = " ".join(values.get("content", "").split())
            if name and content:
                self.tags.setdefault(name, {})[content] = None
        elif tag == "title" and not self.title:
            self._inside = "title"
        elif tag == "script" and values.get("type", "").lower() == "application/ld+json":
            self._inside = "json"
            self.json.append("")

    def handle_endtag(self, tag: str) -> None:
        """What was inside is over."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the text of a title or of JSON-LD."""
        if self._inside == "title":
            self.title += data
        elif self._inside == "json":
            self.json[-1] += data


def _articles(scripts: list[str]) -> Iterator[Mapping[str, object]]:
    """The articles that JSON-LD describes."""
    for script in scripts:
        try:
            found: object = json.loads(script)
        except (ValueError, RecursionError):
            continue  # half of the web's JSON-LD is broken; what else the page says still counts
        graph = found.get("@graph", found) if isinstance(found, dict) else found
        for item in graph if isinstance(graph, list) else [graph]:
            if isinstance(item, dict):
                kinds = item.get("@type", "")
                if _ARTICLES.intersection(map(str, kinds if isinstance(kinds, list) else [kinds])):
                    yield item


def _people(said: object) -> Iterator[str]:
    for person in said if isinstance(said, list) else [said]:
        name = _text(person.get("name") if isinstance(person, dict) else person)
        if name:
            yield name


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
