"""Numbers and words from a program as the values of an entry."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date
from math import prod

from carrel.core.entry_values import value_fields
from carrel.errors import UsageError

#: Numbers of an array that an entry shows; of a larger one it says how large it is.
MOST_NUMBERS = 16


def fields(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Values as lines of an entry. Raises `UsageError` for a name or a value that would not be read back.

    >>> fields({"train/loss": 0.25, "Best": True, "seed": 3})
    (('train-loss', '0.25'), ('best', 'true'), ('seed', '3'))
    """
    if not isinstance(values, Mapping):
        raise UsageError(f"values: {str(values)[:40]!r} has no names; nothing was written", 'values={"acc": 0.83}')
    for given in values:
        if not isinstance(given, str):
            raise UsageError(f"values: {given!r} is no name; nothing was written", 'values={"acc": 0.83}')
    return value_fields((given, _written(given, value)) for given, value in values.items())


def _written(name: str, value: object) -> str:
    try:
        return _text(value)
    except Exception as error:  # whatever a stranger's `__str__` or `item` may raise; a number of 5,000 digits does
        raise UsageError(
            f"values: {name!r}: this {type(value).__name__} cannot be written; nothing was written",
            "give it as a number that a float holds, or as a short text",
        ) from error


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (float, int)):
        return repr(float(value)) if isinstance(value, float) else str(int(value))  # NumPy's own say np.float64(…)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)) and all(isinstance(one, (int, float)) or hasattr(one, "item") for one in value):
        return f"[{', '.join(map(_text, value))}]"
    shape = getattr(value, "shape", None)  # of NumPy, PyTorch, JAX
    if isinstance(shape, tuple) and shape and prod(shape) != 1:
        return _array(value, shape)
    item = getattr(value, "item", None)
    if callable(item):  # a number, or an array of one
        try:
            number = item()
        except (TypeError, ValueError, RuntimeError):
            return readable(str(value))
        return _shortest(number) if isinstance(number, float) else _text(number)
    return readable(str(value))


def _array(value: object, shape: tuple[int, ...]) -> str:
    """An array of several numbers, or of none: what is in it, or else what it is."""
    to_list = getattr(value, "tolist", None)
    if prod(shape) <= MOST_NUMBERS and callable(to_list):
        try:
            return _numbers(to_list())
        except (TypeError, ValueError, RuntimeError):  # one on a device that cannot be read
            pass
    return f"{type(value).__name__} of {' × '.join(map(str, shape))}"


def _numbers(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    return _shortest(value) if isinstance(value, float) else _text(value)


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
