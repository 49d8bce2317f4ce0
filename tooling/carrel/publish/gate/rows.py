"""Texts as rows of words: letters and digits, case folded, whatever stands between them.

Of scripts that write no blanks each character is a word. So markup, line ends and slugs make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: The words of a phrase: what eight in a row say, nobody else has said by chance.
PHRASE = 8
#: Stands between texts that are looked through together: no phrase goes across it. A control character, which no
#: text of a site keeps.
BREAK = " \x01 "
_WORD = re.compile(r"[^\W_]+")
_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"((?:19|20)\d\d [01]\d [0-3]\d) (.+)")
_TELLING = re.compile(r"(?=\w*\d\d)(?=(?:\d*[^\W\d]){4})\w{7,}")


def words(text: str) -> list[str]:
    """The words of a text.

    >>> words("The *Secret* plan_2, см. 日記"), words("notes/secret-plan.html")
    (['the', 'secret', 'plan', '2', 'см', '日', '記'], ['notes', 'secret', 'plan', 'html'])
    """
    if not text.isascii():
        text = _NO_BLANKS.sub(r" \g<0> ", unicodedata.normalize("NFC", text.casefold()))
        return _WORD.findall(text)
    return _WORD.findall(text.lower())


def is_telling(name: Sequence[str]) -> bool:
    """Whether a name says by itself what it names: three words, or a citation key. `probing` may be any probing.

    >>> is_telling(["the", "secret", "plan"]), is_telling(["elhage2022toy"]), is_telling(["sae", "7b"])
    (True, True, False)
    """
    return len(name) > 2 or any(_TELLING.fullmatch(word) for word in name)


def beside_date(name: Sequence[str]) -> tuple[str, ...]:
    """What a name says that is a year and a word, or a day and some words; () of any other.

    Pages set people, kinds and tags beside years, as the names of papers do, and writers beside days, as logs' do.

    >>> beside_date(["larks", "2020"]), beside_date(["2026", "11", "20", "ada", "lovelace"])
    (('larks',), ('2026 11 20', 'ada lovelace'))
    >>> beside_date(["2020"]), beside_date(["2026", "11", "20"]), beside_date(["plan", "7"])
    ((), (), ())
    """
    if found := _DAY.fullmatch(" ".join(name)):
        return found[1], found[2]
    others = [word for word in name if not _YEAR.fullmatch(word)]
    return (others[0],) if len(name) == 2 and len(others) == 1 else ()


def can_be_found(row: Sequence[str]) -> bool:
    """Whether words are worth looking for: a bare number or date is not, nor are three letters."""
    letters = "".join(word for word in row if not word.isdigit())
    return len(letters) + len(_NO_BLANKS.findall(letters)) > 3


def line_of(text: str, row: Sequence[str]) -> int:
    """The first line of `text` that holds these words, else the first with the first of them; 1 where there is none."""
    fallback = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if row[0] not in line.casefold():
            continue
        here = words(line)
        if any(here[start : start + len(row)] == list(row) for start in range(len(here))):
            return number
        fallback = fallback or number
    return fallback or 1
