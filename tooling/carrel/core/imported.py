"""What a source said of a paper when it was imported, so that a later record never overwrites what a person wrote.

A summary's front matter remembers it in one line, `imported: title-5f1c2a year-9b0e71 …`: a fingerprint for each field
that the source filled. A field that no longer has its fingerprint was edited by hand, and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from carrel.core.person import Name

if TYPE_CHECKING:
    from carrel.core.frontmatter_edit import Writable
    from carrel.core.paper import Paper

#: The fields of a `Paper` that a source fills and front matter holds, each under its own name.
FIELDS = (
    "title",
    "authors",
    "year",
    "venue",
    "editors",
    "volume",
    "number",
    "pages",
    "publisher",
    "arxiv",
    "version",
    "doi",
    "url",
    "pdf",
    "bibtype",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field of which a source now says something else. `edited`: the note's own value is a person's, and stays."""

    field: str
    before: Writable
    after: Writable
    edited: bool


def fingerprints(paper: Paper) -> str:
    """The line that remembers what a source said: `field-fingerprint` for each field that is known.

    >>> from carrel.core.paper import Paper
    >>> fingerprints(Paper("Toy models", year="2022"))
    'title-843f8c year-9e8128 bibtype-cb0458'
    """
    return _line({field: value for field in FIELDS if (value := value_of(paper, field))})


def changes(current: Paper, remembered: str, incoming: Paper) -> tuple[Change, ...]:
    """What `incoming`, a record from a source, would change of the note's paper, `current`.

    `remembered` is the note's line of fingerprints. A field that the source does not know, and one of which it says
    what it said at the import, is no change, whatever the note says.
    """
    base = dict(pair.partition("-")[::2] for pair in remembered.split())
    found = []
    for field in FIELDS:
        before, after = value_of(current, field), value_of(incoming, field)
        said = base.get(field, "")
        if not after or after == before or _fingerprint(after) == said:
            continue
        edited = (_fingerprint(before) if before else "") != said
        found.append(Change(field, before, after, edited))
    return tuple(found)


def remembering(remembered: str, seen: tuple[Change, ...]) -> str:
    """`remembered` with what a source says now: of what was shown once, nothing is shown again."""
    base = dict(pair.partition("-")[::2] for pair in remembered.split())
    base |= {change.field: _fingerprint(change.after) for change in seen}
    return " ".join(f"{field}-{base[field]}" for field in FIELDS if field in base)


def value_of(paper: Paper, field: str) -> Writable:
    """A field as front matter writes it: a text, a list of names, or the year as a number."""
    value = getattr(paper, field)
    if isinstance(value, tuple):
        return [str(name) for name in value if isinstance(name, Name)]
    text = " ".join(str(value).split())
    return int(text) if field == "year" and text.isdecimal() else text


def _line(values: dict[str, Writable]) -> str:
    return " ".join(f"{field}-{_fingerprint(value)}" for field, value in values.items())


def _fingerprint(value: Writable) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return blake2b(text.encode(), digest_size=3).hexdigest()
