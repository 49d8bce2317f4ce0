"""From what was typed to papers: who reads a file, who is asked for an identifier, and what is fetched with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from carrel.cli.output import line, shown_path
from carrel.core.paper import Paper, read_paper
from carrel.core.person import short_authors
from carrel.errors import CarrelError, NoteVanished, PaperExists, SourceError, SourceInvalid, UsageError

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.core.note import Problem
    from carrel.metadata.http import Client
    from carrel.metadata.lookup import Lookup
    from carrel.metadata.reference import Reference
    from carrel.store.shelf import Shelf


#: Bytes of a PDF, or of a library; what is beyond is not read.
LARGEST_FILE = 300 * 1024 * 1024
# What a library's reader says of entries that it read: no title, say, or a key that is there twice.
_READ_ALL_THE_SAME = frozenset(("no-title", "no-type", "no-end", "duplicate-key", "duplicate-field"))
_ANNOUNCED = re.compile(r"(?:arxiv|doi|isbn|issn|pmid|pmcid|zotero)\b|[\W\d_]*\Z", re.IGNORECASE)
_KEYED = "its key is made of the title alone, and --key names another"


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that a reference names. `typed`: by hand, from no source. `pdf` is the file itself, if it came along;
    `fields` are more for the front matter."""

    paper: Paper
    typed: bool = False
    pdf: bytes = b""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper to find: `name` is what it was called, `find` does the work and raises `CarrelError`."""

    name: str
    find: Callable[[], Found]


class Gathering:
    """The papers that references name. What cannot be read of them goes into `failures`, and the rest goes on;
    `warnings` are about what was read all the same."""

    def __init__(self, app: App, shelf: Shelf, typed: Paper, *, offline: bool) -> None:
        self.failures: list[str] = []
        self.warnings: list[str] = []
        self.alone = False  # one reference, and no library
        self._app = app
        self._shelf = shelf
        self._typed = typed
        self._offline = offline

    def wanted(self, references: tuple[str, ...]) -> list[Wanted]:
        """Each paper to find, in the order of the references. Raises `UsageError`, and for one reference its error."""
        found: list[Wanted] = []
        references = tuple(word for one in references for word in _identifiers_in(one) or (one,))
        self.alone = len(references) == 1
        if not any(_is_file(one) or _zotero(one) for one in references) and _are_words(references):
            self.alone = True
            return [self._title(" ".join(" ".join(references).split()))]
        for one in references:
            try:
                found += self._of(one)
            except CarrelError as error:
                if len(references) == 1:
                    raise
                self.failures.append(error.message)
        return found

    def _title(self, title: str) -> Wanted:
        """A paper that is named by its title. Raises `UsageError` for what was probably meant as something else."""
        if title and _is_folder(title):
            raise UsageError(f"{shown_path(title)} is a folder", "name its files: carrel paper add FOLDER/*.pdf")
        described = bool(self._typed.authors or self._typed.year or self._typed.url)
        if not described and (len(title.split()) < 2 or _ANNOUNCED.match(title)):
            what = f"{line(title)!r} is no identifier, file or address that Carrel knows" if title else "which paper?"
            raise UsageError(what, "a title of one word needs --year, -a or --url beside it")
        if described or self._offline:
            return Wanted(title, partial(Found, replace(self._typed, title=title), typed=True))
        return Wanted(title, partial(self._looked_up, title))

    def _of(self, written: str) -> Iterator[Wanted]:
        if _is_file(written):
            yield from self._file(written)
        elif _zotero(written):
            yield from self._zotero(written.partition(":")[2])
        elif written == "-":
            yield from self._stdin()
        else:
            yield from self._named(written)

    def _named(self, written: str) -> Iterator[Wanted]:
        from carrel.metadata.reference import Kind, recognise

        reference = recognise(written)
        if reference.kind is Kind.FILE:
            yield from self._file(reference.value if written.lower().startswith("file:") else written)
        elif reference.kind is Kind.TITLE:
            raise SourceInvalid(f"{line(written)!r} is no identifier, file or address that Carrel knows")
        elif reference.kind is Kind.ADDRESS:
            yield Wanted(written, partial(self._address, reference.value))
        else:
            yield Wanted(written, partial(self._identified, reference))

    def _file(self, written: str) -> Iterator[Wanted]:
        place = Path(written).expanduser()
        data = bytes_of(place)
        if _is_pdf(data):
            yield Wanted(written, partial(self._pdf_file, place))
        else:
            yield from self._library(data, place.name)

    def _stdin(self) -> Iterator[Wanted]:
        """A library, or references in words of their own, one a line: `cut -f2 ids.tsv | carrel paper add -`."""
        data = sys.stdin.buffer.read(LARGEST_FILE)
        lines = [text.strip() for text in data.decode("utf-8", "replace").split("\n") if text.strip()]
        if _are_identifiers(lines):
            self.alone = len(lines) == 1
            for text in lines:
                yield from self._named(text)
        else:
            yield from self._library(data, "standard input")

    def _library(self, data: bytes, name: str) -> Iterator[Wanted]:
        papers, problems = papers_in(data, name)
        self.alone = False
        for problem in problems:
            said = f"{problem.path}:{problem.line}: {line(problem.message)}"
            (self.warnings if problem.code in _READ_ALL_THE_SAME else self.failures).append(said)
        for paper in papers:
            yield Wanted(f"{name}: {paper.citekey or paper.title}", partial(Found, paper))

    def _zotero(self, collection: str) -> Iterator[Wanted]:
        from carrel.cli.papers.sources import client
        from carrel.metadata import zotero

        self.alone = False
        here = client(self._app, keep=False)
        for item in zotero.items(here, self._app.kb.config.zotero_url, collection=collection):
            name = f"Zotero: {item.paper.citekey or item.paper.title}"
            yield Wanted(name, partial(Found, item.paper, fields={"zotero": item.key}))

    # --- what asks a source --------------------------------------------------------------------------------------

    @cached_property
    def _lookup(self) -> Lookup:
        from carrel.cli.papers.sources import lookup

        return lookup(self._app, offline=self._offline)

    @cached_property
    def client(self) -> Client:
        """For what is fetched with a paper."""
        from carrel.cli.papers.sources import client

        return client(self._app, offline=self._offline)

    def _identified(self, reference: Reference) -> Found:
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

    def _looked_up(self, title: str) -> Found:
        """What the sources have under exactly that title; the title as it was typed, if they have nothing."""
        self._app.remark(f"looking up {line(title)!r}")
        found = self._titled(title)
        if found is None:
            self._app.remark("no source has just that title: authors and year are for you to fill in")
            return Found(Paper(title), typed=True)
        self._app.remark(f"found {line(found.title)!r}, {short_authors(found.authors)} {found.year}")
        return Found(found)

    def _address(self, address: str) -> Found:
        """A PDF on the web, or a page that says in its head which paper it is."""
        from carrel.metadata import webpage

        self._app.remark(f"fetching {line(address)}")
        answer = self.client.visit(address)
        if _is_pdf(answer.body):
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

    def _pdf_file(self, place: Path) -> Found:
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
        titled = self._titled(facts.title)
        if titled is not None:
            return Found(titled)
        self._app.remark(f"{shown_path(name)} prints no identifier: authors and year are for you to fill in; {_KEYED}")
        return Found(paper, typed=True)

    def _titled(self, title: str) -> Paper | None:
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


def papers_in(data: bytes, name: str) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """The papers of a library file, and what could not be read of it. Raises `SourceInvalid`."""
    from carrel.metadata import library

    papers, problems = library.read(data, name)
    if not papers and not problems:
        raise SourceInvalid(f"{name} holds no reference", "`carrel paper add --help` says what can be read")
    return papers, problems


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def bytes_of(place: Path) -> bytes:
    """What a file holds. Raises `SourceInvalid`, also for what is no file: a folder, a device, a pipe."""
    from carrel.store import files

    try:
        return files.read(place, LARGEST_FILE)
    except NoteVanished as error:
        raise SourceInvalid(error.message) from error


def _identifiers_in(written: str) -> list[str]:
    """The words of a reference, if each of several is an identifier or an address: they were quoted together."""
    words = written.split()
    return words if len(words) > 1 and not _is_file(written) and _are_identifiers(words) else []


def _is_folder(written: str) -> bool:
    try:
        return Path(written).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False


def _are_words(references: tuple[str, ...]) -> bool:
    """Whether together they are one title."""
    from carrel.metadata.reference import Kind, recognise

    return all(recognise(one).kind is Kind.TITLE for one in references)


def _are_identifiers(lines: list[str]) -> bool:
    """Whether each line names a paper by itself."""
    from carrel.metadata.reference import Kind, recognise

    return bool(lines) and all(recognise(text).kind not in (Kind.TITLE, Kind.FILE) for text in lines)


def _is_file(written: str) -> bool:
    try:
        return Path(written).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # a title may be too long for a name, or begin with ~
        return False


def _zotero(written: str) -> bool:
    return written.lower().startswith("zotero:")
