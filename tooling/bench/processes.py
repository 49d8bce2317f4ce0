"""What running a program costs, and how figures of several runs are said."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds on the clock, seconds of CPU (its children's too), and peak memory in MB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Spread:
    """The least, the median and the greatest of several values of one thing."""

    least: float
    median: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of these values; there is at least one."""
        return cls(min(values), statistics.median(values), max(values))

    def said(self, digits: int = 0) -> str:
        """For a table: the median, and the range where there is one.

        >>> Spread.of([3.0, 1.0, 2.0]).said(), Spread.of([2.0]).said(1)
        ('2 (1–3)', '2.0')
        """
        middle, least, greatest = (f"{value:,.{digits}f}" for value in (self.median, self.least, self.greatest))
        return middle if least == greatest else f"{middle} ({least}–{greatest})"


def cost(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command to its end: what it cost, and what it printed. Raises SystemExit when it fails.

    Python may keep its compiled modules, as it does for users, whatever the environment says.
    """
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as remarks:
        begun = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, env=kept, stdin=subprocess.DEVNULL, stdout=out, stderr=remarks
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode("utf-8", "replace")
        if process.returncode:
            remarks.seek(0)
            raise SystemExit(f"{' '.join(arguments)} failed:\n{said}{remarks.read().decode('utf-8', 'replace')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), said
