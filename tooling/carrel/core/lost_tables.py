"""Tables that Carrel made and whose markers somebody lost or changed: they are no prose of the note either.

A table may list private notes. Between its markers it is hidden like a comment; without one of them only a guess is
left, and it must not guess that the rows are the writer's own text. So rows and captions are hidden

- below an opening marker that has no end, up to the next heading,
- above a closing marker that has no beginning, and above a caption as Carrel writes it, where no marker is left,
- below a query block whose markers are in disorder, up to the next heading.

All other text stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from carrel.core.opaque import MARKER, is_whole_table

if TYPE_CHECKING:
    from carrel.core.note import Citation, Link, Markup, Tag

    _Item = TypeVar("_Item", Link, Citation, Tag)

Span = tuple[int, int]

_ROW = re.compile(r"[ \t>*+-]*\|")
_WIKILINK = re.compile(r"\[\[[^\[\]\n]*\]\]")
_CAPTION = re.compile(r"^[ \t>]*[*_]{1,3}(?:\d+|No) (?:notes?|entry|entries)\b", re.IGNORECASE | re.MULTILINE)
_DATED = re.compile(r", (?:last changed|frozen on) \d{4}-\d{2}-\d{2}[*_]{0,3}[ \t]*$")
_BLOCKS = ("```", "~~~", " ", "\t")  # how code begins that takes whole lines


def without_lost_tables(body: str, markup: Markup) -> Markup:
    """The markup of a body with lost tables among its comments, and nothing else found in them."""
    blocks = [span for span in markup.comments if body.startswith(("`", "~"), span[0])]
    lost = list(_cut(_lines(body, _joined(_regions(body, markup, blocks)), markup), markup.comments))
    if not lost:
        return markup

    def outside(offset: int) -> bool:
        index = bisect_right(lost, (offset, len(body)))
        return not index or lost[index - 1][1] <= offset

    def kept(items: Iterable[_Item]) -> tuple[_Item, ...]:
        return tuple(item for item in items if outside(item.start))

    return replace(
        markup,
        links=kept(markup.links),
        citations=kept(markup.citations),
        tags=kept(markup.tags),
        blocks={name: line for name, line in markup.blocks.items() if outside(line)},
        comments=tuple(sorted((*markup.comments, *lost))),
        code=tuple(span for span in markup.code if outside(span[0])),
    )


def _regions(body: str, markup: Markup, blocks: Sequence[Span]) -> Iterator[Span]:
    """Where rows and captions are not to be seen; they may overlap."""
    headings = [heading.start for heading in markup.headings]
    markers = [span for span in markup.comments if MARKER.match(body, span[0])]
    whole = [span for span in markers if is_whole_table(body[slice(*span)])]
    odd = sorted(set(markers) - set(whole))
    edges = sorted((0, *headings, *(end for _, end in (*blocks, *whole))))

    def section_end(offset: int) -> int:
        index = bisect_left(headings, offset)
        return headings[index] if index < len(headings) else len(body)

    def above(offset: int) -> Span:
        return edges[bisect_right(edges, offset) - 1], offset

    for start, end in odd:
        marker = MARKER.match(body, start)
        yield above(start) if marker and marker[1] else (end, section_end(end))
    for number, (_, end) in enumerate(blocks):
        following = blocks[number + 1][0] if number + 1 < len(blocks) else len(body)
        index = bisect_left(odd, (end, 0))
        if index < len(odd) and odd[index][0] < following:
            yield end, section_end(end)
    if blocks:
        for caption in _CAPTION.finditer(body):
            stop = body.find("\n", caption.end())
            stop = len(body) if stop < 0 else stop
            if _DATED.search(body, caption.end(), stop):
                yield above(caption.start())[0], stop


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order, of which none overlaps or touches another."""
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span[0] <= last[1]:
            last = last[0], max(last[1], span[1])
        else:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last


def _lines(body: str, regions: Iterable[Span], markup: Markup) -> Iterator[Span]:
    """The lines of tables and captions in these regions; each goes on to the end of its paragraph."""
    blocks = [span for span in markup.code if body.startswith(_BLOCKS, span[0])]
    for first, last in regions:
        start, within = first, False
        while start < last:
            end = body.find("\n", start, last)
            end = last if end < 0 else end
            begin = max(start, _covered(markup.comments, start))
            if begin >= end or _covered(blocks, start) or not body[begin:end].strip():
                within = False
            elif within or _is_row(line := body[begin:end]) or _CAPTION.match(line) or _DATED.search(line):
                within = True
                yield begin, end
            start = end + 1


def _is_row(line: str) -> bool:
    return "|" in line and (_ROW.match(line) is not None or " | " in _WIKILINK.sub("", line))


def _covered(spans: Sequence[Span], offset: int) -> int:
    """Where the span ends that holds `offset`; 0 if none does."""
    index = bisect_right(spans, offset, key=lambda span: span[0])
    return spans[index - 1][1] if index and spans[index - 1][1] > offset else 0


def _cut(lines: Iterable[Span], comments: Sequence[Span]) -> Iterator[Span]:
    """What of these lines is in no comment yet."""
    for start, end in lines:
        for begin, stop in comments[bisect_left(comments, (start, 0)) : bisect_left(comments, (end, 0))]:
            if begin > start:
                yield start, begin
            start = stop
        if start < end:
            yield start, end
