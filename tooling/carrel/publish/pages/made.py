"""What the site holds besides notes: pages and files that are made from several of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.publish.edition.edition import Edition


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page that is made from notes: where it stands in the stage, its title, and what writes its text.

    The text is written later, and again only when something changed that it was made from: so `text` reads nothing
    but the edition that it is given.
    """

    path: str
    title: str
    text: Callable[[Edition], str]


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that is made from notes, as a feed is: where it stands in the stage, and what writes it, as above."""

    path: str
    content: Callable[[Edition], str]


def plain_call(call: Callable[[Edition], str]) -> tuple[object, ...]:
    """What tells one maker of a text from another: a function of a module, or `partial` of one with plain arguments.

    >>> plain_call(partial(plain_call, call=("tags/sae.md", 2)))
    (('carrel.publish.pages.made', 'plain_call'), ('call', ('tags/sae.md', 2)))
    """
    plain = _plain(call)
    return plain if isinstance(plain, tuple) else (plain,)


def _plain(value: object) -> object:
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, FunctionType) and "<" not in value.__qualname__:
        return value.__module__, value.__qualname__
    if isinstance(value, partial):
        return (_plain(value.func), *map(_plain, value.args), *map(_plain, value.keywords.items()))
    raise TypeError(f"{value}: only texts, numbers and functions of modules may tell one made page from another")
