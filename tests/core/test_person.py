"""Names of authors: every way people write them, one form inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.person import Name, short_authors

WRITTEN = [
    ("Nelson Elhage", Name("Elhage", "Nelson")),
    ("Elhage, Nelson", Name("Elhage", "Nelson")),
    ("Laurens van der Maaten", Name("Maaten", "Laurens", "van der")),
    ("van der Maaten, Laurens", Name("Maaten", "Laurens", "van der")),
    ("Martin Luther King Jr.", Name("King", "Martin Luther", suffix="Jr.")),
    ("King, Jr., Martin Luther", Name("King", "Martin Luther", suffix="Jr.")),
    ("King Jr., Martin Luther", Name("King", "Martin Luther", suffix="Jr.")),
    ("King, Martin Luther, Jr.", Name("King", "Martin Luther", suffix="Jr.")),
    ("Martin Luther King, Jr.", Name("King", "Martin Luther", suffix="Jr.")),
    ("de la Cruz III, Juan", Name("Cruz", "Juan", "de la", "III")),
    ("Smith, V", Name("Smith", "V")),
    ("Charles de la Vallée Poussin", Name("Poussin", "Charles de la Vallée")),
    ("de la Vallée Poussin, Charles", Name("Vallée Poussin", "Charles", "de la")),
    ("bell hooks", Name("hooks", "bell")),
    ("Beyoncé", Name("Beyoncé")),
    ("王小云", Name("王小云")),
    ("王 小明", Name("王", "小明")),
    ("王, 小明", Name("王", "小明")),
    ("佐々木\u3000みのり", Name("佐々木", "みのり")),
    ("김 철수", Name("김", "철수")),
    ("Xiaoming 王", Name("王", "Xiaoming")),
    ("{人工智能 研究所}", Name(literal="人工智能 研究所")),
    ("{Redwood Research and Friends}", Name(literal="Redwood Research and Friends")),
    ("{Council on Food, Water and Air}", Name(literal="Council on Food, Water and Air")),
    ("  Jan   van   Leeuwen ", Name("Leeuwen", "Jan", "van")),
]


@pytest.mark.parametrize(("text", "name"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_a_name_is_read_as_its_parts(text: str, name: Name) -> None:
    assert Name.parse(text) == name


def test_a_name_of_capitals_before_the_particle_keeps_them_in_the_given_name() -> None:
    assert Name.parse("Peter H. N. de With") == Name("With", "Peter H. N.", "de")


def test_the_same_person_from_different_sources_is_equal() -> None:
    assert Name("van Gogh", "Vincent") == Name("Gogh", "Vincent", "van") == Name.parse("Vincent van Gogh")
    assert Name(literal="OpenAI") == Name("OpenAI") == Name(given="OpenAI")
    assert Name("{NASA}", "{J.}") == Name("NASA", "J.")


def test_several_words_without_a_given_name_are_a_group() -> None:
    assert Name("Anthropic Interpretability Team") == Name(literal="Anthropic Interpretability Team")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (Name("Elhage", "Nelson"), "Nelson Elhage"),
        (Name("Maaten", "Laurens", "van der"), "Laurens van der Maaten"),
        (Name("Schouhamer Immink", "Kees A."), "Schouhamer Immink, Kees A."),
        (Name("King", "Martin Luther", suffix="Jr."), "Martin Luther King Jr."),
        (Name("Gates", "Henry", suffix="PhD"), "Gates, PhD, Henry"),
        (Name(literal="Redwood Research"), "{Redwood Research}"),
        (Name(literal="OpenAI"), "OpenAI"),
        (Name("王", "小明"), "王 小明"),
        (Name("王", "Xiaoming"), "Xiaoming 王"),
        (Name("王 小", "明"), "王 小, 明"),
    ],
)
def test_a_name_is_written_naturally_where_that_reads_back(name: Name, line: str) -> None:
    assert str(name) == line
    assert Name.parse(line) == name


words = st.text(max_size=12) | st.text("王小 三,", max_size=5)


@given(words, words, words, words, words)
def test_every_name_reads_back_as_itself(family: str, first: str, particle: str, suffix: str, literal: str) -> None:
    name = Name(family, first, particle, suffix, literal)
    assert Name.parse(str(name)) == name
    assert Name(name.family, name.given, name.particle, name.suffix, name.literal) == name


@given(st.text())
def test_any_text_is_some_name(text: str) -> None:
    name = Name.parse(text)
    assert Name.parse(str(name)) == name


def test_a_column_shows_one_two_or_more_authors() -> None:
    elhage, hume, olah = Name("Elhage", "Nelson"), Name("Hume", "Tristan"), Name("Olah", "Chris")
    assert short_authors(()) == ""
    assert short_authors((elhage,)) == "Elhage"
    assert short_authors((elhage, hume)) == "Elhage & Hume"
    assert short_authors((elhage, hume, olah)) == "Elhage et al."
    assert short_authors((elhage, Name("others"))) == "Elhage et al."
