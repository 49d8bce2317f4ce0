"""Known items: what somebody who has seen a note would type to find it again, made from the notes themselves.

The first words of a title are to lead to the note, those of a figure's caption to the entry or note it stands in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
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
    """The notes of a folder. Of titles that begin alike, and of captions that are the same, none is looked for."""
    notes = [parse_note(path, (folder / path).read_bytes()) for path in paths(folder)]
    found: list[Record] = []
    for note in notes:
        for one in documents(note):
            found.append(Record(identity(one.path, one.anchor), one.title, "\n\n".join(one.passages)))
    kept = {one.identity for one in found}
    titles = [
        Item(_worth(note.title)[:REMEMBERED], note.path)
        for note in notes
        if note.kind != "log" and "http" not in note.title
    ]
    others = Counter(begin for one in found for begin in _beginnings(_worth(one.title)))
    captions = [item for one in found for item in _captions(one)]
    times = Counter(tuple(item.words) for item in captions)
    return Known(
        notes,
        found,
        [item for item in titles if item.identity in kept and others[tuple(item.words)] == 1],
        [item for item in captions if times[tuple(item.words)] == 1],
    )


def _beginnings(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[:size]) for size in range(3, min(len(words), REMEMBERED) + 1)}


def _worth(title: str) -> list[str]:
    """The words of a title that say something.

    >>> _worth("The Effects of Reward Misspecification: Mapping and Mitigating Misaligned Models")[:4]
    ['effects', 'reward', 'misspecification', 'mapping']
    """
    return [word for word in words_of(title) if len(word) >= WORTH]


def _captions(document: Record) -> Iterator[Item]:
    for caption in dict.fromkeys(_CAPTION.findall(document.text)):
        words = words_of(caption)
        if len(words) > 2 and "." not in caption.split()[-1][:-1]:  # not the name of a file
            yield Item(words, document.identity)
