"""From a reference to a paper: which sources are asked, in which order, and what becomes of their answers.

arXiv is asked for preprints and Crossref for DOIs, since they hold what authors and publishers themselves deposited.
A preprint that names its DOI is looked up there too: the published record stands first, the preprint completes it
(`carrel.core.merge`). DOIs that Crossref does not know were given by other agencies; all of them answer through
doi.org. The indexes, OpenAlex and Semantic Scholar, come last: they collect, and abbreviate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from carrel.core.merge import alike, identical, merged
from carrel.core.paper import Paper
from carrel.errors import SourceError, SourceInvalid, SourceUnknown, SourceUnreachable, UsageError
from carrel.metadata import arxiv, crossref, openalex, semanticscholar
from carrel.metadata.reference import Kind, recognise

if TYPE_CHECKING:
    from carrel.metadata.http import Client
    from carrel.metadata.reference import Reference

#: What doi.org answers with when asked so: https://citation.doi.org/docs.html
_CSL = "application/vnd.citationstyles.csl+json"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the sources' interfaces are: mirrors, or a test's own server."""

    arxiv: str = arxiv.BASE_URL
    crossref: str = crossref.BASE_URL
    openalex: str = openalex.BASE_URL
    semanticscholar: str = semanticscholar.BASE_URL
    doi: str = "https://doi.org"


def _silent(text: str) -> None:
    """Take a remark and say nothing."""


