"""From texts to postings: of each word, the documents that have it, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from carrel.search.analysis import Stems
from carrel.search.whoosh_blocks import Run
from carrel.search.whoosh_format import pack_places
from carrel.search.whoosh_gather import GAP, Texts

#: With more chunks than this numpy pays: it takes as long to load as some ten thousand words without it.
_MANY = 100_000


class Inverted(NamedTuple):
    """How many words each document has, and the postings of each word, in the order of words."""

    lengths: list[int]
    runs: Iterator[tuple[str, Run]]


def inverted(texts: Texts, stems: Stems) -> Inverted:
    """The postings of texts, word by word."""
    if len(texts.numbers) > _MANY:
        from carrel.search.whoosh_invert_many import inverted_many

        return inverted_many(texts, stems)
    return inverted_few(texts, stems)


def inverted_few(texts: Texts, stems: Stems) -> Inverted:
    """The same, without numpy."""
    words = [(), *map(stems.__getitem__, texts.chunks)]
    postings: dict[str, dict[int, list[int]]] = {}
    lengths: list[int] = []
    at = 0
    for document, end in enumerate(texts.ends):
        place = gaps = 0
        for number in texts.numbers[at:end]:
            if number == GAP:
                place += 1
                gaps += 1
            for word in words[number]:
                postings.setdefault(word, {}).setdefault(document, []).append(place)
                place += 1
        lengths.append(place - gaps)
        at = end
    return Inverted(lengths, ((word, _run(postings[word])) for word in sorted(postings)))


def _run(stands: dict[int, list[int]]) -> Run:
    return Run(list(stands), list(map(len, stands.values())), b"".join(map(pack_places, stands.values())))
