"""English stems by Snowball (M. F. Porter, "The English (Porter2) stemming algorithm", snowballstem.org)."""

from __future__ import annotations

from Stemmer import Stemmer

_english = Stemmer("english").stemWord


def stem(word: str) -> str:
    """The stem of a folded word; a word that is not plain English letters, or is short, is its own stem.

    >>> stem("editing"), stem("edits"), stem("sae"), stem("7b"), stem("naïve")
    ('edit', 'edit', 'sae', '7b', 'naïve')
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    return str(_english(word))
