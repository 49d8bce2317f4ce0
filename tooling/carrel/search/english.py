"""English stems, by M. F. Porter's second stemmer ("Porter2", the `english` of Snowball, 2001).

R1 is what follows the first consonant after a vowel, R2 the same again within R1: a suffix is cut only where enough of
the word stays. The names of the steps are those of the published description.
"""

from __future__ import annotations

import re

_EXCEPTIONS = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
    "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}  # fmt: skip
_LEFT_AFTER_1A = frozenset(
    ("inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed")
)  # fmt: skip
_R1_PREFIX = re.compile("gener|commun|arsen")
_REGION = re.compile("[aeiouy][^aeiouy]")
_VOWEL = re.compile("[aeiouy]")
_SHORT = re.compile("[^aeiouy][aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$")
_STEP_1B = re.compile("(eed|eedly|ed|edly|ing|ingly)$")
_DOUBLE = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")

_STEP_2 = {
    "ization": "ize", "ational": "ate", "fulness": "ful", "ousness": "ous", "iveness": "ive", "tional": "tion",
    "biliti": "ble", "lessli": "less", "entli": "ent", "ation": "ate", "alism": "al", "aliti": "al", "ousli": "ous",
    "iviti": "ive", "fulli": "ful", "enci": "ence", "anci": "ance", "abli": "able", "izer": "ize", "ator": "ate",
    "alli": "al", "bli": "ble", "ogi": "og", "li": "",
}  # fmt: skip
_STEP_3 = {
    "ational": "ate", "tional": "tion", "alize": "al", "icate": "ic", "iciti": "ic", "ative": "", "ical": "ic",
    "ness": "", "ful": "",
}  # fmt: skip
_STEP_4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion",
    "al", "er", "ic",
)  # fmt: skip


def stem(word: str) -> str:
    """The stem of a word in small letters; a word that is not plain English letters, or is short, is its own stem.

    >>> stem("editing"), stem("edits"), stem("generalisation"), stem("sae"), stem("7b"), stem("naïve")
    ('edit', 'edit', 'generalis', 'sae', '7b', 'naïve')
    """
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    if "y" in word:
        word = re.sub("^y|(?<=[aeiouy])y", "Y", word)
    found = _R1_PREFIX.match(word)
    first = found.end() if found else _after_region(word, 0)
    second = _after_region(word, first)
    word = _step_1a(word)
    if word in _LEFT_AFTER_1A:
        return word
    word = _step_1b(word, first)
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in "aeiouy":
        word = word[:-1] + "i"
    word = _step_2(word, first)
    word = _step_3(word, first, second)
    word = _step_4(word, second)
    return _step_5(word, first, second).lower()


def _after_region(word: str, start: int) -> int:
    found = _REGION.search(word, start)
    return found.end() if found else len(word)


def _step_1a(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and _VOWEL.search(word, 0, len(word) - 2):
        return word[:-1]
    return word


def _step_1b(word: str, first: int) -> str:
    found = _STEP_1B.search(word)
    if not found:
        return word
    start = found.start()
    if found[0].startswith("eed"):
        return word[:start] + "ee" if start >= first else word
    if not _VOWEL.search(word, 0, start):
        return word
    word = word[:start]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word.endswith(_DOUBLE):
        return word[:-1]
    return word + "e" if first >= len(word) and _SHORT.search(word) else word


def _step_2(word: str, first: int) -> str:
    for suffix, by in _STEP_2.items():
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            if start < first or (suffix == "ogi" and word[start - 1 : start] != "l"):
                return word
            if suffix == "li" and word[start - 1 : start] not in tuple("cdeghkmnrt"):
                return word
            return word[:start] + by
    return word


def _step_3(word: str, first: int, second: int) -> str:
    for suffix, by in _STEP_3.items():
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            return word[:start] + by if start >= (second if suffix == "ative" else first) else word
    return word


def _step_4(word: str, second: int) -> str:
    for suffix in _STEP_4:
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            return word[:start] if start >= second and (suffix != "ion" or word[start - 1] in "st") else word
    return word


def _step_5(word: str, first: int, second: int) -> str:
    end = len(word) - 1
    if word.endswith("e"):
        return word[:-1] if end >= second or (end >= first and not _SHORT.search(word, 0, end)) else word
    return word[:-1] if word.endswith("ll") and end >= second else word
