"""Front matter as YAML, whatever is in it: PyYAML's events, built into strings with the place of every value.

The values are built with a stack of our own, because libyaml's composer is recursive in C and ends the process on
deep nesting. What is unusual (anchors, duplicate keys, depth) is a problem, not a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from carrel.core.frontmatter import MAX_DEPTH, Complaint
from carrel.core.plain_yaml import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carrel.core.note import Value

# What YAML takes for the end of a line (or skips) and no editor shows as one: a line could hide in it.
_HIDDEN_BREAK = re.compile("\\A\ufeff|\r(?!\n)|[\x85\u2028\u2029]")

_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(block: str, offset: int) -> tuple[Mapping[str, Value], Mapping[str, Place], tuple[Complaint, ...]]:
    """The values of a block of YAML, their places in a text in which it begins at `offset`, and what is wrong."""
    builder = _Builder(block, offset)
    metadata = builder.build()
    return metadata, builder.places, tuple(builder.complaints)


class _Stop(Exception):
    """Reading ends here: what follows cannot be trusted."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read. `last` is where its last leaf ended."""

    mapping: dict[str, Value] | None
    items: list[Value]
    key: str | None = None
    seen: set[str] = field(default_factory=set)
    indent: int = -1


class _Builder:
    """Builds one mapping of strings from PyYAML's events, without recursion.

    `places` holds the place of each top-level value, in characters of the whole text (`offset` is where
    the block begins).
    """

    def __init__(self, block: str, offset: int) -> None:
        self.block = block
        self.offset = offset
        self.places: dict[str, Place] = {}
        self.complaints: list[Complaint] = []
        self._stack: list[_Open] = []
        self._root: dict[str, Value] | None = None
        self._key_mark = 0
        self._value: tuple[int, int, int] = (1, 0, -1)  # line, start, indent of the top-level value being read
        self._leaf_end = 0

    def build(self) -> Mapping[str, Value]:
        """The mapping, or what of it could be read before the first complaint that ends the reading."""
        if (hidden := _HIDDEN_BREAK.search(self.block)) is not None:
            line = self.block.count("\n", 0, hidden.start()) + 2
            self._complain(line, "hidden-break", f"an invisible character stands here: {hidden[0]!a}")
        try:
            documents = 0
            for event in self._events():
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(event, "two-documents", "a second YAML document begins here")
                elif isinstance(event, yaml.NodeEvent):
                    self._node(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._leave(event)
        except _Stop:
            return {}
        return self._root or {}

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.block, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = self._line(mark) if mark else 1
            reason = " ".join(part for part in (error.context, error.problem) if part)
            self._complain(line, "bad-yaml", f"the YAML cannot be read: {reason}")
            raise _Stop from error
        except (yaml.YAMLError, ValueError) as error:  # ReaderError: characters that YAML forbids
            reason = str(error).splitlines()[0]
            self._complain(2, "bad-yaml", f"the YAML cannot be read: {reason}")
            raise _Stop from error

    def _line(self, mark: yaml.error.Mark | yaml._yaml.Mark) -> int:
        """The line of the file; YAML counts some characters as line ends that are none in a file."""
        return self.block.count("\n", 0, mark.index) + 2

    @staticmethod
    def _begin(event: yaml.Event) -> yaml.error.Mark | yaml._yaml.Mark:
        assert event.start_mark is not None  # parsed events have marks; only made-up ones do not
        return event.start_mark

    @staticmethod
    def _end(event: yaml.Event) -> int:
        assert event.end_mark is not None
        end: int = event.end_mark.index
        return end

    def _complain(self, line: int, code: str, message: str) -> None:
        self.complaints.append(Complaint(line, code, message))

    def _stop(self, event: yaml.Event, code: str, message: str) -> None:
        self._complain(self._line(self._begin(event)), code, message)
        raise _Stop

    def _node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:  # of `&a` and of `*a`: both let 400 bytes stand for gigabytes
            self._stop(event, "anchor", "anchors and aliases are not used in front matter")
        stack = self._stack
        if not stack:
            if not isinstance(event, yaml.MappingStartEvent):
                if isinstance(event, yaml.ScalarEvent) and not event.value:
                    return  # an empty block, or only comments
                self._stop(event, "not-a-mapping", "the front matter is not a list of `key: value` lines")
            stack.append(_Open({}, []))
            return
        top = stack[-1]
        if top.mapping is not None and top.key is None:
            self._enter_key(event, top)
            return
        if len(stack) == 1:
            indent = -1
            if isinstance(event, yaml.SequenceStartEvent) and not event.flow_style:
                indent = self._begin(event).column
            self._value = (self._begin(event).line + 2, self._begin(event).index, indent)
            self._leaf_end = self._end(event)
        if isinstance(event, yaml.ScalarEvent):
            self._leaf_end = self._scalar_end(event)
            self._put(event.value)
        elif len(stack) >= MAX_DEPTH:
            self._stop(event, "too-deep", f"the front matter is nested deeper than {MAX_DEPTH} levels")
        else:
            stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else None, []))

    def _enter_key(self, event: yaml.NodeEvent, top: _Open) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(event, "odd-key", "a key is a list or a mapping")
            return
        key: str = event.value
        if key in top.seen:
            self._complain(self._line(self._begin(event)), "duplicate-key", f"the key {key!r} is there twice")
        top.seen.add(key)
        top.key = key
        if len(self._stack) == 1:
            self._key_mark = self._begin(event).index

    def _scalar_end(self, event: yaml.ScalarEvent) -> int:
        """Where a scalar's own characters end: a block scalar's mark lies past the blank lines after it."""
        end = self._end(event)
        if event.style in ("|", ">"):
            start = self._begin(event).index
            return start + len(self.block[start:end].rstrip())
        return end

    def _put(self, value: Value) -> None:
        top = self._stack[-1]
        if top.mapping is None:
            top.items.append(value)
            return
        key = top.key or ""
        top.key = None
        top.mapping.setdefault(key, value)  # the first of two stays; the second is a complaint
        if len(self._stack) == 1 and key not in self.places:
            line, start, indent = self._value
            offset = self.offset
            self.places[key] = Place(line, offset + self._key_mark, offset + start, offset + self._leaf_end, indent)

    def _leave(self, event: yaml.CollectionEndEvent) -> None:
        done = self._stack.pop()
        if self._end(event) > self._begin(event).index:  # a flow list or mapping ends at its bracket
            self._leaf_end = self._end(event)
        value: Value = done.mapping if done.mapping is not None else tuple(done.items)
        if self._stack:
            self._put(value)
        else:
            self._root = done.mapping or {}
