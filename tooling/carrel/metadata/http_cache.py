"""Answers of sources kept on disk, so that what was asked this week is not asked again and works without a network.

One file an answer, named by a digest of its address and of what was accepted: a line of JSON, then the body. What is
damaged, or belongs to another question, counts as not kept. The folder may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

#: Bytes: larger answers are not kept, and all of them together have no more than this.
MAX_ANSWER = 2 * 1024 * 1024
MAX_TOTAL = 100 * 1024 * 1024
#: Seconds. What was asked longer ago is thrown away; until then it can still be read without a network.
MAX_AGE = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered. `url` is where the answer came from, after redirects."""

    url: str
    status: int
    content_type: str
    body: bytes


class Cache:
    """The answers in a folder that only its owner can enter. Nothing here raises: a cache that fails is no cache."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._tidied = False

    def find(self, url: str, accept: str, max_age: float) -> Answer | None:
        """The answer that was kept for this address in the last `max_age` seconds."""
        try:
            head, _, body = self._place(url, accept).read_bytes().partition(b"\n")
            kept = json.loads(head)
            asked = (kept["url"], kept["accept"], kept["digest"]) == (url, accept, _digest(body))
            age = self._clock() - float(kept["time"])
            answer = Answer(str(kept["address"]), int(kept["status"]), str(kept["type"]), body)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        # A time to come is a clock that was set back: nobody can say how old the answer is.
        return answer if asked and 0 <= age <= max_age else None

    def keep(self, url: str, accept: str, answer: Answer) -> None:
        """Keep an answer, in the place of an older one."""
        if len(answer.body) > MAX_ANSWER:
            return
        kept = {
            "url": url,
            "accept": accept,
            "address": answer.url,
            "status": answer.status,
            "type": answer.content_type,
            "time": self._clock(),
            "digest": _digest(answer.body),
        }
        with suppress(OSError):
            self._make()
            self._tidy()
            handle, name = tempfile.mkstemp(prefix=".", dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(json.dumps(kept).encode() + b"\n" + answer.body)
                os.replace(name, self._place(url, accept))  # noqa: PTH105 - `name` is a text
            except OSError:
                Path(name).unlink(missing_ok=True)

    @contextmanager
    def turn(self, host: str) -> Iterator[Callable[[float], float]]:
        """Have the turn to ask `host`: other processes wait. Gives what says how long to wait for a given pace.

        Raises OSError where the folder cannot be written.
        """
        self._make()
        with (self._folder / f"pace-{_digest(host.encode())[:16]}").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

            def left(seconds: float) -> float:
                file.seek(0)
                with suppress(ValueError):
                    return min(max(0.0, float(file.read(40)) + seconds - self._clock()), seconds)
                return 0.0

            yield left
            file.seek(0)
            file.truncate()
            file.write(repr(self._clock()))

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_mode & 0o077:
            self._folder.chmod(0o700)

    def _place(self, url: str, accept: str) -> Path:
        return self._folder / _digest(f"{url}\n{accept}".encode())

    def _tidy(self) -> None:
        """Once in a run: throw away what is too old, and the oldest of what is too much."""
        if self._tidied:
            return
        self._tidied = True
        left, now = MAX_TOTAL, self._clock()
        with os.scandir(self._folder) as entries:
            files = [(entry.stat(), entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
        for stat, path in sorted(files, key=lambda file: -file[0].st_mtime):
            left -= stat.st_size
            if left < 0 or now - stat.st_mtime > MAX_AGE:
                Path(path).unlink(missing_ok=True)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()
