"""A note's text as plain Markdown for the site: every link resolved within the edition, comments gone.

A link that leads nowhere in the edition reads the same whether its target is hidden, misspelt or not written
yet: the label stays, because it is the author's own text; a bare target becomes `UNSHARED`, because it may be
the name of a hidden note. Only in the author's own edition, where nothing is hidden, does it stay as written.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.names import fold
from carrel.core.note import Citation, Heading, Link, LinkForm, Note, Visibility
from carrel.publish.edition import IMAGES, Edition, relative_url
from carrel.publish.labels import byline, label, literal, size, written, year_of

if TYPE_CHECKING:
    from carrel.core.graph import Pointer, Target

#: What stands for the bare name of something that the edition does not hold.
UNSHARED = "unshared note"
UNSHARED_PAPER = "unshared paper"
#: A page quotes at most so many embedded notes, and none that is longer (in characters); the rest are linked.
MAX_QUOTATIONS, MAX_QUOTED = 50, 20_000

_FIELD = re.compile(r"^[ \t]*(?:[-*] )?(\w[\w -]{0,40})::(?=[ \t])", re.MULTILINE)
_YEAR = re.compile(r"\d{4}")
#: A tag with attributes, and in it the value of each that names another file.
_WITH_ADDRESS = re.compile(r"<[a-zA-Z][^<>]*=[^<>]*>")
_ADDRESS = re.compile(
    r"""(?<=[\s"'/])(?:href|src|cite|poster|data)\s*=\s*(?P<value>"([^"]*)"|'([^']*)'|([^\s"'>=<`]+))""",
    re.IGNORECASE,
)
_LONGEST_TAG = 2000
_SCHEME = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#)")
_ABSOLUTE = re.compile(r"\]\(<?(/(?!/)[^\s()<>]*)")
_OPENING = re.compile(r" {0,3}#{1,6}(?=[ \t]|$)")


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A link or citation that leads nowhere in the edition: where it stands (1-based line), what it names, and why.

    `hidden` says that its target exists and is kept from the audience, as its writer wants it.
    """

    path: str
    line: int
    target: str
    pointer: Pointer | None = field(default=None, compare=False, repr=False)
    reason: str = "leads nowhere"
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.target} {self.reason}"


@dataclass(slots=True)
class Findings:
    """What rewriting met: links that lead nowhere, and the attachments that pages show or link.

    `assets` maps an attachment to the place, as (path, line), that first named it.
    """

    unresolved: list[Unresolved] = field(default_factory=list)
    assets: dict[str, tuple[str, int]] = field(default_factory=dict)


class Rewriter:
    """One note, rewritten for the page at `place` of the stage.

    With `links=False` it gives the words alone; `embedded` is a quotation on another note's page.
    """

    def __init__(
        self,
        edition: Edition,
        note: Note,
        place: str,
        findings: Findings,
        *,
        links: bool = True,
        embedded: bool = False,
    ) -> None:
        self.edition, self.note, self.place, self.findings = edition, note, place, findings
        self.links, self.embedded = links, embedded
        self._quotations = 0
        self._newlines: list[int] | None = None
        self._code = _Spans(note.markup.code)
        self._opaque = _Spans(sorted((*note.markup.code, *note.markup.comments)))
        self._labels = _Spans([(link.start, link.end) for link in note.markup.links if link.form is LinkForm.INLINE])

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The part of the body from `start` to `end`, rewritten.

        Headings carry their anchor as `{: #slug }`, which Python-Markdown's attribute lists read as well as ours.
        """
        body, position = self.note.body, start
        parts: list[str] = []
        end = len(body) if end is None else end
        for begin, stop, new in sorted(self._edits(start, end), key=lambda edit: edit[:2]):
            if begin < position and stop <= position:
                continue  # inside something that is already replaced
            parts += (body[position:begin], new)
            position = max(position, min(stop, end))
        parts.append(body[position:end])
        return "".join(parts)

    def check_relations(self) -> None:
        """Report the front matter's links that lead nowhere, with those of the text."""
        for relation in self.note.relations:
            if self.edition.graph.resolve(self.note.path, relation) is None:
                self._report(relation.line, written(relation), relation)

    def _edits(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """What to replace between `start` and `end`: (from, to, new text). What only reaches in is replaced whole."""
        markup = self.note.markup
        for begin, stop in markup.comments:
            if begin < end and stop > start:
                yield begin, stop, ""
        for link in markup.links:
            if link.start < end and link.end > start:
                yield from self._link(link)
        for citation in markup.citations:
            if citation.start < end and citation.end > start:
                yield from self._citation(citation)
        for found in _FIELD.finditer(self.note.body, start, end):
            if not self._code.hold(found.start(1)):  # a field as Dataview writes it, `project:: probes`
                if self.links and not self.embedded:
                    stop = self._line_end(found.end())
                    yield found.start(1), found.end(), f'<span class="carrel-field"><span>{found[1]}</span>'
                    yield stop, stop, "</span>"
                else:
                    yield found.start(1), found.end(), f"*{literal(found[1])}:*"
        yield from self._html(start, end)
        if not self.links:
            return
        for found in _ABSOLUTE.finditer(self.note.body, start, end):  # rendering drops it
            if not self._opaque.hold(found.start()):
                self._report(self._line_of(found.start()), found[1])
        for tag in markup.tags:
            if start <= tag.start < end and tag.name in self.edition.tags and not self._labels.hold(tag.start):
                url = relative_url(self.place, self.edition.tags[tag.name])
                yield tag.start, tag.end, f"[{literal('#' + tag.name)}]({url})"
        for heading in markup.headings:
            if start <= heading.start < end:
                yield from self._heading(heading)
        for block, line in markup.blocks.items():
            if start <= line < end:
                yield from self._block(block, line)

    # --- links --------------------------------------------------------------------------------------------------

    def _link(self, link: Link) -> Iterator[tuple[int, int, str]]:
        if link.form is LinkForm.DEFINITION and not self._is_definition(link):
            return
        target = self.edition.graph.resolve(self.note.path, link)
        if target is None or target.missing:
            self._report(link.line, written(link), link)
        self._carry(link.line, target)
        url = self.edition.url(self.place, target) if target and self.links else ""
        if link.form is LinkForm.WIKI:
            yield link.start, link.end, self._wiki(link, target, url)
        elif link.form is LinkForm.DEFINITION:
            yield link.start, link.end, f"[{link.label}]: {url}" if url else ""
        else:
            middle = link.start + 1 + link.embed + len(link.label)
            if not url:
                yield link.start, link.start + 1 + link.embed, ""
            yield middle, link.end, f"]({url})" if url else ""

    def _html(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The addresses in HTML tags, resolved like those of links. Among words alone, no tag remains."""
        body = self.note.body
        first = body.rfind("<", max(0, start - _LONGEST_TAG), start)
        for tag in _WITH_ADDRESS.finditer(body, first if first >= 0 else start, end + _LONGEST_TAG):
            if tag.start() >= end:
                return
            if tag.end() <= start or self._opaque.hold(tag.start()):
                continue
            if not self.links:
                yield tag.start(), tag.end(), ""
                continue
            for found in _ADDRESS.finditer(body, tag.start(), tag.end()):
                address = unescape(found[2] or found[3] or found[4] or "")
                if address and not _SCHEME.match(address):
                    begin = found.start("value")
                    yield begin, found.end(), self._address(begin, address)

    def _address(self, offset: int, address: str) -> str:
        """What stands for the relative address of an HTML attribute, quoted; an empty one when it leads nowhere."""
        path, _, fragment = address.partition("#")
        link = Link(unquote(path), unquote(fragment), form=LinkForm.INLINE, line=self._line_of(offset))
        target = self.edition.graph.resolve(self.note.path, link)
        if target is None and path.endswith(".html"):
            page = replace(link, target=link.target.removesuffix(".html") + ".md")
            target = self.edition.graph.resolve(self.note.path, page)
        if target is None or target.missing:
            self._report(link.line, written(link), link)
        self._carry(link.line, target)
        return f'"{escape(self.edition.url(self.place, target))}"' if target else '""'

    def _is_definition(self, link: Link) -> bool:
        """Whether nothing else stands on the line: `[Update]: we did it` is a sentence, `[^1]: x` a footnote."""
        return not link.label.startswith("^") and not self.note.body[link.end : self._line_end(link.end)].strip()

    def _wiki(self, link: Link, target: Target | None, url: str) -> str:
        if target is None:
            return literal(label(link) or (written(link) if self.edition.audience is Visibility.PRIVATE else UNSHARED))
        if url and link.embed and posixpath.splitext(target.path)[1].lower() in IMAGES:
            return _image(link, url)
        if url and link.embed and target.path in self.edition.by_path and self._is_quoted(link):
            return self._quotation(target, url)
        shown = literal(label(link) or self._title(link, target))
        return f"[{shown}]({url})" if url and not self._labels.hold(link.start) else shown

    def _title(self, link: Link, target: Target) -> str:
        """What a bare wikilink shows: the target's title (or the alias by which it was called) and the heading."""
        note = self.edition.by_path.get(target.path)
        if note is None:
            return posixpath.basename(link.target)
        if target.slug and self.edition.anchor(target.path, target.slug) != target.slug:
            return self.edition.titles[note.path]  # its heading holds something hidden, and so may the fragment
        if not link.target:
            return link.fragment.lstrip("^")
        name = link.target if fold(link.target) in map(fold, note.aliases) else self.edition.titles[note.path]
        return f"{name} › {link.fragment}" if target.slug and not target.slug.startswith("^") else name

    def _is_quoted(self, link: Link) -> bool:
        """Whether an embed can be quoted where it stands: alone on its line, and not in a quotation itself."""
        body = self.note.body
        before = body[body.rfind("\n", 0, link.start) + 1 : link.start]
        alone = not before.strip() and not body[link.end : self._line_end(link.end)].strip()
        return alone and not self.embedded and self._quotations < MAX_QUOTATIONS

    def _quotation(self, target: Target, url: str) -> str:
        """The embedded note, section or block as a quotation. What it embeds itself is linked: no circles."""
        note = self.edition.by_path[target.path]
        start, end = _part(note, target)
        title = f"[{literal(self.edition.titles[note.path])}]({url})"
        if end - start > MAX_QUOTED:
            return title
        self._quotations += 1
        findings = Findings(assets=self.findings.assets)  # its loose ends are reported with its own page
        inner = Rewriter(self.edition, note, self.place, findings, embedded=True).text(start, end).strip()
        lines = (f"**{title}**", "", *inner.split("\n"))
        return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"

    # --- citations ----------------------------------------------------------------------------------------------

    def _citation(self, citation: Citation) -> Iterator[tuple[int, int, str]]:
        target = self.edition.graph.resolve(self.note.path, citation)
        if citation.group is not None:
            opened, closed = citation.group
            yield opened, opened + 1, "("
            yield closed - 1, closed, ")"
        # `@sam` outside brackets is a person; a key with a year in it can only be a paper.
        elif target is None and not _YEAR.search(citation.key):
            return
        if target is None:
            self._report(citation.line, f"@{citation.key}", citation)
            shown = f"@{citation.key}" if self.edition.audience is Visibility.PRIVATE else UNSHARED_PAPER
        else:
            shown = self._cited(citation, self.edition.by_path[target.path])
        if target and self.links and not self._labels.hold(citation.start):
            yield citation.start, citation.end, f"[{literal(shown)}]({self.edition.url(self.place, target)})"
        else:
            yield citation.start, citation.end, literal(shown)

    def _cited(self, citation: Citation, paper: Note) -> str:
        """`Elhage et al. 2022` in brackets, `Elhage et al. (2022)` in a sentence; the title of what names no author."""
        authors, year = byline(paper), year_of(paper)
        if citation.suppress_author and year:
            return year
        if not authors:
            return self.edition.titles[paper.path]
        return f"{authors} {year}".strip() if citation.group or not year else f"{authors} ({year})"

    # --- anchors ------------------------------------------------------------------------------------------------

    def _heading(self, heading: Heading) -> Iterator[tuple[int, int, str]]:
        """`## Text {: #slug }`, also for an underlined heading, of which Python-Markdown knows fewer forms."""
        body, start, end = self.note.body, heading.start, self._line_end(heading.start)
        line = body[start:end]
        marks = _OPENING.match(line)
        begin = marks.end() if marks else 0
        begin += len(line) - begin - len(line[begin:].lstrip())
        shown = line.rstrip(" \t")
        if shown.rstrip("#").endswith((" ", "\t")):  # hashes at the end close a heading and are not its text
            shown = shown.rstrip("#").rstrip(" \t")
        stop = max(begin, len(shown))
        anchor = self.edition.anchor(self.note.path, heading.slug)
        before, after = ("**", "**") if self.embedded else ("#" * heading.level + " ", f" {{: #{anchor} }}")
        yield start, start + begin, before if marks else "\n" + before
        yield start + stop, end if marks else self._line_end(end + 1), after

    def _block(self, block: str, line: int) -> Iterator[tuple[int, int, str]]:
        """`^id` at the end of a line becomes an anchor that is not seen."""
        found = self.note.body.rfind(f"^{block}", line, self._line_end(line))
        if found >= 0:
            yield found, found + len(block) + 1, "" if self.embedded else f'<span id="^{escape(block)}"></span>'

    def _line_end(self, offset: int) -> int:
        end = self.note.body.find("\n", offset)
        return len(self.note.body) if end < 0 else end

    def _line_of(self, offset: int) -> int:
        if self._newlines is None:
            self._newlines = [found.start() for found in re.finditer("\n", self.note.body)]
        return self.note.body_line + bisect_right(self._newlines, offset - 1)

    def _carry(self, line: int, target: Target | None) -> None:
        """An attachment that the page shows or links goes with it."""
        if target is not None and self.links and target.path not in self.edition.by_path:
            self.findings.assets.setdefault(target.path, (self.note.path, line))

    def _report(self, line: int, target: str, pointer: Pointer | None = None) -> None:
        self.findings.unresolved.append(Unresolved(self.note.path, line, target, pointer))


class _Spans:
    """Spans of a text, for asking whether an offset lies within one."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            if not self._ends or end > self._ends[-1]:  # the others lie within one that is known
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, offset: int) -> bool:
        """Whether `offset` lies within a span; where one begins does not count."""
        found = bisect_right(self._starts, offset - 1) - 1
        return found >= 0 and offset < self._ends[found]


def _part(note: Note, target: Target) -> tuple[int, int]:
    """The span of the body that `target` names: all of it, a heading's section, or a block's line."""
    if target.slug.startswith("^"):
        start = note.markup.blocks[target.slug[1:]]
        end = note.body.find("\n", start)
        return start, len(note.body) if end < 0 else end
    headings = note.markup.headings
    for number, heading in enumerate(headings):
        if target.slug and heading.slug == target.slug:
            after = (other.start for other in headings[number + 1 :] if other.level <= heading.level)
            return heading.start, next(after, len(note.body))
    return 0, len(note.body)


def _image(link: Link, url: str) -> str:
    """An embedded image, of the size that its author chose."""
    name = posixpath.basename(link.target)
    width, height = size(link)
    if not width:
        return f"![{literal(link.label or name)}]({url})"
    height = f' height="{height}"' if height else ""
    return f'<img src="{escape(url)}" alt="{escape(name)}" width="{width}"{height}>'
