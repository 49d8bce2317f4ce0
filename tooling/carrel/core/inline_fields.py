"""Fields within a text: lines `key:: value`, as Dataview and Logseq have them. `core.log` writes them."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INLINE_FIELD = re.compile(r"^(?:[-*] )?([\w][\w -]{0,40})::(?!\S)(.*)", re.MULTILINE)

#: Where something begins and ends in a text.
Span = tuple[int, int]


def inline_fields(
    text: str, start: int = 0, end: int | None = None, code: Sequence[Span] = (), comments: Sequence[Span] = ()
) -> dict[str, str]:
    """The `key:: value` lines of an entry, as Dataview and Logseq write them; keys in lower case.

    The entry is the part of `text` from `start` to `end`. What stands within spans of code or comments is none of its
    fields, and a comment is no part of a value.

    >>> inline_fields("Works.\\n\\nproject:: toy\\n- Loss:: 0.3")
    {'project': 'toy', 'loss': '0.3'}
    >>> inline_fields("a:: b %%c\\nd:: e%%\\nf:: `g`", code=((20, 23),), comments=((6, 15),))
    {'a': 'b', 'f': '`g`'}
    """
    end = len(text) if end is None else end
    if text.find("::", start, end) < 0:
        return {}
    found = (one for one in _INLINE_FIELD.finditer(text, start, end) if not any(_within(one, code, comments)))
    return {one[1].strip().lower(): _without(text, *one.span(2), comments) for one in found}


def _within(field: re.Match[str], *kinds: Sequence[Span]) -> Iterator[bool]:
    """Whether a field begins within one of the spans, for each kind of them."""
    for spans in kinds:
        number = bisect_right(spans, (field.start(1) + 1,))
        yield number > 0 and spans[number - 1][1] > field.start(1)


def _without(text: str, start: int, end: int, comments: Sequence[Span]) -> str:
    """A part of the text without the comments in it."""
    parts, number = [], bisect_right(comments, (start,))
    while number < len(comments) and comments[number][0] < end:
        parts.append(text[start : comments[number][0]])
        start = min(comments[number][1], end)
        number += 1
    return "".join((*parts, text[start:end])).strip()
