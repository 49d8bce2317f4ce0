"""A block: some pages of the site, and what their units write into the index.

Which block a page belongs to depends on its address alone, and what a block writes depends on its pages alone: after
a change of one page every other block is as it was.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from carrel.publish.search.codec import DIGITS, postings
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


class Chunks(dict[str, tuple[str, ...]]):
    """The terms of every string between blanks that was met. Notes repeat themselves: nearly each is a look-up.

    A compound's terms are its parts, and itself as one word; `more` says of how many parts they are more. `words` are
    what its stems stand for where that is not the stem itself, each as a stem and an ending; `bare` are the strings in
    which a stem is the word itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.more: dict[str, int] = {}
        self.words: dict[str, list[tuple[str, str]]] = {}
        self.bare: dict[str, set[str]] = defaultdict(set)

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        found = [(stem[:LONGEST], word[:LONGEST]) for word, stem in terms(chunk)]
        stems = tuple([stem for stem, _ in found])
        other = [(stem, ending(stem, word)) for stem, word in found if stem != word]
        if other:
            self.words[chunk] = other
        for stem, word in found:
            if stem == word:
                self.bare[stem].add(chunk)
        if len(found) > 1 and (whole := tuple(joined(chunk))):
            self.more[chunk] = len(whole)
            stems += whole
        self[chunk] = stems
        return stems


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
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    met: set[str] = set()
    for place, unit in units.items():
        _weigh(place, unit, chunks, found, met)
        for key in dict.fromkeys(key for name, value in unit.facets for key in facet_keys(name, value)):
            found[key].append((place, DIGITS[0]))
    found.update(_heads(units))
    words = _words(met, chunks)
    for term in sorted(found):
        places = found[term]
        yield f"{term}\t{postings(number, places)}\t{len(places)}\t{words.get(term, '')}"


def _weigh(place: int, unit: Unit, chunks: Chunks, found: dict[str, list[tuple[int, str]]], met: set[str]) -> None:
    """Say how well each term stands for the unit: BM25 without the term's rarity, which the browser knows."""
    title = unit.title.split()
    strings = " ".join((unit.title, *_texts(unit))).split()
    met.update(strings)
    counts = Counter(chain.from_iterable(map(chunks.__getitem__, strings)))
    more = chunks.more
    length = counts.total() - sum([more[string] for string in strings if string in more])
    norm = K1 * (1 - B + B * length / MEAN_LENGTH)
    weights = {count: count / (count + norm) for count in set(counts.values())}
    weighed = {count: (place, _digit(weight)) for count, weight in weights.items()}
    for stem, count in counts.items():
        found[stem].append(weighed[count])
    norm = K1 * (1 - B + B * len(title) / MEAN_TITLE)
    for stem, count in Counter(chain.from_iterable(map(chunks.__getitem__, title))).items():
        found[stem][-1] = (place, _digit(weights[counts[stem]] + TITLE * count / (count + norm)))


def _digit(weight: float) -> str:
    return DIGITS[int(weight * (STEPS / (1 + TITLE))) + 1]


def _words(met: set[str], chunks: Chunks) -> dict[str, str]:
    """The words of each stem that is not its own only word, as their endings."""
    found: dict[str, list[str]] = defaultdict(list)
    for stem, end in set().union(*map(chunks.words.__getitem__, chunks.words.keys() & met)):
        found[stem].append(end)
    for stem, ends in found.items():
        if not met.isdisjoint(chunks.bare.get(stem, ())):
            ends.append("")
    return {stem: ",".join(sorted(ends)) for stem, ends in found.items()}


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


def _heads(units: Mapping[int, Unit]) -> dict[str, list[tuple[int, str]]]:
    """For the first letter, and the first two, of words in titles: the newest units. They answer the first key."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for day, place in sorted(((unit.date, place) for place, unit in units.items()), reverse=True):
        words = [term.surface for term in terms(units[place].title)]
        for head in {f"*{word[:size]}" for word in words for size in (1, 2)}:
            if len(found[head]) < HEADS:
                found[head].append((place, DIGITS[_recency(day)]))
    return {head: sorted(some) for head, some in found.items()}


def _recency(day: str) -> int:
    """Half years since 2000, as a weight.

    >>> _recency("2026-11-20"), _recency("")
    (53, 1)
    """
    if not day:
        return 1
    when = date.fromisoformat(day)
    return min(max((when.year - 2000) * 2 + (when.month > 6), 1), STEPS)
