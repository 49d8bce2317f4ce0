"""How text becomes terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.search.analysis import Stems, fold, terms, tokens


def stems(text: str) -> list[str]:
    return [term.stem for term in terms(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("--- … !", []),
        ("The loss is NOT the point", ["the", "loss", "is", "not", "the", "point"]),
        ("editing edits edited edit", ["edit"] * 4),
        ("top_k", ["top", "k"]),
        ("SAE-7B", ["sae", "7b"]),
        ("lr=3e-4", ["lr", "3e", "4"]),
        ("arXiv:2310.06820v2", ["arxiv", "2310", "06820v2"]),
        ("model's models’ don't l'homme", ["model", "model", "dont", "l", "homm"]),
        ("'quoted' ''", ["quot"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("naïve re\u0301sume\u0301 Ångström", ["naiv", "resum", "angstrom"]),
        ("Ｆｕｌｌ ﬁne x²", ["full", "fine", "x2"]),
        ("Привет", ["привет"]),
        ("検索機能", ["検索", "索機", "機能"]),
        ("検", ["検"]),
        ("GPT模型test", ["gpt", "模型", "test"]),
        ("한국어", ["한국", "국어"]),
        ("हिन्दी", ["हिन्दी"]),
        ("**bold** [[link|label]] #tag", ["bold", "link", "label", "tag"]),
    ],
)
def test_text_becomes_these_terms(text: str, expected: list[str]) -> None:
    assert stems(text) == expected


def test_the_surface_of_a_term_is_the_folded_word() -> None:
    assert [term.surface for term in terms("Editing Naïve")] == ["editing", "naive"]


def test_a_token_stands_where_its_word_is_in_the_text() -> None:
    text = "In “top_k”, naïvely: 検索"
    assert [(text[token.start : token.end], token.term.stem) for token in tokens(text)] == [
        ("In", "in"),
        ("top", "top"),
        ("k", "k"),
        ("naïvely", "naiv"),
        ("検索", "検索"),
    ]


mixed = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aB1_'’-. 検索ß\u0301\u00a0ﬁ²")))


@given(mixed)
def test_tokens_and_terms_agree(text: str) -> None:
    found = list(tokens(text))
    assert [token.term for token in found] == terms(text)
    known = Stems()
    assert [token.term.stem for token in found] == [stem for chunk in text.split() for stem in known[chunk]]
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)


@given(mixed)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(mixed)
def test_case_does_not_matter(text: str) -> None:
    if text.upper().lower() == text.lower():  # not so for a few letters, such as the Turkish dotted İ
        assert stems(text.upper()) == stems(text.lower())


@given(st.text(alphabet=st.sampled_from("aB1_'.,()#*-é検")))
def test_the_quick_way_through_text_finds_the_same(text: str) -> None:
    known = Stems()
    assert [stem for chunk in text.split() for stem in known[chunk]] == stems(text)
    assert known.terms == set(terms(text))
