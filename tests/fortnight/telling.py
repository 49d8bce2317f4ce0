"""Telling a story of several people who type: each at a machine of their own, with a clock that the story sets."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
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

#: A heading that says when it is and who types, or a block of what is typed and printed.
_STEP = re.compile(r"^## (?P<day>[^\n]+), (?P<who>\w+)\n|^````console\n(?P<typed>.*?)^````\n", re.MULTILINE | re.DOTALL)
#: What differs from run to run or from machine to machine, and what is written in its place.
_VARYING = (
    (re.compile(r"^(duration:: )[\d.]+ s$", re.MULTILINE), r"\1<time>"),
    (re.compile(r"(exit \d+, )[\d.]+ s +"), r"\1<time>  "),
    (re.compile(r"(^20.*?) {2,}(notes/)", re.MULTILINE), r"\1  \2"),
    (re.compile(r"^(host:: ).*$", re.MULTILINE), r"\1<host>"),
    (re.compile(r"^gpu:: .*\n", re.MULTILINE), ""),
    (re.compile(r"^(commit:: )[0-9a-f]{40}$", re.MULTILINE), r"\1<commit>"),
    (re.compile(r"sha256:[0-9a-f]{64} -->"), "sha256:<digest> -->"),
    (re.compile(r"-[0-9a-f]{8}(\.private)?\.(png|txt|patch)"), r"-<hash>\1.\2"),
)


class Fortnight:
    """Ada and Ben at their machines, in `folder`, with a repository between them."""

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
        patch.setattr(os, "urandom", _repeatable(os.urandom))

    def retold(self, story: str) -> str:
        """The story, with what its commands print now."""
        return _STEP.sub(self._step, story)

    def _step(self, step: re.Match[str]) -> str:
        if step["who"]:
            self._sits_down(step["who"], step["day"])
            return step[0]
        typed = [line.removeprefix("$ ") for line in step["typed"].splitlines() if line.startswith("$ ")]
        return "".join(["````console\n", *(f"$ {one}\n{self._types(one)}" for one in typed), "````\n"])

    def _sits_down(self, who: str, day: str) -> None:
        """From now on it is `day`, and `who` types."""
        self._now = datetime.strptime(day, "%A %d %B %Y, %H:%M").replace(tzinfo=ZoneInfo("Europe/Berlin"))
        assert day == f"{self._now:%A} {self._now.day} {self._now:%B %Y, %H:%M}", "a weekday that is none"
        self._patch.chdir(self.folder / who.lower())
        self._patch.setenv("HOME", str(self.folder / "homes" / who))
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            self._patch.setenv(name, self._now.isoformat())

    def _types(self, typed: str) -> str:
        """What a command prints: stderr after `2>`, and an exit code that is not 0 as `1$`."""
        said = self._carrel(shlex.split(typed)[1:]) if typed.startswith("carrel ") else _shell(typed)
        text = said.out + "".join(f"2> {line}\n" for line in said.err.splitlines())
        text += f"{said.code}$\n" if said.code else ""
        for varying, name in _VARYING:
            text = varying.sub(name, text)
        return text.replace(str(self.folder), "~")

    def _carrel(self, words: list[str]) -> Said:
        """Carrel in this process, on descriptors of its own: what it runs prints there too."""
        kept = [os.dup(place) for place in range(3)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
            out_text, err_text = (
                io.TextIOWrapper(io.FileIO(os.dup(one.fileno()), "wb"), "utf-8") for one in (out, err)
            )
            try:
                for place, one in enumerate((nothing, out, err)):
                    os.dup2(one.fileno(), place)
                with redirect_stdout(out_text), redirect_stderr(err_text):
                    code = run(words, App(clock=lambda: self._now))
            finally:
                for place, descriptor in enumerate(kept):
                    os.dup2(descriptor, place)
                    os.close(descriptor)
                out_text.close()
                err_text.close()
            for file in (out, err):
                file.seek(0)
            return Said(code, out.read().decode(), err.read().decode())


def _shell(typed: str) -> Said:
    done = subprocess.run(typed, shell=True, capture_output=True, text=True, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


def _repeatable(urandom: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """`os.urandom` with ids (5 bytes) and salts (16) that are the same whenever the story is told."""
    counted = {5: 0, 16: 0}

    def chance(size: int) -> bytes:
        if size not in counted:
            return urandom(size)
        counted[size] += 1
        return sha256(f"{size} {counted[size]}".encode()).digest()[:size]

    return chance
