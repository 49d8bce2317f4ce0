"""CSL-JSON, the citation processors' own format: read from Zotero, Better BibTeX and pandoc, and written.

Its variables: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables; the shape of names
and dates: https://github.com/citation-style-language/schema/blob/master/schemas/input/csl-data.json
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from carrel.core.citekey import citation_key
from carrel.core.note import Problem
from carrel.core.person import Name
from carrel.metadata.assembly import assembled, prose
from carrel.metadata.csl_types import BIBTYPES, TYPES
from carrel.metadata.json_lists import objects

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.csl_types import Item, NameItem

_MASTER = re.compile(r"\bmaster|\bM\.?Sc\b", re.IGNORECASE)
# Fields that have none of their own in CSL stand in the note, one on a line.
_NOTE_LINE = re.compile(
    r"^[^\S\n]*(?:arxiv|doi|url|pmid|pmcid|citation key|tex\.\w+)[^\S\n]*:.*$", re.IGNORECASE | re.MULTILINE
)
_GENRES = {"phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis"}
# Types that appear at a publisher rather than in something.
_WHOLE = frozenset(("book", "thesis", "report", "patent", "pamphlet", "manuscript"))


def item(paper: Paper) -> Item:
    """A paper as a citation processor wants it; what is not known is not there.

    The owner's keywords and notes stay out: a list of references is for others.

    >>> from carrel.core.paper import Paper
    >>> item(Paper("Toy models", (Name("Elhage", "Nelson"),), "2022", "arXiv", "2209.10652", citekey="elhage2022toy"))
    ... # doctest: +NORMALIZE_WHITESPACE
    {'id': 'elhage2022toy', 'citation-key': 'elhage2022toy', 'type': 'article', 'title': 'Toy models',
     'author': [{'family': 'Elhage', 'given': 'Nelson'}], 'issued': {'date-parts': [[2022]]}, 'publisher': 'arXiv',
     'number': 'arXiv:2209.10652'}
    """
    preprint = paper.venue == "arXiv" and bool(paper.arxiv)
    kind = "article" if preprint else TYPES.get(paper.bibtype, "document")
    key = paper.citekey or citation_key(paper)
    found: Item = {"id": key, "citation-key": key, "type": kind, "title": paper.title}
    if paper.authors and paper.authors != paper.editors:
        found["author"] = [_name_item(name) for name in paper.authors]
    if paper.editors:
        found["editor"] = [_name_item(name) for name in paper.editors]
    if paper.year.isdecimal():
        found["issued"] = {"date-parts": [[int(paper.year)]]}
    if paper.venue and not preprint and paper.venue != (paper.publisher if kind in _WHOLE else ""):
        found["container-title"] = paper.venue
    if publisher := paper.publisher or (paper.venue if kind in _WHOLE or preprint else ""):
        found["publisher"] = publisher
    if paper.bibtype in _GENRES:
        found["genre"] = _GENRES[paper.bibtype]
    if preprint:
        found["number"] = f"arXiv:{paper.arxiv}"
    elif paper.number and kind == "article-journal":
        found["issue"] = paper.number
    elif paper.number and kind in ("book", "chapter", "paper-conference"):
        found["collection-number"] = paper.number
    elif paper.number:
        found["number"] = paper.number
    if paper.volume:
        found["volume"] = paper.volume
    if paper.pages:
        found["page"] = paper.pages.replace("–", "-")
    if paper.doi:
        found["DOI"] = paper.doi
    if paper.url:
        found["URL"] = paper.url
    if paper.abstract:
        found["abstract"] = paper.abstract
    if paper.arxiv and not preprint:
        found["note"] = f"arXiv:{paper.arxiv}"
    return found


def dump(papers: Iterable[Paper]) -> str:
    """The papers as the text of a CSL-JSON file, in their order; the same papers always give the same text."""
    return json.dumps([item(paper) for paper in papers], ensure_ascii=False, indent=2) + "\n"


def _name_item(name: Name) -> NameItem:
    if not name.given and not name.suffix:
        return {"literal": name.last}
    found: NameItem = {"family": name.family}
    if name.given:
        found["given"] = name.given
    if name.particle:
        found["non-dropping-particle"] = name.particle
    if name.suffix:
        found["suffix"] = name.suffix
    return found


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a CSL-JSON file, a list or an object with `items`, and what is wrong. Never raises for content.

    Zotero's own JSON, which Better BibTeX exports too, is told by its `itemType` and read as well.

    >>> papers, problems = parse('[{"id": "elhage2022", "title": "Toy models", "issued": {"raw": "2022-09"}}, 7]')
    >>> papers[0].title, papers[0].year, papers[0].citekey, problems[0].message
    ('Toy models', '2022', 'elhage2022', 'this is no reference')
    """
    from carrel.metadata import zotero_items

    papers: list[Paper] = []
    problems: list[Problem] = []
    for line, found in objects(text):
        if isinstance(found, str):
            problems.append(Problem(source, line, "bad-json", found))
            continue
        inner = found.get("data")
        record = inner if isinstance(inner, Mapping) else found
        if "itemType" in record:
            if _text(record["itemType"]) in zotero_items.NOT_PAPERS:
                continue
            paper = zotero_items.paper(record)
        elif found.keys() & {"title", "type", "author", "id"}:
            paper = paper_of(found)
        else:
            problems.append(Problem(source, line, "no-reference", "this is no reference"))
            continue
        papers.append(paper)
        if not paper.title:
            problems.append(Problem(source, line, "no-title", "the reference has no title"))
    return tuple(papers), tuple(problems)


