"""Carrel as a user gets it: the wheel, with no development dependency beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh virtual environment's programs, with Carrel and what it declares, nothing more."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    programs = folder / "venv" / "bin"
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, str(REPOSITORY)], capture_output=True, text=True, check=False)
    if done.returncode and ("Could not find a version" in done.stderr or "connection" in done.stderr.lower()):
        if os.environ.get("CI"):
            pytest.fail(done.stderr)
        pytest.skip("pip reaches no package index; connect to the network to run this test")
    assert done.returncode == 0, done.stderr
    return programs


def run(programs: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([programs / "carrel", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_help_works_without_development_dependencies(installed: Path, tmp_path: Path) -> None:
    missing = subprocess.run([installed / "python", "-c", "import pytest"], capture_output=True, check=False)
    said = run(installed, "--help", folder=tmp_path)
    assert missing.returncode == 1
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
