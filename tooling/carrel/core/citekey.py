"""Citation keys as Better BibTeX makes them with `auth.lower + year + shorttitle(1).lower`: elhage2022toy.

The list of skipped words is Better BibTeX's default preference `skipWords`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from typing import TYPE_CHECKING

from carrel.core.names import slugify

if TYPE_CHECKING:
    from collections.abc import Collection

    from carrel.core.paper import Paper

_SKIP_WORDS = """
    a ab aboard about above across after against al along amid among an and anti around as at before behind below
    beneath beside besides between beyond but by d da das de del dell dello dei degli della delle dem den der des
    despite die do down du during ein eine einem einen einer eines el en et except for from gli i il in inside into is
    l la las le les like lo los near nor of off on onto or over past per plus round save since so some sur than the
    through to toward towards un una unas under underneath une unlike uno unos until up upon versus via von while with
    within without yet zu zum
"""
_SKIPPED = frozenset(_SKIP_WORDS.split())
# Hyphens and apostrophes hold a word together: "Auto-Encoding" is autoencoding.
_WORD = re.compile(r"[\w\u2010\u2011'’-]+")
_MATH = re.compile(r"\$[^$]*\$")
# A key is a file name on every system, and `[@key]` must end where the key ends.
_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+.-]{0,98}[A-Za-z0-9])?")


def citation_key(paper: Paper, taken: Collection[str] = ()) -> str:
    """The key under which `paper` is filed and cited: the one it brought along if that can be a file name, else made.

    A key in `taken` (whatever its case: some file systems ignore it) gets a letter: a, b, …

    >>> from carrel.core.paper import Paper
    >>> from carrel.core.person import Name
    >>> paper = Paper("Visualizing Data using t-SNE", (Name("Maaten", "Laurens", "van der"),), "2008")
    >>> citation_key(paper), citation_key(paper, {"vandermaaten2008visualizing"})
    ('vandermaaten2008visualizing', 'vandermaaten2008visualizinga')
    """
    brought = paper.citekey
    key = brought if _SAFE.fullmatch(brought) and slugify(brought) != f"{brought.lower()}-note" else _made(paper)
    used = {other.casefold() for other in taken}
    candidates = (key + _letters(n) for n in count())
    return next(candidate for candidate in candidates if candidate.casefold() not in used)


def _made(paper: Paper) -> str:
    author = _letters_of(paper.authors[0].last) if paper.authors else ""
    # A committee may have a name as long as a sentence; a key is typed by hand.
    key = author[:40] + paper.year + _first_word(paper.title)[:40]
    return key if _SAFE.fullmatch(key) else "untitled" + paper.year


def _first_word(title: str) -> str:
    """The first word of a title that says something, in lower-case ASCII.

    >>> _first_word("On the $\\\\ell_1$-norm"), _first_word("GPT-4: a report"), _first_word("Über das Wetter")
    ('norm', 'gpt4', 'uber')
    """
    words = [_letters_of(word) for word in _WORD.findall(_MATH.sub(" ", title))]
    words = [word for word in words if word]
    return next((word for word in words if word not in _SKIPPED), words[0] if words else "")


def _letters_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", ascii_text(text).lower())


def ascii_text(text: str) -> str:
    """`text` in ASCII: accents dropped, other scripts transliterated, what has no likeness left out.

    >>> ascii_text("Čapek"), ascii_text("Łukasz Kaiser"), ascii_text("Wójcik, 王小云")
    ('Capek', 'Lukasz Kaiser', 'Wojcik, WangXiaoYun')
    """
    if text.isascii():
        return text
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    if plain.isascii():
        return plain
    from anyascii import anyascii  # its tables are read block by block, only for letters that need them

    return anyascii(plain)


def _letters(n: int) -> str:
    """0 → "", 1 → "a", 26 → "z", 27 → "aa"."""
    letters = ""
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(97 + rest) + letters
    return letters
