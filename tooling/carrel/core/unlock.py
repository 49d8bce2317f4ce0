"""Reading a paper more thoroughly gives its note more sections to write in. Nothing that was written changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core import markdown
from carrel.core.frontmatter import read
from carrel.core.frontmatter_edit import set_key
from carrel.core.names import heading_slug
from carrel.core.paper import read_paper
from carrel.core.parse import parse_note
from carrel.core.reading import Level
from carrel.core.summary import filled, shown, split_template, values_of
from carrel.core.template import fill, sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carrel.core.note import Note

_LINE_END = re.compile(r"\r\n|\r|\n")
_AFTER_BLANK_LINE = re.compile(r"(?:\n|\r\n?)[ \t]*(?:\n|\r\n?)\Z")
_UNSURE = ("too-large", "conflict", "nul")


def unlock(text: str, template: str, level: Level) -> str:
    """The text of a paper's note with the sections of `template` that reading it at `level` unlocks.

    Only a note that says which `sections:` it has gets more, and only those of the levels above: one that was
    deleted does not come back, one that is there under its heading is left alone. Raises `CannotEdit`.

    >>> print(unlock("---\\nsections: skim\\n---\\n\\n## TL;DR\\n\\nIt works.\\n",
    ...              "## TL;DR\\n\\n## Method <!-- level: read -->\\n\\nHow?\\n", Level.READ))
    ---
    sections: read
    ---
    <BLANKLINE>
    ## TL;DR
    <BLANKLINE>
    It works.
    <BLANKLINE>
    ## Method
    <BLANKLINE>
    How?
    <BLANKLINE>
    """
    note = parse_note("", text.encode())
    has = Level.named(note.metadata.get("sections"))
    if has is None or level <= has or any(problem.code in _UNSURE for problem in note.problems):
        return text
    values = values_of(read_paper(note), note.date.isoformat() if note.date else "", note.visibility.value)
    wanted = {}
    for section in sections(split_template(template)[1]):
        if section.heading:
            anchor = heading_slug(markdown.plain(fill(section.heading, shown(values))))
            wanted[anchor] = filled(section.text, values) if has < section.level <= level else ""
    new = _inserted(text, note, wanted)
    return text if new is None else set_key(new, "sections", level.verb)


def _inserted(text: str, note: Note, wanted: Mapping[str, str]) -> str | None:
    """`text` with the sections of `wanted` that it does not have, each below the one that it follows in the template.

    `wanted` has the anchors of all of the template's sections, in order, with the texts of those to insert. None where
    a comment or code that is never closed would swallow them.
    """
    here = _places(text, note)
    pieces: dict[int, str] = {}
    above, first = -1, min((here[anchor][0] for anchor in wanted if anchor in here), default=len(text))
    for anchor, section in wanted.items():
        if anchor in here:
            above = here[anchor][1]
        elif section:
            place = first if above < 0 else above
            pieces[place] = pieces.get(place, "") + section.rstrip() + "\n\n"
    new = text
    for place in sorted(pieces, reverse=True):
        before, after = new[:place], new[place:]
        gap = "" if _AFTER_BLANK_LINE.search(before) else "\n" if before.endswith(("\n", "\r")) else "\n\n"
        piece = gap + (pieces[place] if after else pieces[place][:-1])
        newline = _LINE_END.findall(before)[-1]  # that of the line above; the front matter has one at least
        new = before + piece.replace("\n", newline) + after
    added = markdown.scan("".join(pieces.values())).headings
    seen = parse_note("", new.encode()).markup.headings
    if sorted(one.text for one in seen) != sorted(one.text for one in (*note.markup.headings, *added)):
        return None
    return new


def _places(text: str, note: Note) -> dict[str, tuple[int, int]]:
    """Where the section under each heading begins and ends in the text of the file, by anchor; the first of a name."""
    body = read(text).end
    lines = [body, *(found.end() for found in _LINE_END.finditer(text, body))]
    starts = [(heading.level, lines[heading.line - note.body_line]) for heading in note.markup.headings]
    places: dict[str, tuple[int, int]] = {}
    for number, heading in enumerate(note.markup.headings):
        end = next((start for level, start in starts[number + 1 :] if level <= heading.level), len(text))
        places.setdefault(heading_slug(heading.text), (starts[number][1], end))
    return places
