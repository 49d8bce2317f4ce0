"""The parts of a unit that a query may name, its sections and its code: where in the text the words of each stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from carrel.search.analysis import terms
from carrel.search.fields import part_name

if TYPE_CHECKING:
    from carrel.core.note import Heading
    from carrel.search.units import Unit

_SIGNS = (("’", "'"), ("“", " "), ("”", " "), ("–", " "), ("—", " "), ("…", " "))
_WORDS = bytes(ord("a") if chr(code).isascii() and chr(code).isalnum() else ord(" ") for code in range(256))
_LETTER = re.compile(r"[^\W_]")
# Behind a word; the sign stands first, by which the engine finds it.
_TAIL = re.compile(r"'(?<=[a-z0-9]')(?:s|t|re|ve|ll|d|m)(?![a-z0-9])", re.IGNORECASE)


def parts(unit: Unit, before: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The parts of a unit that have words, each with its spans of places: first, behind the last, first, behind …

    `before` is the passage that stands before the text, if one does. A section has its heading's words and those of
    the sections below it. Spans of a part are in order, and no two overlap.
    """
    body, hidden = unit.note.body, unit.hidden
    spans = [(start, end, "code") for start, end in unit.of_spans(unit.note.markup.code) if body[start] != "$"]
    headings = unit.of(unit.note.markup.headings)
    if len(headings) > (unit.entry is not None):  # an entry's own heading is its title
        spans += _sections(unit, headings)
    if not spans:
        return ()
    spans.sort()
    places: dict[int, int] = {}
    at, place = unit.start, 1 + length(before) if before else 0
    for edge in sorted({edge for start, end, _ in spans for edge in (start, end)}):
        places[edge] = place = place + length(unit.text(at, edge) if hidden else body[at:edge])
        at = edge
    found: dict[str, list[int]] = {}
    for start, end, name in spans:
        if places[start] < places[end]:
            _put(found.setdefault(name, []), places[start], places[end])
    return [(name, tuple(flat)) for name, flat in found.items()]


def _sections(unit: Unit, headings: Sequence[Heading]) -> Iterator[tuple[int, int, str]]:
    """Each section with a word below its heading: where it begins, where it ends, and its name."""
    body, hidden = unit.note.body, unit.hidden
    edges = [(one.start, one.level, one.text) for one in headings]
    if unit.entry is not None:
        del edges[0]
    elif unit.note.entries:
        edges = sorted((*edges, *((one.start, 2, "") for one in unit.note.entries)))  # they end what is above
    opened: list[tuple[int, int, str]] = []
    for start, level, text in (*edges, (unit.end, 0, "")):
        while opened and opened[-1][1] >= level:
            first, _, name = opened.pop()
            below = body.find("\n", first, start)
            if below >= 0 and _LETTER.search(
                unit.text(below, start) if hidden else body, 0 if hidden else below, start
            ):
                yield first, start, name
        if name := part_name(text) if text else "":
            opened.append((start, level, name))


def length(text: str) -> int:
    """How many terms a text has; what is written in ASCII is counted without a look at its words.

    >>> length("Editing `top_k` in SAE-7B, don\'t"), length("l\'homme’s"), length("検索する")
    (7, 2, 3)
    """
    if not text.isascii():
        for sign, other in _SIGNS:
            text = text.replace(sign, other)
        if not text.isascii():
            return sum(map(_counts.__getitem__, text.split()))
    plain = text.encode().translate(_WORDS)
    count = plain.count(b" a") + plain.startswith(b"a")
    if "'" in text:  # of `model's` and `don't`, what follows is no word
        count -= len(_TAIL.findall(text))
    return count


class _Counts(dict[str, int]):
    """How many terms each string between blanks has; most come again and again."""

    def __missing__(self, chunk: str) -> int:
        if len(self) > 100_000:
            self.clear()
        self[chunk] = count = len(terms(chunk))
        return count


_counts = _Counts()


def _put(flat: list[int], start: int, end: int) -> None:
    """Add a span to others that begin before it. What overlaps becomes one."""
    if flat and start < flat[-1]:
        flat[-1] = max(flat[-1], end)
    else:
        flat += (start, end)
