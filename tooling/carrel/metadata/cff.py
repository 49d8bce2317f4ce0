"""CITATION.cff: how a repository of software wants to be cited. The format: https://citation-file-format.github.io

Of the software and the paper that it prefers to be cited by, the paper is taken, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carrel.core import frontmatter
from carrel.core.note import Problem
from carrel.core.person import Name
from carrel.metadata.assembly import assembled

if TYPE_CHECKING:
    from carrel.core.note import Value
    from carrel.core.paper import Paper

_TYPES = {
    "article": "article",
    "magazine-article": "article",
    "newspaper-article": "article",
    "book": "book",
    "conference-paper": "inproceedings",
    "proceedings": "proceedings",
    "data": "dataset",
    "database": "dataset",
    "manual": "manual",
    "patent": "patent",
    "report": "techreport",
    "software": "software",
    "thesis": "phdthesis",
    "unpublished": "unpublished",
    "website": "online",
    "blog": "online",
}


def parse(text: str, source: str = "") -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The one paper of a CITATION.cff, and what is wrong with it, with its line. Never raises for content.

    >>> papers, _ = parse("cff-version: 1.2.0\\ntitle: Carrel\\nauthors:\\n- family-names: Smith\\n")
    >>> papers[0].title, papers[0].authors[0].last, papers[0].bibtype
    ('Carrel', 'Smith', 'software')
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith(("#", "%"))), 0)
    start += lines[start].rstrip() == "---"
    end = next((n for n in range(start, len(lines)) if lines[n].rstrip() in ("---", "...")), len(lines))
    front = frontmatter.read("\n".join(("---", *lines[start:end], "---", "")))
    said = ((c.line - 1 + start, c.message.replace("front matter", "file")) for c in front.complaints)
    problems = [Problem(source, max(1, line), "bad-yaml", message) for line, message in said]
    preferred = front.metadata.get("preferred-citation")
    chosen = preferred if isinstance(preferred, Mapping) and _text(preferred, "title") else front.metadata
    paper = _paper(chosen)
    if not paper.title:
        problems.append(Problem(source, 1, "no-title", "the file has no title"))
        return (), tuple(problems)
    return (paper,), tuple(problems)


def _paper(fields: Mapping[str, Value]) -> Paper:
    first, last = _text(fields, "start"), _text(fields, "end")
    ids = _mappings(fields, "identifiers")
    return assembled(
        title=_text(fields, "title"),
        authors=_people(fields, "authors"),
        editors=_people(fields, "editors"),
        dates=[_text(fields, key) for key in ("year", "date-published", "date-released", "issue-date")],
        venue=_text(fields, "journal", "collection-title") or _name_of(fields, "conference"),
        publisher=_name_of(fields, "publisher") or _name_of(fields, "institution"),
        doi=[_text(fields, "doi"), *(_text(one, "value") for one in ids if _text(one, "type") == "doi")],
        urls=[_text(fields, key) for key in ("url", "repository-code", "repository")],
        elsewhere=[_text(fields, "notes"), *(_text(one, "value") for one in ids)],
        abstract=_text(fields, "abstract"),
        bibtype=_TYPES.get(_text(fields, "type") or "software", "misc"),
        volume=_text(fields, "volume"),
        number=_text(fields, "issue", "number"),
        pages=f"{first}-{last}" if first and last else first,
    )


def _text(fields: Mapping[str, Value], *keys: str) -> str:
    return next((value for key in keys if isinstance(value := fields.get(key), str) and value), "")


def _mappings(fields: Mapping[str, Value], key: str) -> list[Mapping[str, Value]]:
    value = fields.get(key, ())
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, tuple) else []


def _name_of(fields: Mapping[str, Value], key: str) -> str:
    entity = fields.get(key)
    return _text(entity, "name") if isinstance(entity, Mapping) else ""


def _people(fields: Mapping[str, Value], key: str) -> tuple[Name, ...]:
    parts = ("family-names", "given-names", "name-particle", "name-suffix", "name")
    names = (Name(*(_text(person, part) for part in parts)) for person in _mappings(fields, key))
    return tuple(name for name in names if name.last)
