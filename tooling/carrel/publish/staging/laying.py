"""The pages of one edition on their way into the stage: each stays as it was, or is laid out and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from carrel.publish.pages.made import plain_call
from carrel.publish.search.pages import found_page
from carrel.publish.search.units import Page
from carrel.publish.staging.memory import Found, KeptFile, KeptPage, Memory
from carrel.publish.staging.reading import Reading
from carrel.publish.staging.staged import StagedPage, digest_of
from carrel.publish.staging.tree import Tree, as_bytes
from carrel.publish.text.passage import Findings

if TYPE_CHECKING:
    from carrel.publish.edition.edition import Edition
    from carrel.publish.pages.layout import LaidPage, Task
    from carrel.publish.pages.made import MadeFile
    from carrel.publish.search.units import Findable


class Laying:
    """Lays out the pages of `edition` into `tree`, but for those that `memory` knows and whose answers are the same.

    `pages` and `files` are those so far, by path; `changed` are the paths of pages that were written; `findings` is
    what was found in all of them, kept or new.
    """

    def __init__(self, edition: Edition, memory: Memory, tree: Tree) -> None:
        self._memory, self.tree = memory, tree
        try:
            altered = memory.reads.ask_again(edition)
            for kept in (memory.pages, memory.files):
                for key in [key for key, one in kept.items() if altered and not altered.isdisjoint(one.asked)]:
                    del kept[key]
        except BaseException:
            memory.forget()  # it has answers that its pages do not know of
            raise
        self._reading = Reading(edition, memory.reads)
        self._used: set[tuple[object, ...]] = set()
        self._found: dict[str, Found] = {}
        self.pages: dict[str, StagedPage] = {}
        self.files: list[str] = []
        self.changed: list[str] = []
        self.findings = Findings()

    def lay_ahead(self, task: Task) -> StagedPage:
        """A page that is to be taken in later, and stands there from now on."""
        return self._kept(task).page

    def lay(self, task: Task) -> None:
        """Take in a page."""
        kept = self._kept(task)
        self.pages[kept.page.path] = kept.page
        if kept.found is not None:
            self._found[kept.page.path] = kept.found
        self.findings.unresolved += kept.unresolved
        for path, place in kept.assets:
            self.findings.assets.setdefault(path, place)

    def write(self, made: MadeFile) -> None:
        """Take in a file that is made from notes."""
        key = (made.path, *plain_call(made.content))
        kept = self._memory.files.get(key)
        if kept is None or not self.tree.holds(made.path, kept.digest):
            data = as_bytes(made.content(self._reading))
            kept = self._memory.files[key] = KeptFile(digest_of(data), self._memory.reads.taken())
            self.tree.put(made.path, kept.digest, data)
        self._used.add(key)
        self.files.append(made.path)

    def finish(self) -> int:
        """Remove whatever else there was, on disk and in the memory. Returns how many files changed."""
        self.tree.finish()
        for kept in (self._memory.pages, self._memory.files):
            for key in kept.keys() - self._used:
                del kept[key]
        return self.tree.changed

    def found(self) -> tuple[Findable, ...]:
        """The pages that the search finds."""
        return tuple(FoundPage(self.pages[path], one) for path, one in self._found.items())

    def _kept(self, task: Task) -> KeptPage:
        kept = self._memory.pages.get(task.key)
        if kept is None or not (task.key in self._used or self.tree.holds(kept.page.path, kept.page.digest)):
            kept = self._memory.pages[task.key] = self._laid(task)
            self.changed.append(kept.page.path)
        self._used.add(task.key)
        return kept

    def _laid(self, task: Task) -> KeptPage:
        findings = Findings()
        laid = task.lay(self._reading, findings)
        found = found_page(self._reading, laid)
        short = None if found is None else _short(laid, found)
        asked = self._memory.reads.taken()
        data = as_bytes(laid.markdown)
        digest = digest_of(data)
        self.tree.put(laid.path, digest, data)
        page = StagedPage(str(self.tree.root), laid.path, laid.title, laid.meta, laid.source, digest)
        return KeptPage(page, asked, tuple(findings.unresolved), tuple(findings.assets.items()), short)


class FoundPage(NamedTuple):
    """A page of the stage, as the search is given it."""

    page: StagedPage
    kept: Found

    @property
    def address(self) -> str:
        """Where the page is on the site, relative to its root."""
        return self.page.path.removesuffix(".md") + ".html"

    @property
    def digest(self) -> bytes:
        """What changes with anything that the search reads of it."""
        return self.kept.digest

    def read(self) -> Page:
        """The page. Raises `StageChanged`."""
        title, kind, date, facets, entries, entry_facets, also = json.loads(self.kept.said)
        markdown = self.page.text[self.kept.start : self.kept.end]
        return Page(self.address, title, kind, date, markdown, facets, tuple(entries), entry_facets, also)


def _short(laid: LaidPage, found: Page) -> Found:
    said = (found.title, found.kind, found.date, found.facets, found.entries, found.entry_facets, found.also)
    start = laid.own_at
    return Found(found.digest, json.dumps(said).encode(), start, start + len(laid.own))
