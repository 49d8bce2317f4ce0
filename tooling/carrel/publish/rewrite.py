"""A note's text as plain Markdown for the site: every link resolved within the edition, comments gone.

A link that leads nowhere in the edition reads the same whether its target is hidden, misspelt or not written
yet: the label stays, because it is the author's own text; a bare target becomes `UNSHARED`, because it may be
the name of a hidden note. Only in the author's own edition, where nothing is hidden, does it stay as written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from carrel.core.graph import LinkGraph
from carrel.core.markdown import plain
from carrel.core.names import fold
from carrel.core.note import Citation, Heading, Link, LinkForm, Note, Visibility
from carrel.publish.edition import IMAGES, Edition, relative_url

if TYPE_CHECKING:
    from carrel.core.graph import Pointer, Target

#: What stands for the bare name of something that the edition does not hold.
UNSHARED = "unshared note"
UNSHARED_PAPER = "unshared paper"

_SPECIAL = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]()<>&~^=$|#!@"})
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A link or citation that leads nowhere in the edition: where it stands (1-based line) and what it names."""

    path: str
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.target}"


def markdown(edition: Edition, note: Note, unresolved: list[Unresolved]) -> str:
    """The body of `note` as its page shows it; what leads nowhere is added to `unresolved`.

    Headings carry their anchor as `{: #slug }`, which Python-Markdown's attribute lists and ours both read.
    """
    return _Rewriter(edition, note, edition.place(note.path), unresolved).text(0, len(note.body))


