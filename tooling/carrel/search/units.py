"""The units that are found: a note, or each entry of a log day and what the day says outside of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from carrel.core.note import Entry, Note

    class _Placed(Protocol):
        @property
        def start(self) -> int: ...


_Item = TypeVar("_Item", bound="_Placed")
_start = attrgetter("start")

#: From an offset to another, in characters of a note's body.
Span = tuple[int, int]


class Unit:
    """An entry of a note, or for None the note without its entries. All of its methods keep the order of the text."""

    def __init__(self, note: Note, entry: Entry | None) -> None:
        self.note, self.entry = note, entry
        self.start, self.end = (entry.start, entry.end) if entry else (0, len(note.body))
        self._whole = not note.entries
        self.spans: list[Span] = [(self.start, self.end)]
        if entry is None and note.entries:
            edges = [0, *(edge for one in note.entries for edge in (one.start, one.end)), self.end]
            self.spans = list(zip(edges[::2], edges[1::2], strict=True))
        self.comments = self._comments() if note.markup.comments else ()
        #: What stands between the unit's start and end and is no text of it: comments, and entries of the day.
        self.hidden = self.comments
        if entry is None and note.entries:
            self.hidden = sorted((*self.comments, *((one.start, one.end) for one in note.entries)))

    def _comments(self) -> Sequence[Span]:
        """The comments but one that is never closed: it may be a slip, and what follows it is to be found."""
        spans, body = self.of_spans(self.note.markup.comments), self.note.body
        if spans and body.startswith("<!--", spans[-1][0]) and not body.endswith("-->", *spans[-1]):
            return spans[:-1]
        return spans

    def of(self, items: Sequence[_Item]) -> Sequence[_Item]:
        """Those of a note's items that stand in the unit."""
        if self._whole or not items:
            return items
        found: list[_Item] = []
        for first, last in self.spans:
            found += items[bisect_left(items, first, key=_start) : bisect_left(items, last, key=_start)]
        return found

    def of_spans(self, spans: Sequence[Span]) -> Sequence[Span]:
        """Those of a note's spans that lie in the unit."""
        if self._whole or not spans:
            return spans
        found: list[Span] = []
        for first, last in self.spans:
            found += spans[bisect_left(spans, (first, 0)) : bisect_left(spans, (last, 0))]
        return found

    def text(self, start: int, end: int) -> str:
        """What of the body from `start` to `end` is the unit's text.

        It has as many lines as it has in the note: of what is left out, the line breaks stay.
        """
        body, hidden = self.note.body, self.hidden
        if not hidden:
            return body[start:end]
        index = bisect_left(hidden, (start, 0))
        if index:
            start = max(start, hidden[index - 1][1])
        pieces: list[str] = []
        for first, last in hidden[index : bisect_left(hidden, (end, 0))]:
            pieces += (body[start:first], " ", "\n" * body.count("\n", first, last))
            start = last
        pieces.append(body[start:end])
        return "".join(pieces)


def unit_text(note: Note, entry: Entry | None) -> str:
    """The text of an entry with its heading, or of a note without its entries; comments are left out of either."""
    unit = Unit(note, entry)
    return unit.text(unit.start, unit.end)


def unit_tags(note: Note, entry: Entry | None) -> tuple[str, ...]:
    """The tags of a note, or of an entry: the front matter's and its own."""
    if not note.entries:
        return note.tags
    own = entry.tags if entry else (tag.name for tag in Unit(note, None).of(note.markup.tags))
    return tuple(dict.fromkeys((*front_tags(note), *own)))


def front_tags(note: Note) -> list[str]:
    """The tags of a note that are not only written in its text."""
    written = note.metadata.get("tags", note.metadata.get("tag", ()))
    names = written.replace(",", " ").split() if isinstance(written, str) else written
    front = {name.lstrip("#") for name in names if isinstance(name, str)}
    return [tag for tag in note.tags if tag in front]
