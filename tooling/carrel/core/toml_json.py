"""TOML and JSON as front-matter values: texts as YAML would have them written, in lists and mappings.

What other tools write on top of their notes; Carrel reads it and writes YAML.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.core.note import Value


def from_toml(text: str, max_depth: int) -> dict[str, Value]:
    """The table that `text` is. Raises ValueError.

    >>> from_toml("arxiv = 2310.06820\\ndraft = true", 20)
    {'arxiv': '2310.06820', 'draft': 'true'}
    """
    # tomllib's time is quadratic in the parts of a dotted key, so those are counted before.
    if re.search(rf"(?<![\w\"'-])(?:[\w\"'-]+[ \t]*\.[ \t]*){{{max_depth}}}", text):
        raise ValueError(f"nested deeper than {max_depth} levels")
    try:
        return _table(tomllib.loads(text.replace("\r\n", "\n"), parse_float=str), max_depth)
    except RecursionError:
        raise ValueError(f"nested deeper than {max_depth} levels") from None


def from_json(text: str, max_depth: int) -> dict[str, Value]:
    """The object that `text` is. Raises ValueError, also for a key that is there twice.

    >>> from_json('{"arxiv": 2310.06820, "tags": ["sae"], "venue": null}', 20)
    {'arxiv': '2310.06820', 'tags': ('sae',), 'venue': ''}
    """
    try:
        return _table(json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_unique), max_depth)
    except RecursionError:
        raise ValueError(f"nested deeper than {max_depth} levels") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _table(table: dict[str, object], levels: int) -> dict[str, Value]:
    return {_text(key): _value(value, levels - 1) for key, value in table.items()}


def _value(value: object, levels: int) -> Value:
    if levels <= 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return _table(value, levels)
    if isinstance(value, list):
        return tuple(_value(inner, levels - 1) for inner in value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else _text(value)


def _text(value: object) -> str:
    text = str(value)
    text.encode()  # half of a surrogate pair, which JSON can escape, is no text: a UnicodeError is a ValueError
    return text
