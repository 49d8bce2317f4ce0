"""What the site holds besides notes: pages and files that are made from several of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carrel.publish.edition import Edition


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
