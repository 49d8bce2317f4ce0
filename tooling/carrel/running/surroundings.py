"""Where a command runs: the folder, the machine, its GPUs, and the files that pin its packages."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import which

#: Files that pin packages, by how exactly they do.
LOCKS = (
    "uv.lock", "pixi.lock", "poetry.lock", "pdm.lock", "pylock*.toml", "conda-lock.yml", "Pipfile.lock",
    "requirements*.txt", "environment.yml", "environment.yaml",
)  # fmt: skip
#: Seconds that a short run waits for the driver's answer: a command that is over sooner than it comes used no GPU much.
GPU_PATIENCE = 0.1
_LARGEST = 64 * 1024 * 1024


def host() -> str:
    """The name of this machine, without its domain."""
    return os.uname().nodename.partition(".")[0]


def shown_folder(folder: Path, root: Path, checkout: Path | None, home: str) -> str:
    """A folder as an entry tells it: as seen from the knowledge base, else from its repository, else from home.

    >>> shown_folder(Path("/home/ada/kb/code"), Path("/home/ada/kb"), None, "/home/ada")
    'code'
    >>> shown_folder(Path("/home/ada/src/toy/data"), Path("/home/ada/kb"), Path("/home/ada/src/toy"), "/home/ada")
    'toy/data'
    >>> shown_folder(Path("/home/ada/x"), Path("/home/ada/kb"), None, "/home/ada")
    '~/x'
    """
    if folder.is_relative_to(root):
        return folder.relative_to(root).as_posix()
    if checkout is not None and checkout.name and folder.is_relative_to(checkout):
        return folder.relative_to(checkout.parent).as_posix()
    if home and folder.is_relative_to(home):
        return (Path("~") / folder.relative_to(home)).as_posix()
    return folder.as_posix()


def locks(folder: Path, top: Path | None) -> str:
    """The nearest files that pin packages, in `folder` or above it up to `top`, with the beginning of their SHA-256."""
    for place in (folder, *folder.parents):
        for name in LOCKS:
            found = [_digest(file) for file in sorted(place.glob(name))] if "*" in name else [_digest(place / name)]
            if any(found):
                return ", ".join(one for one in found if one)
        if place == top:
            break
    return ""


def _digest(file: Path) -> str:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return ""
        return f"{file.name} {sha256(file.read_bytes()).hexdigest()[:12]}"
    except OSError:
        return ""


class Gpus:
    """The GPUs of this machine, asked for while the command runs. Nothing of it ever fails."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._visible = environment.get("CUDA_VISIBLE_DEVICES")  # "" hides them all
        self._asked = time.monotonic()
        self._process: subprocess.Popen[str] | None = None
        program = which("nvidia-smi", path=environment.get("PATH"))
        if program:
            try:
                self._process = subprocess.Popen(
                    [program, "--query-gpu=name", "--format=csv,noheader"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    errors="replace",
                    start_new_session=True,  # Ctrl-C is not for it
                )
            except OSError:
                return

    def answer(self) -> str:
        """What was found: `2 × NVIDIA A100`, and which of them the command saw, if not all; "" without an answer."""
        if self._process is None:
            return ""
        try:
            patience = max(0.05, self._asked + GPU_PATIENCE - time.monotonic())
            told = self._process.communicate(timeout=patience)[0]
        except (subprocess.TimeoutExpired, OSError):
            self._give_up(self._process)
            return ""
        if self._process.returncode:
            return ""
        names = Counter(" ".join(line.split()) for line in told.splitlines()[:64] if line.strip())
        found = ", ".join(f"{number} × {name}" if number > 1 else name for name, number in names.items())
        return f"{found} (CUDA_VISIBLE_DEVICES={self._visible})" if found and self._visible is not None else found

    @staticmethod
    def _give_up(process: subprocess.Popen[str]) -> None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout:
            process.stdout.close()
        with suppress(subprocess.TimeoutExpired):  # it hangs in its driver: nobody can end that
            process.wait(0.2)


def home_of(environment: Mapping[str, str]) -> str:
    """The home folder, as paths are written; "" when there is none to speak of."""
    home = os.path.realpath(environment.get("HOME") or "/")
    return "" if home == "/" else home
