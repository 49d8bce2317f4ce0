"""What the watcher's tests share: a running watcher, and what its index must equal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from carrel.search.index import SearchIndex, refresh
from carrel.search.memory_index import MemoryIndex
from carrel.search.order import SCORE
from carrel.search.query import parse_query
from carrel.search.whoosh_index import WhooshIndex
from carrel.store import door
from carrel.store.knowledge_base import KnowledgeBase
from carrel.watch import Watcher
from carrel.watch.rhythm import Rhythm
from carrel.watch.tables import Calm

#: Quick where it can be, and with no look that nothing asked for while a test lasts.
QUICK = Rhythm(quiet=0.05, patience=0.5, rest=600, young=600, poll=0.1, retry=0.1, check=0.1, heartbeat=1)
WORDS = ("probe", "refusal", "loss", "spike", "dictionary", "feature")
DAY = date(2026, 11, 20)


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


@dataclass
class Watching:
    """A watcher in a thread of its own, and a second pair of eyes on its index."""

    kb: KnowledgeBase
    watcher: Watcher
    index: SearchIndex
    said: list[str] = field(default_factory=list)

    def found(self, word: str) -> list[str]:
        """The paths of the notes that hold a word."""
        return sorted({match.path for match in self.index.search(parse_query(word, DAY), None, SCORE)[0]})

    def agrees(self) -> bool:
        """Whether the index equals one that is made now from nothing."""
        return contents(self.index) == contents(fresh(self.kb))


@contextmanager
def watching(
    kb: KnowledgeBase,
    rhythm: Rhythm = QUICK,
    *,
    poll: bool = False,
    calm: Calm | None = None,
    index: SearchIndex | None = None,
) -> Iterator[Watching]:
    """Watch `kb`, with an index on disk, until the block ends; nothing may be left running then."""
    place = kb.cache_dir / "index"
    before = set(threading.enumerate())
    said: list[str] = []
    index = index or WhooshIndex(place)
    with Watcher(kb, index, say=said.append, today=lambda: DAY, poll=poll, rhythm=rhythm, calm=calm) as watcher:
        thread = threading.Thread(target=watcher.run)
        thread.start()
        try:
            yield Watching(kb, watcher, WhooshIndex(place), said)
        finally:
            watcher.stop()
            thread.join(30)
    assert set(threading.enumerate()) <= before


def says_yes(kb: KnowledgeBase) -> bool:
    """Whether the watcher says that the index is current."""
    question = door.ask(kb)
    return question is not None and bool(question.answered())


def fresh(kb: KnowledgeBase) -> MemoryIndex:
    """An index of what is on disk now."""
    index = MemoryIndex()
    refresh(kb, index)
    return index


def contents(index: SearchIndex) -> object:
    """Everything that an index answers: what it holds, and where each word is."""
    answers = {word: index.search(parse_query(word, DAY), None, SCORE)[0] for word in WORDS}
    places = {word: sorted((one.path, one.line, one.anchor) for one in found) for word, found in answers.items()}
    return {path: seen.digest for path, seen in index.seen().items()}, places
