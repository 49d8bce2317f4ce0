"""The units that a reader of the site finds: an entry of a log day, or a page.

They are read from staged pages, so that the search knows nothing that the pages do not show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from html import unescape
from typing import NamedTuple, Protocol

from carrel.publish.text.words import in_line

#: What can be filtered by, in the order in which a reader is offered it.
FACETS = ("kind", "tag", "project", "person", "year")

# each begins with the characters that it can begin with: those are looked for ten times as fast as what may stand there
_HEADING = re.compile(r"\n(#{1,6}) (.*?) \{: #([^\s{}]+) \}$", re.MULTILINE)
_LINE_START = re.compile(r"\n[ \t>]*(?:[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] |#{1,6} )?")
_RULE = re.compile(r"\n[ \t]*+[-*_=~`|:+ ]{3,}+\w*$", re.MULTILINE)
_ROW = re.compile(r"\n[ \t]*\|.*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_LINK = re.compile(r"(?:!\[|\[)([^\[\]]*)\]\((?:<[^<>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?: \"[^\"]*\")?\)")
_EMPHASIS = re.compile(
    r"([*_~=](?<![\w\\].)(?:(?<=\*)\*{0,2}|(?<=_)_{0,2}|(?<=~)~|(?<==)=))(?=\S)(.{1,400}?)(?<=\S)\1(?!\w)"
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


class Section(NamedTuple):
    """Text below a heading. `anchor` is "" for what stands above the first one."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the stage, as the search needs it.

    `address` is relative to the site's root. `markdown` is its text without the title. `entries` are the anchors of
    those sections that are found by themselves. `facets` maps a name of `FACETS` to the page's values, `entry_facets`
    an anchor to an entry's own.
    """

    address: str
    title: str
    kind: str
    date: str
    markdown: str
    facets: Mapping[str, tuple[str, ...]]
    entries: tuple[str, ...] = ()
    entry_facets: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None
    #: What finds the page and stands in no snippet: authors, identifiers, citation key, venue.
    also: str = ""

    @property
    def digest(self) -> bytes:
        """Sixteen bytes that change with anything of the page."""
        said = (self.address, self.title, self.kind, self.date, self.markdown, self.also)
        written = json.dumps((said, self.facets, self.entries, self.entry_facets), sort_keys=True)
        return blake2b(written.encode(), digest_size=16).digest()

    def read(self) -> Page:
        """The page itself; of one that is not in memory, what reads it."""
        return self


class Findable(Protocol):
    """A page for the search, which need not be in memory."""

    @property
    def address(self) -> str:
        """As that of the page."""

    @property
    def digest(self) -> bytes:
        """As that of the page."""

    def read(self) -> Page:
        """The page."""


class Unit(NamedTuple):
    """What one hit shows: address, title, kind, day (ISO, "" for none), its sections and what it is filtered by."""

    address: str
    title: str
    kind: str
    date: str
    sections: tuple[Section, ...]
    facets: tuple[tuple[str, str], ...]
    also: str = ""

    @property
    def people(self) -> str:
        """The first of its people, as a hit shows them."""
        names = [value for name, value in self.facets if name == "person"]
        return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


#: Characters of a unit's text from which on a long page is cut at its next heading, or at the next blank.
LONG = 6000


def units(page: Page) -> Iterator[Unit]:
    """The units of a page, in the order of its text; a log day's own text comes first, if it has any."""
    found = list(sections(page.markdown))
    entries: list[list[Section]] = []
    own: list[Section] = []
    for level, section in found:
        if section.anchor in page.entries:
            entries.append([section])
        elif entries and level > 2:
            entries[-1].append(section)
        else:
            own.append(section)
    if not entries or any(section.text for section in own):
        for part in _parts(own):
            yield Unit(page.address, page.title, page.kind, page.date, part, _facets(page, ""), page.also)
    for entry in entries:
        anchor, heading, text = entry[0]
        for part in _parts([Section(anchor, "", text), *entry[1:]]):
            yield Unit(page.address, heading or page.title, page.kind, page.date, part, _facets(page, anchor))


def _parts(sections: list[Section]) -> Iterator[tuple[Section, ...]]:
    """The sections in parts of about `LONG` characters: a hit shows its words, and loads no book for it."""
    part: list[Section] = []
    size = 0
    for anchor, heading, text in sections:
        while text or heading:
            end = len(text) if len(text) <= LONG else text.rfind(" ", 1, LONG) + 1 or LONG
            if part and size + end > LONG:
                yield tuple(part)
                part, size = [], 0
            part.append(Section(anchor, heading, text[:end]))
            size, text, heading = size + end, text[end:], ""
    if part or not any(text or heading for _, heading, text in sections):
        yield tuple(part)


def sections(markdown: str) -> Iterator[tuple[int, Section]]:
    """The sections of a staged page, each with its heading's level, 0 for what stands above the first one."""
    level, anchor, heading, start = 0, "", "", 0
    text = f"\n{markdown}"
    for match in _HEADING.finditer(text):
        yield level, Section(anchor, heading, plain(text[start : match.start()]))
        level, anchor, heading, start = len(match[1]), match[3], plain(match[2]), match.end()
    yield level, Section(anchor, heading, plain(text[start:]))


def plain(markdown: str) -> str:
    """Staged Markdown as the words that its page shows, on one line.

    >>> plain("- **Loss** of [the SAE](sae.md) with `top_k`,\\n- see ~~this~~")
    'Loss of the SAE with top_k, see this'
    >>> plain("It works^[as [Elhage](e.md) says], or not[^1]")
    'It works (as Elhage says), or not'
    >>> plain("| layer | loss |\\n|-------|------|\\n| 12 | 0.91 |")
    'layer loss 12 0.91'
    """
    text = in_line(_LINE_START.sub("\n", _RULE.sub("\n", f"\n{markdown}")))
    if "|" in text:
        text = _ROW.sub(lambda row: row[0].replace("|", " "), text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "](" in text:  # a picture in a link
        text = _LINK.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "*" in text or "_" in text or "~~" in text or "==" in text:
        text = _EMPHASIS.sub(r"\2", text)
    if "`" in text:
        text = text.replace("`", "")
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split())


def _facets(page: Page, anchor: str) -> tuple[tuple[str, str], ...]:
    own = (page.entry_facets or {}).get(anchor, {})
    return tuple(dict.fromkeys(_pairs(page.facets, own)))


def _pairs(*several: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    for facets in several:
        for name in FACETS:
            yield from ((name, value) for value in facets.get(name, ()))
