"""What sources answer in JSON, read without trust: every field may be missing, null or of another type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

from carrel.errors import SourceInvalid

# Control characters, and halves of characters, which JSON can spell and no file can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def decoded(body: bytes, source: str) -> Mapping[str, object]:
    """The JSON object of an answer. Raises SourceInvalid, which says what came instead."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        start = body[:200].lstrip().lower()
        what = "an HTML page" if start.startswith((b"<!doctype html", b"<html")) else "something else, or half of it,"
        raise _not_json(source, "nothing" if not start else what) from error
    if not isinstance(value, dict):
        raise _not_json(source, "something else")
    return value


def _not_json(source: str, what: str) -> SourceInvalid:
    return SourceInvalid(f"{source}'s answer cannot be read: {what} where JSON was due", "try again later")


def at(value: object, *path: str | int) -> object:
    """What stands at the end of a path of keys and positions, or None.

    >>> at({"title": ["Toy Models"]}, "title", 0), at({"title": None}, "title", 0)
    ('Toy Models', None)
    """
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: object, *path: str | int) -> str:
    """The text or whole number there, on one line, or "".

    >>> text({"volume": 5}, "volume"), text({"volume": None}, "volume"), text({"a": " x\\n y"}, "a")
    ('5', '', 'x y')
    """
    found = at(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        # Python itself refuses to write out numbers of thousands of digits.
        return str(found) if abs(found) < 10**18 else ""
    return " ".join(_UNPRINTABLE.sub(" ", found).split()) if isinstance(found, str) else ""


def listed(value: object, *path: str | int) -> list[object]:
    """The list there; of anything else, the empty one."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def doi_address(doi: str) -> str:
    """The web address of a DOI; some have characters that no address may have.

    >>> doi_address("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O")
    'https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O'
    """
    return f"https://doi.org/{quote(doi, safe='/:;()@!$&*+,=~')}"
