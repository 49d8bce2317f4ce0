"""The bars of the site: built on one core, built again after a change, and served while somebody writes."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlencode

from bench.processes import Cost
from bench.workbench import CARREL, Bench

AUDIENCE = ("--audience", "lab")
#: The note that is saved again and again, and its page.
NOTE, PAGE = "notes/saved-by-the-benchmark.md", "/notes/saved-by-the-benchmark.html"
#: Seconds after which it is given up: for the server to be there, and for one answer.
PATIENCE, ANSWER = 600.0, 60.0
_SINCE = re.compile(rb'data-since="([^"]{1,200})"')


def site(on: Bench) -> None:
    """All of them."""
    saves = count()
    save(on, next(saves))
    built(on)
    built_again(on, saves)
    served(on, saves)


def save(on: Bench, number: int) -> bytes:
    """Save the note, with a word that it did not have: which."""
    word = f"saved{number}x{time.time_ns()}"
    (on.kb / NOTE).write_text(f"---\nvisibility: lab\n---\n# Saved\n\n{word}\n", "utf-8")
    return word.encode()


def built(on: Bench) -> None:
    """The whole site, with nothing remembered, on one core where the system can say so."""
    costs: list[Cost] = []
    with one_core() as alone:
        for _ in range(on.runs):
            shutil.rmtree(on.kb / "site" / "public", ignore_errors=True)  # to remove an old site is not to build one
            costs.append(on.run("build", *AUDIENCE, "--clean"))
    where = " on one core" if alone else ""
    on.add(f"full build{where}, CPU", [one.cpu for one in costs], "s", 60.0)
    on.add(f"full build{where}, peak memory", [one.memory for one in costs], "MB", 500.0)


@contextmanager
def one_core() -> Iterator[bool]:
    """Give what is begun meanwhile one processor alone; whether the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield False
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(every)})
    try:
        yield True
    finally:
        os.sched_setaffinity(0, every)


def built_again(on: Bench, saves: Iterator[int]) -> None:
    """The site after one note was changed."""

    def again() -> float:
        save(on, next(saves))
        return on.run("build", *AUDIENCE).wall

    again()  # the builds before had another processor's cache
    on.median("build after one changed note", again, "s", 3.0)


def served(on: Bench, saves: Iterator[int]) -> None:
    """From a save to the answer that has it, as a page that is open gets it."""
    with server(on) as port:

        def shown() -> float:
            since, _ = _asked(port, PAGE)
            word, begun = save(on, next(saves)), time.perf_counter()
            took = 0.0
            content = b""
            while word not in content:
                if took > ANSWER:
                    raise SystemExit("what is saved is not served")
                _asked(port, f"/.carrel/changes?{urlencode({'page': PAGE, 'since': since})}")
                since, content = _asked(port, PAGE)
                took = time.perf_counter() - begun
            time.sleep(3 * took)  # it still renders what nobody looks at
            return took

        shown()
        on.median("serve, from a save to its answer", shown, "s", 1.0)


@contextmanager
def server(on: Bench) -> Iterator[int]:
    """`carrel serve` once it serves: its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [CARREL, "serve", *AUDIENCE, "--address", f"127.0.0.1:{port}"]
    with (
        tempfile.TemporaryFile() as remarks,
        subprocess.Popen(
            command, cwd=on.kb, env=on.environment, stdin=subprocess.DEVNULL, stdout=remarks, stderr=remarks
        ) as process,
    ):
        try:
            end = time.monotonic() + PATIENCE
            while b"serving " not in (said := os.pread(remarks.fileno(), 1 << 20, 0)):
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{' '.join(command)} failed:\n{said.decode('utf-8', 'replace')}")
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()


def _asked(port: int, path: str) -> tuple[str, bytes]:
    """An answer, and the moment since when its page wants to hear of changes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER)
    try:
        connection.request("GET", path)
        content = connection.getresponse().read()
    finally:
        connection.close()
    since = _SINCE.search(content)
    return since[1].decode() if since else "", content
