"""Unlinked mentions: where a note's title, alias, citation key or file name stands in other notes without a link.

The index narrows it to the notes that may hold one of the names; whether one stands there, as words of their own and
in that spelling but for case and accents, is read in their text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.pdf import PdfText
from carrel.search.analysis import Token, terms, tokens
from carrel.search.order import BEST
from carrel.search.search import Results, answered, entry_of, note_hit, read
from carrel.search.snippet import WIDTH, Marker, excerpt
from carrel.search.tree import And, Everything, InPdf, Not, Or, Phrase, Query

if TYPE_CHECKING:
    from carrel.core.note import Note
    from carrel.search.index import Hit, Match, NoteSource, SearchIndex
    from carrel.search.order import Order

#: What ends a sentence or a cell of a table, and so does not stand inside a name that does not have it itself.
_ENDS = frozenset(".!?;|")
#: Addresses, and links to other hosts: what stands there cannot become a link.
_ELSEWHERE = re.compile(r"\b\w+://[^\s<>)\]]+|!?\[[^\[\]\n]*\]\([^()\s]*\)|\[[^\[\]\n]*\]\[[^\[\]\n]*\]")

_LINE_END = re.compile(r"\n")


class _Name(NamedTuple):
    """A name as its folded words, and what may not stand between them."""

    words: tuple[str, ...]
    ends: frozenset[str]


class _Line(NamedTuple):
    """A line of a note with mentions: its number from 0 and its start in the body, and their spans."""

    number: int
    start: int
    spans: list[tuple[int, int]]


def mentions(
    source: NoteSource,
    index: SearchIndex,
    note: Note,
    query: Query | None = None,
    limit: int | None = 10,
    order: Order = BEST,
    width: int = WIDTH,
) -> Results:
    """Every line of other notes, among what answers `query`, that names `note` and does not link to it there."""
    names = names_of(note)
    phrases = Or(tuple(map(Phrase, names)))
    among: tuple[Query, ...] = () if query is None or isinstance(query, Everything) else (query,)
    narrowed = And((*among, phrases, Not(InPdf())))
    matches, _ = answered(source, index, lambda: index.search(narrowed, None, order))
    wanted = [_Name(tuple(term.surface for term in terms(name)), _ENDS - set(name)) for name in names]
    of_note: dict[str, list[Match]] = {}
    for match in matches:
        if match.path != note.path:
            of_note.setdefault(match.path, []).append(match)
    found: list[tuple[Match, Hit]] = []
    total = 0
    for path, units in of_note.items():
        other = read(source, path)
        if other is not None and not isinstance(other, PdfText):
            lines = list(_lines(other, units, wanted))
            total += len(lines)
            found += _hits(other, lines if limit is None else lines[: limit - len(found)], width)
    return Results(tuple(hit for _, hit in found), total, query=phrases, matches=tuple(match for match, _ in found))


def names_of(note: Note) -> list[str]:
    """What a note may be called in the text of others; of two that are the same words, the first.

    >>> from carrel.core.note import Note
    >>> names_of(Note("papers/elhage2022toy.md", "Toy Models", aliases=("toy models", "TMS")))
    ['Toy Models', 'TMS', 'elhage2022toy']
    """
    citekey = note.metadata.get("citekey", "")
    named: dict[tuple[str, ...], str] = {}
    for name in (note.title, *note.aliases, citekey if isinstance(citekey, str) else "", note.name):
        words = tuple(term.surface for term in terms(name))
        if len("".join(words)) > 1:  # a single letter stands everywhere
            named.setdefault(words, name)
    return list(named.values())


def _lines(note: Note, units: list[Match], names: list[_Name]) -> Iterator[tuple[Match, _Line]]:
    """Each line of these units of a note that has a mention."""
    starts = [entry.start for entry in note.entries]
    ends = [found.end() for found in _LINE_END.finditer(note.body)]
    inside: dict[int, dict[int, list[tuple[int, int]]]] = {}  # by where their entry begins, and by their line
    for span in _mentions(note, names):
        at = bisect_right(starts, span[0]) - 1
        begin = starts[at] if at >= 0 and span[0] < note.entries[at].end else -1
        inside.setdefault(begin, {}).setdefault(bisect_right(ends, span[0]), []).append(span)
    for match in units:
        entry = entry_of(note, match)
        for number, spans in inside.get(entry.start if entry else -1, {}).items():
            yield match, _Line(number, ends[number - 1] if number else 0, spans)


def _hits(note: Note, lines: Iterable[tuple[Match, _Line]], width: int) -> Iterator[tuple[Match, Hit]]:
    """A hit for each of these lines."""
    for match, units_lines in groupby(lines, itemgetter(0)):
        hit = note_hit(note, match, Marker(Everything()), width)
        for _, (number, begin, spans) in units_lines:
            stop = note.body.find("\n", spans[-1][1])
            text = note.body[begin : stop if stop >= 0 else len(note.body)]
            cut = excerpt(text, [(start - begin, end - begin) for start, end in spans], width)
            yield match, replace(hit, line=note.body_line + number, snippet=cut.text, marks=cut.marks)


def _mentions(note: Note, names: list[_Name]) -> Iterator[tuple[int, int]]:
    """The spans of a note's text that are one of the names; of two at a place, the longer."""
    body = note.body
    taken = _taken(note)
    starts = [start for start, _ in taken]
    listed = list(tokens(body))
    surfaces = [token.term.surface for token in listed]
    by_first: dict[str, list[_Name]] = {}
    for name in sorted(names, key=lambda name: -len(name.words)):
        by_first.setdefault(name.words[0], []).append(name)
    at = 0
    while at < len(listed):
        for name in by_first.get(surfaces[at], ()):
            last = at + len(name.words) - 1
            if tuple(surfaces[at : last + 1]) != name.words:
                continue
            start, end = listed[at].start, listed[last].end
            before = bisect_right(starts, start) - 1
            free = before < 0 or taken[before][1] <= start
            if free and _whole(body, start, end) and _together(listed[at : last + 1], name, body):
                yield start, end
                at = last
                break
        at += 1


def _taken(note: Note) -> list[tuple[int, int]]:
    """What of a note's text cannot be a mention: links, citations, tags, code, comments. In order, without overlaps."""
    markup = note.markup
    spans = [(one.start, one.end) for listed in (markup.links, markup.citations, markup.tags) for one in listed]
    spans += [one.group for one in markup.citations if one.group]
    spans += [*markup.comments, *markup.code, *(match.span() for match in _ELSEWHERE.finditer(note.body))]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _together(found: list[Token], name: _Name, body: str) -> bool:
    """Whether words stand as those of a name do, on one line or over a line's end; written without blanks they overlap.

    No name goes over a blank line or over the end of a sentence, unless it has one itself; `2310.06820` has none.
    """
    for one, next_ in pairwise(found):
        gap = body[one.end : next_.start]
        if len(gap) > 12 or gap.count("\n") > 1 or (gap != "." and name.ends & set(gap)):
            return False
    return True


def _whole(body: str, start: int, end: int) -> bool:
    """Whether a span is not a part of an identifier, as `top` is of `top_k`."""
    return body[start - 1 : start] not in ("_", "@", "#") and body[end : end + 1] != "_"
