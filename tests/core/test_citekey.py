"""Citation keys: Better BibTeX's `auth.lower + year + shorttitle(1)`, for every sort of author and title."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.citekey import DEFAULT, citation_key
from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import ConfigInvalid

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
    ("نجيب محفوظ", "1959", "Children of Gebelawi", "mhfwdh1959children"),
    ("김, 철수", "2019", "딥러닝", "gim2019dibleoning"),
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


@pytest.mark.parametrize(
    "key", ["Elhage_Toy-22", "private", "md", "notes.md2", "2020-01-01b", "1999-2020-01-01", "console.x", "a.nul"]
)
def test_the_key_that_a_paper_brings_is_kept(key: str) -> None:
    paper = Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022", citekey=key)
    assert citation_key(paper) == key


def test_a_letter_makes_no_key_that_cannot_be_a_file_name() -> None:
    taken = {"nu"} | {f"nu{chr(letter)}" for letter in range(97, 108)}
    assert citation_key(Paper("Toy", citekey="nu"), taken) == "num"


def test_the_keys_that_are_taken_are_only_asked_not_counted() -> None:
    """In an import of 20,000 papers each of them asks."""
    paper = Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022")
    taken = {f"key{number}" for number in range(1_000_000)}
    begin = time.process_time()
    assert {citation_key(paper, taken) for _ in range(50)} == {"elhage2022toy"}
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    "brought",
    ["DBLP:conf/nips/Va17", "../../etc/passwd", "a b", "müller", "nul", "x" * 200, "a.", "nul.txt", "COM1.a.b",
     "odd.sync-conflict-20200101-000000-ABC", "toy.conflict-1", "toy.private", "Toy.Private", "toy.md",
     "2020-01-01", "2020-01-01-ada", "2020.01.01.x", "2020_01_01"],
)  # fmt: skip
def test_a_key_that_cannot_be_a_file_name_is_made_anew(brought: str) -> None:
    assert citation_key(Paper("Toy Models", (Name("Elhage", "Nelson"),), "2022", citekey=brought)) == "elhage2022toy"


@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from(["", "2022"]), st.text(max_size=20))
def test_every_key_is_a_plain_file_name(title: str, family: str, year: str, brought: str) -> None:
    key = citation_key(Paper(title, (Name(family),), year, citekey=brought))
    assert re.fullmatch(r"[A-Za-z0-9](?:[\w+.-]*[A-Za-z0-9])?", key, re.ASCII)
    assert len(key) <= 100


VASWANI = Paper(
    "Attention Is All You Need",
    tuple(map(Name.parse, ("Ashish Vaswani", "Noam Shazeer", "van der Berg, Jan", "Łukasz Kaiser", "Aidan N. Gomez"))),
    "2017",
    "Advances in Neural Information Processing Systems",
    bibtype="inproceedings",
    pages="5998–6008",
    keywords=("deep learning",),
)
PAIR = Paper("A Mathematical Theory", (Name("Shannon", "Claude E."), Name("Weaver", "Warren")), "1949", bibtype="book")
NOBODY = Paper("The Book of the Dead")


@pytest.mark.parametrize(
    ("pattern", "paper", "key"),
    [
        (DEFAULT, VASWANI, "vaswani2017attention"),
        ("auth+year", VASWANI, "Vaswani2017"),
        ("auth(3) + auth(3,2) + shortyear", VASWANI, "VasSha17"),
        ("auth(n=4, m=3).lower", VASWANI, "vand"),
        ("authEtal2 + year", VASWANI, "Vaswani.etal2017"),
        ("authEtal2 + year", PAIR, "Shannon.Weaver1949"),
        ("authEtAl + year", VASWANI, "VaswaniEtAl2017"),
        ("authEtAl.lower + year", PAIR, "shannonweaver1949"),
        ("authAuthEa", VASWANI, "Vaswani.Shazeer.ea"),
        ("authorsAlpha + shortyear", VASWANI, "VSv+17"),
        ("authorsAlpha + shortyear", PAIR, "SW49"),
        ("authshort", VASWANI, "V.S.v"),
        ("authIni(2)", PAIR, "Sh.We"),
        ("authorIni", PAIR, "Shann.W"),
        ("authForeIni + authorLast + authorLastForeIni", VASWANI, "AGomezA"),
        ("authors(2, sep='_') + '_' + year", VASWANI, "Vaswani_Shazeer_2017"),
        ("authors(n=1, etal=EtAl)", VASWANI, "VaswaniEtAl"),
        ("title", VASWANI, "AttentionAllYouNeed"),
        ("title.skipwords.abbr.lower", PAIR, "mt"),
        ("shorttitle", VASWANI, "AttentionAllYou"),
        ("shorttitle(2, 2).condense('-')", PAIR, "Mathematical-Theory"),
        ("veryshorttitle.upper", PAIR, "MATHEMATICAL"),
        ("shorttitle(3).select(2, 1)", VASWANI, "All"),
        ("journal.abbr + firstpage", VASWANI, "AiNIPS5998"),
        ("auth.substring(2, 3) + '-' + lastpage", VASWANI, "asw-6008"),
        ('auth.lower.capitalize + ":" + year', VASWANI, "Vaswani2017"),
        ("auth.prefix('_').postfix('-') + year", VASWANI, "Vaswani-2017"),
        ("auth.replace('VAS', 'x')", VASWANI, "xwani"),
        ("keyword.lower", VASWANI, "deeplearning"),
        ("auth + year | shorttitle(2)", NOBODY, "BookDead"),
        ("auth | title.len('>', 50) | 'anon'", NOBODY, "anon"),
        ("auth.default('anon') + year", NOBODY, "anon"),
        ("type(book) + title | auth + year", PAIR, "MathematicalTheory"),
        ("type(book) + title | auth + year", VASWANI, "Vaswani2017"),
        ("auth", Paper("T", (Name("Müller", "Ann"),)), "Muller"),
        ("auth.fold.clean.lower", Paper("T", (Name("Ødegård-Ås", "Bo"),)), "odegardas"),
        ("auth + year", Paper("T", (), "2001", editors=(Name("Editor", "Ed"),)), "Editor2001"),
        ("authEtal2", Paper("T", (Name("Solo", "Han"), Name("others"))), "Solo.etal"),
        ("year", NOBODY, "untitled"),
    ],
)
def test_a_pattern_says_how_keys_are_made(pattern: str, paper: Paper, key: str) -> None:
    assert citation_key(paper, pattern=pattern) == key


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("auth.lowr", "papers.key: column 6: there is no filter 'lowr'", "did you mean lower?"),
        ("autor + year", "papers.key: column 1: there is no function 'autor'", "did you mean author"),
        ("auth year", "papers.key: column 6: `+`, `|` or `.` is wanted here", "as in auth.lower"),
        ("auth +", 'papers.key: column 7: a function is wanted here, or a "text"', "as in auth.lower"),
        ("auth | | year", 'papers.key: column 8: a function is wanted here, or a "text"', "as in auth.lower"),
        ("auth(1", "papers.key: column 7: `,` or `)` is wanted here", "as in auth.lower"),
        ("auth(1,2,3)", "papers.key: column 1: auth takes at most 2 arguments", "as in auth.lower"),
        ("auth('x')", "papers.key: column 1: auth: n is a number", "as in auth.lower"),
        ("auth(k=1)", "papers.key: column 1: auth takes no 'k'", "it takes n, m"),
        ("auth(1, n=2)", "papers.key: column 1: auth takes no 'n'", "it takes n, m"),
        ("auth.prefix", "papers.key: column 6: prefix wants prefix", "as in prefix(prefix=…)"),
        ("auth + 'open", 'papers.key: column 8: a function is wanted here, or a "text"', "as in auth.lower"),
        ("year + 2", 'papers.key: column 8: a function is wanted here, or a "text"', "as in auth.lower"),
        ("", 'papers.key: column 1: a function is wanted here, or a "text"', "as in auth.lower"),
        (
            "[auth:lower][year]",
            "papers.key: column 1: '[auth:lower][year]' is in the old language",
            "auth.lower + year",
        ),
    ],
)
def test_a_pattern_that_cannot_be_understood_is_shown_where(pattern: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        citation_key(VASWANI, pattern=pattern)
    assert raised.value.message.startswith(message)
    assert hint in raised.value.hint


def test_a_key_that_the_source_brought_needs_no_pattern() -> None:
    assert citation_key(Paper("T", citekey="mine2022"), pattern="nonsense(") == "mine2022"


PIECES = "auth authors title year shorttitle lower abbr len type + | . ( ) , = 'x' \"-\" 1 -3 n sep nul é"
pieces = st.sampled_from(PIECES.split())


@given(st.lists(pieces, max_size=12).map(" ".join))
def test_any_pattern_makes_a_plain_key_or_is_refused(pattern: str) -> None:
    try:
        key = citation_key(VASWANI, pattern=pattern)
    except ConfigInvalid as error:
        assert error.message.startswith("papers.key: column ")  # noqa: PT017  # most of these patterns are refused
        return
    assert re.fullmatch(r"[A-Za-z0-9](?:[\w+.-]*[A-Za-z0-9])?", key, re.ASCII)
