"""One paper out of several records of it, field by field."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from carrel.core.paper import Paper, folded

if TYPE_CHECKING:
    from carrel.core.person import Name

# What stands for "nothing better is known".
_VAGUE = {"venue": "arXiv", "bibtype": "misc"}


def merged(*papers: Paper) -> Paper:
    """The paper that all these records describe: of each field what the first one says that says anything.

    So the published record stands before the preprint's, and both before what an index collected. But:

    - "arXiv" is no venue and "misc" no type where another record has one;
    - `version` and `pdf` come from the record that has an arXiv id: that PDF is open to everyone;
    - a title all in capitals gives way to the same one that is not, and initials to the given names of the same person;
    - `keywords` are collected.

    >>> published = Paper("TOY MODELS", year="2023", venue="J. Toys", doi="10.1000/1", bibtype="article")
    >>> preprint = Paper("Toy Models", year="2022", venue="arXiv", arxiv="2209.10652", version="1", abstract="We show")
    >>> both = merged(published, preprint)
    >>> both.title, both.year, both.venue, both.arxiv, both.abstract
    ('Toy Models', '2023', 'J. Toys', '2209.10652', 'We show')
    """
    first, *others = papers
    values: dict[str, object] = {}
    for field in fields(Paper):
        said = [getattr(paper, field.name) for paper in papers]
        values[field.name] = next((value for value in said if value and value != _VAGUE.get(field.name)), said[0])
    values["bibtype"] = values["bibtype"] or "misc"
    values["venue"] = values["venue"] or next((paper.venue for paper in papers if paper.venue), "")
    made: Paper = replace(first, **values)  # type: ignore[arg-type]  # each value comes from the field of that name
    preprint = next((paper for paper in papers if paper.arxiv), made)
    titles = [paper.title for paper in papers if folded(paper.title) == folded(made.title)]
    authors = made.authors
    for other in others:
        authors = _fuller(authors, other.authors)
    return replace(
        made,
        title=next((title for title in titles if not title.isupper()), made.title),
        authors=authors,
        version=preprint.version or made.version,
        pdf=preprint.pdf or made.pdf,
        keywords=tuple(dict.fromkeys(word for paper in papers for word in paper.keywords)),
    )


def alike(one: Paper, other: Paper) -> bool:
    """Whether two records that name each other may well be of one paper: the same title, or an author in common.

    >>> from carrel.core.person import Name
    >>> alike(Paper("Toy Models", (Name("Elhage", "Nelson"),)), Paper("Erratum", (Name("Elhage", "N."),)))
    True
    """
    if folded(one.title) == folded(other.title):
        return True
    return bool({folded(name.last) for name in one.authors} & {folded(name.last) for name in other.authors})


def identical(one: Paper, other: Paper) -> bool:
    """Whether two records agree in title and first author, whatever their years.

    >>> from carrel.core.person import Name
    >>> identical(Paper("Toy Models", (Name("Elhage", "N."),)), Paper("TOY MODELS", (Name("Elhage", "Nelson"),)))
    True
    """
    firsts = [folded(paper.authors[0].last) if paper.authors else "" for paper in (one, other)]
    return folded(one.title) == folded(other.title) != "" and firsts[0] == firsts[1]


def _fuller(authors: tuple[Name, ...], others: tuple[Name, ...]) -> tuple[Name, ...]:
    """`authors` with the given names that others has in full for the same people in the same order.

    >>> from carrel.core.person import Name
    >>> str(_fuller((Name("Elhage", "N."),), (Name("Elhage", "Nelson"),))[0])
    'Nelson Elhage'
    """
    if len(authors) != len(others):
        return authors
    return tuple(_full(mine, theirs) for mine, theirs in zip(authors, others, strict=True))


def _full(mine: Name, theirs: Name) -> Name:
    same = folded(mine.last) == folded(theirs.last) and bool(mine.given)
    abbreviated = len(folded(mine.given)) <= 3 and (mine.given.isupper() or "." in mine.given)
    starts = folded(theirs.given)[:1] == folded(mine.given)[:1]
    if same and abbreviated and starts and len(folded(theirs.given)) > len(folded(mine.given)):
        return replace(mine, given=theirs.given)
    return mine
