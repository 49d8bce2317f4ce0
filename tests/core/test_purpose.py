"""What work is for is climbed step by step; where it breaks is known, and a circle ends somewhere."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.parse import parse_note
from carrel.core.purpose import Step, climb, upwards


def step(path: str, *above: Step, lost: tuple[str, ...] = ()) -> Step:
    return Step(path, above, lost)


def test_the_way_up_is_a_tree_where_a_note_serves_several_ends() -> None:
    above = {"e": ["q", "r"], "q": ["p"], "r": ["p", "gone"], "p": []}

    def leads(path: str) -> Iterable[tuple[str, str]]:
        return [(name, name if name in above else "") for name in above[path]]

    assert climb("e", leads) == step("e", step("q", step("p")), step("r", Step("p", told=True), lost=("gone",)))
    assert [one.path for one in climb("e", leads).all()] == ["e", "q", "p", "r", "p"]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)))
def test_every_note_is_climbed_once_whatever_leads_to_what(above: dict[str, list[str]]) -> None:
    steps = list(climb("a", lambda path: [(one, one) for one in above.get(path, [])]).all())
    climbed = [one.path for one in steps if not one.told]
    assert len(climbed) == len(set(climbed))
    assert all(one.told or one.path == "a" or not one.circle for one in steps)


def test_a_way_that_is_too_long_for_anyone_ends() -> None:
    assert len(list(climb("0", lambda path: [("", str(int(path) + 1))]).all())) == 102


def test_a_note_serves_what_it_advances_or_else_its_project() -> None:
    def said(front: str) -> list[str]:
        return [link.target for link in upwards(parse_note("a.md", f"---\n{front}\n---\n".encode()))]

    assert said("advances: ['[[q]]', r]\nproject: p") == ["q", "r"]
    assert said("advances:\nproject: '[[p|P]]'") == ["p"]
    assert said("title: x") == []
