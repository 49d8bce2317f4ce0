"""Embedded notes, `![[note#Part]]` alone on a line: which part of which note is quoted, and whether it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.publish.text.labels import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from carrel.core.graph import Target
    from carrel.core.note import Link, Note
    from carrel.publish.text.passage import Passage

_ID_ALONE = re.compile(r"[ \t]*\^[A-Za-z0-9-]+[ \t]*")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_BREAK = re.compile(r"[ \t]*\n|#{1,6}[ \t]")  # a blank line, a heading
#: A page quotes at most so many embedded notes, and none that is longer (in characters); the rest are linked.
MAX_QUOTATIONS, MAX_QUOTED = 50, 20_000


def is_quoted(passage: Passage, link: Link, target: Target | None) -> bool:
    """Whether an embed can be quoted where it stands: a note, alone on its line, and not in a quotation itself."""
    if not link.embed or target is None or target.path not in passage.edition.by_path:
        return False
    body = passage.note.body
    before = body[body.rfind("\n", 0, link.start) + 1 : link.start]
    alone = not before.strip() and not body[link.end : passage.line_end(link.end)].strip()
    return alone and passage.links and not passage.embedded


def quotation(passage: Passage, target: Target, rewritten: Callable[[Note, int, int], str]) -> str:
    """The embedded note, section or block as a quotation; `rewritten` gives a part of a note for this page."""
    edition = passage.edition
    note = edition.by_path[target.path]
    start, end = part_of(note, target)
    title = f"[{literal(edition.titles[note.path])}]({edition.url(passage.place, target)})"
    if end - start > MAX_QUOTED:
        return title
    lines = (f"**{title}**", "", *rewritten(note, start, end).strip().split("\n"))
    return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def part_of(note: Note, target: Target) -> tuple[int, int]:
    """The span of the body that `target` names: all of it, a heading's section, or a block."""
    if target.slug.startswith("^"):
        return _block(note.body, note.markup.blocks[target.slug[1:]])
    headings = note.markup.headings
    for number, heading in enumerate(headings):
        if target.slug and heading.slug == target.slug:
            after = (other.start for other in headings[number + 1 :] if other.level <= heading.level)
            return heading.start, next(after, len(note.body))
    return 0, len(note.body)


def _block(body: str, start: int) -> tuple[int, int]:
    """The block whose id stands in the line at `start`: an item with what is below it, or the lines up to that one.

    An id alone on its line names the block before it, as Obsidian has it for tables and quotations.
    """
    end = _line_end(body, start)
    if _ID_ALONE.fullmatch(body, start, end):
        end = len(body[:start].rstrip())
        start = body.rfind("\n", 0, end) + 1
    elif (item := _ITEM.match(body, start, end)) is not None:
        below = re.compile(rf"\n[ \t]{{{item.end() - start},}}\S[^\n]*")
        while (line := below.match(body, end)) is not None:
            end = line.end()
        return start, end
    while start > 0 and not _ITEM.match(body, start):
        before = body.rfind("\n", 0, start - 1) + 1
        if _BREAK.match(body, before, start):
            break
        start = before
    return start, end


def _line_end(body: str, start: int) -> int:
    end = body.find("\n", start)
    return len(body) if end < 0 else end
