"""How text becomes terms: one way for what is indexed, for what is asked and for what a snippet marks.

A *word* is a run of letters and digits. It is folded (NFKC, case, diacritics) and stemmed. What a code identifier
or a model's name is made of is indexed part by part, each at its own place (`top_k` is `top k`, `SAE-7B` is `sae 7b`,
`2310.06820` is `2310 06820`), and asked as a phrase, so it is found whole, in parts and in other spellings.
Scripts that are written without spaces are cut into overlapping pairs of characters. No word is dropped as too common:
phrases need them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from carrel.search.stem import stem

#: Vowel signs and points that are written onto a letter and belong to its word.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
#: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul: written without spaces, or with long inflected words.
_PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile(r"[a-zA-Z0-9]+(?:'[a-zA-Z0-9]+)*")
#: What stands around most words. A word without these that is letters and digits is all that `terms` would find.
_AROUND = ".,;:!?()[]{}<>\"'`*_~|/\\#+=%&$@^-"
_CONTRACTED = frozenset(("t", "re", "ve", "ll", "d", "m"))


@cache
def _word() -> re.Pattern[str]:
    """A word of any script. Compiled when needed, as `_run` is: it takes milliseconds, which a search would notice."""
    return re.compile(rf"(?:[^\W_]|[{_MARKS}])+(?:['’][^\W_]+)*")


@cache
def _run() -> re.Pattern[str]:
    """A part of a word in scripts that are cut into pairs of characters (the group), or in others."""
    return re.compile(rf"([{_PAIRED}]+)|(?:(?![{_PAIRED}])(?:[^\W_]|[{_MARKS}]))+")


@cache
def _perhaps_paired() -> re.Pattern[str]:
    """A character that is of a script which is cut into pairs, or of one of their half-width forms."""
    return re.compile(f"[{_PAIRED}\uff66-\uffdc]")


def _pattern(text: str) -> re.Pattern[str]:
    """What finds the words of a text; for ASCII a simpler pattern finds the same."""
    return _ASCII_WORD if text.isascii() else _word()


class Term(NamedTuple):
    """One term: the folded word (`surface`) and what is looked up for it (`stem`)."""

    surface: str
    stem: str


class Token(NamedTuple):
    """A term and the span of the text it stands in."""

    start: int
    end: int
    term: Term


def fold(text: str) -> str:
    """Text without the differences that a reader does not mean: width, ligatures, case, accents, extra spaces.

    >>> fold("Ｎaïve  ﬁne Straße")
    'naive fine strasse'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(char for char in text if not "\u0300" <= char <= "\u036f")
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.lower().split())


class _Words(dict[str, tuple[Term, ...]]):
    """The terms of the words met before. Notes repeat themselves, so nearly every word is a dictionary look-up."""

    def __missing__(self, word: str) -> tuple[Term, ...]:
        found = tuple(_word_terms(word))
        if len(word) <= 40:  # neither long nor random words may eat the memory
            if len(self) > 300_000:
                self.clear()
            self[word] = found
        return found


def _word_terms(word: str) -> Iterator[Term]:
    if word.isascii() and word.isalnum():  # as nearly all are; what follows would do the same
        lower = word.lower()
        if lower == word:
            yield Term(word, stem(word))
        else:
            yield from _words[lower]
        return
    for piece in _pieces(word):
        for match in _run().finditer(piece):
            run = match.group()
            if len(run) > 1 and match[1]:
                yield from (Term(run[i : i + 2], run[i : i + 2]) for i in range(len(run) - 1))
            else:
                yield Term(run, stem(run))


def _pieces(word: str) -> Iterator[str]:
    """A word without its apostrophes: `model's` is `model`, `don't` is `dont`, `l'homme` is `l`, `homme`."""
    head, *tails = re.split("['’]", fold(word))
    for tail in tails:
        if tail in _CONTRACTED:
            head += tail
        elif tail != "s":
            yield head
            head = tail
    yield head


_words = _Words()


def terms(text: str) -> list[Term]:
    """The terms of a text, in order.

    >>> [term.stem for term in terms("Editing `top_k` in SAE-7B, don't")]
    ['edit', 'top', 'k', 'in', 'sae', '7b', 'dont']
    >>> [term.stem for term in terms("検索する")]
    ['検索', '索す', 'する']
    """
    return [term for word in _pattern(text).findall(text) for term in _words[word]]


def is_sign(term: Term) -> bool:
    """Whether a term of a query is one character of a script that is cut into pairs: it is asked as their beginning.

    >>> [is_sign(terms(text)[0]) for text in ("索", "検索", "k")]
    [True, False, False]
    """
    return len(term.surface) == 1 and term.surface >= "\u0e00"


def last_signs(texts: Iterable[str]) -> list[str]:
    """The characters of these texts that no pair begins with: the last of their words. One asked alone is a beginning.

    >>> last_signs(["全文検索、索引", "hits 。k"]), terms("索引")
    (['引'], [Term(surface='索引', stem='索引')])
    """
    pairs: list[str] = []
    for text in texts:
        if not text.isascii() and _perhaps_paired().search(text):
            pairs += [surface for surface, _ in terms(text) if len(surface) == 2 and _perhaps_paired().match(surface)]
    first = {pair[0] for pair in pairs}
    return [sign for sign in dict.fromkeys(pair[1] for pair in pairs) if sign not in first]


class Stems(dict[str, tuple[str, ...]]):
    """The stems of every string that was looked up: of what stands between blanks, `(SAE-7B,`, which no word crosses.

    The quick way through much text: what comes again costs one look. `terms` are all that were met.

    >>> stems = Stems()
    >>> [stems[chunk] for chunk in "Editing `top_k` —".split()], len(stems.terms)
    ([('edit',), ('top', 'k'), ()], 3)
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms: set[Term] = set()

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        bare = chunk.strip(_AROUND)
        found = _words[bare] if bare.isascii() and bare.isalnum() else terms(chunk)
        self.terms.update(found)
        self[chunk] = stems = tuple([term.stem for term in found])
        return stems


def tokens(text: str) -> Iterator[Token]:
    """The terms of a text with their places; the terms are those of `terms`, in the same order."""
    for match in _pattern(text).finditer(text):
        parts = _words[match.group()]
        if len(parts) == 1:
            yield Token(match.start(), match.end(), parts[0])
            continue
        start, end = match.span()
        pairs = len(parts) == end - start - 1 and all(len(term.surface) == 2 for term in parts)
        for number, term in enumerate(parts, start):
            yield Token(number, number + 2, term) if pairs else Token(start, end, term)
