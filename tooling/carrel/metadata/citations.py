"""What a paper cites and what cites it, as an index has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from carrel.errors import SourceInvalid
from carrel.metadata import openalex, semanticscholar

if TYPE_CHECKING:
    from carrel.core.paper import Paper
    from carrel.metadata.http import Client


class _Listing(Protocol):
    def __call__(self, client: Client, name: str, limit: int, base_url: str) -> list[Paper]: ...


class _Index(Protocol):
    @property
    def references(self) -> _Listing: ...

    @property
    def cited_by(self) -> _Listing: ...

    def names(self, paper: Paper) -> list[str]: ...

    def search(self, client: Client, title: str, author: str, base_url: str) -> Paper | None: ...


#: The indexes that can be asked.
SOURCES: dict[str, _Index] = {"openalex": openalex, "semanticscholar": semanticscholar}


class Citations:
    """The neighbours of one paper in one index: `source` is a key of `SOURCES`, `address` where it is asked.

    The paper is known there by its DOI or arXiv id; one that has neither is looked for by its exact title.
    """

    def __init__(self, client: Client, paper: Paper, source: str, address: str) -> None:
        self._client = client
        self._paper = paper
        self._index = SOURCES[source]
        self._address = address

    def cited(self, limit: int) -> list[Paper]:
        """What the paper cites. Raises SourceUnreachable, and SourceInvalid where the index does not know it."""
        return self._first(self._index.references, limit)

    def citing(self, limit: int) -> list[Paper]:
        """What cites the paper. Raises as `cited` does."""
        return self._first(self._index.cited_by, limit)

    def _first(self, listing: _Listing, limit: int) -> list[Paper]:
        """The answer under the first of its names that the index knows."""
        *others, last = self._index.names(self._paper) or self._names_by_title()
        for name in others:
            try:
                return listing(self._client, name, limit, self._address)
            except SourceInvalid:
                continue  # the next one may be known; if the last one is not either, that is the answer
        return listing(self._client, last, limit, self._address)

    def _names_by_title(self) -> list[str]:
        paper = self._paper
        author = paper.authors[0].last if paper.authors else ""
        found = self._index.search(self._client, paper.title, author, self._address)
        names = self._index.names(found) if found else []
        if not names:
            raise SourceInvalid(
                f"{paper.citekey} has neither a DOI nor an arXiv id, and its title does not say which paper it is",
                "write its doi or its arxiv id into the front matter",
            )
        return names
