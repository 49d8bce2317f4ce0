"""Types that tests and fixtures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


#: Runs the command line: `carrel("log", "x", stdin=b"")`.
Carrel = Callable[..., Said]
