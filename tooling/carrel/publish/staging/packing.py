"""Values as bytes and back: pickles that hold our own records, quickly, and that run nothing when they are read."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from io import BytesIO
from operator import attrgetter
from typing import Any

from carrel.core.note import Entry, Link, Markup, Note
from carrel.core.paper import Paper
from carrel.core.person import Name

#: The records that there are many of. What a dataclass does by itself takes five times as long.
_MANY: tuple[type, ...] = (Note, Markup, Link, Entry, Paper, Name)
#: The classes of others that values are made of.
_PLAIN = {("datetime", "date"), ("datetime", "time"), ("array", "_array_reconstructor"), ("array", "array")}


def packed(value: object) -> bytes:
    """A value as bytes."""
    target = BytesIO()
    pickler = pickle.Pickler(target, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = dict.fromkeys(_MANY, _reduced)
    pickler.dump(value)
    return target.getvalue()


def unpacked(data: bytes) -> Any:
    """The value in these bytes. Raises whatever comes to its mind when they are not from `packed`."""
    return _Unpickler(BytesIO(data)).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class of ours, or a plain one: to make one of these is no harm."""
        known = (module, name) in _PLAIN
        if known or module.startswith("carrel."):
            found = super().find_class(module, name)
            if known or found is _remade or isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _reduced(record: object) -> tuple[Callable[..., object], tuple[object, ...]]:
    kind: Any = type(record)
    return _remade, (kind, *_values(kind)(record))


def _remade(kind: Any, *values: object) -> object:
    record: object = object.__new__(kind)
    for put, value in zip(_putters(kind), values, strict=True):
        put(record, value)
    return record


@cache
def _values(kind: Any) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*(field.name for field in fields(kind)))


@cache
def _putters(kind: Any) -> tuple[Callable[[object, object], None], ...]:
    """What sets each field of a frozen record."""
    return tuple(kind.__dict__[field.name].__set__ for field in fields(kind))
