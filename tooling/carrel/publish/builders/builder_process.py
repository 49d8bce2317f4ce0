"""Finding another builder and running it: which Python has it, which version, and what it said when it failed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.errors import BuildFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Builder:
    """A program that renders a stage.

    It is known to work from version `first` on and before `beyond`.
    """

    name: str
    first: tuple[int, ...]
    beyond: tuple[int, ...]
    arguments: tuple[str, ...] = ()
    #: A program that prints the folders of the theme named by its argument.
    themes: str = ""


BUILDERS = {
    one.name: one
    for one in (
        Builder(
            "zensical",
            first=(0, 0, 73),
            beyond=(0, 2),
            arguments=("--clean",),  # what it remembers is not ours to trust
            themes="from zensical.config import get_theme_dir; folder = get_theme_dir(sys.argv[2])",
        ),
        Builder(
            "properdocs",
            first=(1, 6),
            beyond=(2,),
            arguments=("--quiet",),
            themes="from properdocs.utils import get_theme_dir; folder = get_theme_dir(sys.argv[2])",
        ),
    )
}
_ASK = """
import importlib.metadata, json, sys
version = importlib.metadata.version(sys.argv[1])
{themes}
print(json.dumps([version, folder]))
"""
_LINES = 8  # of what a builder said last


@dataclass(frozen=True, slots=True)
class Found:
    """A builder on this machine: the Python that has it, and the folder of the theme that it will use."""

    builder: Builder
    python: str
    version: str
    theme: Path

    def run(self, folder: Path, *, strict: bool) -> tuple[str, ...]:
        """Build what the mkdocs.yml in `folder` tells. Returns the builder's warnings. Raises `BuildFailed`."""
        strictly = ["--strict"] if strict else []
        command = [self.python, "-P", "-m", self.builder.name, "build", "-f", str(folder / "mkdocs.yml")]
        done = _run([*command, *self.builder.arguments, *strictly], folder, self._environment(folder))
        said = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
        if done.returncode:
            last = "\n".join(said[-_LINES:]) or f"it ended with {done.returncode} and said nothing"
            raise BuildFailed(
                f"{self.builder.name} {self.version} did not build the site:\n{last}",
                "the site that was there is as it was",
            )
        return tuple(line for line in said if line.lstrip().lower().startswith("warning"))

    def _environment(self, folder: Path) -> dict[str, str]:
        environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true", "NO_COLOR": "1"}
        if self.python != sys.executable:  # it reads Markdown by our code, whichever environment it lives in
            shelf = folder / "python"
            shelf.mkdir(exist_ok=True)
            link = shelf / "carrel"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)
            environment["PYTHONPATH"] = str(shelf)
        return environment


def find(name: str, theme: str) -> Found:
    """The builder, in Carrel's environment or on the PATH, and its theme. Raises `BuildFailed`, `UsageError`."""
    builder = BUILDERS.get(name)
    if builder is None:
        raise UsageError(f"{name}: no such builder", f"there are mkdocs, {', '.join(BUILDERS)}")
    install = f"`{sys.executable} -m pip install {name}`"
    python = sys.executable if find_spec(name) else _python_of(shutil.which(name))
    if python is None:
        raise BuildFailed(f"{name} is not installed", f"install it beside Carrel: {install}")
    asked = _run([python, "-P", "-c", _ASK.format(themes=builder.themes), name, theme], Path.cwd(), dict(os.environ))
    try:
        version, folder = json.loads(asked.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = "\n".join(asked.stdout.splitlines()[-_LINES:])
        raise BuildFailed(f"{name} does not start, or has no theme {theme}:\n{last}", f"repair it: {install}") from None
    if not builder.first <= _numbers(version) < builder.beyond:
        known = f"{_dotted(builder.first)} and later, before {_dotted(builder.beyond)}"
        raise BuildFailed(f"{name} {version} is not one that Carrel knows", f"it knows {known}: {install}")
    return Found(builder, python, version, Path(folder))


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _python_of(program: str | None) -> str | None:
    """The Python that a program on the PATH runs in, as its first line says."""
    if program is None:
        return None
    with Path(program).open("rb") as file:
        first = file.readline(1000).decode("utf-8", "replace")
    python = first.removeprefix("#!").strip().split(" ")[0]
    return python if first.startswith("#!") and Path(python).name.startswith("python") else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
