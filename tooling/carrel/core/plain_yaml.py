"""Front matter that can mean one thing only, read without PyYAML: that needs 10 ms to load and thrice as long to read.

Each line is a key with a plain or quoted text or a list of these, or of mappings on one line (`sessions:`): what Carrel
writes, and most notes hold nothing else.
At the least doubt there is no answer, and the tests hold the answers to PyYAML's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from carrel.core.note import Value

# Doubtful are other first characters, a `#` outside of quotes, a colon that a blank may follow, escapes but of quotes
# and backslashes, doubled quotes, what cannot be seen, and in a `[list]` or `{mapping: }` all but plain words.
_KEY = re.compile(r"([A-Za-z][\w-]{0,60}):(?: +([^\n]+))?\n")
_DASHES = re.compile(r"( *)- +[^\n]+\n(?:\1- +[^\n]+\n)*")
_TEXT = re.compile(r"\w[^:#]*(?::[\w/][^:#]*)*|\"[^\"\\]*(?:\\[\"\\][^\"\\]*)*\"|'[^']*'")
_ITEM = re.compile(r" *(?:(\w[\w ./()+@'&-]*)|(\"[^\"\\]*(?:\\[\"\\][^\"\\]*)*\"|'[^']*') *)(?:,|\Z)")

_PAIR = re.compile(r" *([A-Za-z][\w-]{0,60}): +(\w[\w.-]*+) *(?:,|\Z)")


class Place(NamedTuple):
    """Where a top-level key's value stands in the text: its line (1-based) and its span in characters.

    `key` is where the key begins. `indent` is the column of a block list's dashes, or -1 for any other value.
    """

    line: int
    key: int
    start: int
    end: int
    indent: int


def read_plain(block: str, offset: int) -> tuple[Mapping[str, Value], Mapping[str, Place]] | None:
    """The values of a block of YAML, and their places in a text in which it begins at `offset`; None: ask PyYAML.

    >>> read_plain("title: Toy models\\ntags: [sae, toy]\\n", 4)[0]
    {'title': 'Toy models', 'tags': ('sae', 'toy')}
    >>> read_plain("title: Toy models # of superposition\\n", 4)
    """
    if not block.replace("\n", "").isprintable():
        return None
    metadata: dict[str, Value] = {}
    places: dict[str, Place] = {}
    position, number = 0, 2
    while position < len(block):
        line = _KEY.match(block, position)
        if line is None:
            return None
        key, written = line.groups("")
        if key in metadata:
            return None
        written = written.rstrip(" ")
        start, after, indent = line.start(2) if written else line.end(1) + 1, line.end(), -1
        value: Value | None
        if not written and (dashes := _DASHES.match(block, after)) is not None:
            written = dashes[0].strip(" \n")
            value = _block_list(written)
            start, after, indent = dashes.end(1), dashes.end(), len(dashes[1])
        else:
            value = _flow_list(written) if written.startswith("[") else _text(written)
        if value is None:
            return None
        start += offset
        metadata[key] = value
        places[key] = Place(number + (indent >= 0), offset + position, start, start + len(written), indent)
        number += 1 if indent < 0 else block.count("\n", position, after)
        position = after
    return metadata, places


def _text(written: str) -> str | None:
    if not _TEXT.fullmatch(written):
        return None if written else ""
    return _unquoted(written) if written[0] in "\"'" else written


def _unquoted(written: str) -> str:
    text = written[1:-1]
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text and written[0] == '"' else text


def _flow_list(written: str) -> tuple[str, ...] | None:
    items: list[str] = []
    position, end = 1, len(written) - 1
    while position < end:
        item = _ITEM.match(written, position, end)
        if item is None:
            return None
        words, quoted = item.groups()
        items.append(words.rstrip(" ") if words else _unquoted(quoted))
        position = item.end()
    return tuple(items) if written.endswith("]") else None


def _flow_mapping(written: str) -> Mapping[str, str] | None:
    pairs: dict[str, str] = {}
    position, end = 1, len(written) - 1
    while position < end:
        pair = _PAIR.match(written, position, end)
        if pair is None or pair[1] in pairs:
            return None
        pairs[pair[1]] = pair[2]
        position = pair.end()
    return pairs if written.endswith("}") else None


def _block_list(written: str) -> tuple[Value, ...] | None:
    items: list[Value] = []
    for line in written.split("\n"):
        words = line.lstrip(" ")[1:].strip(" ")
        item = _flow_mapping(words) if words.startswith("{") else _text(words)
        if not item:
            return None
        items.append(item)
    return tuple(items)
