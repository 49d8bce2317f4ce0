"""Snippets: the right piece of a text, the right words marked."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from carrel.search.analysis import terms, tokens
from carrel.search.snippet import Marker, Snippet, excerpt, snippet
from carrel.search.tree import And, Field, Fuzzy, Not, Or, Phrase, Prefix, Query, Word


def marked(text: str, query: Query, width: int = 60) -> str:
    cut = snippet(text, Marker(query), width)
    parts, at = [], 0
    for start, end in cut.marks:
        parts += [cut.text[at:start], "<", cut.text[start:end], ">"]
        at = end
    return "".join([*parts, cut.text[at:]])


LONG = "one two three four five six seven eight nine ten " * 20


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    assert marked("# Loss\n\nThe loss\n  spikes.", Word("spiking")) == "Loss The loss <spikes>."


def test_the_piece_around_the_words_is_cut_at_blanks() -> None:
    assert marked(f"{LONG}the zebra stripes {LONG}", Word("zebra")) == (
        "… nine ten the <zebra> stripes one two three four five six …"
    )


def test_the_piece_with_the_most_different_words_wins() -> None:
    text = f"zebra zebra zebra {LONG} a zebra and a walrus {LONG}"
    assert "<zebra> and a <walrus>" in marked(text, And((Word("zebra"), Word("walrus"))))


def test_without_words_to_mark_the_beginning_is_shown() -> None:
    assert marked(LONG, Field("kind", Word("log"))) == "one two three four five six seven eight nine ten one two …"


def test_excluded_words_and_fields_are_not_marked() -> None:
    assert marked("loss probe log", And((Word("loss"), Not(Word("probe")), Field("kind", Word("log"))))) == (
        "<loss> probe log"
    )


def test_words_of_a_title_field_are_marked() -> None:
    assert marked("toy models", Field("title", Word("toy"))) == "<toy> models"


def test_phrases_beginnings_and_typing_errors_are_marked() -> None:
    query = Or((Phrase("mode collapse"), Prefix("edi"), Fuzzy("netwroks", 2)))
    assert marked("Mode collapse, editing networks", query) == "<Mode> <collapse>, <editing> <networks>"


def test_parts_of_identifiers_are_marked() -> None:
    assert marked("the top_k and 検索機能", Or((Word("top_k"), Word("索機")))) == "the <top>_<k> and 検<索機>能"


def test_one_sign_of_a_script_without_spaces_is_marked_with_its_neighbours() -> None:
    assert marked("全文検索機能。猫 検 機能検", Word("検")) == "全<文検索>機能。猫 <検> 機<能検>"


def test_lists_quotes_and_headings_lose_their_signs() -> None:
    assert snippet("> quoted\n- item\n## Head\n* star", Marker(Word("x"))) == Snippet("quoted item Head star")


def test_control_characters_are_left_to_who_prints() -> None:
    assert snippet("a\x1b[31mred", Marker(Word("x"))).text == "a\x1b[31mred"


pieces = st.sampled_from([*"ab \n\t#->é検索_", "loss ", "probe\n"])
texts = st.lists(pieces, max_size=200).map("".join)


@given(texts, st.integers(20, 100))
def test_every_mark_is_a_wanted_word_and_the_text_is_one_line(text: str, width: int) -> None:
    wanted = {"loss", "probe", "検索"}
    cut = snippet(text, Marker(Or(tuple(map(Word, sorted(wanted))))), width)
    assert "\n" not in cut.text
    assert len(cut.text) <= width + 4
    at = 0
    for start, end in cut.marks:
        assert at <= start < end <= len(cut.text)
        assert {term.stem for term in terms(cut.text[start:end])} & wanted
        at = end


HARD = [
    "dying", "eyed", "eyeing", "Straße", "naïve", "top_k", "SAE-7B", "l'homme", "don't", "検索機能", "Köln", "aying",
    "o'clock", "\u212a8s", "\u017ftern", "\u0130stanbul", "3e-4", "rock'n'roll", "modèle’s", "ﬁne", "x", "ÉTÉ",
]  # fmt: skip
hard_texts = st.lists(
    st.one_of(st.sampled_from([*HARD, *map(str.upper, HARD), *" \n-'’_—/."]), st.text(max_size=3)), max_size=25
)


@given(
    hard_texts.map("".join),
    st.lists(st.sampled_from(HARD), min_size=1, max_size=3),
    st.sampled_from([Word, Prefix, lambda text: Fuzzy(text, 1)]),
)
def test_no_wanted_word_is_passed_over(text: str, asked: list[str], kind: Callable[[str], Query]) -> None:
    marker = Marker(Or(tuple(map(kind, asked))))
    assert marker.marked(text) == [(token, why) for token in tokens(text) if (why := marker.why(token.term))]


def test_around_given_spans_their_text_is_marked_whole() -> None:
    cut = excerpt("> the toy\n> models here", [(6, 18)])
    assert [cut.text[start:end] for start, end in cut.marks] == ["toy models"]