class Lookup:
    """All sources behind one door. `remark` is told what went less than well although a paper was found."""

    def __init__(
        self, client: Client, addresses: Addresses | None = None, remark: Callable[[str], None] = _silent
    ) -> None:
        self._client = client
        self._at = addresses or Addresses()
        self._remark = remark
        self._index_is_silent = False
        self._preprints: dict[str, Paper] = {}

    def find(self, reference: Reference) -> Paper:
        """The paper that an identifier names, from all sources that know it.

        Raises SourceInvalid when no source has it, SourceUnreachable when the one that would does not answer, and
        UsageError for what is not looked up: a file, an address that is no identifier, a title.
        """
        value = reference.value
        if reference.kind is Kind.ARXIV:
            return self._preprint(value)
        if reference.kind is Kind.DOI:
            return self._registered(value)
        if reference.kind is Kind.OPENALEX:
            return self._completed(openalex.fetch(self._client, value, self._at.openalex, self._remark))
        if reference.kind is Kind.SEMANTICSCHOLAR:
            return self._completed(semanticscholar.fetch(self._client, value, self._at.semanticscholar))
        raise UsageError(f"{value!r} is no identifier that can be looked up", "an arXiv id or a DOI can")

    def titled(self, title: str, author: str = "") -> Paper | None:
        """The paper of that very title (by somebody of that family name), if it is beyond doubt which one it is.

        Raises SourceUnreachable if no source answers.
        """
        failures: list[SourceError] = []
        sources = (
            (crossref.search, self._at.crossref),
            (openalex.search, self._at.openalex),
            (semanticscholar.search, self._at.semanticscholar),
        )
        for search, address in sources:
            try:
                found = search(self._client, title, author, address)
            except SourceError as error:
                failures.append(error)
                continue
            if found is not None:
                return self._completed(found)
        if len(failures) == len(sources):
            raise failures[0]
        return None

    def prepare(self, papers: Iterable[Paper]) -> None:
        """Ask arXiv about all these papers in a few calls, before each is `renewed`: one by one would take hours.

        Never raises: what goes wrong is told of each paper.
        """
        ids = [paper.arxiv for paper in papers if arxiv.match(paper.arxiv)]
        if len(ids) > 1:
            with suppress(SourceError):
                self._preprints |= arxiv.fetch_many(self._client, ids, self._at.arxiv)

    def renewed(self, paper: Paper) -> Paper:
        """What the sources say now of a paper that has an arXiv id or a DOI. Raises as `find` does."""
        if paper.arxiv:
            return self._since(self._preprint(arxiv.without_version(paper.arxiv), paper.doi))
        named = recognise(paper.doi)
        if named.kind not in (Kind.DOI, Kind.ARXIV):
            raise UsageError(f"{paper.title!r} has neither an arXiv id nor a DOI", "write one into its front matter")
        return self.find(named)

    def _preprint(self, arxiv_id: str, doi: str = "") -> Paper:
        """What arXiv has, and before it what its publisher says, if it names one or we know its DOI."""
        preprint = self._preprints.get(arxiv_id) or arxiv.fetch(self._client, arxiv_id, self._at.arxiv)
        doi = preprint.doi or (doi if recognise(doi).kind is Kind.DOI else "")
        if not doi:
            return preprint
        try:
            published = crossref.fetch(self._client, doi, self._at.crossref, self._remark)
        except SourceUnreachable as error:
            self._remark(f"{doi}: its published record was not to be had: {error.message}")
            return preprint
        except SourceInvalid:
            try:
                published = self._negotiated(doi)
            except SourceError as error:
                self._remark(f"{doi}: its published record was not to be had: {error.message}")
                return preprint
        if not alike(published, preprint):
            self._remark(f"{doi}, which arXiv:{arxiv_id} names, is another paper: {published.title}")
            return replace(preprint, doi="")
        return merged(published, preprint)

    def _since(self, preprint: Paper) -> Paper:
        """A preprint of which arXiv does not say that it was published, with what Semantic Scholar knows of that.

        Conferences in machine learning give no DOIs, and authors rarely tell arXiv. An index that does not answer is
        not asked again: it has one allowance for all the world.
        """
        if preprint.doi or preprint.venue != "arXiv" or self._index_is_silent:
            return preprint
        try:
            known = semanticscholar.fetch(self._client, f"ARXIV:{preprint.arxiv}", self._at.semanticscholar)
        except SourceUnreachable as error:
            self._index_is_silent = True
            self._remark(f"whether preprints were published meanwhile is not known: {error.message}")
            return preprint
        except SourceInvalid:
            return preprint  # it does not know the paper
        if not identical(known, preprint):
            return preprint
        if known.doi:
            return self._preprint(preprint.arxiv, known.doi)
        if known.venue == "arXiv":
            return preprint
        return merged(preprint, Paper(known.title, venue=known.venue, bibtype=known.bibtype, pages=known.pages))

    def _registered(self, doi: str) -> Paper:
        """What is known of a DOI: from Crossref, from whichever agency gave it, or from an index."""
        failures: list[SourceError] = []
        sources: tuple[Callable[[], Paper], ...] = (
            lambda: crossref.fetch(self._client, doi, self._at.crossref, self._remark),
            lambda: self._negotiated(doi),
            lambda: openalex.fetch(self._client, f"doi:{doi}", self._at.openalex, self._remark),
            lambda: semanticscholar.fetch(self._client, f"DOI:{doi}", self._at.semanticscholar),
        )
        for ask in sources:
            try:
                return self._with_preprint(ask())
            except SourceError as error:
                failures.append(error)
            if sum(isinstance(failure, SourceUnreachable) for failure in failures) > 1:
                break  # two that do not answer are a network that is down
        silent = next((failure for failure in failures if isinstance(failure, SourceUnreachable)), None)
        if silent is not None:
            raise silent
        # Who answered nonsense does not say that there is no such paper.
        if unread := "; ".join(failure.message for failure in failures if not isinstance(failure, SourceUnknown)):
            raise SourceInvalid(f"the DOI {doi} was not to be had: {unread}", "try again later")
        raise SourceUnknown(f"no source knows the DOI {doi}", "check it on https://doi.org")

    def _negotiated(self, doi: str) -> Paper:
        """The record of the agency that gave a DOI, by way of doi.org; DataCite's, say, for data and preprints."""
        address = f"{self._at.doi.rstrip('/')}/{quote(doi, safe='/:;()')}"
        answer = self._client.get(address, accept=_CSL, statuses=(200, 404), check=_csl_record)
        if answer.status == 404:
            raise SourceUnknown(f"there is no DOI {doi}", "check it on https://doi.org")
        paper = _csl_record(answer.body)
        return replace(paper, citekey="", doi=paper.doi or doi)

    def _with_preprint(self, published: Paper) -> Paper:
        if not published.arxiv:
            return published
        try:
            preprint = arxiv.fetch(self._client, published.arxiv, self._at.arxiv)
        except SourceError as error:
            self._remark(f"arXiv:{published.arxiv} was not to be had: {error.message}")
            return published
        return merged(published, preprint) if alike(published, preprint) else replace(published, arxiv="")

    def _completed(self, indexed: Paper) -> Paper:
        """What an index has, and before it what arXiv and the publisher say of the ids that it gives."""
        try:
            if indexed.arxiv:
                first = self._preprint(indexed.arxiv, indexed.doi)
            elif indexed.doi:
                first = self._registered(indexed.doi)
            else:
                return indexed
        except SourceError as error:
            self._remark(f"{indexed.doi or indexed.arxiv}: {error.message}")
            return indexed
        return merged(first, indexed) if alike(first, indexed) else indexed


def _csl_record(body: bytes) -> Paper:
    """The paper of one CSL-JSON record. Raises SourceInvalid."""
    from carrel.metadata import csl

    papers, problems = csl.parse(f"[{body.decode('utf-8', 'replace')}]", "doi.org")
    if not papers:
        said = problems[0].message if problems else "it is empty"
        raise SourceInvalid(f"doi.org's answer cannot be read: {said}", "try again later")
    return papers[0]
