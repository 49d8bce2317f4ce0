"""A maintained scanner of credentials beside our own rules: MongoDB's Kingfisher, where `carrel[scanner]` put it.

It knows some five hundred issuers of keys and is a program of 47 MB, so it is an extra. It is run once a build, over
all that is new in the site, and told to ask no one whether a key is valid, nor whether there is a newer Kingfisher.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

from carrel.errors import BuildFailed
from carrel.publish.gate.credentials import Credential
from carrel.publish.staging.tree import make_private

_OFFLINE = ("--no-validate", "--no-update-check")
#: Of a site, all is looked at: files of any size, and what a comment in it says is to be passed over.
_ALL = ("--no-limits", "--no-ignore")
#: What it returns with nothing found, and with something.
_FOUND = (0, 200)
_SECONDS = 600


def installed() -> Path | None:
    """The program, if it is installed beside Carrel; whatever else is called so somewhere on the PATH is not run."""
    spec = find_spec("kingfisher")
    place = Path(spec.origin).parent / "bin" / "kingfisher" if spec and spec.origin else None
    return place if place and os.access(place, os.X_OK) else None


def version() -> str:
    """What changes with the rules of the scanner; "" without one."""
    with suppress(PackageNotFoundError):
        return metadata.version("kingfisher-bin") if installed() else ""
    return ""


class Scanner:
    """Scans texts with `program`, once; they wait in a file in `folder`, for its owner alone. Use it as a context."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._names: list[str] = []
        self._lines: list[int] = []
        self._line = 1

    def __enter__(self) -> Scanner:
        make_private(self._folder)
        handle, place = tempfile.mkstemp(".txt", "scan-", self._folder)
        self._place, self._file = Path(place), open(handle, "w", encoding="utf-8", errors="replace")  # noqa: PTH123
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        with suppress(OSError):
            self._place.unlink()

    def add(self, name: str, text: str) -> None:
        """Have a text of a file scanned."""
        self._names.append(name)
        self._lines.append(self._line)
        self._line += text.count("\n") + 1
        self._file.write(f"{text}\n")

    def found(self) -> Iterator[tuple[str, Credential]]:
        """The credentials in all texts, each with its file. Raises `BuildFailed` when the program does."""
        self._file.flush()
        if not self._names:
            return
        command = [str(self._program), "scan", *_OFFLINE, *_ALL, "--format", "jsonl", str(self._place)]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, cwd=self._folder)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BuildFailed(f"Kingfisher, the scanner of credentials, did not run: {error}") from error
        if ran.returncode not in _FOUND:
            said = ran.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise BuildFailed(f"Kingfisher, the scanner of credentials, failed ({ran.returncode}): {said}")
        for line in ran.stdout.decode("utf-8", "replace").splitlines():
            told = json.loads(line)
            if "finding" in told:
                rule = str(told["rule"]["id"]).partition(".")[2].replace(".", "-") or "credential"
                number = bisect_right(self._lines, int(told["finding"]["line"])) - 1
                yield self._names[max(0, number)], Credential(rule, str(told["finding"]["snippet"]))
