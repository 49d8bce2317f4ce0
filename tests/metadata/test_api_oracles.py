"""Recorded answers of the sources against other readings of the same papers: field by field, in a table.

The other readings know nothing of ours: a search for tags in arXiv's XML, the bare JSON of Crossref's records, the
BibTeX and CSL-JSON that Crossref itself makes of a DOI, and the records that OpenAlex and Semantic Scholar have of
the same DOI. `pytest -s` shows the table; every difference is either a failure or named in EXPLAINED with its reason.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carrel.core.paper import Paper
from carrel.metadata import arxiv, crossref, openalex, semanticscholar
from tests.sources import (
    arxiv_answers,
    bibtex_answers,
    citeproc_answers,
    crossref_works,
    exchanges,
    openalex_works,
    semanticscholar_papers,
)

#: What a reading says of a paper: names of fields, and texts; authors as "Family, Given".
Reading = Mapping[str, str | list[str]]

SAME_PAPER = "the record is of the preprint"
EXPLAINED = {
    ("bare JSON", "10.1111/jfpp.12874", "title"): "the subtitle is a running head: the title's own words in capitals",
    ("OpenAlex", "10.1063/1.4938384", "pages"): "has no article number",
    ("OpenAlex", "10.1016/j.xgen.2025.100814", "volume"): "has none",
    ("OpenAlex", "10.1016/j.xgen.2025.100814", "number"): "has none",
    ("Semantic Scholar", "10.1016/j.xgen.2025.100814", "year"): SAME_PAPER,
    ("Semantic Scholar", "10.1016/j.xgen.2025.100814", "venue"): SAME_PAPER,
    ("Semantic Scholar", "10.1016/j.xgen.2025.100814", "pages"): "has none",
}


def folded(text: str) -> str:
    """Letters and digits of a text; a subscript is the digit that it lowers."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())


def letters(value: str | list[str]) -> str | list[str]:
    if isinstance(value, str):
        return folded(value)
    return ["|".join(folded(part) for part in one.split(",")) for one in value]


def stripped(text: str) -> str:
    """A fragment of HTML without anything in angle brackets."""
    return html.unescape(html.unescape(re.sub(r"</?(?:jats:|mml:)?[a-z-]+[^<>]*>", "", text)))


def ours(paper: Paper) -> Reading:
    return {
        "title": paper.title,
        "authors": [f"{name.last}, {name.given}".removesuffix(", ") for name in paper.authors],
        "year": paper.year,
        "venue": paper.venue,
        "volume": paper.volume,
        "number": paper.number,
        "pages": paper.pages,
        "doi": paper.doi,
        "arxiv": f"{paper.arxiv}v{paper.version}" if paper.arxiv else "",
        "abstract": paper.abstract,
    }


class Table:
    """Counts, per set and field, how often two readings agree, and keeps the differences."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.agreed: Counter[tuple[str, str]] = Counter()
        self.differences: list[str] = []
        self.explained: set[tuple[str, str, str]] = set()

    def compare(self, name: str, key: str, mine: Reading, theirs: Reading, *, families: bool = False) -> None:
        """Compare the fields that the other reading has; of authors only the families where it abbreviates."""
        for field, expected in theirs.items():
            found = mine[field]
            if field == "authors" and families:
                found, expected = ([one.partition(",")[0] for one in names] for names in (found, expected))
            self.seen[name, field] += 1
            if (
                [folded(one) for one in found] == [folded(one) for one in expected]
                if isinstance(expected, list)
                else folded(str(found)) == folded(expected)
            ):
                self.agreed[name, field] += 1
            elif (name, key, field) in EXPLAINED:
                self.explained.add((name, key, field))
            else:
                self.differences.append(f"{name} {key} {field}: {found!r}, not {expected!r}")

    def lines(self) -> Iterator[str]:
        fields = list(dict.fromkeys(field for _, field in self.seen))
        yield f"{'':<18}" + "".join(f"{field:>10}" for field in fields)
        for name in dict.fromkeys(name for name, _ in self.seen):
            counts = [(self.agreed[name, field], self.seen[name, field]) for field in fields]
            yield f"{name:<18}" + "".join(f"{f'{agreed}/{seen}' if seen else '-':>10}" for agreed, seen in counts)


def tags(text: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}(?:\s[^>]*)?>(.*?)</{tag}>", text, re.DOTALL)
    return [" ".join(html.unescape(one).split()) for one in found]


def test_every_record_of_arxiv_is_right_in_every_field(data: Path) -> None:
    table = Table()
    for asked, body in arxiv_answers(data).items():
        if asked == "abc":  # an error that is sent as an entry
            continue
        entries = re.findall(r"<entry>(.*?)</entry>", body.decode(), re.DOTALL)
        papers = arxiv.parse_feed(body)
        assert len(papers) == len(entries)
        for paper, entry in zip(papers, entries, strict=True):
            (name,) = tags(entry, "id")
            people = [re.fullmatch(r"(?:(.*?) )?((?:[a-z]\S* )*\S+)", person) for person in tags(entry, "name")]
            theirs: Reading = {
                "title": tags(entry, "title")[0],
                "authors": [f"{one[2]}, {one[1] or ''}".removesuffix(", ") for one in people if one],
                "year": tags(entry, "published")[0][:4],
                "arxiv": name.partition("/abs/")[2],
                "doi": (tags(entry, "arxiv:doi") or [""])[0],
                "abstract": re.sub(r"[{}]", "", tags(entry, "summary")[0]),
            }
            table.compare("arXiv", name, ours(paper), theirs)
    report(table, 36)


def crossref_readings(data: Path) -> Iterator[tuple[dict[str, Any], Reading]]:
    """Every record of Crossref's API, also those of which only some fields were asked for, and its bare fields."""
    seen = set()
    for one in exchanges(data):
        if one.status != 200 or "api.crossref.org" not in one.url or "/transform" in one.url:
            continue
        message = json.loads(one.body).get("message")
        works = message.get("items", [message]) if isinstance(message, dict) else []
        for work in works:
            if "DOI" not in work or not work.get("title") or (work["DOI"], len(work)) in seen:
                continue
            seen.add((work["DOI"], len(work)))
            years = [
                work[key]["date-parts"][0][0]
                for key in ("published-print", "issued", "published")
                if key in work and work[key]["date-parts"][0][0]
            ]
            people = [(person["family"], person.get("given", "")) for person in work.get("author", [])]
            titles = [work["title"][0], *work.get("subtitle", [])]
            yield (
                work,
                {
                    "title": stripped(" ".join(titles)),
                    "authors": [f"{family}, {given}" if family != "-" else given for family, given in people],
                    "year": str(years[0]) if years else "",
                    "doi": work["DOI"],
                    "volume": work.get("volume", ""),
                    "number": work.get("issue", ""),
                    "pages": work.get("page", work.get("article-number", "")),
                    "abstract": stripped(re.sub("<jats:title>Abstract</jats:title>", "", work.get("abstract", ""))),
                },
            )


