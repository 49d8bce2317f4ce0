"""Two processes: a child does every other piece of a long list, or something else, while this one does the rest.

The child writes what it makes to disk, and sends what there is to know of it. What one that dies was to do, this
process does.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TypeAlias, TypeVar

from carrel.forked import Child, ChildDied, Told, can_fork

#: With fewer pieces a second process is not worth it.
MUCH = 200

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")
#: Told how many pieces are done, of how many.
Progress: TypeAlias = Callable[[int, int], None]


def shared(
    pieces: Sequence[_Piece], work: Callable[[_Piece], _Result], progress: Progress | None = None
) -> list[_Result]:
    """What `work` makes of each of the `pieces`, in any order. What it makes of one can be pickled."""
    told = progress or (lambda done, of: None)
    if len(pieces) >= MUCH:
        gc.unfreeze()  # what staging has left behind and nobody needs any more goes first
        gc.collect()
        gc.freeze()  # or the child's collector would touch, and so copy, what it shares with this process
    if len(pieces) < MUCH or not can_fork():
        return _worked(pieces, work, lambda done: told(done, len(pieces)))
    with Child(partial(_worked, pieces[1::2], work)) as child:
        own = _worked(pieces[::2], work, lambda done: told(done + child.done(), len(pieces)))
        with suppress(ChildDied):
            return own + child.result(lambda done: told(len(own) + done, len(pieces)))
    return own + _worked(pieces[1::2], work, lambda done: None)


@contextmanager
def meanwhile(work: Callable[[], _Result]) -> Iterator[Callable[[], _Result]]:
    """Begin `work` in a child; the function that one gets waits for what it made, or does it itself.

    It may be asked as often as one likes.
    """
    if not can_fork():
        yield cache(work)
        return
    with Child(lambda _: work()) as child:

        def done() -> _Result:
            with suppress(ChildDied):
                return child.result()
            return work()

        yield cache(done)


def _worked(pieces: Sequence[_Piece], work: Callable[[_Piece], _Result], done: Told) -> list[_Result]:
    results = []
    for piece in pieces:
        results.append(work(piece))
        done(len(results))
    return results
