"""Citation keys: Better BibTeX's `auth.lower + year + shorttitle(1)`, for every sort of author and title."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.citekey import citation_key
from carrel.core.paper import Paper
from carrel.core.person import Name

KEYS = [
    ("Nelson Elhage", "2022", "Toy Models of Superposition", "elhage2022toy"),
    ("Laurens van der Maaten", "2008", "Visualizing Data using t-SNE", "vandermaaten2008visualizing"),
    ("King, Jr., Martin Luther", "1963", "I Have a Dream", "king1963have"),
    ("Ashish Vaswani", "2017", "Attention Is All You Need", "vaswani2017attention"),
    ("Diederik P. Kingma", "2014", "Auto-Encoding Variational Bayes", "kingma2014autoencoding"),
    ("Jacob Devlin", "2019", "BERT: Pre-training of Deep Bidirectional Transformers", "devlin2019bert"),
    ("OpenAI", "2023", "GPT-4 Technical Report", "openai2023gpt4"),
    ("{The MATS Program}", "2024", "A Year in Review", "thematsprogram2024year"),
    ("Lukasz Kaiser", "2016", "Can Active Memory Replace Attention?", "kaiser2016can"),
    ("Łukasz Kaiser", "2017", "One Model To Learn Them All", "kaiser2017one"),
    ("Søren Kierkegaard", "1843", "Enten – Eller", "kierkegaard1843enten"),
    ("Jürgen Schmidhuber", "2015", "Über tiefe Netze", "schmidhuber2015uber"),
    ("Weiß, Ægir", "2001", "Das Maß der Dinge", "weiss2001mass"),
    ("O'Neil, Cathy", "2016", "Weapons of Math Destruction", "oneil2016weapons"),
    ("王小云", "2005", "如何破解MD5", "wangxiaoyun2005ruhepojiemd5"),
    ("Андрей Колмогоров", "1933", "Основные понятия теории вероятностей", "kolmogorov1933osnovnye"),
    ("Beyoncé", "2016", "Lemonade", "beyonce2016lemonade"),
    ("Andrew Y. Ng", "", "On the Dangers of Nothing", "ngdangers"),
    ("", "1991", "The Book of the Dead", "1991book"),
    ("Tor Lattimore", "2020", "$\\ell_1$ Bounds and 1/f Noise", "lattimore2020bounds"),
    ("Jean Dupont", "1999", "L’analyse des données", "dupont1999lanalyse"),
    ("A. Nonymous", "1999", "The", "nonymous1999the"),
    ("", "", "", "untitled"),
    ("", "2020", "!!!", "2020"),
]


@pytest.mark.parametrize(("author", "year", "title", "key"), KEYS, ids=[row[3] for row in KEYS])
def test_a_key_is_made_of_author_year_and_first_word(author: str, year: str, title: str, key: str) -> None:
    authors = (Name.parse(author),) if author else ()
    assert citation_key(Paper(title, authors, year)) == key


def test_a_taken_key_gets_the_next_free_letter() -> None:
    paper = Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022")
    assert citation_key(paper, {"elhage2022toy"}) == "elhage2022toya"
    assert citation_key(paper, {"elhage2022toy", "elhage2022toya"}) == "elhage2022toyb"
    many = {"elhage2022toy"} | {f"elhage2022toy{chr(letter)}" for letter in range(97, 123)}
    assert citation_key(paper, many) == "elhage2022toyaa"


def test_a_key_that_differs_only_in_case_counts_as_taken() -> None:
    assert citation_key(Paper("Toy", citekey="Elhage2022"), {"elhage2022"}) == "Elhage2022a"


def test_the_key_that_a_paper_brings_is_kept() -> None:
    paper = Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022", citekey="Elhage_Toy-22")
    assert citation_key(paper) == "Elhage_Toy-22"


@pytest.mark.parametrize(
    "brought", ["DBLP:conf/nips/Va17", "../../etc/passwd", "a b", "müller", "nul", "x" * 200, "a."]
)
def test_a_key_that_cannot_be_a_file_name_is_made_anew(brought: str) -> None:
    assert citation_key(Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022", citekey=brought)) == "elhage2022toy"


@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from(["", "2022"]), st.text(max_size=20))
def test_every_key_is_a_plain_file_name(title: str, family: str, year: str, brought: str) -> None:
    key = citation_key(Paper(title, (Name(family),), year, citekey=brought))
    assert re.fullmatch(r"[A-Za-z0-9](?:[\w+.-]*[A-Za-z0-9])?", key, re.ASCII)
    assert len(key) <= 100
