"""The one writer of front matter. Changing a key changes that key's bytes and no other.

Comments, order, quoting, CRLF and everything else the user wrote stay as they are. Each edit is read back
and compared before it is returned; what cannot be changed without guessing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from carrel.core.frontmatter import FrontMatter, read

if TYPE_CHECKING:
    from carrel.core.note import Value

#: What can be written. A str reads back as that string; a date and an int are written bare, as people do.
Scalar: TypeAlias = "str | int | date"
#: An item of a list; a mapping is written on one line, `{date: 2026-11-20, level: skim}`.
Item: TypeAlias = "Scalar | Mapping[str, Scalar]"
Writable: TypeAlias = "Scalar | Sequence[Item]"

# Plain scalars that every YAML reader takes for a string: they begin with a letter, hold nothing that YAML
# reads as syntax, and are none of the words and numbers below.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./()+@'-]*[\w./()+])?")
_NOT_STRINGS = re.compile(r"(?:true|false|yes|no|on|off|y|n|null|nan|inf)", re.IGNORECASE)
# A comment, or perhaps a text in a list that looks like one: neither is thrown away.
_COMMENT = re.compile(r"(?<=\s)#")
_UNSAFE = "the front matter is written in a way that cannot be changed safely"
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
    if text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def scalar(value: Item) -> str:
    """One value as YAML.

    >>> scalar(date(2026, 11, 20)), scalar(4), scalar("4"), scalar({"level": "skim", "minutes": 10})
    ('2026-11-20', '4', '"4"', '{level: skim, minutes: 10}')
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quote(key)}: {scalar(inner)}" for key, inner in value.items()) + "}"
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


def append_item(text: str, key: str, item: Item) -> str:
    """`text` with `item` at the end of the list under the top-level `key`; a list that is not there yet is begun.

    What the list holds stays as it is written, comments included: a new line in a block list, a new item in a flow
    list. Raises `CannotEdit`, also where the value is no list.

    >>> print(append_item("---\\ntags:\\n  - a  # first\\nb: 1\\n---\\n", "tags", "c"))
    ---
    tags:
      - a  # first
      - c
    b: 1
    ---
    <BLANKLINE>
    """
    old = _editable(text)
    before = old.metadata.get(key, "")
    if before in ("", "~", "null"):
        return _begun(text, old, key, item)
    if not isinstance(before, tuple):
        raise CannotEdit(f"{key} is no list")
    place = old.places[key]
    wanted = {**old.metadata, key: (*before, _as_read(item))}
    if place.indent >= 0:
        line_end = text.index("\n", place.end)
        newline = "\r\n" if text[line_end - 1] == "\r" else "\n"
        written = _item_like(text[place.start : place.end], place.indent, item, newline)
        return _verified(f"{text[: line_end + 1]}{written}{newline}{text[line_end + 1 :]}", text, old, wanted)
    inside = place.start + 1 + len(text[place.start + 1 : place.end - 1].rstrip())
    joint = "" if not before else " " if text[inside - 1] == "," else ", "
    for end, between in ((inside, joint), (place.end - 1, joint), (place.end - 1, "")):
        with suppress(CannotEdit):  # a comment stands behind the last item, or behind the comma after it
            return _verified(f"{text[:end]}{between}{scalar(item)}{text[end:]}", text, old, wanted)
    raise CannotEdit(_UNSAFE)


def _begun(text: str, old: FrontMatter, key: str, item: Item) -> str:
    """`text` with a list of one item under a key that has no value yet."""
    new = set_key(text, key, [item])
    place = read(new).places[key]
    line_end = new.find("\n", place.end)
    if new[place.end : line_end].strip() or new[old.start : old.start + 1] == "{":
        return new  # a comment stands behind it, or the front matter is on one line: the list stays on it too
    newline = "\r\n" if new[line_end - 1] == "\r" else "\n"
    begin = new.index(":", place.key + len(key)) + 1
    block = f"{new[:begin]}{newline}  - {scalar(item)}{new[place.end :]}"
    return _verified(block, text, old, {**old.metadata, key: (_as_read(item),)})


def _item_like(items: str, indent: int, item: Item, newline: str) -> str:
    """`item` as a line of a block list, or as several where the last mapping there is written so."""
    dash = " " * indent + "-"
    last = next((line for line in reversed(items.split("\n")) if line.startswith(dash)), items)
    gap = re.match(r"[ \t]*", last.strip()[1:])
    blanks = gap[0] if gap and gap[0] else " "
    if not isinstance(item, Mapping) or not re.match(r"-[ \t]+[\w\"']+:(?:\s|\Z)", last.strip()):
        return f"{dash}{blanks}{scalar(item)}"
    joint = newline + " " * (indent + 1 + len(blanks))
    return dash + blanks + joint.join(f"{quote(key)}: {scalar(value)}" for key, value in item.items())


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


def _as_read(value: Writable | Item) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _as_read(inner) for key, inner in value.items()}
    return scalar(value) if isinstance(value, (int, date)) else tuple(_as_read(item) for item in value)


def _verified(new: str, text: str, old: FrontMatter, wanted: dict[str, Value]) -> str:
    """The edit, read back: the wanted values, the same body, nothing else changed. Otherwise it is refused."""
    again = read(new)
    if again.complaints or dict(again.metadata) != wanted or not new.endswith(text[old.end :]):
        raise CannotEdit(_UNSAFE)
    return new
