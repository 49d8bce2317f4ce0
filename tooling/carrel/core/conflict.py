"""A text that git left with the marks of a conflict: its two sides, and how they are brought together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_ANY = re.compile(r"^(?:<{7} |>{7} |={7}\r?$)", re.MULTILINE)
_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: ([^\r\n]*+))?[\r\n]*+")


class Sides(NamedTuple):
    """Both texts of a conflict, and what its marks call them."""

    mine: str
    theirs: str
    mine_name: str
    theirs_name: str


def conflict_line(text: str) -> int:
    """The line where the first conflict begins, as `core.parse` sees one; 0 for none.

    >>> conflict_line("a\\n<<<<<<< HEAD\\nb\\n=======\\nc\\n>>>>>>> ben\\n")
    2
    """
    marks = list(_ANY.finditer(text)) if "<<<<<<< " in text else []
    opened = next((mark.start() for mark in marks if mark[0][0] == "<"), -1)
    return text.count("\n", 0, opened) + 1 if len(marks) >= 3 and opened >= 0 else 0


def sides(text: str) -> Sides | None:
    """The text as each side has it; None where the marks do not stand as git sets them.

    >>> sides("a\\n<<<<<<< HEAD\\nb\\n=======\\nc\\n>>>>>>> ben\\nd\\n")
    Sides(mine='a\\nb\\nd\\n', theirs='a\\nc\\nd\\n', mine_name='HEAD', theirs_name='ben')
    """
    names = {"<": "", ">": ""}
    mine: list[str] = []
    theirs: list[str] = []
    within = ""  # the sign of the last mark
    for line in _lines(text):
        found = _MARK.fullmatch(line)
        sign = found[1][0] if found else ""
        if sign in ("=", "|", ">") and within in ("", ">"):
            sign = ""  # what is underlined, a table without words, a quotation of quotations
        if sign:
            if within not in {"<": ("", ">"), "|": ("<",), "=": ("<", "|"), ">": ("=",)}[sign]:
                return None
            names[sign] = names.get(sign) or (found[2] if found else "") or ""
            within = sign
            continue
        mine += [line] if within in ("", ">", "<") else []
        theirs += [line] if within in ("", ">", "=") else []
    if within != ">":
        return None
    return Sides("".join(mine), "".join(theirs), names["<"], names[">"])


def is_untouched(text: str, base: str, mine: str, theirs: str) -> bool:
    """Whether a text with marks is what git made of these: all that either brought in is there, as often and in the
    same order, and nothing else. False where that is not sure.

    >>> torn = "a\\n<<<<<<< HEAD\\nb\\n=======\\nc\\n>>>>>>> ben\\n"
    >>> is_untouched(torn, "", "a\\nb\\n", "a\\nc"), is_untouched(torn, "", "a\\nb\\n", "a\\nc\\nd\\n")
    (True, False)
    """
    both = sides(text)
    if both is None:
        return False
    old, ours, others, now = (_bare(one) for one in (base, mine, theirs, text))
    known = {*old, *ours, *others}
    if not all(line in known or _MARK.fullmatch(line) for line in now):  # also in what both began with, between marks
        return False
    if not base:  # what both added is all there, and git put nothing together
        return (_bare(both.mine), _bare(both.theirs)) == (ours, others)
    return _is_with_some(_bare(both.mine), ours, others, old) and _is_with_some(_bare(both.theirs), others, ours, old)


def _is_with_some(now: Sequence[str], own: Sequence[str], other: Sequence[str], old: Sequence[str]) -> bool:
    """Whether `now` is one side with nothing but some of what the other side made of `old`."""
    is_, was, there, before = Counter(now), Counter(own), Counter(other), Counter(old)
    for line in is_.keys() | was.keys():
        brought = there[line] - before[line]
        if not min(0, brought) <= is_[line] - was[line] <= max(0, brought):
            return False
    single = {line for line, times in is_.items() if times == was[line] == there[line] == 1}
    in_order, *known = ([line for line in some if line in single] for some in (now, own, other))
    return in_order in known


def merged(base: str, both: Sides) -> str:
    """What both sides made of `base`, line by line, with marks around what each changed in a way of its own.

    >>> merged("a\\nb\\nc\\n", Sides("A\\nb\\nc\\n", "a\\nb\\nC\\n", "", ""))
    'A\\nb\\nC\\n'
    >>> merged("a\\n", Sides("A\\n", "B\\n", "HEAD", "ben"))
    '<<<<<<< HEAD\\nA\\n=======\\nB\\n>>>>>>> ben\\n'
    """
    line_end = "\r\n" if "\r\n" in both.mine else "\n"
    pieces: list[str] = []
    for old, mine, theirs in _chunks(_lines(base), _lines(both.mine), _lines(both.theirs)):
        if mine in (old, theirs):
            pieces += theirs
        elif theirs == old:
            pieces += mine
        else:
            pieces += _marked(mine, theirs, both, line_end)
    return "".join(pieces)


def _chunks(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """The three texts piece by piece, cut wherever a line is in all of them."""
    in_mine, in_theirs = _twins(base, mine), _twins(base, theirs)
    at = at_mine = at_theirs = 0
    for line in range(len(base)):
        if line in in_mine and line in in_theirs:
            yield base[at:line], mine[at_mine : in_mine[line]], theirs[at_theirs : in_theirs[line]]
            yield base[line : line + 1], base[line : line + 1], base[line : line + 1]
            at, at_mine, at_theirs = line + 1, in_mine[line] + 1, in_theirs[line] + 1
    yield base[at:], mine[at_mine:], theirs[at_theirs:]


def _twins(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Which line of `other` is which of `base`, both by number."""
    from difflib import SequenceMatcher  # conflicts are rare

    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {one.a + number: one.b + number for one in blocks for number in range(one.size)}


def _marked(mine: Sequence[str], theirs: Sequence[str], both: Sides, line_end: str) -> Iterator[str]:
    """Both texts between marks, without the lines that they have in common at either end."""
    first = _same(mine, theirs)
    last = _same(mine[first:][::-1], theirs[first:][::-1])
    yield from mine[:first]
    yield f"<<<<<<< {both.mine_name}{line_end}"
    yield from _ended(mine[first : len(mine) - last], line_end)
    yield f"======={line_end}"
    yield from _ended(theirs[first : len(theirs) - last], line_end)
    yield f">>>>>>> {both.theirs_name}{line_end}"
    yield from mine[len(mine) - last :]


def _same(some: Sequence[str], others: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    number = 0
    while number < min(len(some), len(others)) and some[number] == others[number]:
        number += 1
    return number


def _ended(lines: Sequence[str], line_end: str) -> list[str]:
    """The lines, with an end for the last of a text that has none."""
    return [line if line.endswith(("\n", "\r")) else line + line_end for line in lines]


def _bare(text: str) -> list[str]:
    """The lines without their ends."""
    return [line.rstrip("\r\n") for line in _lines(text)]


def _lines(text: str) -> list[str]:
    """The lines with their ends, as git counts them."""
    return re.findall(r"[^\n]*+\n|[^\n]++\Z", text)
