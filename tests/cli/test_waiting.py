"""A command that has to wait for another one says so, and does what it did."""

from __future__ import annotations

import fcntl
import os

import pytest

from carrel.store import lock
from carrel.store.knowledge_base import KnowledgeBase
from tests.support import Carrel


@pytest.mark.parametrize("quiet", [False, True])
def test_who_holds_the_lock_is_named_once_and_the_exit_code_is_that_of_a_refusal(
    carrel: Carrel, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    monkeypatch.setattr(lock, "LOCK_PATIENCE", 0.1)
    monkeypatch.setattr(lock, "NOTICE", 0.02)
    place = kb.root / ".carrel/lock"
    with place.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = carrel("log", "x", *["-q"] * quiet)
    first, *rest = said.err.splitlines()
    if not quiet:
        assert first.startswith("waiting for ")
        assert first.endswith(f" (process {os.getpid()}), which holds {place}")
        first, *rest = rest
    assert first == f"carrel: another carrel command has held {place} for 0 seconds; nothing was written"
    assert (said.code, said.out, len(rest)) == (1, "", 1)
    assert carrel("log", "x").code == 0
