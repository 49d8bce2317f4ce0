"""The one reader of front matter: the block on top of a note, as strings, with the place of every value.

Values are strings first: nothing turns `2310.06820` into a number or `no` into False. PyYAML says what a block means
(`yaml_events.py`), but for the blocks of most notes, which can mean one thing only (`plain_yaml.py`).

YAML between `---` lines is what Carrel writes; TOML between `+++` lines (Hugo) and a JSON object are read too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from carrel.core.plain_yaml import Place, read_plain

if TYPE_CHECKING:
    from carrel.core.note import Value

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 20

# `----` and trailing blanks are accepted because other tools accept them; the close may be `...` as in YAML.
_FENCE = re.compile(r"(-{3,}|\+{3})[ \t]*(?:\r?\n|\Z)")
_CLOSE_YAML = re.compile(r"\n(?:-{3,}|\.{3})[ \t]*(?:\r?\n|\Z)")
_CLOSE_TOML = re.compile(r"\n\+{3}[ \t]*(?:\r?\n|\Z)")
_JSON = re.compile(r"\{[ \t]*\r?\n(?:[^\n]*\n)*?\}[ \t]*(?:\r?\n|\Z)")


class Complaint(NamedTuple):
    """One thing wrong: the line (1-based), a stable code, and a sentence."""

    line: int
    code: str
    message: str


class FrontMatter(NamedTuple):
    """What stands on top of a note. `text[start:close]` is the block between its fences, the body begins at `end`.

    `format` is "yaml", "toml", "json", or "" when there is none.
    """

    format: str = ""
    metadata: Mapping[str, Value] = {}
    places: Mapping[str, Place] = {}
    start: int = 0
    close: int = 0
    end: int = 0
    complaints: tuple[Complaint, ...] = ()


def read(text: str) -> FrontMatter:
    """Read the front matter on top of `text` (without BOM). Content never makes it raise.

    >>> read("---\\ntitle: Toy models\\narxiv: 2209.10652\\n---\\nBody").metadata
    {'title': 'Toy models', 'arxiv': '2209.10652'}
    >>> read("---\\na: 1\\na: 2\\n---\\n").complaints
    (Complaint(line=3, code='duplicate-key', message="the key 'a' is there twice"),)
    >>> read("No front matter").end
    0
    """
    if text.startswith("{"):
        return _read_json(text)
    fence = _FENCE.match(text)
    if fence is None:
        return FrontMatter()
    toml = fence[1] == "+++"
    start = fence.end()
    closing = (_CLOSE_TOML if toml else _CLOSE_YAML).search(text, start - 1, start + MAX_CHARACTERS + 4)
    if closing is None:
        return _unclosed(text, start)
    close = closing.start() + 1
    block, spans = text[start:close], (start, close, closing.end())
    if toml:
        return _read_toml(block, spans)
    if (plain := read_plain(block, start)) is not None:
        return FrontMatter("yaml", *plain, *spans)
    from carrel.core.yaml_events import read_yaml  # PyYAML takes 10 ms to load

    metadata, places, complaints = read_yaml(block, start)
    return FrontMatter("yaml", metadata, places, *spans, complaints)


def _unclosed(text: str, start: int) -> FrontMatter:
    """A first `---` with no second one is a rule in plain Markdown, unless what follows it looks like a key."""
    if len(text) - start > MAX_CHARACTERS:
        message = f"the front matter is not closed within {MAX_CHARACTERS // 1024} KiB"
    elif re.match(r"[\w-]+:", text[start : start + 200]):
        message = "the front matter is never closed by a line ---"
    else:
        return FrontMatter()
    return FrontMatter(complaints=(Complaint(1, "unclosed-front-matter", message),))


def _read_json(text: str) -> FrontMatter:
    """A JSON object alone on the first lines; a brace at the start of ordinary prose or code is none."""
    block = _JSON.match(text, 0, MAX_CHARACTERS)
    if block is None:
        return FrontMatter()
    from carrel.core.toml_json import from_json

    try:
        return FrontMatter("json", from_json(block[0], MAX_DEPTH), {}, 0, block.end(), block.end())
    except ValueError:
        return FrontMatter()


def _read_toml(block: str, spans: tuple[int, int, int]) -> FrontMatter:
    from carrel.core.toml_json import from_toml

    try:
        return FrontMatter("toml", from_toml(block, MAX_DEPTH), {}, *spans)
    except ValueError as error:
        return FrontMatter("toml", {}, {}, *spans, (Complaint(1, "bad-toml", f"the TOML cannot be read: {error}"),))
