"""A person at a terminal, for the tests of running."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.running.person import CARREL, Person


@pytest.fixture
def at_terminal(kb: KnowledgeBase) -> Iterator[Callable[..., Person]]:
    """Type `carrel …` at a terminal, in the knowledge base's folder."""
    people: list[Person] = []

    def sit(*words: str, program: list[str] | None = None) -> Person:
        people.append(Person([*(program or CARREL), *words], kb.root))
        return people[-1]

    yield sit
    for person in people:
        person.close()
