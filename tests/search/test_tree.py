"""The nodes of a query are values: equal by what they say, never changed, made of what they have and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from carrel.search.tree import And, Dated, Everything, Field, Phrase, Word


def test_nodes_are_equal_when_they_are_of_one_kind_and_say_the_same() -> None:
    assert And((Word("a"), Field("kind", Word("log")))) == And((Word(text="a"), Field("kind", test=Word("log"))))
    assert Word("a") != Word("b")
    assert Word("a") != Phrase("a")
    assert Everything() == Everything()
    assert len({Word("a"), Word("a"), Phrase("a"), Everything(), Everything()}) == 3
    assert Dated(last=date.max, first=date.min) == Dated(date.min, date.max)


def test_a_node_does_not_change() -> None:
    word = Word("a")
    with pytest.raises(AttributeError, match="Word does not change"):
        word.text = "b"  # type: ignore[misc]  # which is the point
    with pytest.raises(AttributeError, match="Word does not change"):
        del word.text
    assert word == Word("a")


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), (("a", "b"), {}), (("a",), {"text": "b"}), ((), {"word": "a"})]
)
def test_a_node_takes_its_fields_and_nothing_else(values: tuple[str, ...], named: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="Word takes text"):
        Word(*values, **named)
