"""From what was typed to the papers that are wanted: a file, a library, identifiers, Zotero, or a title."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.cli.output import line, shown_path
from carrel.cli.papers.finder import LARGEST_FILE, Found, bytes_of, is_pdf_file
from carrel.errors import CarrelError, SourceInvalid, UsageError

if TYPE_CHECKING:
    from carrel.cli.app import App
    from carrel.cli.papers.finder import Finder
    from carrel.core.paper import Paper

# What a library's reader says of entries that it read: no title, say, or a key that is there twice.
_READ_ALL_THE_SAME = frozenset(("no-title", "no-type", "no-end", "duplicate-key", "duplicate-field"))
_ANNOUNCED = re.compile(r"(?:arxiv|doi|isbn|issn|pmid|pmcid|zotero)\b|[\W\d_]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper to find: `name` is what it was called, `find` does the work and raises `CarrelError`."""

    name: str
    find: Callable[[], Found]


class Gathering:
    """The papers that references name. What cannot be read of them goes into `failures`, and the rest goes on;
    `warnings` are about what was read all the same."""

    def __init__(self, app: App, finder: Finder, typed: Paper, *, offline: bool) -> None:
        self.failures: list[str] = []
        self.warnings: list[str] = []
        self.alone = False  # one reference, and no library
        self._app = app
        self._finder = finder
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
        return Wanted(title, partial(self._finder.titled, title))

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
            yield Wanted(written, partial(self._finder.at, reference.value))
        else:
            yield Wanted(written, partial(self._finder.identified, reference))

    def _file(self, written: str) -> Iterator[Wanted]:
        place = Path(written).expanduser()
        if is_pdf_file(place):
            yield Wanted(written, partial(self._finder.pdf_file, place))
        else:
            yield from self._library(bytes_of(place), place.name)

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
        from carrel.metadata import library

        papers, problems = library.read(data, name)
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
