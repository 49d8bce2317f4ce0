"""What must not be on a site, as words: names and phrases of hidden notes, and where a text holds one.

A text is a row of words: letters and digits, case folded, whatever stands between them; of scripts that write no
blanks each character is a word. So markup, line ends and slugs make no difference. A needle is a row of up to eight
words, known by a hash; a text is looked through for all needles at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Hashes = NDArray[np.uint64]

#: The words of a phrase: what eight in a row say, nobody else has said by chance.
PHRASE = 8
#: A line of at least so many words counts as a whole where it has no eight.
_SHORT_LINE = 5
#: Stands between texts that are looked through together; a letter (a dental click) that makes a word of its own.
BREAK = "\nǁ\n"
_WORD = re.compile(r"[^\W_]+")
_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_TELLING = re.compile(r"(?=\w*\d\d)(?=(?:\d*[^\W\d]){4})\w{7,}")
#: log2 of the slots of the table that most words of a text are told by that no needle begins there.
_SLOTS = 22


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


class Needle(NamedTuple):
    """A row of words that a text holds: the first is number `start` of the text's; `source` is the hidden note's.

    `key` is the same for the same words as long as the program runs.
    """

    key: int
    start: int
    length: int
    source: int
    is_name: bool


class Needles:
    """The names and phrases of hidden notes, which are called by their numbers."""

    def __init__(self, names: Iterable[tuple[int, str]], texts: Iterable[tuple[int, str]]) -> None:
        import numpy as np

        keys: list[_Hashes] = []
        sources: list[NDArray[np.int32]] = []

        def add(some: _Hashes, source: int) -> None:
            keys.append(some)
            sources.append(np.full(len(some), source, np.int32))

        for number, name in names:
            row = words(name)[:PHRASE]
            if _can_be_found(row):
                add(_hashes(row, len(row)), -1 - number)
        for number, text in texts:
            row = words(text)
            if len(row) >= PHRASE:
                add(_hashes(row, PHRASE), number)
            for line in text.split("\n"):
                if _SHORT_LINE <= len(row := words(line)) < PHRASE and _can_be_found(row):
                    add(_hashes(row, len(row)), number)
        together = np.concatenate(keys) if keys else np.empty(0, np.uint64)
        numbers = np.concatenate(sources) if sources else np.empty(0, np.int32)
        order = np.lexsort((numbers, together))  # of a name and a phrase of the same words the name is first
        self._keys, self._sources = together[order], numbers[order]
        self._slots = np.zeros(1 << _SLOTS, np.bool_)
        self._slots[self._keys >> np.uint64(64 - _SLOTS)] = True

    def __len__(self) -> int:
        return len(self._keys)

    def forget(self, keys: Set[int]) -> None:
        """Look for these no more."""
        import numpy as np

        if keys:
            kept = ~np.isin(self._keys, np.fromiter(keys, np.uint64, len(keys)))
            self._keys, self._sources = self._keys[kept], self._sources[kept]

    def found(self, row: Sequence[str]) -> Iterator[Needle]:
        """The needles in a row of words; the longer ones come last."""
        import numpy as np

        if not row or not len(self):
            return
        for length, keys in _all_hashes(row):
            likely = np.flatnonzero(self._slots[keys >> np.uint64(64 - _SLOTS)])
            if not len(likely):
                continue
            places = np.minimum(np.searchsorted(self._keys, keys[likely]), len(self) - 1)
            for start, place in zip(likely.tolist(), places.tolist(), strict=True):
                if self._keys[place] == keys[start]:
                    source = int(self._sources[place])
                    number = -1 - source if source < 0 else source
                    yield Needle(int(keys[start]), start, length, number, source < 0)


def _can_be_found(row: Sequence[str]) -> bool:
    """Whether words are worth looking for: a bare number or date is not, nor are three letters."""
    letters = "".join(word for word in row if not word.isdigit())
    return len(letters) + len(_NO_BLANKS.findall(letters)) > 3


def _all_hashes(row: Sequence[str]) -> Iterator[tuple[int, _Hashes]]:
    """(length, hashes): at place i the hash of the `length` words from word i on."""
    import numpy as np

    each = np.fromiter(map(hash, row), np.int64, len(row)).view(np.uint64)
    sums: _Hashes = np.zeros(len(row), np.uint64)
    for length in range(1, min(PHRASE, len(row)) + 1):
        # Odd factors, one for each place: the order of the words counts.
        factor = np.uint64((0x9E3779B97F4A7C15 * (2 * length + 1)) & 0xFFFFFFFFFFFFFFFF)
        sums = sums[: len(row) - length + 1] + each[length - 1 :] * factor
        yield length, sums


def _hashes(row: Sequence[str], length: int) -> _Hashes:
    return next(hashes for each, hashes in _all_hashes(row) if each == length)
