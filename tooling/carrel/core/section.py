"""The sections of a note: what stands under a heading, and more put at its end. Nothing else changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.log import closed, closer, lone_mark
from carrel.core.names import fold
from carrel.core.parse import parse_note

if TYPE_CHECKING:
    from carrel.core.note import Note

_LINE_END = re.compile(r"\r\n|\r|\n")
_ITEM = re.compile(r"[-*+] (?:\[[ xX]\] )?|\d{1,9}[.)] ")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*+(?:[\r\n]|\Z)")
_OPEN = "a comment or code before the end of {} is never closed"
_UNSURE = ("too-large", "conflict", "nul")


def section_text(note: Note, heading: str) -> str:
    """What stands under the first heading of that name, whatever its level, without comments; "" for nothing.

    >>> note = parse_note("a.md", b"## Result\\n\\n<!-- What came out? -->\\n\\nIt broke.\\n\\n## Next\\n")
    >>> section_text(note, "result"), section_text(note, "Next")
    ('It broke.', '')
    """
    span = _span(note, heading)
    if span is None:
        return ""
    start, end = span
    pieces = []
    for begin, stop in sorted(note.markup.comments):
        if start <= begin < end:
            pieces.append(note.body[start:begin])
            start = min(stop, end)
    return "".join((*pieces, note.body[start:end])).strip()


def section_points(note: Note, heading: str) -> tuple[str, ...]:
    """What a section says point by point: the items of its list, else its paragraphs, each on one line.

    >>> section_points(parse_note("a.md", b"## Evidence for\\n\\n- One\\n  goes on\\n- Two\\n"), "Evidence for")
    ('One goes on', 'Two')
    """
    points: list[list[str]] = []
    for line in section_text(note, heading).split("\n"):
        item = _ITEM.match(line)
        if item or not points or (line.strip() and not points[-1]):
            points.append([line[item.end() :] if item else line])
        elif line.strip():
            points[-1].append(line)
        else:
            points.append([])
    return tuple(" ".join(" ".join(lines).split()) for lines in points if any(map(str.strip, lines)))


def _span(note: Note, heading: str) -> tuple[int, int] | None:
    """Where the section's text begins and ends in the body."""
    headings = note.markup.headings
    for number, one in enumerate(headings):
        if fold(one.text).rstrip(":") == fold(heading):
            start = note.body.find("\n", one.start)
            end = next((after.start for after in headings[number + 1 :] if after.level <= one.level), len(note.body))
            return (start, end) if 0 <= start < end else (end, end)
    return None


def add_to_section(text: str, heading: str, words: str) -> str:
    """`text` with a paragraph at the end of the section, which is made at the end of the note where it has none.

    Raises `CannotEdit` where it would stand in a comment or code.

    >>> add_to_section("## Result\\n\\n## Next\\n", "Result", "It broke.")
    '## Result\\n\\nIt broke.\\n\\n## Next\\n'
    """
    words = "\n".join(_LINE_END.split(words)).strip()
    if not words:
        return text
    words = closed(words)
    note = parse_note("", text.encode())
    if any(problem.code in _UNSURE for problem in note.problems):
        raise CannotEdit("it is too large, or holds a conflict or NUL bytes")
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    numbered = list(enumerate(note.markup.headings))
    named = next((number for number, one in numbered if fold(one.text).rstrip(":") == fold(heading)), None)
    blocks = [words]
    if named is None:
        place = last_print(text, 0, len(text))
        blocks.insert(0, f"## {heading}")
    else:
        here, *later = note.markup.headings[named:]
        after = next((one.line for one in later if one.level <= here.level), None)
        place = last_print(text, starts[here.line - 1], len(text) if after is None else starts[after - 1])
    before = "\n".join(_LINE_END.split(text[read(text).end : place]))
    if closer(before)[0] or ("%%" in words and lone_mark(before) >= 0):
        raise CannotEdit(_OPEN.format(heading))
    line_end = "\r\n" if "\r\n" in text else "\n"
    new = inserted(text, place, [block.replace("\n", line_end) for block in blocks], line_end)
    added = parse_note("", "\n\n".join(blocks).encode()).markup.headings
    seen = parse_note("", new.encode()).markup.headings
    if sorted(one.text for one in seen) != sorted(one.text for one in (*note.markup.headings, *added)):
        raise CannotEdit(_OPEN.format(heading))
    return new


def last_print(text: str, begin: int, end: int) -> int:
    """The end of the last line between two offsets that has something on it; `begin` when none has."""
    last = begin + len(text[begin:end].rstrip())
    line_end = _LINE_END.search(text, last, end)
    return last if last == begin else line_end.start() if line_end else end


def inserted(text: str, place: int, blocks: list[str], line_end: str) -> str:
    """`text` with paragraphs after the one that ends at `place`."""
    put = "".join(f"{line_end}{line_end}{block}" for block in blocks)
    if not text[:place].strip():
        put = put[2 * len(line_end) :]
    rest = text[place:]
    after = "" if not rest or _BLANK_LINE.match(rest) else line_end if rest[0] in "\r\n" else line_end * 2
    return text[:place] + put + after + (rest or line_end)
