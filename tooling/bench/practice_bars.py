"""The bars of the research practice: figures, predictions, runs, and what a day or a week looks like."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.workbench import CARREL, PYTHON, Bench

#: One note of so many makes a prediction, and every other one of these is resolved.
EVERY = 25
#: The smallest picture, as far as its first bytes tell.
PICTURE = b"\x89PNG\r\n\x1a\n"


def practice(on: Bench) -> None:
    """All of them, on notes that make predictions."""
    predict_in(on.kb)
    on.age()
    on.run("index")
    attached(on)
    predicted(on)
    resolved(on)
    ran(on)
    imported(on)
    looked_back(on)


def predict_in(kb: Path) -> None:
    """Write predictions into some of the notes."""
    for number, place in enumerate(sorted(kb.glob("notes/**/*.md"))[::EVERY]):
        box, ending = ("x", " → yes 2026-11-01") if number % 2 else (" ", "")
        line = f"- [{box}] p=0.{number % 9 + 1} by 2026-12-01: What number {number} expects ^k-{number:05}{ending}"
        with place.open("a", encoding="utf-8") as note:
            note.write(f"\n{line}\n")


def attached(on: Bench) -> None:
    """An entry with a figure."""
    figure = on.kb.parent / "loss.png"
    figure.write_bytes(PICTURE)
    command = [CARREL, "log", "loss spikes", "--attach", str(figure), "--caption", "at the end of warm-up"]
    on.ratio("log --attach", command, 3.0)


def predicted(on: Bench) -> None:
    """A prediction."""
    on.ratio("predict", [CARREL, "predict", "it works", "-p", "0.7", "--by", "in two weeks"], 3.0)


def resolved(on: Bench) -> None:
    """A prediction's outcome, found by its id and by the beginning of that."""
    identity = on.said("predict", "it lasts", "-p", "0.6")[1].strip()
    for what, name in (("resolve", identity), ("resolve by the beginning of an id", identity[:-1])):
        on.ratio(what, [CARREL, "resolve", name, "yes", "--again"], 3.0)


def ran(on: Bench) -> None:
    """A command that is run and logged."""
    on.difference("run -- true, beyond true", [CARREL, "run", "--", "true"], ["true"], 150.0)


def imported(on: Bench) -> None:
    """The package in somebody's script."""
    command = [PYTHON, "-c", "import carrel"]
    on.difference("import carrel, beyond python -c pass", command, [PYTHON, "-c", "pass"], 30.0)


def looked_back(on: Bench) -> None:
    """What sums up the notes, with an index that is current."""
    on.run("index")
    for command in (["today"], ["stats"], ["calibration"], ["digest", "--dry-run"]):
        on.run(*command)
        on.median(" ".join(command), partial(_seconds, on, command), "s", 1.0)


def _seconds(on: Bench, command: list[str]) -> float:
    return on.run(*command).wall
