"""Citation keys as Better BibTeX makes them, by default `auth.lower + year + shorttitle(1).lower`: elhage2022toy."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from carrel.core.citekey_filters import ascii_text
from carrel.core.citekey_pattern import written
from carrel.core.names import is_conflict_copy, slugify

if TYPE_CHECKING:
    from collections.abc import Container

    from carrel.core.paper import Paper

DEFAULT = "auth.lower + year + shorttitle(1).lower"

# A key is a file name on every system, and `[@key]` must end where the key ends.
_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+.-]{0,98}[A-Za-z0-9])?")
_NOT_SAFE = re.compile(r"[^A-Za-z0-9_+.-]+")
_ENDS = "_+.-"
# Names that would not be a paper's summary: a day of the log, what is kept from every site, a second ending.
_MISLEADING = re.compile(r"\d{4}([-_.])\d{2}\1\d{2}(?:[-.].*)?|.*\.(?:private|md)", re.IGNORECASE)
#: Characters of a key that is made, before a letter tells it from another.
MAX_MADE = 90


def citation_key(paper: Paper, taken: Container[str] = (), pattern: str = DEFAULT) -> str:
    """The key under which `paper` is filed and cited: the one it brought along if that can be a file name, else made.

    A key that is `taken` gets a letter: a, b, … `taken` holds keys case-folded, because some file systems ignore
    case; a set answers at once. Raises `ConfigInvalid` for a `pattern` that cannot be understood.

    >>> from carrel.core.paper import Paper
    >>> from carrel.core.person import Name
    >>> paper = Paper("Visualizing Data using t-SNE", (Name("Maaten", "Laurens", "van der"),), "2008")
    >>> citation_key(paper), citation_key(paper, {"vandermaaten2008visualizing"})
    ('vandermaaten2008visualizing', 'vandermaaten2008visualizinga')
    >>> citation_key(paper, pattern="auth + '-' + shortyear")
    'vanderMaaten-08'
    """
    key = paper.citekey if is_key(paper.citekey) else _made(paper, pattern)
    candidates = (key + _letters(n) for n in count())
    return next(one for one in candidates if one.casefold() not in taken and not _misleads(one))


def is_key(key: str) -> bool:
    """Whether a text can be a citation key here: a file's name on every system, and where it ends is clear.

    A name that means something else to Carrel is none either: that file would be hidden, or be another kind of note.

    >>> is_key("elhage2022toy"), is_key("DBLP:conf/x/1"), is_key("CON"), is_key("toy.private")
    (True, False, False, False)
    """
    return bool(_SAFE.fullmatch(key)) and not _misleads(key)


def _misleads(key: str) -> bool:
    """Whether a file `<key>.md` would be taken for something else, here or by Windows, which keeps even `nul.x.md`."""
    device = key.partition(".")[0].lower()
    return bool(_MISLEADING.fullmatch(key)) or is_conflict_copy(key) or slugify(device) == f"{device}-note"


def _made(paper: Paper, pattern: str) -> str:
    key = _NOT_SAFE.sub("", ascii_text(written(pattern, paper)))[:MAX_MADE].strip(_ENDS)
    return key if is_key(key) else f"untitled{paper.year if paper.year.isdecimal() else ''}"


def _letters(n: int) -> str:
    """0 → "", 1 → "a", 26 → "z", 27 → "aa"."""
    letters = ""
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(97 + rest) + letters
    return letters
