"""Where a run takes place: the folder as it may be told, the files that pin packages, GPUs, and figures."""

from __future__ import annotations

import os
import shutil
import time
from hashlib import sha256
from pathlib import Path

import pytest

from carrel.running import figures
from carrel.running.surroundings import Gpus, locks, shown_folder


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("/home/ada/kb", "."),
        ("/home/ada/kb/code/toy", "code/toy"),
        ("/home/ada/src/toy", "toy"),
        ("/home/ada/src/toy/data", "toy/data"),
        ("/home/ada", "~"),
        ("/home/ada/elsewhere", "~/elsewhere"),
        ("/scratch/x", "/scratch/x"),
    ],
)
def test_a_folder_is_told_without_the_home_that_it_is_in(folder: str, shown: str) -> None:
    assert shown_folder(Path(folder), Path("/home/ada/kb"), Path("/home/ada/src/toy"), "/home/ada") == shown


def test_the_nearest_files_that_pin_packages_count(tmp_path: Path) -> None:
    inner = tmp_path / "toy/src"
    inner.mkdir(parents=True)
    assert locks(inner, tmp_path) == ""
    (tmp_path / "uv.lock").write_text("outer")
    assert locks(inner, tmp_path) == f"uv.lock {sha256(b'outer').hexdigest()[:12]}"
    assert locks(inner, inner) == "", "what is above the repository is not its own"
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / "toy" / name).write_text(name)
    short = {name: sha256(name.encode()).hexdigest()[:12] for name in ("requirements-dev.txt", "requirements.txt")}
    assert locks(inner, tmp_path) == ", ".join(f"{name} {digest}" for name, digest in short.items())
    (tmp_path / "toy/pylock.toml").write_text("PEP 751")
    assert locks(inner, tmp_path).startswith("pylock.toml ")
    (tmp_path / "toy/poetry.lock").write_text("exact")
    assert locks(inner, tmp_path).startswith("poetry.lock ")


def smi(folder: Path, text: str) -> dict[str, str]:
    """An environment in which `nvidia-smi` is this script."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_gpus_are_counted_and_those_that_the_command_sees_are_named(tmp_path: Path) -> None:
    environment = smi(tmp_path, "printf 'NVIDIA A100-SXM4-80GB\\nNVIDIA A100-SXM4-80GB\\nNVIDIA T4\\n'")
    assert Gpus(environment).answer() == "2 × NVIDIA A100-SXM4-80GB, NVIDIA T4"
    assert Gpus({**environment, "CUDA_VISIBLE_DEVICES": "0,1"}).answer().endswith(" (CUDA_VISIBLE_DEVICES=0,1)")
    assert Gpus({**environment, "CUDA_VISIBLE_DEVICES": ""}).answer().endswith(" (CUDA_VISIBLE_DEVICES=)"), (
        "it saw none"
    )


@pytest.mark.parametrize("text", ["exit 9", "sleep 60", "kill -9 $$", "printf '\\377\\n'; exit 1"])
def test_a_driver_that_fails_or_hangs_costs_a_second_and_no_run(tmp_path: Path, text: str) -> None:
    begun = time.monotonic()
    assert Gpus(smi(tmp_path, text)).answer() == ""
    assert time.monotonic() - begun < 20
    assert Gpus({"PATH": str(tmp_path / "nothing")}).answer() == ""


def test_figures_are_what_was_written_also_if_it_is_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("plots/old.png", "plots/again.png", "plots/deep/changed.png"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("before")
    patterns = ("plots/**/*.png", str(tmp_path / "abs.svg"), "plots/*.png")
    before = figures.look(patterns)
    Path("plots/again.png").write_text("before")
    Path("plots/deep/changed.png").write_text("after")
    Path("plots/new.png").write_text("new")
    Path("plots/folder.png").mkdir()
    Path("abs.svg").write_text("svg")
    made = figures.made(before, figures.look(patterns))
    assert [str(place) for place in made] == [
        "plots/again.png", "plots/deep/changed.png", "plots/new.png", str(tmp_path / "abs.svg"),
    ]  # fmt: skip
    assert figures.made(before, before) == []
