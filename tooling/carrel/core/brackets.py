"""Brackets in a note: wikilinks, Markdown links, and citations alone or in groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from carrel.core.note import Citation, Link, LinkForm

if TYPE_CHECKING:
    from carrel.core.text import Text

_WIKI = re.compile(r"([^\[\]\n|#]*)(?:#([^\[\]\n|]*))?(?:\|([^\[\]\n]*))?\]\]")
_DESTINATION = re.compile(
    r"\][(:][ \t]*(?:<([^<>\n]*)>|([^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))"
    r"(?:[ \t\n]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*(\)?)"
)
_ELSEWHERE = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|/|#?\Z)")
#: A citation by its key. As in pandoc, punctuation may stand inside of it, one at a time, but not at its end:
#: https://pandoc.org/MANUAL.html
CITATION = r"@\w(?:\w|[:.#$%&+?<>~/-](?=\w)){0,200}+"
_CITATION_KEY = re.compile(rf"@\{{([^{{}}\n]{{1,200}})\}}|{CITATION}")
# `@key [p. 3]`: where in the work it is. A bracket with more in it is a link, a footnote or a group of its own.
_AFTER_CITATION = re.compile(r" ?\[(?!\^|[ xX]\])([^\[\]@\n<%`$\\]{1,200})\](?![(\[:])")
# Characters of a link's label and of a citation's locator: what is longer is prose in which a bracket was lost.
_LABEL_LENGTH = 1000
_LOCATOR_LENGTH = 200
_BEFORE_CITATION = " \t\n\u00a0([;,:|-*_>\"'—–“‘„«"


class Brackets:
    """Follows brackets as they open and close. Every method says where to go on."""

    def __init__(self, text: Text) -> None:
        self.text, self.body = text, text.body
        self.links: list[Link] = []
        self.citations: list[Citation] = []
        self._brackets: list[int] = []  # open `[`, for labels and citation groups
        self._cited: list[Citation] = []  # citations since the outermost open bracket
        self._bracket_limit = 0
        self._linked = 0  # an open `[` before here holds a link already, and links hold no links

    def found(self) -> tuple[tuple[Link, ...], tuple[Citation, ...]]:
        """All links and citations, in the order of the text."""
        self._flush()
        self.links.sort(key=lambda link: link.start)
        self.citations.sort(key=lambda citation: citation.start)
        return tuple(self.links), tuple(self.citations)

    def open(self, token: str, start: int, end: int) -> int:
        """`[`, `![`, a whole wikilink, or a whole `[@key]`."""
        if token.endswith("]"):
            line, key = self.text.line_of(start), token[2:-1]
            group = None if self._is_footnote(start) else (start, end)
            self.citations.append(Citation(key, "", False, line, start + 1, end - 1, group))
            return end
        if token.endswith("[["):
            if (link := _WIKI.match(self.body, end)) is not None:
                target, fragment, label = link.groups("")
                # In a table the bar must be escaped, `[[a\|b]]`: the backslash belongs to neither side.
                target = target.strip().removesuffix("\\").rstrip()
                fragment = fragment.strip().removesuffix("\\").rstrip()
                label = label.strip()
                if target or fragment:
                    line, stop = self.text.line_of(start), link.end()
                    self.links.append(Link(target, fragment, label, token[0] == "!", LinkForm.WIKI, line, start, stop))
                    return stop
            return end - 1
        if start >= self._bracket_limit:  # brackets do not reach over a blank line
            self._flush()
            self._bracket_limit = self.text.paragraph_end(start)
        self._brackets.append(start)
        return end

    def _flush(self) -> None:
        if self._cited:
            self.citations += self._cited
            self._cited.clear()
        self._brackets.clear()

    def close(self, token: str, start: int, end: int) -> int:
        """`]`, alone or with what makes a link of it."""
        if start >= self._bracket_limit:
            self._flush()
        if not self._brackets:
            return end
        opened = self._brackets.pop()
        if token == "](" or (token == "]:" and self.text.begins_line(opened)):
            form = LinkForm.INLINE if token == "](" else LinkForm.DEFINITION
            place = _DESTINATION.match(self.body, start)
            if place is not None and self._leads(place, opened, form):
                self._destination(place, opened, form)
                return place.end()
        if self._cited:
            self._group(opened, start)
        return start + 1

    def _leads(self, place: re.Match[str], opened: int, form: LinkForm) -> bool:
        """Whether it is a link: closed and with no link inside, or a definition that has its line to itself."""
        if place.start() - opened > _LABEL_LENGTH:
            return False
        if form is LinkForm.DEFINITION:  # `[^1]: …` is a footnote
            return self.body[place.end() : place.end() + 1] in ("", "\n") and self.body[opened + 1] != "^"
        return bool(place[3]) and (opened >= self._linked or self.body[opened] == "!")

    def _destination(self, place: re.Match[str], opened: int, form: LinkForm) -> None:
        embed = self.body[opened] == "!"
        if not embed:
            self._linked = opened
        if form is LinkForm.INLINE:
            self._label(opened)
        written = place[1] if place[1] is not None else place[2]
        if _ELSEWHERE.match(written):
            return
        target, _, fragment = written.partition("#")
        label = self.body[opened + 1 + embed : place.start()]
        line = self.text.line_of(opened)
        self.links.append(Link(unquote(target), unquote(fragment), label, embed, form, line, opened, place.end()))

    def _label(self, opened: int) -> None:
        """Say of the citations since `opened` that they stand in a link's label."""
        for citations in (self._cited, self.citations):
            number = len(citations)
            while number and citations[number - 1].start > opened:
                number -= 1
                citations[number] = citations[number]._replace(labelled=True)

    def _group(self, opened: int, closed: int) -> None:
        """Give the citations inside a closed bracket their group and what follows each key as its locator.

        The brackets of a footnote, `^[see @key]`, are none of a citation: in them it stands as in a sentence.
        """
        if self._is_footnote(opened):
            while self._cited and self._cited[-1].start > opened:
                self.citations.append(self._cited.pop())
            return
        stop = closed
        while self._cited and self._cited[-1].start > opened:
            cited = self._cited.pop()
            after = self.body[cited.end : min(stop, cited.end + _LOCATOR_LENGTH)]
            locator = after.partition(";")[0].strip().lstrip(",").strip()
            key, suppressed, labelled = cited.key, cited.suppress_author, cited.labelled
            group = (opened, closed + 1)
            self.citations.append(
                Citation(key, locator, suppressed, cited.line, cited.start, cited.end, group, None, labelled)
            )
            stop = cited.start

    def _is_footnote(self, opened: int) -> bool:
        """Whether a bracket is that of a footnote in the text, `^[`. `\\^[` is two signs."""
        return self.body[max(0, opened - 1) : opened] == "^" and self.body[max(0, opened - 2) : opened] != "\\^"

    def citation(self, _: str, start: int, end: int) -> int:
        """`@key`, if it is one and not an address."""
        key = _CITATION_KEY.match(self.body, start)
        if key is None or (start and self.body[start - 1] not in _BEFORE_CITATION):
            return end
        end = key.end()
        before = self.body[max(0, start - 2) : start]
        suppressed = before == "-" or (before[1:] == "-" and before[0] in "[ \n;")
        if start and self.body[start - 1] == "-" and not suppressed:
            return end
        begin = start - suppressed
        after = _AFTER_CITATION.match(self.body, end)
        locator, bracket = (after[1].strip(), after.span()) if after is not None else ("", None)
        line = self.text.line_of(begin)
        cited = Citation(key[1] or key[0][1:], locator, suppressed, line, begin, end, bracket=bracket)
        (self._cited if self._brackets and start < self._bracket_limit else self.citations).append(cited)
        return end
