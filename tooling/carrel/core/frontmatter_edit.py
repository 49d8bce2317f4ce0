"""The one writer of front matter. Changing a key changes that key's bytes and no other.

Comments, order, quoting, CRLF and everything else the user wrote stay as they are. Each edit is read back
and compared before it is returned; what cannot be changed without guessing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.frontmatter import FrontMatter, read

if TYPE_CHECKING:
    from carrel.core.note import Value

#: What can be written. A str reads back as that string; a date and an int are written bare, as people do.
Scalar: TypeAlias = "str | int | date"
Writable: TypeAlias = "Scalar | Sequence[Scalar]"

# Plain scalars that every YAML reader takes for a string: they begin with a letter, hold nothing that YAML
# reads as syntax, and are none of the words and numbers below.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./()+@'-]*[\w./()+])?")
_NOT_STRINGS = re.compile(r"(?:true|false|yes|no|on|off|y|n|null|nan|inf)", re.IGNORECASE)
# A comment, or perhaps a text in a list that looks like one: neither is thrown away.
_COMMENT = re.compile(r"(?<=\s)#")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


class CannotEdit(ValueError):
    """The front matter cannot be changed without guessing; the message says why."""


def quote(text: str) -> str:
    """A YAML scalar that reads back as `text`, bare where that is safe with every reader.

    >>> quote("Toy models"), quote("2310.06820"), quote("no"), quote('a "b": c')
    ('Toy models', '"2310.06820"', '"no"', '"a \\\\"b\\\\": c"')
    """
    if _PLAIN.fullmatch(text) and not _NOT_STRINGS.fullmatch(text):
        return text
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def scalar(value: Scalar) -> str:
    """One value as YAML.

    >>> scalar(date(2026, 11, 20)), scalar(4), scalar("4")
    ('2026-11-20', '4', '"4"')
    """
    if isinstance(value, str):
        return quote(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def yaml_value(value: Writable) -> str:
    """A value or a list of them, on one line.

    >>> yaml_value(["sae", "2310.06820"])
    '[sae, "2310.06820"]'
    """
    if isinstance(value, (str, int, date)):
        return scalar(value)
    return "[" + ", ".join(scalar(item) for item in value) + "]"


def set_key(text: str, key: str, value: Writable) -> str:
    """`text` with the top-level `key` of its front matter set to `value`; added as the last key if it is new.

    A block list stays a block list. A note without front matter gets one. Raises `CannotEdit`.

    >>> set_key("---\\nrating: 3  # of 5\\n---\\nBody", "rating", 4)
    '---\\nrating: 4  # of 5\\n---\\nBody'
    """
    old = _editable(text)
    newline = "\r\n" if "\r\n" in text[: old.start or len(text)] else "\n"
    if old.format == "":
        new = f"---{newline}{quote(key)}: {yaml_value(value)}{newline}---{newline}{newline}{text}"
    elif key in old.places:
        new = _replaced(text, old, key, value, newline)
    elif old.metadata and text[old.start : old.close].lstrip().startswith("{"):
        raise CannotEdit("the front matter is one {…} mapping")
    else:
        new = f"{text[: old.close]}{quote(key)}: {yaml_value(value)}{newline}{text[old.close :]}"
    return _verified(new, text, old, {**old.metadata, key: _as_read(value)})


def remove_key(text: str, key: str) -> str:
    """`text` without the top-level `key` (the same text when it has none). Raises `CannotEdit`.

    >>> remove_key("---\\na: 1\\nb: [2,\\n  3]\\nc: 4\\n---\\n", "b")
    '---\\na: 1\\nc: 4\\n---\\n'
    """
    old = _editable(text)
    place = old.places.get(key)
    if place is None:
        return text
    line_end = text.find("\n", place.end)
    begin = text.rfind("\n", 0, place.key) + 1
    new = text[:begin] + text[line_end + 1 :]
    return _verified(new, text, old, {name: kept for name, kept in old.metadata.items() if name != key})


def _editable(text: str) -> FrontMatter:
    old = read(text)
    if old.complaints:
        raise CannotEdit(old.complaints[0].message)
    if old.format not in ("", "yaml"):
        raise CannotEdit(f"the front matter is {old.format.upper()}, which Carrel reads but does not change")
    return old


def _replaced(text: str, old: FrontMatter, key: str, value: Writable, newline: str) -> str:
    place = old.places[key]
    begins = text[place.start : place.start + 1]
    commented = (
        place.start if begins in ("'", '"') else text.find("\n", place.start) if begins in ("|", ">") else place.end
    )
    if _COMMENT.search(text, place.key, commented):
        raise CannotEdit(f"a comment stands within the value of {key}")
    before, after = text[: place.start], text[place.end :]
    if place.indent >= 0 and not isinstance(value, (str, int, date)) and value:
        joint = newline + " " * place.indent
        return before + joint.join(f"- {scalar(item)}" for item in value) + after
    written = yaml_value(value)
    if "\n" in before[place.key :]:  # a block value began on a line of its own: bring the new one up to its key
        colon = before.index(":", place.key)
        return f"{before[: colon + 1]} {written}{after}"
    gap = "" if before.endswith((" ", "\t")) else " "
    return before + gap + written + after


def _as_read(value: Writable) -> Value:
    if isinstance(value, str):
        return value
    return scalar(value) if isinstance(value, (int, date)) else tuple(str(_as_read(item)) for item in value)


def _verified(new: str, text: str, old: FrontMatter, wanted: dict[str, Value]) -> str:
    """The edit, read back: the wanted values, the same body, nothing else changed. Otherwise it is refused."""
    again = read(new)
    if again.complaints or dict(again.metadata) != wanted or not new.endswith(text[old.end :]):
        raise CannotEdit("the front matter is written in a way that cannot be changed safely")
    return new
