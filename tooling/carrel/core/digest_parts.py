"""The parts that Carrel writes into a digest, each between markers, and all the rest, which is its editor's.

The first marker of a part carries a digest of what stands between the two, so that what a person changed there is told
from what Carrel wrote: that stays. So does what was emptied. The last line names the parts that were written: one of
those that is gone was taken out by a person, and stays out. Bytes outside of the markers are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from carrel.core.digest import SECTIONS, Part
from carrel.core.frontmatter_edit import CannotEdit
from carrel.core.names import fold
from carrel.core.parse import parse_note

if TYPE_CHECKING:
    from carrel.core.note import Note

_LINE_END = re.compile(r"\r\n|\r|\n")
_OPENING = re.compile(r" {0,3}<!-- carrel:digest ([^\s<>:]{1,800}+) ([0-9a-f]{8}) -->[ \t]*")
_CLOSING = re.compile(r" {0,3}<!-- /carrel:digest -->[ \t]*")
_WRITTEN = re.compile(r" {0,3}<!-- carrel:digest parts:((?: (?!--)[^\s<>:]{1,800}+){0,5000}+) -->[ \t]*")
_UNSURE = ("too-large", "conflict", "nul")


def lines_written(note: Note) -> Iterator[int]:
    """The lines of a note's file that stand between markers.

    >>> text = b"Mine\\n<!-- carrel:digest log e7b33424 -->\\n- One\\n<!-- /carrel:digest -->\\n"
    >>> list(lines_written(parse_note("a.md", text)))
    [3]
    """
    within = False
    for number, line in enumerate(note.body.split("\n"), note.body_line):
        line = line.rstrip("\r")
        if _OPENING.fullmatch(line) or _CLOSING.fullmatch(line):
            within = _OPENING.fullmatch(line) is not None
        elif within:
            yield number


@dataclass
class Rewritten:
    """A digest with its parts made current. Names are those of parts.

    `kept` were changed by hand, and differ from what would be written; `outdated` too, and nothing would be written
    there any more; `left_out` were taken out by hand.
    """

    text: str
    kept: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class _Region(NamedTuple):
    """A part as it stands in a text, from the first character of its first marker to the last of its last."""

    name: str
    written: str
    start: int
    inner: int
    inner_end: int
    end: int


class _Laid(NamedTuple):
    """Where things stand in a text.

    Its regions, its headings of the second level and above, the line that names the parts, where its body begins.
    """

    regions: tuple[_Region, ...]
    headings: tuple[tuple[int, str], ...]
    last: tuple[int, int]
    names: frozenset[str]
    body: int

    def region(self, name: str) -> _Region | None:
        """The first part of that name; another one is a person's copy."""
        return next((one for one in self.regions if one.name == name), None)


def rewritten(text: str, parts: Sequence[Part], *, force: bool = False) -> Rewritten:
    """The text of a digest with its parts made current; `force` writes also those anew that a person changed.

    Raises `CannotEdit` where parts would stand in a comment or code, or the text is such that nobody can be sure.

    >>> first = rewritten("Hello\\n", [Part("Log", "log", "- One")]).text
    >>> print(first)
    Hello
    <BLANKLINE>
    ## Log
    <BLANKLINE>
    <!-- carrel:digest log e7b33424 -->
    <BLANKLINE>
    - One
    <BLANKLINE>
    <!-- /carrel:digest -->
    <BLANKLINE>
    <!-- carrel:digest parts: log -->
    <BLANKLINE>
    >>> again = rewritten(first.replace("One", "My own"), [Part("Log", "log", "- Two")])
    >>> "My own" in again.text, again.kept
    (True, ['log'])
    """
    line_end = "\r\n" if "\r\n" in text else "\n"
    named = {_named(part.name): part for part in parts}
    done, laid = Rewritten(text), _laid(text)
    for region in reversed(laid.regions):
        if laid.region(region.name) != region:
            continue  # a second one of that name
        part = named.get(region.name)
        content = text[region.inner : region.inner_end]
        same = part is not None and _digest(part.text) == _digest(content)
        if region.written != _digest(content) and not force:
            if part is None:
                done.outdated.append(region.name)
            elif not same:
                done.kept.append(part.name)
        elif part is None:
            done.text = _without(done.text, region)
        elif not same or region.written != _digest(content):
            done.text = done.text[: region.start] + _marked(part, line_end) + done.text[region.end :]
    there = {region.name for region in laid.regions}
    missing = [part for name, part in named.items() if name not in there and (force or name not in laid.names)]
    done.left_out = [part.name for name, part in named.items() if name not in there and part not in missing]
    shown = [part for part in parts if part.name not in done.left_out]
    for block in _blocks(shown, missing):
        done.text = _inserted(done.text, block, shown, line_end)
    done.text = _listed(done.text, list(named), line_end)
    if not {region.name for region in _laid(done.text).regions}.issuperset(_named(part.name) for part in shown):
        raise CannotEdit("a comment or code in it is never closed, and would hold the parts")
    done.kept.reverse()
    done.outdated.reverse()
    return done


def edited(text: str) -> dict[str, str]:
    """What stands in those parts that a hand changed, by the part's name.

    Raises `CannotEdit` where nobody can be sure.

    >>> first = rewritten("", [Part("Papers", "papers/a b.md", "One"), Part("Papers", "b", "Two")]).text
    >>> edited(first.replace("One", "My own"))
    {'papers/a b.md': 'My own'}
    """
    found: dict[str, str] = {}
    for region in _laid(text).regions:
        content = text[region.inner : region.inner_end]
        if region.written != _digest(content):
            found.setdefault(unquote(region.name), content.strip())
    return found


