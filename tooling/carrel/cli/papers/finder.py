"""Finding one paper: which source is asked, what is fetched, and what a PDF says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from carrel.cli.output import line, shown_path
from carrel.core.paper import Paper, read_paper
from carrel.core.person import short_authors
from carrel.errors import CarrelError, NoteVanished, PaperExists, SourceError, SourceInvalid

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.metadata.http import Client
    from carrel.metadata.lookup import Lookup
    from carrel.metadata.reference import Reference
    from carrel.store.shelf import Shelf

#: Bytes of a PDF, or of a library; what is beyond is not read.
LARGEST_FILE = 300 * 1024 * 1024
_KEYED = "its key is made of the title alone, and --key names another"


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that a reference names. `typed`: by hand, from no source. `pdf` is the file itself, if it came along;
    `fields` are more for the front matter."""

    paper: Paper
    typed: bool = False
    pdf: bytes = b""
    fields: Mapping[str, str] = field(default_factory=dict)


class Finder:
    """Finds papers one by one; remarks say what is done, and what went less than well although a paper was found."""

    def __init__(self, app: App, shelf: Shelf, *, offline: bool) -> None:
        self._app = app
        self._shelf = shelf
        self._offline = offline

    @cached_property
    def _lookup(self) -> Lookup:
        from carrel.cli.papers.sources import lookup

        return lookup(self._app, offline=self._offline)

    @cached_property
    def client(self) -> Client:
        """For what is fetched with a paper."""
        from carrel.cli.papers.sources import client

        return client(self._app, offline=self._offline)

    def identified(self, reference: Reference) -> Found:
        """The paper of an identifier. Raises `PaperExists` before anybody is asked, `SourceError`."""
        from carrel.metadata.arxiv import without_version
        from carrel.metadata.reference import Kind

        named = {Kind.ARXIV: "arxiv", Kind.DOI: "doi"}.get(reference.kind)
        if named:  # what is here already needs no asking
            value = without_version(reference.value)
            here = self._shelf.find(Paper("", arxiv=value) if named == "arxiv" else Paper("", doi=value))
            if here is not None:
                raise PaperExists(reference.value, here)
        self._app.remark(f"looking up {reference.value}")
        return Found(self._lookup.find(reference))

    def titled(self, title: str) -> Found:
        """What the sources have under exactly that title; the title as it was typed, if they have nothing."""
        self._app.remark(f"looking up {line(title)!r}")
        try:
            found = self._lookup.titled(title)
        except SourceError as error:
            self._app.remark(f"{error.message}: taken as it was typed")
            return Found(Paper(title), typed=True)
        if found is None:
            self._app.remark("no source has just that title: authors and year are for you to fill in")
            return Found(Paper(title), typed=True)
        self._app.remark(f"found {line(found.title)!r}, {short_authors(found.authors)} {found.year}")
        return Found(found)

    def at(self, address: str) -> Found:
        """A PDF on the web, or a page that says in its head which paper it is. Raises `SourceError`."""
        from carrel.metadata import webpage

        self._app.remark(f"fetching {line(address)}")
        answer = self.client.visit(address)
        if is_pdf(answer.body):
            with NamedTemporaryFile(suffix=".pdf") as file:
                file.write(answer.body)
                file.flush()
                found = self._pdf(Path(file.name), unquote(urlsplit(address).path).rpartition("/")[2] or "paper.pdf")
            paper = replace(found.paper, url=found.paper.url or address, pdf=found.paper.pdf or address)
            return replace(found, paper=paper, pdf=answer.body)
        paper = webpage.parse(answer.body, answer.url)
        return self._known_better(paper) if paper.doi or paper.arxiv else Found(paper)

    def _known_better(self, paper: Paper) -> Found:
        """What the sources say of a paper that was recognised somewhere; what was read there, if they say nothing."""
        from carrel.core.merge import merged

        try:
            return Found(merged(self._lookup.renewed(paper), paper))
        except CarrelError as error:
            keyed = "" if paper.authors else f"; {_KEYED}"
            self._app.remark(f"{error.message}; taken as it was found{keyed}")
            return Found(paper)

    def pdf_file(self, place: Path) -> Found:
        """The paper that a PDF here is, with the file. Raises `SourceInvalid`."""
        return replace(self._pdf(place, place.name), pdf=bytes_of(place))

    def _pdf(self, place: Path, name: str) -> Found:
        """The paper that a PDF is: by the identifier that it prints, or by its title where a source has just that."""
        from carrel.metadata import pdf
        from carrel.metadata.arxiv import without_version

        facts = pdf.identify(place)
        paper = Paper(facts.title or name.removesuffix(".pdf"), arxiv=without_version(facts.arxiv), doi=facts.doi)
        if paper.arxiv or paper.doi:
            # One that is here already needs no asking; that it is here is found when it is to be added.
            return Found(paper) if self._shelf.find(paper) else self._known_better(paper)
        titled = self._exactly(facts.title)
        if titled is not None:
            return Found(titled)
        self._app.remark(f"{shown_path(name)} prints no identifier: authors and year are for you to fill in; {_KEYED}")
        return Found(paper, typed=True)

    def _exactly(self, title: str) -> Paper | None:
        try:
            return self._lookup.titled(title) if title else None
        except SourceError as error:
            self._app.remark(error.message)
            return None

    def pdf_of(self, path: str) -> bytes:
        """The PDF that the record of the paper at `path` leads to. Raises `SourceError`."""
        address = read_paper(self._app.kb.read(path, head=True)).pdf
        if not address.startswith(("https://", "http://")):
            raise SourceInvalid(f"{path}: its record leads to no PDF", "get it by hand: carrel paper add FILE.pdf")
        self._app.remark(f"fetching {line(address)}")
        return self.client.download(address).body


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF, by its beginning."""
    return b"%PDF-" in data[:1024]


def bytes_of(place: Path) -> bytes:
    """What a file holds. Raises `SourceInvalid` for more than `LARGEST_FILE`, and for a folder, a device, a pipe."""
    data = _read(place, LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise SourceInvalid(
            f"{shown_path(str(place))} has more than {LARGEST_FILE // 1024 // 1024} MB", "make it smaller"
        )
    return data


def is_pdf_file(place: Path) -> bool:
    """Whether the file at `place` is a PDF. Raises `SourceInvalid` when it cannot be read."""
    return is_pdf(_read(place, 1024))


def _read(place: Path, most: int) -> bytes:
    from carrel.store import files

    try:
        return files.read(place, most)
    except NoteVanished as error:
        raise SourceInvalid(error.message) from error
