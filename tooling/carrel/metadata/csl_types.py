"""The shapes of CSL-JSON: which type is which in BibTeX, and what an item, a name and a date consist of.

Types: https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types; items:
https://github.com/citation-style-language/schema/blob/master/schemas/input/csl-data.json
"""

from __future__ import annotations

from typing import TypedDict

#: BibTeX's and biblatex's types → CSL's. What is not here is a `document`.
TYPES = {
    "article": "article-journal",
    "book": "book",
    "mvbook": "book",
    "collection": "book",
    "mvcollection": "book",
    "proceedings": "book",
    "mvproceedings": "book",
    "manual": "book",
    "booklet": "pamphlet",
    "inbook": "chapter",
    "bookinbook": "chapter",
    "suppbook": "chapter",
    "incollection": "chapter",
    "suppcollection": "chapter",
    "inreference": "entry-encyclopedia",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "techreport": "report",
    "report": "report",
    "unpublished": "manuscript",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "software": "software",
    "dataset": "dataset",
    "patent": "patent",
}
#: CSL's types → BibTeX's; then those that Crossref writes where CSL's are due.
BIBTYPES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "review": "article",
    "review-book": "article",
    "book": "book",
    "classic": "book",
    "pamphlet": "booklet",
    "chapter": "incollection",
    "entry": "incollection",
    "entry-dictionary": "incollection",
    "entry-encyclopedia": "incollection",
    "paper-conference": "inproceedings",
    "thesis": "phdthesis",
    "report": "techreport",
    "standard": "techreport",
    "manuscript": "unpublished",
    "webpage": "online",
    "post": "online",
    "post-weblog": "online",
    "software": "software",
    "dataset": "dataset",
    "patent": "patent",
    "journal-article": "article",
    "proceedings-article": "inproceedings",
    "book-chapter": "incollection",
    "book-section": "incollection",
    "reference-entry": "incollection",
    "monograph": "book",
    "edited-book": "collection",
    "reference-book": "book",
    "proceedings": "proceedings",
    "dissertation": "phdthesis",
}

NameItem = TypedDict(
    "NameItem", {"family": str, "given": str, "non-dropping-particle": str, "suffix": str, "literal": str}, total=False
)
DateItem = TypedDict("DateItem", {"date-parts": list[list[int]]})
Item = TypedDict(
    "Item",
    {
        "id": str,
        "citation-key": str,
        "type": str,
        "title": str,
        "author": list[NameItem],
        "editor": list[NameItem],
        "issued": DateItem,
        "container-title": str,
        "publisher": str,
        "genre": str,
        "volume": str,
        "issue": str,
        "number": str,
        "collection-number": str,
        "page": str,
        "DOI": str,
        "URL": str,
        "abstract": str,
        "note": str,
    },
    total=False,
)
