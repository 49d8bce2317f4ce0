"""Known items: what somebody who has seen a note would type to find it again, made from the notes themselves.

The words of a paper's title are to lead to the paper, those of a figure's caption to the entry or note it stands in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.collection import Record
from bench.notes import paths
from bench.rankers import identity, words_of
from carrel.core.note import Note
from carrel.core.parse import parse_note
from carrel.search.documents import documents

_CAPTION = re.compile(r"!\[([^\]\n]{8,300})\]\(")
#: Words of a title that are remembered, and how long a word is that is worth typing.
REMEMBERED, WORTH = 4, 4


class Item(NamedTuple):
    """What is typed, and the document that is meant."""

    words: list[str]
    identity: str


class Known(NamedTuple):
    """Notes, the documents in them, and what is looked for."""

    notes: list[Note]
    documents: list[Record]
    titles: list[Item]
    captions: list[Item]


def read(folder: Path) -> Known:
    """The notes of a folder. Of titles or captions that several documents share none is looked for."""
    notes = [parse_note(path, (folder / path).read_bytes()) for path in paths(folder)]
    found: list[Record] = []
    for note in notes:
        for one in documents(note):
            found.append(Record(identity(one.path, one.anchor), one.title, "\n\n".join(one.passages)))
    kept = {one.identity for one in found}
    titles = [Item(_remembered(note.title), note.path) for note in notes if note.kind == "paper"]
    captions = [item for one in found for item in _captions(one)]
    return Known(notes, found, list(_only(titles, kept)), list(_only(captions, kept)))


def _remembered(title: str) -> list[str]:
    """The first few words of a title that say something.

    >>> _remembered("The Effects of Reward Misspecification: Mapping and Mitigating Misaligned Models")
    ['effects', 'reward', 'misspecification', 'mapping']
    """
    return [word for word in words_of(title) if len(word) >= WORTH][:REMEMBERED]


def _captions(document: Record) -> Iterator[Item]:
    for caption in dict.fromkeys(_CAPTION.findall(document.text)):
        words = words_of(caption)
        if len(words) > 2 and "." not in caption.split()[-1][:-1]:  # not the name of a file
            yield Item(words, document.identity)


def _only(items: Sequence[Item], kept: set[str]) -> Iterator[Item]:
    times = Counter(tuple(item.words) for item in items)
    return (item for item in items if len(item.words) > 2 and times[tuple(item.words)] == 1 and item.identity in kept)