def excerpt(edition: Edition, note: Note, pointer: Pointer, width: int = 160) -> str:
    """The words around a link or citation of `note`, as plain text of about `width` characters."""
    body = note.body
    start = max(body.rfind("\n", 0, pointer.start) + 1, pointer.start - 2 * width)
    end = body.find("\n", pointer.end)
    end = min(len(body) if end < 0 else end, pointer.end + 2 * width)
    rewriter = _Rewriter(edition, note, edition.place(note.path), [], links=False)
    before = _words(rewriter.text(start, pointer.start))
    middle = _words(rewriter.text(pointer.start, pointer.end))
    after = _words(rewriter.text(pointer.end, end))
    room = max(width - len(middle), 0)
    if len(before) > room // 2 and len(before) + len(after) > room:
        keep = max(room // 2, room - len(after))
        before = "…" + before[len(before) - keep :].partition(" ")[2]
    if len(before) + len(after) > room:
        after = after[: max(room - len(before), 0)].rpartition(" ")[0] + "…"
    return _BLANKS.sub(" ", before + middle + after).strip()


def summary(edition: Edition, note: Note, start: int, end: int, width: int = 200) -> str:
    """The first words of a part of `note`, as plain text of at most `width` characters."""
    text = _words(_Rewriter(edition, note, edition.place(note.path), [], links=False).text(start, min(end, start + 8 * width)))
    text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= width else text[:width].rpartition(" ")[0] + "…"


def literal(text: str) -> str:
    """`text` as Markdown that shows exactly these characters.

    >>> literal("C* [x] <b>")
    'C&#42; &#91;x&#93; &#60;b&#62;'
    """
    return text.translate(_SPECIAL)


def byline(note: Note) -> str:
    """Who wrote a paper, as a citation names them: one family name, two, or one and "et al.".

    >>> byline(Note("papers/x.md", "X", authors=("Nelson Elhage", "Olah, Chris", "Neel Nanda")))
    'Elhage et al.'
    """
    families = [author.partition(",")[0] if "," in author else author.split()[-1] for author in note.authors if author.split()]
    if not families:
        return ""
    return f"{families[0]} et al." if len(families) > 2 else " and ".join(families)


def year_of(note: Note) -> str:
    """The year of a paper as its front matter says, or ""."""
    year = note.metadata.get("year", "")
    return year if isinstance(year, str) else ""


class _Rewriter:
    """One note, rewritten for the page `place`. `links=False` gives the words alone, `embedded` a quotation."""

    def __init__(
        self, edition: Edition, note: Note, place: str, unresolved: list[Unresolved], *, links: bool = True, embedded: bool = False
    ) -> None:
        self.edition, self.note, self.place, self.unresolved = edition, note, place, unresolved
        self.links, self.embedded = links, embedded
        self.open = edition.audience is Visibility.PRIVATE

    def text(self, start: int, end: int) -> str:
        """The part of the body from `start` to `end`, rewritten."""
        body, parts, position = self.note.body, [], start
        for begin, stop, new in sorted(self._edits(start, end), key=lambda edit: edit[:2]):
            if begin < position or stop > end:
                continue  # inside something that is already replaced
            parts += (body[position:begin], new)
            position = stop
        parts.append(body[position:end])
        return "".join(parts)

    def _edits(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """What to replace between `start` and `end`: (from, to, new text)."""
        markup = self.note.markup
        for begin, stop in markup.comments:
            if begin < end and stop > start:
                yield max(begin, start), min(stop, end), ""
        labels = [(link.start, link.end) for link in markup.links if link.form is LinkForm.INLINE]
        for link in markup.links:
            if start <= link.start < end:
                yield from self._link(link, _within(link.start, labels))
        for citation in markup.citations:
            if start <= citation.start < end:
                yield from self._citation(citation, _within(citation.start, labels))
        for tag in markup.tags:
            if self.links and start <= tag.start < end and not _within(tag.start, labels) and tag.name in self.edition.tags:
                url = relative_url(self.place, self.edition.tags[tag.name])
                yield tag.start, tag.end, f"[{literal('#' + tag.name)}]({url})"
        if self.links:
            for heading in markup.headings:
                if start <= heading.start < end:
                    yield from self._heading(heading)
            for block, line in markup.blocks.items():
                if start <= line < end:
                    yield from self._block(block, line)

    # --- links --------------------------------------------------------------------------------------------------

    def _link(self, link: Link, inside: bool) -> Iterator[tuple[int, int, str]]:
        if link.form is LinkForm.DEFINITION and not self._is_definition(link):
            return
        target = self.edition.graph.resolve(self.note.path, link)
        if target is None or target.missing:
            self._report(link.line, link.target + (f"#{link.fragment}" if link.fragment else ""))
        if link.form is LinkForm.WIKI:
            yield link.start, link.end, self._wiki(link, target, inside)
        elif link.form is LinkForm.DEFINITION:
            url = self.edition.url(self.place, target) if target else ""
            yield link.start, link.end, f"[{link.label}]: {url}" if target and self.links else ""
        else:
            middle = link.start + 1 + link.embed + len(link.label)
            if target and self.links:
                yield middle, link.end, f"]({self.edition.url(self.place, target)})"
            else:
                yield link.start, link.start + 1 + link.embed, ""
                yield middle, link.end, ""

    def _is_definition(self, link: Link) -> bool:
        """Whether nothing else stands on the line: `[Update]: we did it` is a sentence, `[^1]: x` a footnote."""
        stop = self.note.body.find("\n", link.end)
        rest = self.note.body[link.end : stop if stop >= 0 else len(self.note.body)]
        return not rest.strip() and not link.label.startswith("^")

    def _wiki(self, link: Link, target: Target | None, inside: bool) -> str:
        if target is None:
            written = link.target + (f"#{link.fragment}" if link.fragment else "")
            size = link.embed and _is_size(link.label)
            return literal(link.label if link.label and not size else written if self.open else UNSHARED)
        url = self.edition.url(self.place, target)
        extension = posixpath.splitext(target.path)[1].lower()
        if link.embed and self.links and extension in IMAGES:
            return _image(link, url)
        if link.embed and self.links and not self.embedded and target.path in self.edition.by_path and self._alone(link):
            return self._quotation(target, url)
        label = link.label or title(self.edition.graph, self.edition.by_path, link, target)
        return f"[{literal(label)}]({url})" if self.links and not inside else literal(label)

    def _alone(self, link: Link) -> bool:
        """Whether the link is a paragraph's whole line: then what it embeds can stand there."""
        body = self.note.body
        stop = body.find("\n", link.end)
        before = body[body.rfind("\n", 0, link.start) + 1 : link.start]
        return not (before + body[link.end : stop if stop >= 0 else len(body)]).strip()

    def _quotation(self, target: Target, url: str) -> str:
        """The embedded note, section or block as a quotation. What it embeds itself is linked: no circles."""
        note = self.edition.by_path[target.path]
        start, end = _part(note, target)
        inner = _Rewriter(self.edition, note, self.place, [], embedded=True).text(start, end).strip()
        lines = [f"**[{literal(note.title)}]({url})**", "", *inner.split("\n")]
        return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"

    # --- citations ----------------------------------------------------------------------------------------------

    def _citation(self, citation: Citation, inside: bool) -> Iterator[tuple[int, int, str]]:
        target = self.edition.graph.resolve(self.note.path, citation)
        if citation.group is not None:
            opened, closed = citation.group
            yield opened, opened + 1, "("
            yield closed - 1, closed, ")"
        if target is None:
            # `@sam` outside brackets is a person; a key with a year in it can only be a paper.
            if citation.group is None and not re.search(r"\d{4}", citation.key):
                return
            self._report(citation.line, f"@{citation.key}")
            yield citation.start, citation.end, literal(f"@{citation.key}" if self.open else UNSHARED_PAPER)
            return
        label = self._cited(citation, self.edition.by_path.get(target.path))
        linked = self.links and not inside
        yield citation.start, citation.end, f"[{literal(label)}]({self.edition.url(self.place, target)})" if linked else literal(label)

    def _cited(self, citation: Citation, paper: Note | None) -> str:
        """`Elhage et al. 2022` in brackets, `Elhage et al. (2022)` in a sentence; the key where a paper says neither."""
        if paper is None or not paper.authors:
            return citation.key
        year = year_of(paper)
        if citation.suppress_author:
            return year or byline(paper)
        return f"{byline(paper)} {year}".strip() if citation.group or not year else f"{byline(paper)} ({year})"

    # --- anchors ------------------------------------------------------------------------------------------------

    def _heading(self, heading: Heading) -> Iterator[tuple[int, int, str]]:
        """`## Text {: #slug }`, also from an underlined heading, which Python-Markdown reads less often."""
        body, start = self.note.body, heading.start
        end = body.find("\n", start)
        end = len(body) if end < 0 else end
        line = body[start:end]
        marks = re.match(r" {0,3}#{1,6}(?=[ \t]|$)", line)
        text = start + (marks.end() if marks else len(line) - len(line.lstrip()))
        tail = re.search(r"(?:[ \t]+#+)?[ \t]*$", body[text:end])
        stop = text + tail.start() if tail else end
        opening, closing = ("**", "**") if self.embedded else ("#" * heading.level + " ", f" {{: #{heading.slug} }}")
        while text < stop and body[text] in " \t":
            text += 1
        if not marks:
            opening = "\n" + opening
            below = body.find("\n", end + 1)
            end = len(body) if below < 0 else below
        yield start, text, opening
        yield stop, end, closing

    def _block(self, block: str, line: int) -> Iterator[tuple[int, int, str]]:
        """`^id` at the end of a line becomes an invisible anchor."""
        end = self.note.body.find("\n", line)
        found = self.note.body.rfind(f"^{block}", line, end if end >= 0 else len(self.note.body))
        if found >= 0:
            anchor = "" if self.embedded else f'<span id="^{escape(block)}"></span>'
            yield found, found + len(block) + 1, anchor

    def _report(self, line: int, target: str) -> None:
        self.unresolved.append(Unresolved(self.note.path, line, target))


def title(graph: LinkGraph, notes: object, link: Link, target: Target) -> str:
    """What a wikilink without a label shows: the target's title, or the alias by which it was called."""
    del graph
    note = notes.get(target.path) if isinstance(notes, dict) else None
    if note is None:
        return link.target
    if not link.target:
        return link.fragment.lstrip("^#")
    called = link.target if fold(link.target) in {fold(alias) for alias in note.aliases} else note.title
    return f"{called} › {link.fragment}" if link.fragment and not link.fragment.startswith("^") else str(called)


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
    """An embedded image; `|300` and `|300x200` are its size, as in Obsidian."""
    if not _is_size(link.label):
        return f"![{literal(link.label or posixpath.basename(link.target))}]({url})"
    width, _, height = link.label.partition("x")
    size = f' width="{width}"' + (f' height="{height}"' if height else "")
    return f'<img src="{escape(url)}" alt="{escape(posixpath.basename(link.target))}"{size}>'


def _is_size(label: str) -> bool:
    return re.fullmatch(r"\d{1,4}(?:x\d{1,4})?", label) is not None


def _within(offset: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < offset < end for start, end in spans)


def _words(text: str) -> str:
    """Rewritten Markdown as the words that it shows."""
    from html import unescape

    lines = (re.sub(r"^[ \t>]*(?:[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] |#{1,6} )?", "", line) for line in text.split("\n"))
    return unescape(plain(" ".join(lines)) if text else "")