def alike(text: str, other: str) -> str:
    """The text with the first marks of its parts as `other` has them: what a hand changed differs between them only."""
    laid, theirs = _laid(text), _laid(other)
    for region in reversed(laid.regions):
        twin = theirs.region(region.name)
        if twin is not None and laid.region(region.name) == region:
            text = text[: region.start] + other[twin.start : twin.inner] + text[region.inner :]
    return text


def _blocks(shown: Sequence[Part], missing: Collection[Part]) -> Iterator[list[Part]]:
    """The missing parts, those together that follow each other under one heading."""
    for (_, wanted), block in groupby(shown, lambda part: (part.section, part in missing)):
        if wanted:
            yield list(block)


def _laid(text: str) -> _Laid:
    """What stands where. Marks in code or within other comments are none."""
    note = parse_note("", text.encode())
    if any(problem.code in _UNSURE for problem in note.problems):
        raise CannotEdit("it is too large, or holds a conflict or NUL bytes")
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    ends = [*(found.start() for found in _LINE_END.finditer(text)), len(text)]
    lines: list[int] = []
    counted, passed = note.body_line, 0
    for begin, _ in sorted(note.markup.comments):
        counted += note.body.count("\n", passed, begin)
        passed = max(passed, begin)
        if not lines or lines[-1] != counted:
            lines.append(counted)
    regions: list[_Region] = []
    opened: re.Match[str] | None = None
    last, names = (len(text), len(text)), frozenset[str]()
    for number in lines:
        start, end = starts[number - 1], ends[number - 1]
        if found := _OPENING.fullmatch(text, start, end):
            opened = found
        elif _CLOSING.fullmatch(text, start, end):
            if opened is not None:
                regions.append(_Region(opened[1], opened[2], opened.start(), opened.end(), start, end))
            opened = None
        elif found := _WRITTEN.fullmatch(text, start, end):
            last, names = (start, end), frozenset(found[1].split())
    headings = ((starts[one.line - 1], fold(one.text)) for one in note.markup.headings if one.level <= 2)
    within = [(one.start, one.end) for one in regions]
    kept = tuple(one for one in headings if not any(start <= one[0] < end for start, end in within))
    return _Laid(tuple(regions), kept, last, names, starts[note.body_line - 1])


def _inserted(text: str, block: list[Part], parts: Sequence[Part], line_end: str) -> str:
    """`text` with parts that are not there yet: beside their neighbours, or below their heading, which is made."""
    laid = _laid(text)
    section, number, blank = block[0].section, parts.index(block[0]), line_end * 2
    new = blank.join(_marked(part, line_end) for part in block)
    before = [(part, one) for part in parts[:number] if (one := laid.region(_named(part.name)))]
    after = [(part, one) for part in parts[number:] if (one := laid.region(_named(part.name)))]
    if before and before[-1][0].section == section:
        end = before[-1][1].end
        return text[:end] + blank + new + text[end:]
    if after and after[0][0].section == section:
        start = after[0][1].start
        return text[:start] + new + blank + text[start:]
    own = next((start for start, name in laid.headings if name == fold(section)), None)
    if own is not None:
        return _put(text, _end_of_section(text, laid, own), new, line_end)
    new = f"## {section}{blank}{new}"
    if before:
        return _put(text, _end_of_section(text, laid, max(one.end for _, one in before)), new, line_end)
    later = {fold(name) for name in SECTIONS[SECTIONS.index(section) + 1 :]}
    place = next((start for start, name in laid.headings if name in later), None)
    if place is None:
        place = _end_of_section(text, laid, laid.headings[-1][0] if laid.headings else laid.body)
    return _put(text, place, new, line_end)


def _end_of_section(text: str, laid: _Laid, place: int) -> int:
    """Where the section around `place` ends: at the next heading, the last line, or the end."""
    line = _LINE_END.search(text, place)
    beyond = line.end() if line else len(text)
    starts = [start for start, _ in laid.headings if start >= beyond]
    return min([*starts, max(laid.last[0], beyond)])


def _put(text: str, place: int, new: str, line_end: str) -> str:
    """`text` with a block before the line that begins at `place`, blank lines around it."""
    before, after = text[:place], text[place:]
    ended = len(before) - len(before.rstrip("\r\n"))
    gaps = len(_LINE_END.findall(before[len(before) - ended :]))
    front = "" if not before.strip("\r\n") else line_end * max(0, 2 - gaps)
    return before + front + new + (line_end if not after else line_end * 2) + after


def _without(text: str, region: _Region) -> str:
    """`text` without a part and the blank line after it, or before it where it is the last."""
    start, end = region.start, region.end
    for _ in range(2):
        if after := _LINE_END.match(text, end):
            end = after.end()
    return text[:start] + text[end:]


def _listed(text: str, names: Collection[str], line_end: str) -> str:
    """`text` whose last line of ours names these parts."""
    line = f"<!-- carrel:digest parts:{''.join(f' {name}' for name in names)} -->"
    laid = _laid(text)
    start, end = laid.last
    if laid.names == frozenset(names) and start < end:
        return text
    return text[:start] + line + text[end:] if start < end else _put(text, len(text), line, line_end)


def _marked(part: Part, line_end: str) -> str:
    lines = f"<!-- carrel:digest {_named(part.name)} {_digest(part.text)} -->\n\n{part.text}\n\n<!-- /carrel:digest -->"
    return lines.replace("\n", line_end)


def _named(name: str) -> str:
    """The name of a part as it can stand in a comment."""
    return quote(name, safe="/").replace("--", "-%2D")


def _digest(content: str) -> str:
    return blake2b(" ".join(content.split()).encode(), digest_size=4).hexdigest()
