"""What a citation key's pattern can do to a text: the filters of `citekey_pattern`.

Each has Better BibTeX's name and meaning, each argument its name. The list of skipped words is Better BibTeX's
default preference `skipWords`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SKIP_WORDS = """
    a ab aboard about above across after against al along amid among an and anti around as at before behind below
    beneath beside besides between beyond but by d da das de del dell dello dei degli della delle dem den der des
    despite die do down du during ein eine einem einen einer eines el en et except for from gli i il in inside into is
    l la las le les like lo los near nor of off on onto or over past per plus round save since so some sur than the
    through to toward towards un una unas under underneath une unlike uno unos until up upon versus via von while with
    within without yet zu zum
"""
#: Words of a title that tell nothing.
SKIPPED = frozenset(_SKIP_WORDS.split())
_NOT_LETTERS = re.compile(r"[^A-Za-z0-9]+")
_PUNCTUATION = re.compile(r"[^\w\s-]")
#: Letters of one name or word. A committee may have a name as long as a sentence; a key is typed by hand.
MAX_LETTERS = 40


class Skip(Exception):
    """A condition, `len` or `type`, that does not hold: the next alternative is for this paper."""


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


def letters(text: str) -> str:
    """The ASCII letters and digits of one name or word."""
    return _NOT_LETTERS.sub("", ascii_text(text))[:MAX_LETTERS]


def capitalize(text: str) -> str:
    """Each word with a capital."""
    return re.sub(r"(?:^|(?<=\s))[a-z]", lambda letter: letter[0].upper(), text)


def abbr(text: str, chars: int = 1) -> str:
    """The first letters of each word."""
    return "".join(word[: max(chars, 0)] for word in text.split())


def condense(text: str, sep: str = "") -> str:
    """Blanks replaced by `sep`."""
    return sep.join(text.split())


def substring(text: str, start: int = 1, n: int = MAX_LETTERS) -> str:
    """`n` characters from the `start`th."""
    return text[max(start - 1, 0) :][: max(n, 0)]


def select(text: str, start: int = 1, n: int = MAX_LETTERS) -> str:
    """`n` words from the `start`th; from the end, where that is negative."""
    found = text.split()
    first = len(found) + start if start < 0 else max(start - 1, 0)
    return " ".join(found[max(first, 0) :][: max(n, 1)])


def nopunct(text: str, dash: str = "-") -> str:
    """Without punctuation, dashes as `dash`."""
    return _PUNCTUATION.sub("", text).replace("-", dash)


def replaced(text: str, find: str, replace: str) -> str:
    """With `find` replaced, whatever its case."""
    return re.sub(re.escape(find), lambda _: replace, text, flags=re.IGNORECASE) if find else text


def long_enough(text: str, relation: str = ">", length: int = 0) -> str:
    """The text if its length is such; else the next alternative is taken."""
    size = len(condense(text))
    compared = {
        "<": size < length,
        "<=": size <= length,
        "=": size == length,
        "!=": size != length,
        ">=": size >= length,
        ">": size > length,
    }
    if not compared.get(relation, False):
        raise Skip
    return text


def prefix(text: str, prefix: str) -> str:
    """With `prefix` before it, if there is anything."""
    return prefix + text if text else ""


def postfix(text: str, postfix: str) -> str:
    """With `postfix` after it, if there is anything."""
    return text + postfix if text else ""


def default(value: str, text: str) -> str:
    """The value, or `text` if it is empty."""
    return value or text


def _lower(text: str) -> str:
    return text.lower()


def _upper(text: str) -> str:
    return text.upper()


def _clean(text: str) -> str:
    return " ".join(filter(None, map(letters, text.split())))


def _skipped(text: str) -> str:
    return " ".join(word for word in text.split() if word.lower() not in SKIPPED)


def _numeric(text: str) -> str:
    return text if text.strip().isdecimal() else ""


def _no_dash(text: str) -> str:
    return nopunct(text, "")


FILTERS: Mapping[str, Callable[..., str]] = {
    "lower": _lower,
    "upper": _upper,
    "capitalize": capitalize,
    "fold": ascii_text,
    "transliterate": ascii_text,
    "ascii": ascii_text,
    "clean": _clean,
    "alphanum": _clean,
    "abbr": abbr,
    "condense": condense,
    "substring": substring,
    "select": select,
    "skipwords": _skipped,
    "nopunct": nopunct,
    "nopunctordash": _no_dash,
    "numeric": _numeric,
    "replace": replaced,
    "len": long_enough,
    "prefix": prefix,
    "postfix": postfix,
    "default": default,
}
