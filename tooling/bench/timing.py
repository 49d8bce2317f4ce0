"""What is timed inside a process that holds an engine open."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench.engines import Engine
from bench.notes import Plain, paths, read

#: How often each query is asked; its median counts.
ROUNDS = 5


def warm(engine: Engine, queries: Sequence[str]) -> list[float]:
    """Milliseconds of each query, the median of several rounds after one that is not counted."""
    rounds: list[list[float]] = []
    for number in range(ROUNDS + 1):
        values = []
        for query in queries:
            begun = time.perf_counter()
            engine.ask(query)
            values.append((time.perf_counter() - begun) * 1e3)
        if number:
            rounds.append(values)
    return [statistics.median(values) for values in zip(*rounds, strict=True)]


def burst(engine: Engine, root: Path, count: int) -> float:
    """Seconds from so many changed notes on disk to their answers being right."""
    changed = _changed(root, count, "burst")
    begun = time.perf_counter()
    engine.write(changed, new=False)
    return time.perf_counter() - begun


def saves(engine: Engine, root: Path, count: int, queries: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each of so many notes, saved and taken in one after the other; and of the queries after that."""
    took = []
    for note in _changed(root, count, "saved"):
        begun = time.perf_counter()
        engine.write([note], new=False)
        took.append((time.perf_counter() - begun) * 1e3)
    return took, warm(engine, queries)


def _changed(root: Path, count: int, word: str) -> list[Plain]:
    """Notes from all over the folder with a word more, as they would be read from disk. The disk is left alone."""
    every = list(paths(root))
    chosen = islice(every, 0, None, max(1, len(every) // count))
    return [note._replace(text=f"{note.text}\n{word}\n") for note in islice(read(root, chosen), count)]