def paper_of(found: Mapping[str, object]) -> Paper:
    """The paper that an item of CSL-JSON describes; what has another shape than it should counts as unknown."""

    def texts(*keys: str) -> list[str]:
        return [text for key in keys if (text := _text(found.get(key)))]

    def first(*keys: str) -> str:
        return next(iter(texts(*keys)), "")

    kind = first("type")
    bibtype = BIBTYPES.get(kind, "misc")
    if bibtype == "phdthesis" and _MASTER.search(first("genre")):
        bibtype = "mastersthesis"
    note, subtitle = first("note"), first("subtitle")
    publisher = first("publisher")
    preprint = kind in ("article", "posted-content") and publisher.lower() == "arxiv"
    key = first("citation-key", "citekey", "id")
    return assembled(
        title=": ".join(part for part in (first("title", "title-short"), subtitle) if part),
        authors=_names(found.get("author")),
        editors=_names(found.get("editor")),
        dates=[
            _date(found.get(date)) for date in ("issued", "published", "published-print", "published-online", "created")
        ],
        venue="arXiv" if preprint else first("container-title", "event-title"),
        publisher="" if preprint else publisher,
        doi=texts("DOI", "doi"),
        urls=texts("URL", "url"),
        elsewhere=[*note.splitlines(), *texts("number", "archive_location", "archive-id", "volume", "container-title")],
        abstract=first("abstract"),
        bibtype=bibtype,
        citekey="" if key.isdecimal() or "/" in key or " " in key else key,
        volume=first("volume"),
        number="" if preprint else first("issue", "number", "collection-number"),
        pages=first("page"),
        keywords=first("keyword").replace(";", ",").split(","),
        note=_NOTE_LINE.sub("", note),
    )


def _text(value: object) -> str:
    """A value as text: a number too, and the first of a list, as Crossref has them."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _date(value: object) -> str:
    """The year of a date, in any of the shapes that the schema or its users know."""
    if not isinstance(value, Mapping):
        return _text(value)
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    return _text(first) or next(
        (text for key in ("raw", "literal", "date-time") if (text := _text(value.get(key)))), ""
    )


def _names(value: object) -> tuple[Name, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(name for one in listed if isinstance(one, Mapping) and (name := _name(one)).last)


def _name(value: Mapping[str, object]) -> Name:
    """A name of CSL: both sorts of particle stand before the family name.

    >>> _name({"family": "Beethoven", "given": "Ludwig", "dropping-particle": "van"}).last
    'van Beethoven'
    """

    def part(key: str) -> str:
        return prose(_text(value.get(key)))

    particle = f"{part('dropping-particle')} {part('non-dropping-particle')}"
    return Name(part("family"), part("given"), particle, part("suffix"), part("literal") or part("name"))
