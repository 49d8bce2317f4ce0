"""Citation keys as Better BibTeX makes them, by default `auth.lower + year + shorttitle(1).lower`: elhage2022toy."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from carrel.core.citekey_filters import ascii_text as ascii_text
from carrel.core.citekey_pattern import written
from carrel.core.names import slugify

if TYPE_CHECKING:
    from collections.abc import Collection

    from carrel.core.paper import Paper

DEFAULT = "auth.lower + year + shorttitle(1).lower"

# A key is a file name on every system, and `[@key]` must end where the key ends.
_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+.-]{0,98}[A-Za-z0-9])?")
_NOT_SAFE = re.compile(r"[^A-Za-z0-9_+.-]+")
_ENDS = "_+.-"
#: Characters of a key that is made, before a letter tells it from another.
MAX_MADE = 90


def citation_key(paper: Paper, taken: Collection[str] = (), pattern: str = DEFAULT) -> str:
    """The key under which `paper` is filed and cited: the one it brought along if that can be a file name, else made.

    A key in `taken` (whatever its case: some file systems ignore it) gets a letter: a, b, … Raises `ConfigInvalid`
    for a `pattern` that cannot be understood.

    >>> from carrel.core.paper import Paper
    >>> from carrel.core.person import Name
    >>> paper = Paper("Visualizing Data using t-SNE", (Name("Maaten", "Laurens", "van der"),), "2008")
    >>> citation_key(paper), citation_key(paper, {"vandermaaten2008visualizing"})
    ('vandermaaten2008visualizing', 'vandermaaten2008visualizinga')
    >>> citation_key(paper, pattern="auth + '-' + shortyear")
    'vanderMaaten-08'
    """
    key = paper.citekey if is_key(paper.citekey) else _made(paper, pattern)
    used = {other.casefold() for other in taken}
    candidates = (key + _letters(n) for n in count())
    return next(candidate for candidate in candidates if candidate.casefold() not in used)


def is_key(key: str) -> bool:
    """Whether a text can be a citation key here: a file's name on every system, and where it ends is clear.

    >>> is_key("elhage2022toy"), is_key("DBLP:conf/x/1"), is_key("CON")
    (True, False, False)
    """
    return bool(_SAFE.fullmatch(key)) and slugify(key) != f"{key.lower()}-note"


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
