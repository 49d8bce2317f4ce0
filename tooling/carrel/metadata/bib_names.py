"""The author and editor fields of BibTeX: people in their parts, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from carrel.core.person import Name
from carrel.metadata.bib_entries import closing
from carrel.metadata.latex import plain_text
from carrel.metadata.latex_writer import latex_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME_PART = re.compile(r"\s*(family|given|prefix|suffix|useprefix)\s*=\s*(.*)", re.IGNORECASE | re.DOTALL)
_BRACE = re.compile(r"(?<!\\)[{}]")
_MARK = re.compile(r"(?<!\\)[{}]|(?<=\s)and(?=\s)", re.IGNORECASE)
# Blanks and commas in braces belong to one word of a name: private-use letters stand for them meanwhile. The blank
# that ends a command is LaTeX's own: {\H o} is one letter.
_PROTECTED = re.compile(r"(\\[A-Za-z]+\s)|[ ,]")
_PROTECT = str.maketrans({" ": "\ue001", ",": "\ue002"})
_UNPROTECT = str.maketrans({"\ue001": " ", "\ue002": ","})
# What would be read as something else than a part of a name: the word between people, and biblatex's labels.
_MISTAKEN = re.compile(r"(?:^|\s)and(?:\s|$)|=", re.IGNORECASE)


def names(field: str) -> tuple[Name, ...]:
    """The people of an author field; an empty name is none.

    >>> [str(name) for name in names("Ludwig van Beethoven and {Simon and Schuster} and Brinch Hansen, Per")]
    ['Ludwig van Beethoven', '{Simon and Schuster}', 'Brinch Hansen, Per']
    """
    people = (_name(" ".join(written.split())) for written in _separated(field))
    return tuple(name for name in people if name.last)


def _separated(field: str) -> Iterator[str]:
    """The names between the `and`s that no brace encloses."""
    depth = start = 0
    for mark in _MARK.finditer(field):
        if mark[0] in "{}":
            depth = max(0, depth + (1 if mark[0] == "{" else -1))
        elif depth == 0:
            yield field[start : mark.start()]
            start = mark.end()
    yield field[start:]


def _name(written: str) -> Name:
    protected = _outside_braces(written)
    labelled = [_NAME_PART.fullmatch(part) for part in protected.split(",")]
    if labelled[0]:  # biblatex's extended format: family=Duchamp, given=Philippe, prefix=de
        named = {part[1].lower(): _shown(part[2]) for part in labelled if part}
        return Name(*(named.get(label, "") for label in ("family", "given", "prefix", "suffix")))
    if written.startswith("{") and closing(written, 0) == len(written) - 1:
        return Name(literal=_shown(written))
    parsed = Name.parse(plain_text(protected))
    parts = (parsed.family, parsed.given, parsed.particle, parsed.suffix, parsed.literal)
    return Name(*(part.translate(_UNPROTECT) for part in parts))


def _outside_braces(written: str) -> str:
    """The name with what braces enclose protected from being split."""
    pieces, depth, at = [], 0, 0
    for brace in _BRACE.finditer(written):
        piece = written[at : brace.end()]
        pieces.append(_PROTECTED.sub(_protect, piece) if depth else piece)
        depth = max(0, depth + (1 if brace[0] == "{" else -1))
        at = brace.end()
    return "".join((*pieces, written[at:]))


def _protect(found: re.Match[str]) -> str:
    return found[1] or found[0].translate(_PROTECT)


def _shown(latex: str) -> str:
    return plain_text(latex.translate(_UNPROTECT))


def names_text(people: tuple[Name, ...], *, ascii_only: bool = False) -> str:
    """The value of an author field that `names` reads back as these people.

    >>> names_text((Name("Berg", "Jan", "van der"), Name(literal="A and B"), Name("King", "Martin", suffix="Jr.")))
    'van der Berg, Jan and {A and B} and King, Jr., Martin'
    """
    return " and ".join(_name_text(name, ascii_only) for name in people)


def _name_text(name: Name, ascii_only: bool) -> str:
    def part(text: str) -> str:
        latex = latex_text(text, ascii_only=ascii_only)
        return f"{{{latex}}}" if _MISTAKEN.search(text) else latex

    if name.last == "others":  # BibTeX's word for et al.
        return "others"
    if not (name.given or name.suffix):
        return f"{{{latex_text(name.last, ascii_only=ascii_only)}}}"
    parts = (name.last, name.suffix, name.given) if name.suffix else (name.last, name.given)
    return ", ".join(map(part, parts))
