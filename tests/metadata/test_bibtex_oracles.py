"""How far our reading of BibTeX agrees with other projects' readings of the same files.

The oracles are Better BibTeX's expected Zotero items, citation.js's expected CSL-JSON and pybtex's YAML of
BibTeX's own stress file. Run with -s to see the table: each field per set, and each miss with its reason.

What is a matter of convention is compared by these rules, for every file alike:

- LETTERS: texts compare by their letters and digits, because Zotero changes the case of titles and writes markup.
  A dotless i is an i.
- SYMBOLS: formulas and commands compare by the symbols that they show. We keep `$\\Phi$` for the site to render,
  where citation.js writes Φ; Zotero keeps a `\\LaTeX{}` that we show.
- TITLEADDON: biblatex prints `titleaddon` after the title, in another font. Zotero has no field for it and puts it
  into the title; citation.js, and we, leave it out. So a title may have its own titleaddon in it.
- PLACES: DOI and arXiv id are compared where either side has one, venue and abstract where the oracle has one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from carrel.core.paper import Paper, first_year
from carrel.core.person import Name
from carrel.metadata.bib_entries import Entry, read_entries
from carrel.metadata.bibtex import parse
from carrel.metadata.decoding import decode
from carrel.metadata.latex import plain_text

# Roles in Zotero that are no authorship of the work itself.
_OTHER_ROLES = (
    "editor",
    "translator",
    "seriesEditor",
    "contributor",
    "bookAuthor",
    "commenter",
    "attorneyAgent",
    "counsel",
)

FLOORS: Mapping[str, Mapping[str, float]] = {
    "better-bibtex": {
        "entry": 363 / 363,
        "title": 363 / 363,
        "author": 669 / 674,
        "year": 362 / 363,
        "doi": 59 / 61,
        "arxiv": 1 / 1,
        "venue": 91 / 102,
        "abstract": 23 / 23,
    },
    "citation.js": {"entry": 1, "title": 1, "author": 1, "year": 1, "doi": 1, "venue": 14 / 16},
    "citation.js-cases": {
        "entry": 62 / 62,
        "title": 59 / 62,
        "author": 60 / 64,
        "year": 62 / 62,
        "doi": 4 / 4,
        "venue": 9 / 10,
    },
    "pybtex": {"entry": 1, "title": 1, "author": 1, "year": 1},
}
#: Of all titles, names and years in all sets together.
FLOOR = 0.98


class Expected(NamedTuple):
    """What an oracle says of one entry; None is not compared. A person is (last name, the rest)."""

    key: str
    title: str | None
    people: list[tuple[str, str]]
    year: str | None
    doi: str | None = None
    arxiv: str | None = None
    venue: str | None = None
    abstract: str | None = None


def bare(text: str) -> str:
    """LETTERS: letters and digits of `text`, without markup, accents and case."""
    text = re.sub(r"<[^<>]*>|\\[a-zA-Z]+", "", text).replace("ı", "i")
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


@cache
def symbols(text: str) -> str:
    """SYMBOLS: the same, with formulas and commands as what they show."""
    from pylatexenc.latex2text import LatexNodes2Text

    shown = plain_text(re.sub(r"<[^<>]*>", "", text)).replace("%", "")
    return bare(str(LatexNodes2Text(math_mode="text").latex_to_text(shown)))


def same_text(ours: str, theirs: str) -> bool:
    return bare(ours) == bare(theirs) or symbols(ours) == symbols(theirs)


def same_title(ours: str, theirs: str, entry: Entry) -> bool:
    addon = bare(plain_text(entry.fields.get("titleaddon", "")))
    return same_text(ours, theirs) or (bool(addon) and bare(ours) == bare(theirs).replace(addon, "", 1))


def is_same(name: Name | None, person: tuple[str, str] | None) -> bool:
    """The same last name, and the same letters in the rest: where suffixes stand differs between formats."""
    if name is None or person is None:
        return False
    rest = sorted(bare(name.given + name.suffix)), sorted(bare(person[1]))
    return bare(name.last) == bare(person[0]) and rest[0] == rest[1]


def agreement(file: bytes, expected: Iterable[Expected]) -> Iterable[tuple[str, bool, str]]:
    """Each comparison of a field: its name, whether both agree, and if not, why. Entries of one key pair in order."""
    text = decode(file)
    papers: dict[str, list[tuple[Paper, Entry]]] = {}
    entries = [e for e in read_entries(text, "")[0] if e.type not in ("xdata", "set", "control", "comment")]
    for paper, entry in zip(parse(text)[0], entries, strict=True):
        papers.setdefault(paper.citekey.lower(), []).append((paper, entry))
    for wanted in expected:
        found = papers.get(wanted.key.lower())
        yield "entry", bool(found), "the entry was not read"
        if not found:
            continue
        paper, entry = found.pop(0)
        if wanted.title is not None:
            yield "title", same_title(paper.title, wanted.title, entry), why("title", paper, wanted, entry)
        if wanted.year is not None:
            yield "year", paper.year == wanted.year, why("year", paper, wanted, entry)
        count = max(len(paper.authors), len(wanted.people))
        for number in range(count):
            ours = paper.authors[number] if number < len(paper.authors) else None
            theirs = wanted.people[number] if number < len(wanted.people) else None
            yield "author", is_same(ours, theirs), why("author", paper, wanted, entry)
        for field in ("doi", "arxiv"):
            ours, theirs = getattr(paper, field).lower(), getattr(wanted, field)
            if theirs is not None and (ours or theirs):
                yield field, ours == theirs.lower(), why(field, paper, wanted, entry)
        for field in ("venue", "abstract"):
            if getattr(wanted, field):
                yield field, same_text(getattr(paper, field), getattr(wanted, field)), why(field, paper, wanted, entry)


def why(field: str, paper: Paper, wanted: Expected, entry: Entry) -> str:
    """What sort of miss it is, for a person who reads the table."""
    theirs = str(getattr(wanted, field, ""))
    raw = {name: entry.fields.get(name, "") for name in ("title", "author", "doi", "booksubtitle", "maintitle")}
    match field:
        case "author" if any(not (last or first) for last, first in wanted.people):
            return "the oracle counts an empty name as a person"
        case "author" if any(role in entry.fields for role in ("editor", "editora")) and len(wanted.people) > 1:
            return "the oracle counts another role, a chair or a scriptwriter, among the authors"
        case "author" if raw["author"].count("=") > 2:
            return "of `given=A=B` the oracle leaves out the name, we keep it"
        case "author" if "\\begin" in raw["author"]:
            return "an `and` in an environment of LaTeX, which nobody writes"
        case "year" if not 1400 <= int(theirs or 0) < 2100:
            return "a year before Christ: a year has four digits here"
        case "title" if "\\href" in raw["title"]:
            return "of a link in a title the oracle keeps the address, we its text"
        case "title" if not theirs:
            return "a book without a title of its own has none for the oracle; for us it has its booktitle"
        case "title" if bare(theirs) in bare(paper.title):
            return "a @string that is nowhere defined: the oracle drops its name, we keep it"
        case "doi" if bare(raw["doi"]).endswith(bare(theirs)) and "/" not in theirs:
            return "a shortDOI, which names no paper before somebody is asked"
        case "venue" if raw["booksubtitle"]:
            return "the subtitle of the book, which the oracle has in its name"
        case "venue" if raw["maintitle"]:
            return "the title of several volumes, which the oracle has as the place of publication"
        case "venue" if "booktitle" in entry.fields and "title" not in entry.fields:
            return "a book without a title of its own is no part of itself"
        case "venue" if theirs.startswith("<script>"):
            return "a command for a journal that the file does not define: its name, or LaTeX in HTML"
        case "venue" if "." in paper.venue or bare(theirs).startswith(bare(paper.venue)):
            return "the oracle spells the name of the journal out, from a list"
        case _:
            return f"not explained: {entry.key}: {theirs or wanted.people!r}"


def zotero(item: Mapping[str, Any]) -> Expected:
    """An item as Better BibTeX expects it in Zotero."""
    creators = item.get("creators") or []
    roles = [
        [c for c in creators if c["creatorType"] not in _OTHER_ROLES],
        [c for c in creators if c["creatorType"] == "contributor"],
        [c for c in creators if c["creatorType"] == "editor"],
    ]
    people = next((role for role in roles if role), [])
    year = re.search(r"\d{4}", str(item.get("date") or ""))
    return Expected(
        item.get("citationKey") or "",
        item.get("title") or item.get("caseName") or item.get("nameOfAct") or item.get("subject") or "",
        [(c.get("lastName") or c.get("name") or "", c.get("firstName") or "") for c in people],
        year[0] if year else "",
        doi=item.get("DOI") or in_extra(item, "DOI"),
        arxiv=re.sub(r"v\d+$|\s.*", "", in_extra(item, "arXiv")),
        venue=item.get("publicationTitle"),
        abstract=item.get("abstractNote"),
    )


def in_extra(item: Mapping[str, Any], label: str) -> str:
    """What Zotero keeps in its field for everything else, as lines `Label: value`."""
    extra = item.get("extra") or ""
    lines = extra if isinstance(extra, list) else extra.split("\n")
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(f"{label}:")), "")


def csl(item: Mapping[str, Any]) -> Expected:
    """An item of CSL-JSON."""
    people = [
        (
            " ".join(n[k] for k in ("dropping-particle", "non-dropping-particle", "family", "literal") if n.get(k)),
            " ".join(n[k] for k in ("given", "suffix") if n.get(k)),
        )
        for n in item.get("author") or item.get("editor") or []
    ]
    dates = (item.get("issued") or {}).get("date-parts")
    return Expected(
        item.get("citation-key") or item.get("id") or "",
        item.get("title", ""),
        people,
        str(dates[0][0]) if dates else "",
        doi=item.get("DOI", ""),
        venue=item.get("container-title"),
        abstract=item.get("abstract"),
    )


def better_bibtex(data: Path) -> Iterable[tuple[bytes, list[Expected]]]:
    for oracle in sorted((data / "04-bib-bbt-import" / "files").glob("*.json")):
        file = oracle.with_suffix(".bib")
        if file.exists():
            items = json.loads(oracle.read_text())["items"]
            yield file.read_bytes(), [zotero(i) for i in items if i["itemType"] not in ("note", "attachment")]


def citation_js(data: Path) -> Iterable[tuple[bytes, list[Expected]]]:
    folder = data / "04-bib-citation-js/files/packages/plugin-bibtex/test/mapping"
    for dialect in ("bibtex", "biblatex"):
        items = json.loads((folder / f"{dialect}-csl.json").read_text())
        yield (folder / f"{dialect}-input.bib").read_bytes(), [csl(item) for item in items]


def citation_js_cases(data: Path) -> Iterable[tuple[bytes, list[Expected]]]:
    folder = data / "04-bib-citation-js/files/packages/plugin-bibtex/test"
    for parser, cases in json.loads((folder / "input.json").read_text()).items():
        for name, case in cases.items() if parser.startswith("@biblatex") else ():
            file = folder / "input" / f"{name.removeprefix('with ')}.bib"
            if file.exists():
                yield file.read_bytes(), [csl(item) for item in case[1]]


def pybtex(data: Path) -> Iterable[tuple[bytes, list[Expected]]]:
    folder = data / "04-bib-pybtex" / "files" / "examples"
    expected = []
    for key, entry in yaml.safe_load((folder / "xampl.yaml").read_text())["entries"].items():
        people = [
            (
                plain_text(" ".join(p[k] for k in ("prelast", "last") if p.get(k))),
                plain_text(" ".join(p[k] for k in ("first", "middle", "lineage") if p.get(k))),
            )
            for p in entry.get("author") or entry.get("editor") or []
        ]
        own = "crossref" not in entry  # its YAML leaves out what is inherited
        title = plain_text(entry.get("title") or entry.get("booktitle") or "") if own else None
        year = first_year(plain_text(str(entry.get("year", "")))) if own else None
        if people or own:
            expected.append(Expected(key, title, people, year))
    yield (folder / "xampl.bib").read_bytes(), expected


SETS = {
    "better-bibtex": better_bibtex,
    "citation.js": citation_js,
    "citation.js-cases": citation_js_cases,
    "pybtex": pybtex,
}


def counted(name: str, data: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Fields that agree, fields in all, and how often each reason for a miss is one."""
    right, total, misses = Counter[str](), Counter[str](), Counter[str]()
    for file, expected in SETS[name](data):
        for field, agreed, reason in agreement(file, expected):
            total[field] += 1
            right[field] += agreed
            misses[f"{field}: {reason}"] += not agreed
    return right, total, +misses


@pytest.mark.parametrize("name", SETS)
def test_fields_agree_with_the_oracle_at_least_as_often_as_measured(name: str, data: Path) -> None:
    right, total, misses = counted(name, data)
    print()
    for field in total:
        print(f"{name:18} {field:8} {right[field]:4} of {total[field]:4}  {right[field] / total[field]:6.1%}")
    for reason, count in misses.items():
        print(f"{'':18} {count:3} × {reason}")
    assert total.keys() == FLOORS[name].keys()
    for field, floor in FLOORS[name].items():
        assert right[field] / total[field] >= floor - 1e-9, f"{field}: {right[field]} of {total[field]}"
    assert not [reason for reason in misses if "not explained" in reason]


def test_all_sets_together_agree_in_titles_names_and_years(data: Path) -> None:
    right, total = Counter[str](), Counter[str]()
    for name in SETS:
        agreed, compared, _ = counted(name, data)
        right += agreed
        total += compared
    print()
    for field in ("title", "author", "year"):
        print(f"all sets           {field:8} {right[field]:4} of {total[field]:4}  {right[field] / total[field]:6.1%}")
        assert right[field] / total[field] >= FLOOR
