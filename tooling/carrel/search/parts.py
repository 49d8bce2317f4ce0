"""The parts of a unit that a query may name, its sections and its code: where in the text the words of each stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from carrel.core.names import heading_slug
from carrel.search.analysis import fold, terms
from carrel.search.fields import MAX_VALUE

if TYPE_CHECKING:
    from carrel.search.units import Unit

_SIGNS = (("’", "'"), ("“", " "), ("”", " "), ("–", " "), ("—", " "), ("…", " "))
_WORDS = bytes(ord("a") if chr(code).isascii() and chr(code).isalnum() else ord(" ") for code in range(256))
_LETTER = re.compile(r"[^\W_]")
_TAIL = re.compile(r"'(?:s|t|re|ve|ll|d|m)(?![a-z0-9])", re.IGNORECASE)


@lru_cache(maxsize=20_000)
def part_name(heading: str) -> str:
    """The name of a section in queries: its heading without what a reader need not remember. "" if it has no word.

    >>> part_name("TL;DR"), part_name("Claims and  evidence"), part_name("claims-and-evidence"), part_name("Résumé?")
    ('tldr', 'claims-and-evidence', 'claims-and-evidence', 'resume')
    """
    name = fold(heading.partition("<!--")[0])
    return heading_slug(name)[:MAX_VALUE] if _LETTER.search(name) else ""


def parts(unit: Unit, before: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The parts of a unit that have words, each with its spans of places: first, behind the last, first, behind …

    `before` is the passage that stands before the text, if one does. A section has its heading's words and those of
    the sections below it. Spans of a part are in order, and no two overlap.
    """
    body, spans = unit.note.body, list(_sections(unit))
    spans += [(start, end, "code") for start, end in unit.of_spans(unit.note.markup.code) if body[start] != "$"]
    if not spans:
        return ()
    spans.sort()
    places: dict[int, int] = {}
    at, place = unit.start, 1 + length(before) if before else 0
    for edge in sorted({edge for start, end, _ in spans for edge in (start, end)}):
        places[edge] = place = place + length(unit.text(at, edge))
        at = edge
    found: dict[str, list[int]] = {}
    for start, end, name in spans:
        if places[start] < places[end]:
            _put(found.setdefault(name, []), places[start], places[end])
    return [(name, tuple(flat)) for name, flat in found.items()]


def _sections(unit: Unit) -> Iterator[tuple[int, int, str]]:
    """Each section with a word below its heading: where it begins, where it ends, and its name."""
    entry, body = unit.entry, unit.note.body
    headings = [(one.start, one.level, one.text) for one in unit.of(unit.note.markup.headings)]
    if entry is not None:
        del headings[0]  # its own, which is its title
    elif unit.note.entries:
        headings = sorted((*headings, *((one.start, 2, "") for one in unit.note.entries)))  # they end what is above
    if not headings:
        return
    opened: list[tuple[int, int, str]] = []
    for start, level, text in (*headings, (unit.end, 0, "")):
        while opened and opened[-1][1] >= level:
            first, _, name = opened.pop()
            below = body.find("\n", first, start)
            if below >= 0 and _LETTER.search(unit.text(below, start)):
                yield first, start, name
        if name := part_name(text) if text else "":
            opened.append((start, level, name))


def length(text: str) -> int:
    """How many terms a text has; what is written in ASCII is counted without a look at its words.

    >>> length("Editing `top_k` in SAE-7B, don\'t"), length("l\'homme’s"), length("検索する")
    (7, 2, 3)
    """
    if not text.isascii():
        for sign, plain in _SIGNS:
            text = text.replace(sign, plain)
        if not text.isascii():
            return sum(map(_counts.__getitem__, text.split()))
    count = b"".join((b" ", text.encode().translate(_WORDS))).count(b" a")
    if "'" in text:  # of `model's` and `don't`, what follows is no word
        count -= sum(text[tail.start() - 1 : tail.start()].isalnum() for tail in _TAIL.finditer(text))
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
