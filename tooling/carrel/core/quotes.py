"""Quotes in a paper's note: what was marked in its PDF, each appended once and then left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.parse import parse_note
from carrel.core.section import inserted, last_print
from carrel.core.summary import markdown_text

_HEADING = "Quotes"
#: The section before which a new one is put; the authors' abstract closes a summary.
_BEFORE = "Abstract"
_BLOCK = re.compile(r"\^q-([0-9a-f]{8})\b")
#: Remembers the quotes that were appended, for when somebody deletes one. It never reaches the site.
_MARKER = re.compile(r"<!-- carrel:quotes((?: [0-9a-f]{8})*) -->")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)")
#: What would begin a block of Markdown at a line's start, a block id at its end, and attributes anywhere.
_BLOCK_START = re.compile(r">|[-+#=|:!?~](?!\w)|\d{1,9}(?=[.)])")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BLOCK_END = re.compile(r"\^(?=[A-Za-z0-9-]+$)")


@dataclass(frozen=True, slots=True)
class Highlight:
    """A mark in a paper. `id` is 8 hexadecimal digits and stays the same; `page` is what is printed on the page.

    `text` is what is marked, "" for a comment that stands alone; `comment` may have several lines. `colour` is
    `#rrggbb`, `date` a day, `2026-11-20`; "" is unknown.
    """

    id: str
    page: str
    text: str
    comment: str = ""
    colour: str = ""
    author: str = ""
    date: str = ""


def new_quotes(note_text: str, highlights: Iterable[Highlight]) -> list[Highlight]:
    """The highlights that a note does not have, and never had; each once, and none without text and comment."""
    known = set(_BLOCK.findall(note_text))
    for remembered in _MARKER.findall(note_text):
        known.update(remembered.split())
    new: dict[str, Highlight] = {}
    for one in highlights:
        if one.id not in known and (one.text.strip() or one.comment.strip()):
            new.setdefault(one.id, one)
    return list(new.values())


def append_quotes(note_text: str, highlights: Iterable[Highlight]) -> str:
    """`note_text` with the highlights that it does not have, and never had, at the end of its section of quotes.

    Nothing is changed but for what is put in; the section is made where there is none. Raises `CannotEdit` when what
    would be put in would stand inside a comment or code.

    >>> print(append_quotes("## Quotes\\n", [Highlight("1a2b3c4d", "3", "Features are sparse.", "Are they?")]))
    ## Quotes
    <BLANKLINE>
    > "Features are sparse." (p. 3) ^q-1a2b3c4d
    <BLANKLINE>
    Are they?
    <BLANKLINE>
    <!-- carrel:quotes 1a2b3c4d -->
    <BLANKLINE>
    """
    new = new_quotes(note_text, highlights)
    if not new:
        return note_text
    marker = _MARKER.search(note_text)
    line_end = "\r\n" if "\r\n" in note_text else "\n"
    blocks = [block.replace("\n", line_end) for one in new for block in _blocks(one)]
    place, made = _place(note_text, marker)
    ids = "".join(f" {one.id}" for one in new)
    if made:
        blocks.insert(0, made)
    if marker is None:
        blocks.append(f"<!-- carrel:quotes{ids} -->")
    text = inserted(note_text, place, blocks, line_end)
    if marker is not None:
        at = marker.end(1) + (len(text) - len(note_text) if place <= marker.start() else 0)
        text = text[:at] + ids + text[at:]
    if not {f"q-{one.id}" for one in new} <= set(
        parse_note("quotes.md", text.encode("utf-8", "replace")).markup.blocks
    ):
        raise CannotEdit("the comment or code before its quotes is never closed")
    return text


def _blocks(one: Highlight) -> Iterator[str]:
    """A highlight's paragraphs: the quote, or the comment where nothing is quoted, with its id; then the comment."""
    page = f"(p. {markdown_text(one.page)})" if one.page.strip() else ""
    comments = [_paragraph(line) for line in one.comment.split("\n") if line.strip()]
    if one.text.strip():
        yield " ".join(part for part in ("> " + f'"{markdown_text(one.text)}"', page, f"^q-{one.id}") if part)
    else:
        yield " ".join(part for part in (comments.pop(0), page, f"^q-{one.id}") if part)
    if len(comments) > 1:
        yield "\n".join(f"- {line}" for line in comments)
    else:
        yield from comments


def _paragraph(text: str) -> str:
    r"""One line of somebody's comment as Markdown that shows it as it is, and begins no list, heading or code.

    >>> _paragraph("- [ ] 1 < 2"), _paragraph("1. see ^q-1a2b3c4d")
    ('\\- \\[ \\] 1 &lt; 2', '1\\. see \\^q-1a2b3c4d')
    """
    line = markdown_text(text).strip()
    start = _BLOCK_START.match(line)
    if start is not None:
        at = start.end() if start[0].isdigit() else 0
        line = f"{line[:at]}\\{line[at:]}"
    return _BLOCK_END.sub(r"\\^", line.replace("{:", "\\{:"))


def _place(text: str, marker: re.Match[str] | None) -> tuple[int, str]:
    """Where to put new quotes: an offset after a line's last character; and the heading to put before them, or ""."""
    note = parse_note("quotes.md", text.encode("utf-8", "replace"))
    starts = [0, *(found.end() for found in _LINE_END.finditer(text)), len(text)]
    headings = [(one.level, _COMMENT.sub("", one.text).strip().casefold(), one.line) for one in note.markup.headings]
    named = next((index for index, (_, name, _) in enumerate(headings) if name == _HEADING.casefold()), None)
    if named is None:
        before = next((line for _, name, line in headings if name == _BEFORE.casefold()), None)
        end = len(text) if before is None else starts[before - 1]
        return last_print(text, 0, end), f"## {_HEADING}"
    level, _, first = headings[named]
    after = next((line for other, _, line in headings[named + 1 :] if other <= level), None)
    begin, end = starts[first - 1], len(text) if after is None else starts[after - 1]
    place = last_print(text, begin, end)
    if marker is not None and marker.end() == place:
        place = last_print(text, begin, marker.start())  # the marker stays the last
    return place, ""
