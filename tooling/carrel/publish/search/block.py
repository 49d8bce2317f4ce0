"""A block: some pages of the site, and what their units write into the index.

Which block a page belongs to depends on its address alone, and what a block writes depends on its pages alone: after
a change of one page every other block is as it was.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from carrel.publish.search.codec import postings
from carrel.publish.search.units import Unit
from carrel.search.analysis import fold, terms

#: BM25, its usual constants, and what a title adds. The mean lengths are fixed: a new note changes no other's weight.
K1, B, TITLE = 1.2, 0.75, 0.4
MEAN_LENGTH, MEAN_TITLE = 120.0, 8.0
#: Into how many steps the weight of a term in a unit is rounded; the heaviest that it can be is one step more.
STEPS = 63
#: Characters of a term; what is longer is cut, here as in the browser.
LONGEST = 40
#: The numbers of a page's units are as many as the next multiple of this.
ROOM = 8
#: How many units of a block stand for the first one or two letters of a word in their titles.
HEADS = 2

_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:[._-][^\W_]++){1,4}")


class Analysed(NamedTuple):
    """What stands between two blanks: its stems, itself as one word if it is a compound, and the words stemmed."""

    stems: tuple[str, ...]
    joined: tuple[str, ...]
    words: tuple[tuple[str, str], ...]


class Chunks(dict[str, Analysed]):
    """Every string between blanks that was met. Notes repeat themselves: nearly each is a dictionary look-up."""

    def __missing__(self, chunk: str) -> Analysed:
        found = [(stem[:LONGEST], word[:LONGEST]) for word, stem in terms(chunk)]
        stems = tuple([stem for stem, _ in found])
        compound = tuple(joined(chunk)) if len(found) > 1 else ()
        other = tuple([(stem, word) for stem, word in found if stem != word])
        self[chunk] = analysed = Analysed(stems, compound, other)
        return analysed


def placed(pages: Iterable[Sequence[Unit]]) -> dict[int, Unit]:
    """The units of a block's pages by their numbers. A page has more than it needs: with a new entry of a day, the
    pages behind it keep theirs.
    """
    found: dict[int, Unit] = {}
    start = 0
    for units in pages:
        found.update(enumerate(units, start))
        start += -(-len(units) // ROOM) * ROOM
    return found


def lines(number: int, units: Mapping[int, Unit], chunks: Chunks) -> Iterator[str]:
    """The terms of a block, sorted: the term, its postings, how many units have it, its words' endings."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    met: set[str] = set()
    for place, unit in units.items():
        for stem, weight in _weights(unit, chunks, met).items():
            found[stem].append((place, weight))
        for key in dict.fromkeys(key for name, value in unit.facets for key in facet_keys(name, value)):
            found[key].append((place, 0))
    for head, places in _heads(units).items():
        found[head] = places
    words = _words(met, chunks)
    for term in sorted(found):
        places = found[term]
        yield f"{term}\t{postings(number, places)}\t{len(places)}\t{words.get(term, '')}"


def _weights(unit: Unit, chunks: Chunks, met: set[str]) -> dict[str, int]:
    """How well each term stands for the unit: BM25 without the term's rarity, which the browser knows."""
    title = [chunks[chunk] for chunk in unit.title.split()]
    strings = [*unit.title.split(), *(string for text in _texts(unit) for string in text.split())]
    met.update(strings)
    whole = [chunks[string] for string in strings]
    stems = [stem for chunk in whole for stem in chunk.stems]
    counts = Counter(stems)
    counts.update([word for chunk in whole if chunk.joined for word in chunk.joined])
    norm = K1 * (1 - B + B * len(stems) / MEAN_LENGTH)
    weights = {stem: count / (count + norm) for stem, count in counts.items()}
    in_title = Counter([stem for chunk in title for stem in (*chunk.stems, *chunk.joined)])
    norm = K1 * (1 - B + B * len(title) / MEAN_TITLE)
    for stem, count in in_title.items():
        weights[stem] += TITLE * count / (count + norm)
    step = STEPS / (1 + TITLE)
    return {stem: int(weight * step) + 1 for stem, weight in weights.items()}


def _words(met: Iterable[str], chunks: Chunks) -> dict[str, str]:
    """The words of each stem that is not its own only word, as their endings."""
    found: dict[str, set[str]] = defaultdict(set)
    alone: set[str] = set()
    for string in met:
        stems, _, words = chunks[string]
        if not words:
            alone.update(stems)
            continue
        for stem, word in words:
            found[stem].add(word)
        alone.update(set(stems) - {stem for stem, _ in words})
    return {
        stem: ",".join(sorted([*(ending(stem, word) for word in words), *([""] if stem in alone else [])]))
        for stem, words in found.items()
    }


def joined(text: str) -> Iterator[str]:
    """What is written with `_`, `-` or `.` inside, as one word: so it is found exactly, and in other spellings.

    >>> list(joined("`top_k`")), list(joined("SAE-7B,")), list(joined("arXiv:2310.06820v2."))
    (['topk'], ['sae7b'], ['231006820v2'])
    """
    for match in _COMPOUND.finditer(text):
        word = re.sub(r"[._-]", "", fold(match[0]))
        if len(word) <= LONGEST and word.isascii():
            yield word


def ending(stem: str, word: str) -> str:
    """A word as what is appended to its stem, behind a digit that says how many letters are dropped first.

    >>> ending("happi", "happier"), ending("happi", "happy"), ending("loss", "loss")
    ('er', '1y', '')
    """
    same = next((i for i, (a, b) in enumerate(zip(stem, word, strict=False)) if a != b), min(len(stem), len(word)))
    return f"{len(stem) - same or ''}{word[same:]}"


def spelled(stem: str, end: str) -> str:
    """The word that an ending makes of a stem.

    >>> spelled("happi", "1y"), spelled("loss", "")
    ('happy', 'loss')
    """
    drop = int(end[0]) if end[:1].isdigit() else 0
    return stem[: len(stem) - drop] + end[1 if drop else 0 :]


def facet_keys(name: str, value: str) -> Iterator[str]:
    """The terms that a facet's value is found by: the whole, and for a person each part of the name.

    >>> list(facet_keys("person", "Chris Olah"))
    ['person:chris olah', 'person:chris', 'person:olah']
    """
    whole = fold(value)
    yield f"{name}:{whole}"[: LONGEST * 2]
    if name == "person" and " " in whole:
        yield from (f"{name}:{part}"[: LONGEST * 2] for part in dict.fromkeys(whole.split()))


def _texts(unit: Unit) -> Iterator[str]:
    for _, heading, text in unit.sections:
        yield heading
        yield text
    yield unit.also


def _heads(units: Mapping[int, Unit]) -> dict[str, list[tuple[int, int]]]:
    """For the first letter, and the first two, of words in titles: the newest units. They answer the first key."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for place, unit in units.items():
        words = [term.surface for term in terms(unit.title)]
        for head in {word[:size] for word in words for size in (1, 2)}:
            found[head].append((unit.date, place))
    return {
        f"*{head}": sorted((place, _recency(day)) for day, place in sorted(some, reverse=True)[:HEADS])
        for head, some in found.items()
    }


def _recency(day: str) -> int:
    """Half years since 2000, as a weight.

    >>> _recency("2026-11-20"), _recency("")
    (53, 1)
    """
    if not day:
        return 1
    when = date.fromisoformat(day)
    return min(max((when.year - 2000) * 2 + (when.month > 6), 1), STEPS)
