"""What makes two records the same paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carrel.core.paper import Paper, bare_doi, first_year, identity_keys, same_paper
from carrel.core.person import Name

AUTHORS = (Name("Elhage", "Nelson"), Name("Hume", "Tristan"))
TOY = Paper("Toy Models of Superposition", AUTHORS, "2022", arxiv="2209.10652")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(TOY, arxiv="2209.10652v3", title="Toy models, revised", year="2023"), True),
        (replace(TOY, arxiv="", doi="10.48550/arXiv.2209.10652", title="Other"), True),
        (replace(TOY, arxiv="", title="TOY MODELS OF  SUPERPOSITION."), True),
        (replace(TOY, arxiv="", authors=(Name("Élhage", "N."),)), True),
        (replace(TOY, arxiv="", doi="10.1000/182"), True),
        (replace(TOY, arxiv="", year="2021"), False),
        (replace(TOY, arxiv="", authors=(Name("Hume", "Tristan"),)), False),
        (replace(TOY, arxiv="2209.99999"), False),
        (replace(TOY, arxiv="", title="Toy Models of Superposition, Part II"), False),
    ],
)
def test_one_identifier_or_title_author_and_year_make_two_records_one_paper(other: Paper, same: bool) -> None:
    assert same_paper(TOY, other) is same
    assert same_paper(other, TOY) is same


def test_dois_compare_without_case_and_resolver() -> None:
    assert same_paper(Paper("A", doi="10.1038/NATURE14539"), Paper("B", doi="https://doi.org/10.1038/nature14539"))


def test_two_editorials_with_their_own_dois_are_two_papers() -> None:
    one = Paper("Editorial", (Name("Smith", "J."),), "2020", doi="10.1000/1")
    assert not same_paper(one, replace(one, doi="10.1000/2"))


def test_the_same_paper_shares_a_key_and_papers_without_anything_share_none() -> None:
    assert identity_keys(TOY) & identity_keys(replace(TOY, title="x", arxiv="2209.10652v2"))
    assert identity_keys(Paper("")) == frozenset()
    assert not same_paper(Paper(""), Paper(""))


def test_formulas_and_scripts_compare_by_their_letters() -> None:
    assert same_paper(Paper("Thickness of {Cu$_2$O}", year="1986"), Paper("Thickness of Cu₂O", year="1986"))


def test_a_doi_is_found_inside_what_people_paste() -> None:
    assert bare_doi("https://doi.org/10.1016/S0003-4916(03)00041-2") == "10.1016/S0003-4916(03)00041-2"
    sici = "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"
    assert bare_doi(f"<a href='x'>https://doi.org/{sici}</a>") == sici
    assert bare_doi("<b>10.1000/182</b>") == "10.1000/182"
    assert bare_doi("doi:10.1000/182.") == "10.1000/182"
    assert bare_doi("(see doi:10.1000/182)") == "10.1000/182"
    assert bare_doi("https://example.org/paper") == ""


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2020-02", "2020"),
        ("1994~", "1994"),
        ("Feb 2001", "2001"),
        ("2008/2009", "2008"),
        ("c. 1687", "1687"),
        ("forthcoming", ""),
        ("pp. 12345", ""),
        ("", ""),
    ],
)
def test_a_year_is_found_in_dates_of_every_style(date: str, year: str) -> None:
    assert first_year(date) == year


@pytest.mark.parametrize(
    "written", ["arXiv:cs/9901001", "cs.CL/9901001v2", "https://arxiv.org/abs/cs/9901001", "CS/9901001"]
)
def test_arxiv_ids_compare_however_they_are_written(written: str) -> None:
    assert same_paper(Paper("A", arxiv="cs/9901001"), Paper("B", arxiv=written))


def test_a_title_by_nobody_knows_who_is_the_same_only_at_the_same_place() -> None:
    one, other = Paper("Introduction", url="https://a.org/1"), Paper("Introduction", url="https://b.org/2")
    assert not same_paper(one, other)
    assert same_paper(one, replace(one))
    assert same_paper(Paper("War & Peace", year="1869"), Paper("War and peace", year="1869"))