def test_every_record_of_crossref_is_right_in_every_field(data: Path) -> None:
    table = Table()
    for work, theirs in crossref_readings(data):
        mine = ours(crossref.read(work))
        if "mml:" in work.get("abstract", "") or "tex-math" in work.get("abstract", ""):
            theirs = {field: text for field, text in theirs.items() if field != "abstract"}  # formulas become TeX
        table.compare("bare JSON", work["DOI"], mine, theirs)
    for doi, text in bibtex_answers(data).items():
        if doi in crossref_works(data):
            table.compare("BibTeX", doi, ours(crossref.read(crossref_works(data)[doi])), bibtex_reading(text))
    (body,) = citeproc_answers(data).values()
    record = json.loads(body)
    theirs = bibtex_reading(bibtex_answers(data)[record["DOI"]])
    theirs = {**theirs, "title": f"{record['title']} {record['subtitle'][0]}"}
    table.compare("CSL-JSON", record["DOI"], ours(crossref.read(record)), theirs)
    report(table, 64)


def test_the_indexes_agree_with_the_publisher_and_where_not_it_is_known_why(data: Path) -> None:
    table = Table()
    works = crossref_works(data)
    for name, read, records in (
        ("OpenAlex", openalex.read, openalex_works(data)),
        ("Semantic Scholar", semanticscholar.read, semanticscholar_papers(data)),
    ):
        for record in records:
            paper = read(record)
            if paper.doi.lower() not in works:
                continue
            published = ours(crossref.read(works[paper.doi.lower()]))
            fields = ["title", "authors", "year", "venue", "pages", "doi", "volume"]
            fields += ["number"] if name == "OpenAlex" else []
            # Semantic Scholar writes N. Elhage; families are what both write out.
            theirs = {field: published[field] for field in fields}
            table.compare(name, paper.doi.lower(), ours(paper), theirs, families=True)
    report(table, 6)


def bibtex_reading(text: str) -> Reading:
    """The fields of one BibTeX entry as Crossref writes it: `key={value}`, names as `Family, Given`."""
    fields = {key.lower(): value for key, value in re.findall(r"(\w+)\s*=\s*\{((?:[^{}]|\{[^{}]*\})*)\}", text)}
    assert "title" in fields, text
    said = {
        "title": stripped(fields["title"]),
        "authors": fields["author"].split(" and "),
        "year": fields["year"],
        "doi": fields["doi"],
        "venue": stripped(fields["journal"]),
        "volume": fields["volume"],
    }
    optional = {"number": "number", "pages": "pages"}
    return said | {mine: fields[theirs] for mine, theirs in optional.items() if theirs in fields}


def report(table: Table, papers: int) -> None:
    """Show the table, and fail for a difference that nobody explained."""
    print("", *table.lines(), *table.differences, sep="\n")
    assert sum(count for (_, field), count in table.seen.items() if field == "title") == papers
    assert table.differences == []
    sets = {name for name, _ in table.seen}
    assert table.explained == {one for one in EXPLAINED if one[0] in sets}, "an explanation that is not needed any more"
