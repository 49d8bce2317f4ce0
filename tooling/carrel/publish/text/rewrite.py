"""A note's text as plain Markdown for the site: every link and citation resolved within the edition, comments gone.

Each kind of markup says what changes where; here the changes are put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from carrel.core.markdown import plain, scan
from carrel.core.note import Heading, Link, LinkForm, Note
from carrel.core.prediction import predictions
from carrel.core.relative import relative_url
from carrel.core.secret import is_sealed
from carrel.publish.text.citations import citation_edits
from carrel.publish.text.labels import literal, written
from carrel.publish.text.links import html_edits, is_definition, link_edits, report_absolute
from carrel.publish.text.passage import Edit, Findings, Passage, Unresolved
from carrel.publish.text.quotations import MAX_QUOTATIONS, is_quoted, quotation
from carrel.publish.text.sections import empty_sections

if TYPE_CHECKING:
    from carrel.core.graph import Target

_FIELD = re.compile(r"^[ \t]*(?:[-*] )?(\w[\w -]{0,40})::(?=[^\S\n])", re.MULTILINE)
# A field's value, without the tags and the block's id that may come after it.
_VALUE = re.compile(r"(?:(?!\s[#^])[^\n])*")
_OPENING = re.compile(r" {0,3}#{1,6}(?=[ \t]|$)")


class Rewriter:
    """Rewrites a note for its page, as its passage has it."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._quotations = 0

    @property
    def cited(self) -> dict[str, int]:
        """The papers that the text cites so far, by path, each with its number among them."""
        return self._passage.cited

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The part of the body from `start` to `end`, rewritten.

        Headings carry their anchor as `{: #slug }`, which Python-Markdown's attribute lists read as well as ours.
        """
        body, position = self._passage.note.body, start
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
        passage = self._passage
        for relation in passage.note.relations:
            if passage.edition.graph.resolve(passage.note.path, relation) is None:
                passage.report(relation.line, written(relation), relation)

    def _edits(self, start: int, end: int) -> Iterator[Edit]:
        """What to replace between `start` and `end`. What only reaches in is replaced whole."""
        passage, markup = self._passage, self._passage.note.markup
        unwritten = empty_sections(passage.note)
        for begin, stop in (*markup.comments, *unwritten):
            if begin < end and stop > start:
                yield begin, stop, self._table(begin)
        for link in markup.links:
            if link.start < end and link.end > start:
                yield from self._link(link)
        for citation in markup.citations:
            if citation.start < end and citation.end > start:
                yield from citation_edits(passage, citation)
        yield from self._fields(start, end)
        yield from html_edits(passage, start, end)
        for block, line in markup.blocks.items():
            if start <= line < end:
                yield from self._block(block, line)
        if not passage.links:
            return
        report_absolute(passage, start, end)
        for tag in markup.tags:
            if start <= tag.start < end and tag.name in passage.edition.tags and not passage.labels.hold(tag.start):
                url = relative_url(passage.place, passage.edition.tags[tag.name])
                yield tag.start, tag.end, f"[{literal('#' + tag.name)}]({url})"
        for heading in markup.headings:
            if start <= heading.start < end and not any(one <= heading.start < stop for one, stop in unwritten):
                yield from self._heading(heading)

    def _table(self, start: int) -> str:
        """What stands in the place of a comment: nothing, unless it is a query block, which has a table."""
        passage = self._passage
        made = passage.edition.tables.get((passage.note.path, start))
        if made is None or not passage.links:
            return ""
        if made.trouble:
            reason = f"makes no table: {made.trouble}"
            passage.findings.unresolved.append(Unresolved(passage.note.path, made.line, "the query", reason=reason))
            return ""
        return made.markdown(passage.edition, passage.place)

    def _link(self, link: Link) -> Iterator[Edit]:
        passage = self._passage
        if link.form is LinkForm.DEFINITION and not is_definition(passage, link):
            return
        target = passage.edition.graph.resolve(passage.note.path, link)
        if target is not None and self._quotations < MAX_QUOTATIONS and is_quoted(passage, link, target):
            self._quotations += 1
            if target.missing:
                passage.report(link.line, written(link), link)
            yield link.start, link.end, quotation(passage, target, self._quoted)
        else:
            yield from link_edits(passage, link, target, self._claim(target))

    def _claim(self, target: Target | None) -> str:
        """What a prediction is called that a link leads to: what it claims, unless that is a secret."""
        edition = self._passage.edition
        if target is None or not target.slug.startswith("^") or not self._passage.links:
            return ""
        note = edition.by_path.get(target.path)
        found = next((one for one in predictions(note) if one.id == target.slug[1:]), None) if note else None
        if note is None or found is None or is_sealed(note.body[found.start : found.end]):
            return ""
        inner = Passage(edition, note, self._passage.place, Findings(), links=False)
        return plain(Rewriter(inner).text(found.start, found.end))

    def _quoted(self, note: Note, start: int, end: int) -> str:
        """A part of another note for this page. What it embeds itself is linked: no circles."""
        passage = self._passage
        findings = Findings(assets=passage.findings.assets)  # its loose ends are reported with its own page
        inner = Passage(passage.edition, note, passage.place, findings, embedded=True, cited=passage.cited)
        return Rewriter(inner).text(start, end)

    def _fields(self, start: int, end: int) -> Iterator[Edit]:
        """Fields as Dataview writes them, `project:: probes`."""
        passage = self._passage
        if "::" not in passage.note.body:
            return
        for found in _FIELD.finditer(passage.note.body, start, end):
            if passage.code.hold(found.start(1)):
                continue
            if self._hides(found):
                yield self._left_out(found)
            elif passage.links and not passage.embedded:
                stop = passage.line_end(found.end())
                yield found.start(1), found.end(), f'<span class="carrel-field"><span>{found[1]}</span>'
                yield stop, stop, "</span>"
            else:
                yield found.start(1), found.end(), f"*{literal(found[1])}:*"

    def _hides(self, field: re.Match[str]) -> bool:
        """Whether a field is the bare name of a project that may be hidden. A link is resolved like any other."""
        passage = self._passage
        if field[1].strip().lower() != "project":
            return False
        name = passage.note.body[field.end() : self._value_end(field)].strip()
        return bool(name) and not scan(name).links and not passage.edition.shows(passage.note, name)

    def _left_out(self, field: re.Match[str]) -> Edit:
        """A field goes with its line, unless tags stand there too."""
        end = self._value_end(field)
        if end < self._passage.line_end(end):
            return field.start(1), end, ""
        return field.start(), min(end + 1, len(self._passage.note.body)), ""

    def _value_end(self, field: re.Match[str]) -> int:
        value = _VALUE.match(self._passage.note.body, field.end())
        return value.end() if value else field.end()

    def _heading(self, heading: Heading) -> Iterator[Edit]:
        """`## Text {: #slug }`, also for an underlined heading, of which Python-Markdown knows fewer forms."""
        passage = self._passage
        body, start, end = passage.note.body, heading.start, passage.line_end(heading.start)
        line = body[start:end]
        marks = _OPENING.match(line)
        begin = marks.end() if marks else 0
        begin += len(line) - begin - len(line[begin:].lstrip())
        shown = line.rstrip(" \t")
        if shown.rstrip("#").endswith((" ", "\t")):  # hashes at the end close a heading and are not its text
            shown = shown.rstrip("#").rstrip(" \t")
        stop, end_of_text = max(begin, len(shown)), end
        for opened, closed in passage.note.markup.comments:
            if start + begin <= opened < end < closed:  # a comment that goes on below takes the line's end with it
                stop, end_of_text = max(begin, len(body[start:opened].rstrip(" \t"))), opened
        anchor = passage.edition.anchor(passage.note.path, heading.slug)
        before, after = ("**", "**") if passage.embedded else ("#" * heading.level + " ", f" {{: #{anchor} }}")
        if end_of_text < end:
            after += "\n"  # what follows the comment is not the heading's
        yield start, start + begin, before if marks else "\n" + before
        yield start + stop, end_of_text if marks else passage.line_end(end + 1), after

    def _block(self, block: str, line: int) -> Iterator[Edit]:
        """`^id` at the end of a line becomes an anchor that is not seen; among words alone, nothing."""
        passage = self._passage
        found = passage.note.body.rfind(f"^{block}", line, passage.line_end(line))
        if found >= 0:
            end = found + len(block) + 1
            yield found, end, "" if passage.embedded or not passage.links else f'<span id="^{escape(block)}"></span>'
