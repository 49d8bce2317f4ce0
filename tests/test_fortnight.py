"""Two researchers' fortnight, from a question to a published site: tests/fortnight.md is what they type and see, and
every page of their site shows what it is for, and nothing that they kept to themselves.

`pytest --update` writes what is printed now into the transcript; read the difference.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from carrel.cli.app import App
from carrel.cli.main import run
from tests.conftest import REPOSITORY
from tests.support import Said

STORY = REPOSITORY / "tests" / "fortnight.md"
_STEP = re.compile(r"^## (?P<day>[^\n]+), (?P<who>Ada|Ben)\n|^````console\n(?P<typed>.*?)^````\n", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?P<words>.*(?:\n> .*)*)\n", re.MULTILINE)
#: What differs from run to run or from machine to machine, and what is written in its place.
_VARYING = (
    (re.compile(r"^(duration:: )[\d.]+ s$", re.MULTILINE), r"\1<time>"),
    (re.compile(r"(exit \d+ )[\d.]+ s +"), r"\1<time>  "),
    (re.compile(r"(^20.*?) {2,}(notes/)", re.MULTILINE), r"\1  \2"),
    (re.compile(r"^(host:: ).*$", re.MULTILINE), r"\1<host>"),
    (re.compile(r"^gpu:: .*\n", re.MULTILINE), ""),
    (re.compile(r"^(commit:: )[0-9a-f]{40}$", re.MULTILINE), r"\1<commit>"),
    (re.compile(r"sha256:[0-9a-f]{64} -->"), "sha256:<digest> -->"),
    (re.compile(r"-[0-9a-f]{8}(\.private)?\.(png|txt|patch)"), r"-<hash>\1.\2"),
)


class Fortnight:
    """Both at their machines, with a repository between them."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, patch
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", folder / "hub"], check=True)
        for who in ("Ada", "Ben"):
            (folder / who.lower()).mkdir()
            home = folder / "homes" / who
            home.mkdir(parents=True)
            (home / ".gitconfig").write_text(f"[user]\nname = {who}\nemail = {who.lower()}@lab.example\n")
        shutil.copy(REPOSITORY / "tests" / "running" / "train.py", folder / "ada" / "train.py")
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "CARREL_DIR", "EDITOR", "VISUAL", "CI"):
            patch.delenv(name, raising=False)
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        self._made = 0
        patch.setattr(os, "urandom", self._chance(os.urandom))

    @staticmethod
    def _chance(urandom):  # type: ignore[no-untyped-def]  # as os.urandom
        """Ids (5 bytes) and salts (16) that are the same in every run of the test."""
        counted = {5: 0, 16: 0}

        def chance(size: int) -> bytes:
            if size not in counted:
                return urandom(size)
            counted[size] += 1
            return sha256(f"{size} {counted[size]}".encode()).digest()[:size]

        return chance

    def sits_down(self, who: str, day: str) -> None:
        """From now on it is `day` (as in a heading of the story), and `who` types."""
        self.now = datetime.strptime(day, "%A %d %B %Y, %H:%M").replace(tzinfo=ZoneInfo("Europe/Berlin"))
        assert day == f"{self.now:%A} {self.now.day} {self.now:%B %Y, %H:%M}", "a weekday that is none"
        self._patch.chdir(self.folder / who.lower())
        self._patch.setenv("HOME", str(self.folder / "homes" / who))
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            self._patch.setenv(name, self.now.isoformat())

    def types(self, typed: str) -> str:
        """What a command prints, as the story has it: stderr after `2>`, and an exit code that is not 0."""
        said = self._carrel(shlex.split(typed)[1:]) if typed.startswith("carrel ") else self._shell(typed)
        text = said.out + "".join(f"2> {line}".rstrip() + "\n" for line in _as_seen(said.err))
        text += f"{said.code}$\n" if said.code else ""
        for varying, name in _VARYING:
            text = varying.sub(name, text)
        return text.replace(str(self.folder), "~")

    def _shell(self, typed: str) -> Said:
        done = subprocess.run(typed, shell=True, capture_output=True, text=True, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    def _carrel(self, words: list[str]) -> Said:
        """Carrel in this process, on descriptors of its own: what it runs prints there too."""
        kept = os.dup(0), os.dup(1), os.dup(2)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:
            streams = [io.TextIOWrapper(io.FileIO(os.dup(one.fileno()), "wb"), "utf-8", write_through=True) for one in (out, err)]
            try:
                for place, one in enumerate((nothing, out, err)):
                    os.dup2(one.fileno(), place)
                with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
                    code = run(words, App(clock=lambda: self.now))
            finally:
                for place, one in enumerate(kept):
                    os.dup2(one, place)
                    os.close(one)
                for stream in streams:
                    stream.close()
            printed = []
            for one in (out, err):
                one.seek(0)
                printed.append(one.read().decode())
        return Said(code, *printed)

    def retold(self, story: str) -> str:
        """The story, with what its commands print now."""
        return _STEP.sub(self._step, story)

    def _step(self, step: re.Match[str]) -> str:
        if step["who"]:
            self.sits_down(step["who"], step["day"])
            return step[0]
        typed = [command["words"] for command in _COMMAND.finditer(step["typed"])]
        blocks = [f"$ {one}\n{self.types(one.replace(chr(10) + '> ', chr(10)))}" for one in typed]
        return f"````console\n{''.join(blocks)}````\n"


def _as_seen(text: str) -> list[str]:
    """The lines that a terminal shows: of a progress bar, its last state."""
    return [line.rpartition("\r")[2] for line in text.removesuffix("\n").split("\n")] if text else []


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The story as it happened, and the folder in which it did."""
    folder = tmp_path_factory.mktemp("fortnight")
    with pytest.MonkeyPatch.context() as patch:
        yield Fortnight(folder, patch).retold(STORY.read_text("utf-8")), folder


def test_a_fortnight_goes_as_it_is_written_down(happened: tuple[str, Path], pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update"):
        STORY.write_text(happened[0], "utf-8")
    assert STORY.read_text("utf-8") == happened[0], "`pytest tests/test_fortnight.py --update` writes what happened"
