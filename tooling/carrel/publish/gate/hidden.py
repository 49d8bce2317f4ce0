"""The notes that an audience may not see, and which of their words shared notes say themselves."""

from __future__ import annotations

import calendar
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carrel.errors import NoteVanished
from carrel.publish.gate.answers import Answers
from carrel.publish.gate.grams import Numbers, Words, grams, hashed, hashed_words
from carrel.publish.gate.needles import Mask, Needles
from carrel.publish.gate.note_words import OWN, HiddenNote, SharedNote, rows_of
from carrel.publish.gate.rows import BREAK, PHRASE, beside_date, can_be_found, is_telling, line_of, words
from carrel.publish.gate.site_text import shown

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.store.knowledge_base import KnowledgeBase

#: So many words of a phrase that a shared note says make it no hidden one's.
_PART = 5
#: Words of notes that are looked through at once.
_AT_ONCE = 1 << 20
_NO_WORDS = np.empty(0, np.uint64)
_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mention:
    """A shared note that names a hidden one in its own words: the site shows them, as its writer wrote them."""

    path: str
    line: int
    name: str
    hidden: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: says {self.name!r}, which names {self.hidden}"


class Hidden:
    """What of hidden notes must not be read: `needles` are their names and phrases, each with its note's number."""

    def __init__(self, kb: KnowledgeBase, notes: Mapping[str, HiddenNote], shown: Collection[str]) -> None:
        self.paths = tuple(notes)
        self._kb = kb
        folders = {part for path in shown for part in path.split("/")[:-1]}
        names = [(number, name) for number, note in enumerate(notes.values()) for name in note.names]
        for number, path in enumerate(self.paths):
            names += [(number, part) for part in path.split("/")[:-1] if part not in folders]
        rows = [(number, row) for number, name in names if can_be_found(row := words(name)[:PHRASE])]
        self._plain = sum(len(row) + 1 for _, row in rows)
        rows += [(number, row) for number, path in enumerate(self.paths) for row in _addresses(path)]
        first, ends = hashed_words([" ".join(row) for _, row in rows])
        starts = ends - np.fromiter((len(row) + 1 for _, row in rows), np.int64, len(rows))
        self._names = {start: row for start, (_, row) in zip(starts.tolist(), rows, strict=True)}
        self._begins = np.cumsum([len(first), *(len(note.words) for note in notes.values())])
        lengths = np.fromiter((length for note in notes.values() for length in note.lengths), np.int64)
        sources = np.repeat(np.arange(len(notes)), [len(note.lengths) for note in notes.values()])
        begins = len(first) + np.cumsum(lengths) - lengths
        each = np.maximum(lengths - PHRASE, 0) + 1  # of a longer row, any eight words of it
        phrases = np.repeat(begins - (np.cumsum(each) - each), each) + np.arange(int(each.sum()))
        is_name = np.arange(len(rows) + len(phrases)) < len(rows)
        self.needles = Needles(
            np.concatenate([first, *(note.words for note in notes.values())]),
            np.concatenate([starts, phrases]),
            np.concatenate([ends - starts - 1, np.repeat(np.minimum(lengths, PHRASE), each)]),
            np.concatenate(
                [np.fromiter((number for number, _ in rows), np.int64, len(rows)), np.repeat(sources, each)]
            ),
            is_name,
        )

    def name(self, needle: int) -> list[str]:
        """The words of a name."""
        return self._names[int(self.needles.starts[needle])]

    def telling(self) -> Mask:
        """Which needles are names that say by themselves what they name; addresses are not counted twice."""
        telling = np.zeros(len(self.needles), np.bool_)
        for needle in np.flatnonzero(self.needles.is_name & (self.needles.starts < self._plain)).tolist():
            telling[needle] = is_telling(self.name(needle))
        return telling

    def source(self, needle: int) -> str:
        """The path of the note that a needle is of."""
        return self.paths[int(self.needles.sources[needle])]

    def row(self, needle: int) -> tuple[str, ...]:
        """The words of a needle, of a phrase from its note; () when that has changed meanwhile."""
        if self.needles.is_name[needle]:
            return tuple(self.name(needle))
        source = int(self.needles.sources[needle])
        with suppress(NoteVanished):
            note = self._kb.read(self.paths[source])
            flat = [word for row in rows_of(note, self._kb.config.papers_folder) for word in row]
            start = int(self.needles.starts[needle] - self._begins[source])
            return tuple(flat[start : start + int(self.needles.lengths[needle])])
        return ()


class Shared:
    """What shared notes say in their own words."""

    def __init__(self, kb: KnowledgeBase, notes: Mapping[str, SharedNote], memory: Memory) -> None:
        self._kb, self._notes, self._paths, self._memory = kb, list(notes.values()), list(notes), memory
        self._ids = [note.id for note in self._notes]
        self._names = np.concatenate([_NO_WORDS, *(note.names for note in self._notes)])
        self._answers = Answers("said", memory)

    def not_said_to_be(self) -> Iterator[str]:
        """Notes whose bytes do not say that they are for the audience.

        It is the one thing that is not asked of the reader of notes: should that be wrong, this is not.
        """
        yield from (path for path, note in zip(self._paths, self._notes, strict=True) if not note.says)

    def first(self, needles: Needles) -> Numbers:
        """The first note that says each of the needles in its own words; -1 for none."""
        return self._answers.first(needles, self._ids, self._places)

    def _places(self, needles: Needles, notes: Sequence[int]) -> tuple[Numbers, Numbers]:
        """The numbers of some notes, and of the needles that these say."""
        numbers, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for some, parts in self._own_words(notes):
            places, which = needles.places(np.concatenate(parts))
            ends = np.cumsum([len(part) for part in parts])
            numbers.append(np.asarray(some)[np.searchsorted(ends, places, "right")])
            found.append(which)
        return np.concatenate(numbers), np.concatenate(found)

    def _own_words(self, notes: Sequence[int]) -> Iterator[tuple[list[int], list[Words]]]:
        """Some notes at a time, with their words; those that are only remembered are not all held at once."""
        own = {os.fsencode(self._paths[note]): note for note in notes if self._notes[note].own is None}
        few = len(own) < len(self._notes) // 8
        kept = ((name, self._memory.value(OWN, name)) for name in own) if few else self._memory.values(OWN)
        told = [(note, words) for note in notes if (words := self._notes[note].own) is not None]
        remembered = ((own.pop(name), np.frombuffer(value, np.uint64)) for name, value in kept if name in own)
        some, parts, size = list[int](), list[Words](), 0
        for note, words in chain(told, remembered):
            some.append(note)
            parts.append(words)
            size += len(words)
            if size > _AT_ONCE:
                yield some, parts
                some, parts, size = [], [], 0
        if some:
            yield some, parts
        if own:
            raise self._memory.damaged()

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of it."""
        return self._answers.changes()

    def forget_words(self) -> None:
        """Hold the words of no note that are remembered."""
        kept = frozenset(map(os.fsdecode, self._memory.names(OWN)))
        for number, path in enumerate(self._paths):
            if path in kept:
                self._notes[number] = self._notes[number]._replace(own=None)

    def say_in_part(self, needles: Needles) -> Mask:
        """Of which phrases shared notes say five words in a row: the rest came to stand beside them on the page."""
        whole = (needles.lengths == PHRASE) & ~needles.is_name
        starts = (needles.starts[whole, None] + np.arange(PHRASE - _PART + 1)).ravel()
        count = len(starts)
        parts = Needles(
            needles.flow, starts, np.full(count, _PART), np.zeros(count, np.int64), np.zeros(count, np.bool_)
        )
        keys = grams(needles.flow, _PART)[starts]
        said = np.zeros(len(needles), np.bool_)
        found = parts.keys[self._places(parts, range(len(self._paths)))[1]]
        said[whole] = np.isin(keys, found).reshape(-1, PHRASE - _PART + 1).any(axis=1)
        return said

    def say_beside_date(self, hidden: Hidden, left: Mask) -> Mask:
        """Which of the names that are `left` are a year and a word, or a day and one who writes here, both of which
        shared notes say: a page sets them in a row."""
        said = np.zeros(len(left), np.bool_)
        names = np.flatnonzero(left & hidden.needles.is_name).tolist()
        parts = {number: found for number in names if (found := beside_date(hidden.name(number)))}
        if not parts:
            return said
        wrote = {" ".join(one.split()[: PHRASE - 3]) for note in self._notes for one in note.writers}
        parts = {number: of_name for number, of_name in parts.items() if len(of_name) == 1 or of_name[1] in wrote}
        if not parts:
            return said
        each = sorted({part for of_name in parts.values() for part in of_name})
        flow, ends = hashed_words(each)
        lengths = np.fromiter((part.count(" ") + 1 for part in each), np.int64, len(each))
        needles = Needles(flow, ends - 1 - lengths, lengths, np.arange(len(each)), np.ones(len(each), np.bool_))
        numbers = needles.sources[self._places(needles, range(len(self._paths)))[1]]
        there = {each[number] for number in numbers.tolist()}
        said[[number for number, of_name in parts.items() if there.issuperset(of_name)]] = True
        return said

    def mentions(self, hidden: Hidden, first: Numbers) -> Iterator[Mention]:
        """The telling names of hidden notes among what notes say, but for those that shared notes have too."""
        wanted = np.flatnonzero((first >= 0) & hidden.telling())
        known = hidden.needles.only(wanted).found(self._names)
        wanted = wanted[~known]
        for number in wanted[np.argsort(first[wanted], kind="stable")].tolist():
            name, path = hidden.name(number), self._paths[first[number]]
            text = self._kb.read_bytes(path).decode("utf-8", "replace")
            yield Mention(path, line_of(text, name), " ".join(name), hidden.source(number))


def _addresses(path: str) -> Iterator[list[str]]:
    """A note whose name is a day and a writer, as an address of it holds these. Beside each other they are no secret
    where both are shown; but no address leads to what is hidden.

    >>> list(_addresses("notes/2026/2026-11-20-ada.md"))
    [['2026', '2026', '11', '20', 'ada'], ['2026', '11', '20', 'ada', 'html']]
    """
    *folders, name = path.removesuffix(".md").split("/")
    if len(beside_date(words(name))) > 1:
        yield words(" ".join((*folders[-1:], name)))[:PHRASE]
        yield words(f"{name}.html")[:PHRASE]


def of_the_program(themes: Sequence[Path], kb: KnowledgeBase, needles: Needles) -> Mask:
    """Which needles pages say though no note does: the words of Carrel, of the theme and of mkdocs.yml."""
    places = [*(_PACKAGE / "publish").rglob("*.py"), *(_PACKAGE / "skeletons").glob("*.md")]
    for folder in themes:
        places += [*folder.glob("*.html"), *folder.glob("partials/**/*.html")]
    places += [kb.root / "mkdocs.yml", kb.root / "mkdocs.yaml"]
    texts = [BREAK.join((kb.root.name, kb.config.site_title, *calendar.day_name, *calendar.month_name))]
    for place in places:
        with suppress(OSError):
            texts.append(shown(place.read_text("utf-8", "replace")))
    return needles.found(hashed(texts)[0])
