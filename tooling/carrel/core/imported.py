"""What sources said of a paper, so that a later record never overwrites what a person wrote, nor an older one a newer.

A summary's front matter remembers it in one line, `imported: title-5f1c2a year-9b0e71 venue-2fb5ed/9c3872 …`: for each
field a fingerprint of every value that a source gave, in the order in which they were taken in. A field with none of
its fingerprints was edited by hand, and stays as it is. A value that was said before is nothing new: two sources that
differ for ever do not take turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from carrel.core.person import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

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


#: Values of one field that are remembered.
MOST = 12
# The facts about a publication: of these a preprint's record says something else, and nothing better.
_PUBLICATION = frozenset(
    ("title", "year", "venue", "editors", "volume", "number", "pages", "publisher", "url", "bibtype")
)


def fingerprints(paper: Paper) -> str:
    """The line that remembers what a source said: `field-fingerprint` for each field that is known.

    >>> from carrel.core.paper import Paper
    >>> fingerprints(Paper("Toy models", year="2022"))
    'title-843f8c year-9e8128 bibtype-cb0458'
    """
    return _line({field: [_fingerprint(value)] for field in FIELDS if (value := value_of(paper, field))})


def changes(current: Paper, remembered: str, incoming: Paper) -> tuple[Change, ...]:
    """What `incoming`, a record from a source, would change of the note's paper, `current`.

    `remembered` is the note's line of fingerprints. A field that the source does not know, and one of which it says
    what was said before, is no change, whatever the note says. The record of a preprint does not replace what is known
    of the publication, and a version never goes back.
    """
    base = _read(remembered)
    demoting = is_preprint(incoming) and not is_preprint(current)
    found = []
    for field in FIELDS:
        before, after = value_of(current, field), value_of(incoming, field)
        said = base.get(field, [])
        if not after or after == before or _fingerprint(after) in said:
            continue
        demoted = demoting and field in _PUBLICATION
        if before and (demoted or (field == "version" and _older(after, before))):
            continue
        # A record without a title was filed under its key; that is nobody's wording.
        nobodys = field == "title" and not said and before == current.citekey
        edited = not nobodys and (_fingerprint(before) not in said if before else bool(said))
        found.append(Change(field, before, after, edited))
    return tuple(found)


def is_preprint(paper: Paper) -> bool:
    """Whether of its publication a record says no more than that it is on arXiv.

    >>> from carrel.core.paper import Paper
    >>> is_preprint(Paper("A", venue="arXiv")), is_preprint(Paper("A")), is_preprint(Paper("A", venue="ICLR"))
    (True, True, False)
    """
    return not paper.venue or paper.venue.casefold().startswith(("arxiv", "corr"))


def remembering(remembered: str, seen: tuple[Change, ...]) -> str:
    """`remembered` with what a source says now: of what was shown once, nothing is shown again."""
    base = _read(remembered)
    for change in seen:
        said = base.setdefault(change.field, [])
        said.append(_fingerprint(change.after))
        del said[:-MOST]
    return _line({field: base[field] for field in FIELDS if field in base})


def value_of(paper: Paper, field: str) -> Writable:
    """A field as front matter writes it: a text, a list of names, or the year as a number."""
    value = getattr(paper, field)
    if isinstance(value, tuple):
        return [str(name) for name in value if isinstance(name, Name)]
    text = " ".join(str(value).split())
    return int(text) if field == "year" and text.isdecimal() else text


def _older(version: Writable, than: Writable) -> bool:
    numbers = str(version), str(than)
    return all(map(str.isdecimal, numbers)) and int(numbers[0]) < int(numbers[1])


def _read(line: str) -> dict[str, list[str]]:
    pairs = (pair.partition("-") for pair in line.split())
    return {field: [one for one in said.split("/") if one] for field, _, said in pairs}


def _line(said: Mapping[str, list[str]]) -> str:
    return " ".join(f"{field}-{'/'.join(values)}" for field, values in said.items())


def _fingerprint(value: Writable) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return blake2b(text.encode(), digest_size=3).hexdigest()
