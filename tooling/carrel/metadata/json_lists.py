"""Lists of objects in JSON, cut one by one: of a file that ends in the middle there is all that comes before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

_BETWEEN = re.compile(r"[\s,]*")


def objects(text: str) -> Iterator[tuple[int, Mapping[str, object] | str]]:
    """The objects of the list that a text holds, each with its line; a text instead of one says what is wrong there.

    An object with a list under `items` is that list, any other the only one of its list.

    >>> list(objects('[{"a": 1},\\n 7, {"b": '))
    [(1, {'a': 1}), (2, 'this is no reference'), (2, 'no JSON from here on: Expecting value')]
    """
    text = text.removeprefix("\ufeff")
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    at = line_at = 0
    line = 1
    try:
        at = _after(text, 0)
        if not text.startswith("[", at):
            whole = decoder.decode(text)
            listed = whole.get("items", [whole]) if isinstance(whole, dict) else [whole]
            for one in listed if isinstance(listed, list) else [listed]:
                yield line, one if isinstance(one, Mapping) else "this is no reference"
            return
        at += 1
        while not text.startswith("]", at := _after(text, at)):
            line, line_at = line + text.count("\n", line_at, at), at
            one, at = decoder.raw_decode(text, at)
            yield line, one if isinstance(one, Mapping) else "this is no reference"
    except json.JSONDecodeError as error:
        yield error.lineno, f"no JSON from here on: {error.msg}"
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
        yield line, f"this cannot be read: {reason}"


def _after(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at
