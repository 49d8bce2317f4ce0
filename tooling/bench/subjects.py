"""Who is compared, as programs: Carrel, the engines that run as small scripts, ripgrep, and recoll."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bench.processes import Cost, cost

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
CARREL = str(Path(PYTHON).with_name("carrel"))
#: Where Debian's python3-xapian is, which no package index has.
SYSTEM_PYTHON = "/usr/bin/python3"


class Subject(Protocol):
    """A way to search notes. Milliseconds and seconds that it has no way to spend are None."""

    name: str
    setting: str

    def first_index(self) -> Cost | None:
        """A first index, from nothing."""

    def query(self, words: str) -> Cost:
        """One query as a whole process."""

    def change(self, path: str) -> Cost | None:
        """One note that has changed on disk is made searchable, as a whole process."""

    def warm(self, queries: Sequence[str]) -> list[float] | None:
        """Milliseconds of each query in a process that holds the index open."""

    def burst(self, count: int) -> float | None:
        """Seconds to take in that many changed notes at once."""

    def saves(self, count: int, queries: Sequence[str]) -> tuple[list[float], list[float]] | None:
        """Milliseconds of that many single saves, and of queries after them."""

    def size(self) -> float:
        """Megabytes on disk."""


def megabytes(folder: Path) -> float:
    """What the files of a folder hold."""
    return sum(place.stat().st_size for place in folder.rglob("*") if place.is_file()) / 1e6


class _InProcess:
    """What is measured inside one process, by `engine.py`."""

    def __init__(self, command: Sequence[str], kb: Path, environment: Mapping[str, str]) -> None:
        self._command, self._kb, self._environment = command, kb, environment

    def _said(self, *arguments: str) -> list[list[float]]:
        _, said = cost([*self._command, *arguments], self._kb, self._environment)
        return [[float(value) for value in line.split()] for line in said.splitlines()]

    def warm(self, queries: Sequence[str]) -> list[float] | None:
        return self._said("warm", ",".join(queries))[0]

    def burst(self, count: int) -> float | None:
        return self._said("burst", str(self._kb), str(count))[0][0]

    def saves(self, count: int, queries: Sequence[str]) -> tuple[list[float], list[float]] | None:
        took, asked = self._said("saves", str(self._kb), str(count), ",".join(queries))
        return took, asked


class Carrel(_InProcess):
    """Carrel as its users have it: each command looks at the disk for changes before it answers."""

    name = "Carrel"
    setting = "as installed; `carrel search` and `carrel index`, each with its look at every note on disk"

    def __init__(self, kb: Path, folder: Path) -> None:
        self._cache = folder / "carrel"
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(self._cache),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        super().__init__([PYTHON, str(HERE / "engine.py"), "carrel", str(kb)], kb, environment)

    def run(self, *arguments: str) -> Cost:
        """One `carrel` process."""
        return cost([CARREL, *arguments], self._kb, self._environment)[0]

    def first_index(self) -> Cost | None:
        shutil.rmtree(self._cache, ignore_errors=True)
        return self.run("index", "-q")

    def query(self, words: str) -> Cost:
        return self.run("search", *words.split())

    def change(self, path: str) -> Cost | None:
        return self.run("index", "-q")

    def size(self) -> float:
        return megabytes(self._cache)

    def watch(self) -> subprocess.Popen[str]:
        """Start the watcher, and wait until it says that it watches."""
        watcher = subprocess.Popen(
            [CARREL, "watch"], cwd=self._kb, env=dict(self._environment), stderr=subprocess.PIPE, text=True
        )
        assert watcher.stderr is not None
        watcher.stderr.readline()
        return watcher

    def watched(self, saves: int) -> list[float]:
        """Seconds from each of so many saves until a query finds it through the watcher."""
        command = [PYTHON, str(HERE / "watched.py"), str(self._kb), str(saves)]
        return [float(value) for value in cost(command, self._kb, self._environment)[1].split()]


class Script(_InProcess):
    """An engine in a small script of click; what a change is, the script is told."""

    def __init__(self, name: str, setting: str, engine: str, kb: Path, folder: Path, system: bool = False) -> None:
        self.name, self.setting = name, setting
        self._folder = folder / engine
        least = HERE / f"ask_{engine}.py"
        environment = dict(os.environ)
        python = PYTHON
        if system:
            import click

            python = SYSTEM_PYTHON
            environment["PYTHONPATH"] = f"{HERE.parent}:{Path(click.__file__).parent.parent}"
        super().__init__([python, str(HERE / "engine.py"), engine, str(self._folder)], kb, environment)
        self._asking = [python, str(least), str(self._folder)] if least.exists() else [*self._command, "query"]

    def first_index(self) -> Cost | None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        return cost([*self._command, "index", str(self._kb)], self._kb, self._environment)[0]

    def query(self, words: str) -> Cost:
        return cost([*self._asking, *words.split()], self._kb, self._environment)[0]

    def change(self, path: str) -> Cost | None:
        return cost([*self._command, "change", str(self._kb), path], self._kb, self._environment)[0]

    def size(self) -> float:
        return megabytes(self._folder)


class _NothingHeld:
    """What cannot be held open in a process."""

    def warm(self, queries: Sequence[str]) -> list[float] | None:
        return None

    def burst(self, count: int) -> float | None:
        return None

    def saves(self, count: int, queries: Sequence[str]) -> tuple[list[float], list[float]] | None:
        return None


class Ripgrep(_NothingHeld):
    """ripgrep, which keeps no index: lines with either word, unranked."""

    name = "ripgrep"
    setting = "`rg --ignore-case --context 1 --type md -e WORD -e WORD`: lines with either word, in no order"

    def __init__(self, kb: Path) -> None:
        self._kb = kb

    def first_index(self) -> Cost | None:
        return None

    def query(self, words: str) -> Cost:
        patterns = [part for word in words.split() for part in ("-e", word)]
        return cost(["rg", "--ignore-case", "--context", "1", "--type", "md", *patterns, "."], self._kb, os.environ)[0]

    def change(self, path: str) -> Cost | None:
        return None

    def size(self) -> float:
        return 0.0


class Recoll(_NothingHeld):
    """recoll, by its command line tools."""

    name = "recoll"
    setting = "`recollindex`, `recollindex -i FILE`, `recollq -n 10 -A`; without its dictionary for spelling"

    def __init__(self, kb: Path, folder: Path) -> None:
        self._kb, self._folder = kb, folder / "recoll"

    def _run(self, *command: str) -> Cost:
        return cost(command, self._kb, {**os.environ, "RECOLL_CONFDIR": str(self._folder)})[0]

    def first_index(self) -> Cost | None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        (self._folder / "recoll.conf").write_text(f"topdirs = {self._kb}\nnoaspell = 1\nloglevel = 1\n")
        return self._run("recollindex", "-c", str(self._folder))

    def query(self, words: str) -> Cost:
        return self._run("recollq", "-c", str(self._folder), "-n", "10", "-A", *words.split())

    def change(self, path: str) -> Cost | None:
        return self._run("recollindex", "-c", str(self._folder), "-i", str(self._kb / path))

    def size(self) -> float:
        return megabytes(self._folder)


def subjects(kb: Path, folder: Path) -> list[Subject]:
    """Carrel first, FTS5 second, then whoever is installed here. `folder` is for their indexes."""
    found: list[Subject] = [
        Carrel(kb, folder),
        Script(
            "FTS5",
            "SQLite's, of Python's standard library; `porter unicode61`; path, title and text stored; write-ahead log, "
            "`synchronous = normal`; one transaction",
            "fts5",
            kb,
            folder,
        ),
    ]
    if importlib.util.find_spec("tantivy"):
        setting = "`en_stem`; path, title and text stored; its own number of threads; one commit, merges waited for"
        found.append(Script("tantivy", setting, "tantivy", kb, folder))
    if _imports(SYSTEM_PYTHON, "xapian"):
        setting = "stemmed and positional, title and text, text stored; one commit; Debian's python3-xapian"
        found.append(Script("Xapian", setting, "xapian", kb, folder, system=True))
    if shutil.which("recollindex") and shutil.which("recollq"):
        found.append(Recoll(kb, folder))
    if shutil.which("rg"):
        found.append(Ripgrep(kb))
    return found


def _imports(python: str, module: str) -> bool:
    found = Path(python).exists()
    return found and not subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode
