"""How long a saved note takes to be found through the watcher that runs: `watched.py NOTES SAVES` prints seconds.

It saves a note, and asks the index, which it leaves to the watcher, every few milliseconds until the note is there.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.whoosh_index import WhooshIndex
from carrel.store.knowledge_base import KnowledgeBase

#: Seconds between two looks, and after which it is given up; and between two saves, so that each is one by itself.
LOOK, PATIENCE, PAUSE = 0.005, 30.0, 0.7


def main(folder: Path, saves: int) -> None:
    """Save, wait, say how long it took."""
    index = WhooshIndex(KnowledgeBase.open(folder).cache_dir / "index")
    place = folder / "notes" / "saved-by-the-benchmark.md"
    for _ in range(saves):
        word = f"saved{time.time_ns()}"
        query = parse_query(word, date.today())
        place.write_text(f"# Saved\n\n{word}\n", "utf-8")
        begun = time.perf_counter()
        while not index.search(query, 1, SCORE)[1]:
            time.sleep(LOOK)
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit("the watcher does not take in what is saved")
        print(time.perf_counter() - begun)
        time.sleep(PAUSE)
    place.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
