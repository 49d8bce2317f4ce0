"""What was put into a text, and that nothing else became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_LINE_END = r"(?:\r\n|\r(?!\n)|(?<!\r)\n)"
_ABOVE = re.compile(rf"({_LINE_END})({_LINE_END})\Z")
_BELOW = re.compile(rf"({_LINE_END})(?:({_LINE_END})|[^\S\r\n]*(?={_LINE_END}|\Z))")


def only_put_in(before: str, after: str, piece: str) -> bool:
    """Whether `after` is `before` with texts of the pattern `piece` put in, each with a blank line on either side.

    Every other byte is the same and in its place, and no line end was put in that this does not need.
    """
    first, *others = re.split(rf"(?:{piece})(?:{_LINE_END}{{2}}(?:{piece}))*", after, flags=re.DOTALL)
    if not others:
        return before == after
    *middle, last = others
    between = ([text for begun in _without_begin(one) for text in _without_end(begun)] for one in middle)
    return before in map("".join, product(_without_end(first), *between, _without_begin(last)))


def _without_end(text: str) -> Iterator[str]:
    """What may have stood above a piece: `text`, or that without line ends that its blank line needs."""
    if found := _ABOVE.search(text):
        yield from (text[: found.start(2)], text[: found.start(1)])
    if found or not text.strip():
        yield text


def _without_begin(text: str) -> Iterator[str]:
    """The same below it."""
    if found := _BELOW.match(text):
        yield from (text, text[found.end(1) :], text[found.end() :] if found[2] else text)
