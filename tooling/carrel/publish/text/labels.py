"""What things are called on the site: papers by author and year, links by their labels."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from carrel.core.person import Name

if TYPE_CHECKING:
    from carrel.core.note import Link, Note

_SPECIAL = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]<>&~^=$|#!@"})
#: What a text of one line needs so that a link, a citation, a comment or an address can stand in it.
MARKED = re.compile(r"[\[@]|<!--|%%|<\w[^<>]*=")
_SIZE = re.compile(r"\d{1,4}(?:x\d{1,4})?")


def literal(text: str) -> str:
    """`text` as Markdown that shows exactly these characters.

    >>> literal("C* [x] <b>")
    'C&#42; &#91;x&#93; &#60;b&#62;'
    """
    return text.translate(_SPECIAL)


def byline(note: Note) -> str:
    """Who wrote a paper, as a citation names them: one family name, two, or one and "et al.".

    >>> from carrel.core.note import Note
    >>> byline(Note("papers/x.md", "X", authors=("Nelson Elhage", "Olah, Chris", "Neel Nanda")))
    'Elhage et al.'
    """
    return _byline(note.authors)


@cache
def _byline(authors: tuple[str, ...]) -> str:
    families = list(islice((name for author in authors if (name := Name.parse(author).last)), 3))
    if not families:
        return ""
    return f"{families[0]} et al." if len(families) > 2 else " and ".join(families)


def year_of(note: Note) -> str:
    """The year of a paper as its front matter says, or ""."""
    year = note.metadata.get("year", "")
    return year if isinstance(year, str) else ""


def written(link: Link) -> str:
    """What a link names, as it stands in the text."""
    return link.target + (f"#{link.fragment}" if link.fragment else "")


def label(link: Link) -> str:
    """The words that a link's author chose for it, or ""; the `300` of `![[figure.png|300]]` is a size."""
    return "" if link.embed and _SIZE.fullmatch(link.label) else link.label


def size(link: Link) -> tuple[str, str]:
    """The width and height of an embedded image, `|300` or `|300x200` as in Obsidian, or ""."""
    if not _SIZE.fullmatch(link.label):
        return "", ""
    width, _, height = link.label.partition("x")
    return width, height
