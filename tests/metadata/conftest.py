"""A web server on this machine that answers what a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources import Reply, Source

__all__ = ["Reply", "Source"]


@pytest.fixture
def source() -> Iterator[Source]:
    running = Source()
    yield running
    running.close()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
