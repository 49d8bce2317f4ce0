"""Looking for names and phrases in very many words: every needle is known by a hash, and all are looked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from carrel.publish.gate.grams import Numbers, Words, all_grams, grams
from carrel.publish.gate.rows import PHRASE

Mask: TypeAlias = NDArray[np.bool_]

#: Words that are looked through at once: what is made of them stays in the cache.
_AT_ONCE = 1 << 15
#: So many words of a needle are looked for first where there are few of its length.
_BEGIN = 3
#: Words of a flow in which the tables would take longer to make than to do without.
_SHORT = 1 << 16
#: log2 of the most slots of a table by which hashes are told at a glance, and found.
_SLOTS, _FEWER = 22, 18


#: What there is of each needle.
_EACH = frozenset({"keys", "starts", "lengths", "sources", "is_name"})


class _Table:
    """Where the hashes are among `keys`, which are sorted, that are `wanted` there."""

    def __init__(self, keys: Words, wanted: Mask) -> None:
        self._which = np.flatnonzero(wanted)
        self._keys = keys[self._which]
        bits = min(_SLOTS, max(10, len(self._keys).bit_length() + 5))
        self._glance = np.zeros(1 << bits, np.bool_)
        self._shift = np.uint64(64 - bits)
        self._glance[self._keys >> self._shift] = True
        bits = min(_FEWER, bits)
        self._begin_shift = np.uint64(64 - bits)
        count = np.bincount((self._keys >> self._begin_shift).view(np.int64), minlength=1 << bits)
        self._begins = (np.cumsum(count) - count).astype(np.int32)

    def likely(self, hashes: Words) -> Numbers:
        """Where in `hashes` one of those may be."""
        slots = (hashes >> self._shift).view(np.int64)
        return np.flatnonzero(self._glance.take(slots, mode="wrap"))  # of the modes the quickest

    def numbers(self, hashes: Words) -> Numbers:
        """Which of `keys` each of `hashes` is; -1 for none."""
        last = len(self._keys) - 1
        numbers = self._begins.take((hashes >> self._begin_shift).view(np.int64), mode="wrap").astype(np.int64)
        np.minimum(numbers, last, out=numbers)
        behind = np.flatnonzero(self._keys[numbers] < hashes)
        while len(behind):
            behind = behind[numbers[behind] < last]
            numbers[behind] += 1
            behind = behind[self._keys[numbers[behind]] < hashes[behind]]
        return np.where(self._keys[numbers] == hashes, self._which[numbers], -1)


class Needles:
    """Rows of one to eight words, each with the number of where it is from, and whether it is a name.

    `starts` and `lengths` say where in `flow` each of them is. Of the same words there is one, the first that is given.
    """

    def __init__(self, flow: Words, starts: Numbers, lengths: Numbers, sources: Numbers, is_name: Mask) -> None:
        keys: Words = np.zeros(len(starts), np.uint64)
        for length, hashes in all_grams(flow, int(lengths.max(initial=0))):
            which = np.flatnonzero(lengths == length)
            keys[which] = hashes[starts[which]]
        order = np.argsort(keys)
        groups = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
        order = np.minimum.reduceat(order, groups) if len(order) else order
        self.flow, self.keys, self.starts, self.lengths = flow, keys[order], starts[order], lengths[order]
        self.sources, self.is_name = sources[order], is_name[order]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def _tables(self) -> dict[int, _Table]:
        """A table for each length."""
        return {length: _Table(self.keys, self.lengths == length) for length in np.unique(self.lengths).tolist()}

    @cached_property
    def _begun(self) -> _Table | None:
        """What needles begin with that are neither short nor whole phrases."""
        few = (self.lengths > _BEGIN) & (self.lengths < PHRASE)
        begins = np.unique(grams(self.flow, _BEGIN)[self.starts[few]])
        return _Table(begins, np.ones(len(begins), np.bool_)) if few.any() else None

    def only(self, which: Mask | Numbers) -> Needles:
        """Some of them, in the same order."""
        some = copy(self)
        some.__dict__ = {name: value[which] for name, value in vars(self).items() if name in _EACH}
        some.flow = self.flow
        return some

    def found(self, flow: Words) -> Mask:
        """Which of them stand in a flow of words."""
        found = np.zeros(len(self), np.bool_)
        for _, numbers in self._found(flow):
            found[numbers] = True
        return found

    def places(self, flow: Words) -> tuple[Numbers, Numbers]:
        """Where in a flow of words one of them begins, and which."""
        found = list(self._found(flow))
        none = np.empty(0, np.int64)
        places, which = zip((none, none), *found, strict=True)
        return np.concatenate(places), np.concatenate(which)

    def _found(self, flow: Words) -> Iterator[tuple[Numbers, Numbers]]:
        """Places in a flow, and the needles there."""
        if len(flow) < _SHORT:
            yield from self._looked_up(flow)
            return
        for first in range(0, len(flow), _AT_ONCE):
            row = flow[first : first + _AT_ONCE + PHRASE - 1]
            begun = np.empty(0, np.int64)
            for length, hashes in all_grams(row, max(self._tables, default=0)):
                if length == _BEGIN and self._begun is not None:
                    begun = self._begun.likely(hashes[:_AT_ONCE])
                if table := self._tables.get(length):
                    if _BEGIN < length < PHRASE:
                        begun = places = begun[begun < len(hashes)]
                    else:
                        places = table.likely(hashes[:_AT_ONCE])
                    numbers = table.numbers(hashes[places])
                    are = np.flatnonzero(numbers >= 0)
                    yield first + places[are], numbers[are]

    def _looked_up(self, flow: Words) -> Iterator[tuple[Numbers, Numbers]]:
        """The same, without tables."""
        if not len(self):
            return
        for length, hashes in all_grams(flow, int(self.lengths.max())):
            numbers = np.minimum(np.searchsorted(self.keys, hashes), len(self) - 1)
            places = np.flatnonzero((self.keys[numbers] == hashes) & (self.lengths[numbers] == length))
            yield places, numbers[places]
