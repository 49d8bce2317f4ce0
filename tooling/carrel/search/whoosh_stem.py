"""English stems, by the Porter stemmer that ships with Whoosh (M. F. Porter, "An algorithm for suffix stripping",
Program 14(3), 1980). A door of its own because this module of Whoosh loads in 2 ms, the rest of it in 90.
"""

from __future__ import annotations

from whoosh.lang import porter


def stem(word: str) -> str:
    """The stem of a folded word; a word that is not plain English letters, or is short, is its own stem.

    >>> stem("editing"), stem("edits"), stem("sae"), stem("7b"), stem("naïve")
    ('edit', 'edit', 'sae', '7b', 'naïve')
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()):
        return word
    return str(porter.stem(word))
