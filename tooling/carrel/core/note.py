"""The values that a note is made of. They are what every other part of Carrel talks about.

Paths are strings: POSIX, relative to the knowledge base's root (`notes/2026/2026-11-20.md`). Such a path is
a note's identity everywhere: in the index, in links, on the command line and on the site.
Lines are counted from 1 in the file; offsets (`start`, `end`) are in characters of `Note.body`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from carrel.core.names import stays_private, unlinked

#: A front-matter value: strings first, so that an arXiv id never becomes a float.
Value: TypeAlias = "str | tuple[Value, ...] | Mapping[str, Value]"

KINDS = ("log", "note", "paper", "experiment", "project", "question", "idea", "meeting", "digest")


class Visibility(StrEnum):
    """Who may read a note. Each audience reads its own level and every wider one."""

    PRIVATE = "private"
    LAB = "lab"
    PUBLIC = "public"

    def visible_to(self, audience: Visibility) -> bool:
        """Whether a note of this visibility may be shown to `audience`.

        >>> Visibility.LAB.visible_to(Visibility.PRIVATE), Visibility.LAB.visible_to(Visibility.PUBLIC)
        (True, False)
        """
        order = (Visibility.PRIVATE, Visibility.LAB, Visibility.PUBLIC)
        return order.index(self) >= order.index(audience)


class Stamp(NamedTuple):
    """What tells cheaply that a file may have changed: nanoseconds twice, bytes, inode number.

    A program can set back the time of writing (`cp -p`, `tar`, a restored backup), but not that of the last change.
    """

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a note, found while reading it. `line` is 1-based; `code` is stable for filters."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.code}]"


class LinkForm(StrEnum):
    """How a link is written: `[[wiki]]`, `[label](inline.md)`, or a definition `[label]: target.md`."""

    WIKI = "wiki"
    INLINE = "inline"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class Link:
    """A wikilink `[[target#fragment|label]]`, an embed `![[…]]`, or a relative link `[label](target.md#…)`.

    Links to other hosts are not notes' business and are not listed. `start`/`end` enclose all of it, with the `!`.
    `target` is as written (percent-decoded for Markdown links), without the fragment, and "" for a link inside
    its own note. `fragment` is a heading's
    text, or a block id with its caret (`^id`), or "". `label` is "" where none is written.
    """

    target: str
    fragment: str = ""
    label: str = ""
    embed: bool = False
    form: LinkForm = LinkForm.WIKI
    line: int = 1
    start: int = 0
    end: int = 0

    @property
    def wiki(self) -> bool:
        """Whether it is written `[[so]]`."""
        return self.form is LinkForm.WIKI

    @property
    def private(self) -> bool:
        """Whether it names a file for its writer's eyes alone, which may be on no other machine than theirs.

        >>> Link("2026-11-20.private").private, Link("../output.private.txt").private, Link("private").private
        (True, True, False)
        """
        return stays_private(f"{self.target}.")  # of a note, a wikilink leaves out the last ending


# These three are tuples: notes hold many, and a frozen dataclass takes thrice as long to make.
class Citation(NamedTuple):
    """One `@key` in a note, alone or in brackets as pandoc writes them: `[see @a, p. 3; -@b]`.

    `start`/`end` enclose the `@key` (and its `-`); `group` is the span of the bracketed group, or None.
    `locator` is what follows the comma, `p. 3`; `@key [p. 3]` outside of a group has it in the span `bracket`.
    `labelled` says that it stands in the label of a link, also of one to another host, and so can be none itself.
    """

    key: str
    locator: str = ""
    suppress_author: bool = False
    line: int = 1
    start: int = 0
    end: int = 0
    group: tuple[int, int] | None = None
    bracket: tuple[int, int] | None = None
    labelled: bool = False


class Tag(NamedTuple):
    """An inline `#tag` in the text of a note; `name` has no `#`."""

    name: str
    line: int
    start: int
    end: int


class Heading(NamedTuple):
    """A heading. `slug` is its anchor, unique within the note; `start` is where its line begins in the body."""

    level: int
    text: str
    slug: str
    line: int
    start: int


@dataclass(frozen=True, slots=True)
class Markup:
    """What a scan of a note's body found, each with its place. Code, math and comments hold no links or tags.

    `comments` are spans of `<!-- … -->`, `%% … %%`, query blocks and their tables (`core.query_block`); `blocks` maps
    a block id (`^id`, without the caret) to the offset of the line that it ends; `code` are spans of fenced, indented
    and inline code, and of math.
    """

    links: tuple[Link, ...] = ()
    citations: tuple[Citation, ...] = ()
    tags: tuple[Tag, ...] = ()
    headings: tuple[Heading, ...] = ()
    blocks: Mapping[str, int] = field(default_factory=dict)
    comments: tuple[tuple[int, int], ...] = ()
    code: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One `## HH:MM Title` section of a log day: the unit of search, links and lists.

    `anchor` is the heading's text as a wikilink names it (`14:32 Loss spikes`), `slug` its anchor on the site,
    `text` the section without its heading line. `start`/`end` enclose heading and text in the body.
    `fields` are its `key:: value` lines, keys in lower case.
    """

    time: time
    title: str
    anchor: str
    slug: str
    line: int
    start: int
    end: int
    text: str
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def project(self) -> str:
        """The entry's own project, from a `project:: name` line; the day's counts where this is ""."""
        return unlinked(self.fields.get("project", ""))


@dataclass(frozen=True, slots=True)
class Note:
    """One Markdown file as it was read. It exists whatever is wrong with it: see `problems`.

    `metadata` is the whole front matter, with the user's own keys; the fields above it are our schema's, typed.
    `body` is the text after the front matter with newlines as `\\n`; `body_line` the file line where it begins.
    `relations` are the wikilinks in front-matter values (`advances: "[[question]]"`); their offsets mean nothing.
    `digest` identifies the bytes that were read. A note with any problem of its front matter or bytes is PRIVATE.
    """

    path: str
    title: str
    kind: str = "note"
    date: date | None = None
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    project: str = ""
    authors: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    metadata: Mapping[str, Value] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    markup: Markup = field(default_factory=Markup)
    relations: tuple[Link, ...] = ()
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""

    @property
    def size(self) -> int:
        """The characters of its text."""
        return len(self.body)

    @property
    def name(self) -> str:
        """The file's name without its extension: what a wikilink usually says.

        >>> Note("papers/elhage2022toy.md", "Toy models").name
        'elhage2022toy'
        """
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def conflicted(self) -> bool:
        """Whether it holds both sides of a conflict, or is a sync tool's copy: what it says is not decided yet."""
        return any(problem.code == "conflict" for problem in self.problems)


def writers(note: Note) -> tuple[str, ...]:
    """Who wrote a note. A paper's authors wrote the paper; of its note they are told who is its `summariser`."""
    if note.kind != "paper":
        return note.authors
    named = note.metadata.get("summariser", ())
    return tuple(name for name in ((named,) if isinstance(named, str) else named) if isinstance(name, str) and name)
