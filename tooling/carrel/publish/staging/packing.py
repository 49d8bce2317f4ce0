"""Values as bytes and back: pickles that hold our own records, quickly, and that run nothing when they are read.

Of a note only what says who and what it is comes back at once. Its text, and what was found in that, stays packed until
somebody asks for it: most builds read few of ten thousand texts.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from importlib import import_module
from io import BytesIO
from operator import attrgetter
from typing import Any, Protocol

from carrel.core.note import Entry, Link, Markup, Note, Problem
from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.publish.edition.faces import Face
from carrel.publish.edition.network import Node
from carrel.publish.staging.staged import StagedPage
from carrel.publish.text.passage import Unresolved

#: The records that there are many of. What a dataclass does by itself takes five times as long.
_MANY: tuple[type, ...] = (Markup, Link, Entry, Problem, Paper, Name, Face, Node, StagedPage, Unresolved)
#: The classes of others that values are made of.
_PLAIN = {("datetime", "date"), ("datetime", "time"), ("array", "_array_reconstructor"), ("array", "array")}
#: The fields of a note that stay packed, and the others.
_LONG = ("body", "body_line", "markup", "relations", "entries")
_SHORT = tuple(field.name for field in fields(Note) if field.name not in _LONG)
_long, _short, _all = attrgetter(*_LONG), attrgetter(*_SHORT), attrgetter(*_SHORT, *_LONG)


class Unread(Note):
    """A note whose text is still packed. It is unpacked when one of its fields is asked for, and not seen from outside.

    It equals a note of the same values.
    """

    __slots__ = ("packed",)
    packed: bytes

    def __getattr__(self, name: str) -> object:
        """A field that has no value yet."""
        if name not in _LONG:
            raise AttributeError(name)
        for put, value in zip(_putters(Note, _LONG), unpacked(BytesIO(self.packed)), strict=True):
            put(self, value)
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Note) and bool(_all(self) == _all(other))

    __hash__ = Note.__hash__


class Target(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write these bytes."""


def packed(value: object) -> bytes:
    """A value as bytes."""
    target = BytesIO()
    pack(value, target)
    return target.getvalue()


def pack(value: object, target: Target) -> None:
    """Write a value as bytes, part by part."""
    pickler = pickle.Pickler(target, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _TABLE
    pickler.dump(value)


def unpacked(data: BytesIO) -> Any:
    """The value in the bytes that come next. Raises whatever comes to its mind when they are not from `packed`."""
    return _Unpickler(data).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class of ours, or a plain one: to make one of these is no harm."""
        return _found(module, name)


@cache
def _found(module: str, name: str) -> Any:
    known = (module, name) in _PLAIN
    if known or module.startswith("carrel."):
        found = getattr(import_module(module), name)
        own = isinstance(found, type) and found.__module__ == module  # and not one that the module imports
        if known or own or found in (_remade, _unread):
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


def _reduced_note(note: Note) -> tuple[Callable[..., object], tuple[object, ...]]:
    text = getattr(note, "packed", None)
    return _unread, (packed(_long(note)) if text is None else text, *_short(note))


def _unread(text: bytes, *values: object) -> Note:
    note = object.__new__(Unread)
    for put, value in zip(_putters(Note, _SHORT), values, strict=True):
        put(note, value)
    object.__setattr__(note, "packed", text)
    return note


#: How each kind of record is packed.
_TABLE: dict[type, Callable[[Any], tuple[Callable[..., object], tuple[object, ...]]]] = {
    **dict.fromkeys(_MANY, _reduced),
    Note: _reduced_note,
    Unread: _reduced_note,
}


@cache
def _values(kind: Any) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*(field.name for field in fields(kind)))


@cache
def _putters(kind: Any, names: tuple[str, ...] | None = None) -> tuple[Callable[[object, object], None], ...]:
    """What sets each field of a frozen record, or those that are named."""
    return tuple(kind.__dict__[name].__set__ for name in names or [field.name for field in fields(kind)])
