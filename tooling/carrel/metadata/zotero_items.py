"""An item as Zotero itself describes it: in its API's JSON, in Better BibTeX's JSON, and in the rows of its CSV.

Types and fields: https://api.zotero.org/schema. `Extra` holds what has no field of its own, as `Name: value` lines:
https://www.zotero.org/support/kb/item_types_and_fields#citing_fields_from_extra
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from carrel.core.person import Name
from carrel.metadata.assembly import assembled, prose

if TYPE_CHECKING:
    from carrel.core.paper import Paper

#: What Zotero keeps beside papers.
NOT_PAPERS = frozenset(("attachment", "note", "annotation"))
TYPES = {
    "journalArticle": "article",
    "magazineArticle": "article",
    "newspaperArticle": "article",
    "book": "book",
    "bookSection": "incollection",
    "encyclopediaArticle": "incollection",
    "dictionaryEntry": "incollection",
    "conferencePaper": "inproceedings",
    "thesis": "phdthesis",
    "report": "techreport",
    "standard": "techreport",
    "manuscript": "unpublished",
    "blogPost": "online",
    "forumPost": "online",
    "webpage": "online",
    "computerProgram": "software",
    "dataset": "dataset",
    "patent": "patent",
}
# The field that says where the item appeared has its own name for each type; at most one is there.
_VENUES = (
    "publicationTitle",
    "proceedingsTitle",
    "bookTitle",
    "blogTitle",
    "websiteTitle",
    "forumTitle",
    "encyclopediaTitle",
    "dictionaryTitle",
    "programTitle",
    "conferenceName",
    "meetingName",
)
_PUBLISHERS = ("publisher", "university", "institution", "repository", "company", "issuingAuthority", "studio", "label")
_TITLES = ("title", "caseName", "nameOfAct", "subject", "shortTitle")
_EDITORS = ("editor", "seriesEditor")
# Roles of people who helped; everyone else (author, director, programmer, inventor …) made it.
_OTHERS = frozenset(
    (*_EDITORS, "translator", "contributor", "bookAuthor", "commenter", "attorneyAgent", "counsel", "reviewedAuthor",
     "castMember", "recipient", "producer", "cosponsor", "guest", "wordsBy", "scriptwriter")
)  # fmt: skip
_LINES = re.compile(r"\n|[^\S\n]{2,}")
_MASTER = re.compile(r"\bmaster|\bM\.?Sc\b", re.IGNORECASE)


def paper(item: Mapping[str, object]) -> Paper:
    """The paper that an item describes; a field of another shape than it should have counts as unknown.

    >>> paper({"itemType": "preprint", "title": "Toy models", "repository": "arXiv", "archiveID": "arXiv:2209.10652",
    ...        "creators": [{"creatorType": "author", "lastName": "Elhage", "firstName": "Nelson"}]}).arxiv
    '2209.10652'
    """

    def text(*keys: str) -> str:
        return next((found for key in keys if (found := _text(item.get(key)))), "")

    kind = text("itemType")
    extra = _extra(text("extra"))
    bibtype = TYPES.get(kind, "misc")
    if bibtype == "phdthesis" and _MASTER.search(text("thesisType", "type")):
        bibtype = "mastersthesis"
    creators = _creators(item.get("creators"))
    return assembled(
        title=text(*_TITLES),
        authors=tuple(name for role, name in creators if role not in _OTHERS),
        editors=tuple(name for role, name in creators if role == "editor"),
        dates=[text("date"), text("dateDecided", "dateEnacted", "issueDate"), extra.get("issued", "")],
        venue="" if kind == "book" else text(*_VENUES),
        publisher=text(*_PUBLISHERS) or extra.get("publisher", ""),
        doi=[text("DOI"), extra.get("doi", "")],
        urls=[text("url")],
        files=_files(item.get("attachments")),
        elsewhere=[*_arxiv(extra), text("archiveID"), text("archiveLocation"), text("number"), text("reportNumber")],
        abstract=text("abstractNote"),
        bibtype=bibtype,
        citekey=_key(text("citationKey") or extra.get("citation key", "")),
        volume=text("volume"),
        number=text("issue", "reportNumber", "patentNumber") if kind != "preprint" else "",
        pages=text("pages"),
        keywords=_tags(item.get("tags")),
        note=" ".join(_notes(item.get("notes"))),
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _key(written: str) -> str:
    words = written.split()
    return words[0] if words else ""


def _extra(written: str) -> dict[str, str]:
    """The `Name: value` lines of Extra, names in lower case. An export may have put two blanks where a line ended.

    >>> _extra("arXiv: 2209.10652 [cs]\\ntex.eprint= 2209.10652  Citation Key: elhage2022toy")
    {'arxiv': '2209.10652 [cs]', 'tex.eprint': '2209.10652', 'citation key': 'elhage2022toy'}
    """
    pairs = (line.replace("=", ":", line.startswith("tex.")).partition(":") for line in _LINES.split(written))
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon and value.strip()}


def _arxiv(extra: Mapping[str, str]) -> list[str]:
    """Zotero writes `arXiv: 2209.10652 [cs]` into Extra, Better BibTeX `tex.eprint: 2209.10652`."""
    return [f"arXiv:{extra[name]}" for name in ("arxiv", "tex.eprint", "tex.arxiv") if name in extra]


def _creators(value: object) -> list[tuple[str, Name]]:
    found = []
    for one in _listed(value):
        if isinstance(one, Mapping):
            family, given, group = (prose(_text(one.get(key))) for key in ("lastName", "firstName", "name"))
            name = Name(family, given, literal=group or ("" if given else family))
            if name.last:
                found.append((_text(one.get("creatorType")) or "author", name))
    return found


def _tags(value: object) -> list[str]:
    """The tags that the owner gave: type 1 are those that came with the item from its publisher."""
    found = []
    for one in _listed(value):
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping) and one.get("type") != 1:
            found.append(_text(one.get("tag")))
    return found


def _notes(value: object) -> list[str]:
    return [_text(one.get("note")) if isinstance(one, Mapping) else _text(one) for one in _listed(value)]


def _files(value: object) -> list[str]:
    return [_text(one.get("path")) for one in _listed(value) if isinstance(one, Mapping)]
