"""Where needles were when they were last looked for: in texts that stay, what was in none is not looked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from carrel.publish.gate.grams import Numbers, Words

if TYPE_CHECKING:
    from carrel.publish.gate.gate_memory import Change, Memory
    from carrel.publish.gate.needles import Mask, Needles

#: Bytes of what stands for a text: a digest of all that decides what is found in it.
ID = 16


#: Looks for needles in some of the texts, by their numbers: the numbers of texts, and of needles that are there.
Places: TypeAlias = "Callable[[Needles, Sequence[int]], tuple[Numbers, Numbers]]"


class Answers:
    """What was found, of one kind of texts. Raises `Damaged`."""

    def __init__(self, kind: str, memory: Memory) -> None:
        self._kind = kind
        kept = dict(memory.values(kind))
        ids = kept.get(b"texts", b"")
        self._texts = [ids[start : start + ID] for start in range(0, len(ids), ID)]
        self._present = np.frombuffer(kept.get(b"present", b""), np.uint64)
        self._witnesses = np.frombuffer(kept.get(b"witnesses", b""), np.uint32)
        self._absent = np.frombuffer(kept.get(b"absent", b""), np.uint64)

    def first(self, needles: Needles, texts: Sequence[bytes], places: Places) -> Numbers:
        """The first of `texts` that each needle is in, -1 for none. Texts are known by what stands for them; b"" is
        that of one that is looked at anew."""
        number_of = {text: number for number, text in reversed([*enumerate(texts)]) if text}
        moved = np.fromiter((number_of.get(text, -1) for text in self._texts), np.int64, len(self._texts))
        before = frozenset(self._texts)
        fresh = [number for number, text in enumerate(texts) if not text or text not in before]
        stayed = moved[moved >= 0]
        count = len(texts)
        bounds = np.minimum.accumulate(np.where(moved < 0, count, moved)[::-1])[::-1]
        at = _places_in(self._present, needles.keys)
        # In no text that stayed and stands before the bound is the needle; it is in the text at it, if that is alive.
        bound, alive = np.full(len(needles), count), np.zeros(len(needles), np.bool_)
        if len(stayed) < 2 or (np.diff(stayed) >= 0).all():  # else texts changed places
            witness = self._witnesses[at[at >= 0]]
            bound[at >= 0], alive[at >= 0] = bounds[witness], moved[witness] >= 0
            known = at >= 0
        else:
            known = np.zeros(len(needles), np.bool_)
        absent = _places_in(self._absent, needles.keys) >= 0
        known |= absent
        first = np.full(len(needles), count)
        if known.any() and fresh:
            _look(needles, known, fresh, places, first)
        sure = known & ((first < bound) | alive | absent)
        first = np.where(alive & sure, np.minimum(first, bound), first)
        if not sure.all() and count:
            first[~sure] = count
            _look(needles, ~sure, range(count), places, first)
        self._texts = [text or bytes(ID) for text in texts]
        there = first < count
        self._absent = needles.keys[~there]
        self._present, self._witnesses = needles.keys[there], first[there].astype(np.uint32)
        return np.where(there, first, -1)

    def changes(self) -> Iterator[Change]:
        """What is to be remembered of it."""
        yield self._kind, b"texts", b"".join(self._texts)
        yield self._kind, b"present", self._present.tobytes()
        yield self._kind, b"witnesses", self._witnesses.tobytes()
        yield self._kind, b"absent", self._absent.tobytes()


def _look(needles: Needles, which: Mask, texts: Sequence[int], places: Places, first: Numbers) -> None:
    """Look for some of the needles in some of the texts, and note the first of these that has each."""
    numbers, found = places(needles.only(which), texts)
    np.minimum.at(first, np.flatnonzero(which)[found], numbers)


def _places_in(keys: Words, wanted: Words) -> Numbers:
    """Where in sorted `keys` each of the sorted `wanted` is; -1 for none."""
    if not len(keys):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)
