"""Numbers and words from a program as the `key:: value` lines of an entry."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Mapping
from datetime import date

from carrel.core.log import inline_fields
from carrel.errors import UsageError

#: Lines that an entry writes itself.
_TAKEN = ("project", "experiment")
_PLAIN = re.compile(r"[\w .,:;/+()=-]*")
_BREAKS = re.compile(r"[^\w -]+")


def fields(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The lines, each as it is read back. Raises `UsageError` for a name or a value of which that is not true.

    Names are in lower case; what cannot stand in one becomes a hyphen.

    >>> fields({"train/loss": 0.25, "Best": True, "seed": 3})
    (('train-loss', '0.25'), ('best', 'true'), ('seed', '3'))
    """
    if not isinstance(values, Mapping):
        raise UsageError(f"values: {str(values)[:40]!r} has no names; nothing was written", 'values={"acc": 0.83}')
    found: dict[str, str] = {}
    for given, value in values.items():
        key, text = _key(given), _text(given, value)
        if key in found or key in _TAKEN:
            where = "stands there twice" if key in found else f"is an argument of its own: log(…, {key}=…)"
            raise UsageError(f"values: {given!r} {where}; nothing was written", "give it another name")
        line = f"{key}:: {text}"
        if inline_fields(line) != {key: text} or not _harmless(line):
            raise UsageError(
                f"values: {given!r}: {text[:40]!r} could not be read back; nothing was written",
                "a name is a few words of letters and digits, and a value one line without comments",
            )
        found[key] = text
    return tuple(found.items())


def _harmless(line: str) -> bool:
    """Whether what follows a line is not swallowed: by a comment, say, that it begins or ends."""
    if _PLAIN.fullmatch(line):
        return True
    from carrel.core.markdown import scan  # numbers and most words need none

    markup = scan(f"{line}\n\n## next\n\n{line}\n\n## next\n")
    return len(markup.headings) == 2 and not markup.comments


def _key(given: str) -> str:
    if not isinstance(given, str):
        raise UsageError(f"values: {given!r} is no name; nothing was written", 'values={"acc": 0.83}')
    return " ".join(_BREAKS.sub("-", unicodedata.normalize("NFC", given)).strip(" -").lower().split())


def _text(key: str, value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (float, int)):
        return repr(float(value)) if isinstance(value, float) else str(int(value))  # NumPy's own say np.float64(…)
    if isinstance(value, date):
        return value.isoformat()
    item = getattr(value, "item", None)  # of NumPy, PyTorch, JAX: an array of one number
    if callable(item):
        try:
            number = item()
        except (TypeError, ValueError, RuntimeError) as error:
            raise UsageError(
                f"values: {key!r} holds more than one number; nothing was written", "log its mean, or its last"
            ) from error
        return _shortest(number) if isinstance(number, float) else _text(key, number)
    return " ".join(readable(str(value)).split())


def readable(text: str) -> str:
    """Text that a file can hold: what is no Unicode, or a NUL, becomes a visible escape."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00").replace("\r\n", "\n")


def _shortest(number: float) -> str:
    """As few digits as tell a number from others, if it was one of 32 bits before it was made one of 64.

    >>> _shortest(0.8299999833106995), _shortest(0.1)
    ('0.83', '0.1')
    """
    try:
        if _single(number) == number:
            shorter = (float(f"{number:.{digits}g}") for digits in range(1, 10))
            return next(repr(short) for short in shorter if _single(short) == number)
    except OverflowError:
        pass  # too large for 32 bits
    return repr(number)


def _single(number: float) -> float:
    (single,) = struct.unpack("f", struct.pack("f", number))
    return float(single)
