"""Carrel as a user gets it: the wheel, and of all that is installed here only what it declares."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import REPOSITORY


def declared(by: Distribution) -> Iterable[Distribution]:
    """What a distribution requires, and what that requires, as it is installed beside these tests."""
    known: dict[str, Distribution] = {}
    todo = [(by, frozenset({""}))]
    while todo:
        one, extras = todo.pop()
        for need in map(Requirement, one.requires or ()):
            if need.name not in known and (not need.marker or any(need.marker.evaluate({"extra": e}) for e in extras)):
                known[need.name] = distribution(need.name)
                todo.append((known[need.name], frozenset({"", *need.extras})))
    return known.values()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh virtual environment's programs, with Carrel and what it declares, nothing more."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--no-deps", "--no-compile"]
    done = subprocess.run([*pip, "--quiet", str(REPOSITORY)], capture_output=True, text=True, check=False)
    if done.returncode and ("Could not find a version" in done.stderr or "connection" in done.stderr.lower()):
        if os.environ.get("CI"):
            pytest.fail(done.stderr)
        pytest.skip("pip reaches no package index; connect to the network to run this test")
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/*/site-packages")
    (wheel,) = distributions(name="carrel", path=[str(packages)])
    for needed in declared(wheel):
        for top in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(needed.locate_file(top))))
    return programs


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of modules beside those of the environment."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def run(programs: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([programs / "carrel", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_help_works_without_development_dependencies(installed: Path, tmp_path: Path) -> None:
    (others,) = (installed.parent / "lib").glob("*/site-packages")
    assert {"carrel", "mkdocs", "material"} <= {place.name for place in others.iterdir()}
    for missing in ("pytest", "hypothesis", "playwright", "mypy", "IPython"):
        tried = subprocess.run([installed / "python", "-c", f"import {missing}"], capture_output=True, check=False)
        assert tried.returncode == 1, missing
    said = run(installed, "--help", folder=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "carrel [OPTIONS] COMMAND [ARGS]..." in said.stdout


def test_the_main_job_works_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "init", "desk", folder=tmp_path).returncode == 0
    desk = tmp_path / "desk"
    assert run(installed, "log", "Loss spikes at warm-up end", folder=desk).returncode == 0
    assert run(installed, "paper", "add", "The Humble Programmer", folder=desk).returncode == 0
    assert "Loss spikes" in run(installed, "search", "spike", folder=desk).stdout
    built = run(installed, "build", "--audience", "private", folder=desk)
    assert built.returncode == 0, built.stderr
    assert "Loss spikes" in (desk / "site/public/index.html").read_text("utf-8")
    assert list((desk / "site/public/carrel").glob("carrel*.css"))  # the theme is in the wheel
