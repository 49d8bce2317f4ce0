"""Running git and rsync: with words, never through a shell, and with their own last words when they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carrel.errors import PublishFailed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and how it ended."""

    code: int
    out: bytes
    err: str

    @property
    def reason(self) -> str:
        """Its last words, on one line."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        return " ".join(" ".join(lines[-3:]).split())[:300] or f"exit code {self.code}"


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: bytes = b"") -> Answer:
    """Run a program in `folder`. Raises `PublishFailed` when it is not there."""
    try:
        done = subprocess.run(words, cwd=folder, env=dict(environment), input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise PublishFailed(f"{words[0]} is not installed, or not found", f"install {words[0]}") from error
    except OSError as error:
        raise PublishFailed(f"{words[0]}: {(error.strerror or str(error)).lower()}") from error
    return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))
