"""Who is mentioned: what `mentions:ada` finds, by the rules of `core/mention.py`.

Whom an `@ada` means depends on who writes here and on how papers are called, and so on notes other than its own: the
index keeps what is written, and it is told who is meant when that is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol


class Valued(Protocol):
    """An index, as far as it is asked here."""

    def valued(self, field: str) -> Iterator[tuple[str, Collection[int]]]:
        """Every whole value of a field, folded, and the documents that have it."""


def mentioning(index: Valued, asked: str | None) -> set[int]:
    """The documents that mention the person whom `asked` means by name or handle; for None, anybody who writes here.

    What means nobody who writes here, or several of them, is found as it is written.
    """
    from carrel.core.mention import handle, handles  # most searches ask for nobody
    from carrel.core.person import Name

    papers = {document for kind, documents in index.valued("kind") if kind == "paper" for document in documents}
    known = handles({Name.parse(name).display for name in _writers(index, papers)})
    wanted = set(known)
    if asked is not None:
        called = handle(Name.parse(asked).display)
        person = known.get(called)
        wanted = {called} if person is None else {other for other, name in known.items() if name == person}
    found = {written: documents for written, documents in index.valued("mentions") if handle(written) in wanted - {""}}
    for written in _names_of_papers(index, papers, found):
        found.pop(written, None)
    return set().union(*found.values())


def _writers(index: Valued, papers: set[int]) -> Iterator[str]:
    """Who wrote the notes; a paper's authors wrote the paper, and its note whoever summarised it."""
    yield from (name for name, documents in index.valued("author") if not papers.issuperset(documents))
    yield from (name for name, documents in index.valued("summariser") if not papers.isdisjoint(documents))


def _names_of_papers(index: Valued, papers: set[int], among: Collection[str]) -> Iterator[str]:
    """Those of `among` that are a paper's citation key, alias or file name."""
    if not among:
        return
    for field in ("citekey", "alias", "path"):
        for value, documents in index.valued(field):
            name = value.removesuffix(".md").rpartition("/")[2] if field == "path" else value
            if name in among and not papers.isdisjoint(documents):
                yield name
