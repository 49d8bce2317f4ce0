"""Papers written as BibTeX and biblatex: exact entries, and the same papers when they are read again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper, page_range
from carrel.core.person import Name
from carrel.metadata.bibtex import parse
from carrel.metadata.bibtex_writer import Dialect, bib_text, entry
from carrel.metadata.decoding import decode

ELHAGE, OLAH = Name("Elhage", "Nelson"), Name("Olah", "Christopher")


def test_an_article_has_every_field_that_is_known() -> None:
    paper = Paper(
        "Deep learning",
        (Name("LeCun", "Yann"), Name("Bengio", "Yoshua")),
        "2015",
        "Nature",
        doi="10.1038/nature14539",
        url="https://www.nature.com/articles/nature14539",
        pdf="papers/files/lecun.pdf",
        bibtype="article",
        citekey="lecun2015deep",
        volume="521",
        number="7553",
        pages="436–444",
        publisher="Springer & Co.",
    )
    assert (
        entry(paper)
        == """\
@article{lecun2015deep,
  title = {Deep learning},
  author = {LeCun, Yann and Bengio, Yoshua},
  year = {2015},
  journal = {Nature},
  volume = {521},
  number = {7553},
  pages = {436--444},
  publisher = {Springer \\& Co.},
  doi = {10.1038/nature14539},
  url = {https://www.nature.com/articles/nature14539},
}
"""
    )
    assert entry(paper, Dialect.BIBLATEX).splitlines()[3:5] == ["  date = {2015},", "  journaltitle = {Nature},"]


def test_a_preprint_is_an_eprint_in_the_words_of_either_program() -> None:
    paper = Paper("Toy models", (ELHAGE,), "2022", "arXiv", arxiv="2209.10652", citekey="elhage2022toy")
    assert entry(paper).splitlines()[4:] == ["  eprint = {2209.10652},", "  archiveprefix = {arXiv},", "}"]
    assert entry(paper, Dialect.BIBLATEX).splitlines()[4:6] == ["  eprint = {2209.10652},", "  eprinttype = {arxiv},"]
    assert entry(replace(paper, bibtype="article"), Dialect.BIBLATEX).startswith("@online{")
    published = replace(paper, bibtype="article", venue="Nature")
    assert entry(published, Dialect.BIBLATEX).startswith("@article{")
    article = entry(replace(paper, bibtype="article"))
    assert "  journal = {arXiv preprint arXiv:2209.10652}," in article.splitlines()


@pytest.mark.parametrize(
    ("paper", "line"),
    [
        (Paper("T", venue="NeurIPS", bibtype="inproceedings"), "  booktitle = {NeurIPS},"),
        (Paper("T", venue="ETH", publisher="ETH", bibtype="phdthesis"), "  school = {ETH},"),
        (Paper("T", venue="RAND", publisher="RAND", bibtype="techreport"), "  institution = {RAND},"),
        (Paper("T", venue="MIT Press", publisher="MIT Press", bibtype="book"), "  publisher = {MIT Press},"),
        (Paper("T", venue="GNU", publisher="GNU", bibtype="manual"), "  organization = {GNU},"),
        (Paper("T", venue="Alignment Forum", bibtype="misc"), "  howpublished = {Alignment Forum},"),
    ],
)
def test_the_place_of_publication_has_its_types_own_field(paper: Paper, line: str) -> None:
    assert entry(paper).splitlines()[2:-1] == [line]


def test_types_of_biblatex_become_what_bibtex_knows() -> None:
    assert entry(Paper("T", bibtype="thesis")).startswith("@phdthesis{")
    assert entry(Paper("T", bibtype="thesis"), Dialect.BIBLATEX).startswith("@thesis{")
    assert "  organization = {LessWrong}," in entry(Paper("T", venue="LessWrong", bibtype="online"), Dialect.BIBLATEX)


def test_a_page_on_the_web_comes_back_from_biblatex_and_is_a_misc_in_bibtex() -> None:
    page = Paper("T", venue="LessWrong", bibtype="online", citekey="a")
    assert parse(entry(page, Dialect.BIBLATEX))[0] == (page,)
    assert parse(entry(page))[0] == (replace(page, bibtype="misc"),)


def test_editors_are_no_authors() -> None:
    book = Paper("Superintelligence", (ELHAGE,), bibtype="book", editors=(ELHAGE,))
    assert "author" not in entry(book)
    chapter = replace(book, bibtype="incollection", authors=(OLAH,))
    assert entry(chapter).splitlines()[2:4] == ["  author = {Olah, Christopher},", "  editor = {Elhage, Nelson},"]


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (
            "BERT: Pre-training of Deep Bidirectional Transformers",
            "{BERT}: Pre-training of Deep Bidirectional Transformers",
        ),
        ("Scaling SAEs to GPT-4", "Scaling {SAE}s to {GPT}-4"),
        ("DeepMind's AlphaGo", "{DeepMind}'s {AlphaGo}"),
        ("Visualizing data using t-SNE", "Visualizing data using t-{SNE}"),
        ("Q-learning", "{Q}-learning"),
        ("A survey of learning in Paris and Berlin", "A survey of learning in {Paris} and {Berlin}"),
        ("What is learned? A study", "What is learned? A study"),
        ("I Have a Dream", "I Have a Dream"),
        ("The $L_2$ norm", "The $L_2$ norm"),
        (
            "50% of {all} #1 a_b ~ R&D \\ $5",
            r"50\% of \{all\} \#1 a\_b \textasciitilde{} {R}\&{D} \textbackslash{} \$5",
        ),
        ("王小云 schreibt über Ångström", "王小云 schreibt über {Ångström}"),
    ],
)
def test_capitals_that_mean_something_are_kept_from_the_style(title: str, written: str) -> None:
    assert f"  title = {{{written}}}," in entry(Paper(title)).splitlines()


def test_bibtex_of_old_gets_letters_as_commands() -> None:
    text = entry(Paper("Über Žižek 王", (Name("Erdős", "Pál"),), pages="1–9"), ascii_only=True)
    assert "  pages = {1--9}," in text.splitlines()
    assert text.splitlines()[1:3] == [
        r"  title = {{\"U}ber {\v{Z}}i{\v{z}}ek 王},",
        r"  author = {Erd{\H{o}}s, P{\'a}l},",
    ]


def test_a_file_is_its_entries_with_a_blank_line_between() -> None:
    text = bib_text([Paper("One", citekey="a"), Paper("Two", citekey="b")], comment="Written by hand.")
    assert text == "% Written by hand.\n\n@misc{a,\n  title = {One},\n}\n\n@misc{b,\n  title = {Two},\n}\n"
    assert bib_text([]) == ""


def test_nothing_in_a_field_ends_it() -> None:
    paper = Paper("}} @misc{x,", url="https://a.org/}{", doi="10.1000/x}", citekey="a,b}", bibtype="Misc{x}\n@")
    read, problems = parse(entry(paper))
    assert (read, problems) == (
        (Paper("}} @misc{x,", url="https://a.org/", doi="10.1000/x", citekey="ab", bibtype="miscx"),),
        (),
    )


_INVISIBLE = re.compile("[\xad\u200b\u2060\ufeff]")


def tidy(text: str) -> str:
    """`text` as it stands in a `Paper`: on one line, composed."""
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))


characters = st.one_of(
    st.sampled_from("ab AB {}\\$'\"^~`-&%_()[]<>#;|.:?!19éß–“&amp;$x$"),
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Zl", "Zp")),
)
# An arXiv id or an address in a field for something else is read as what it is.
texts = st.text(characters, max_size=20).map(tidy).filter(lambda text: not re.search("arxiv|corr|abs/|://", text, re.I))
titles = texts.map(lambda text: text or "Untitled")
people = st.builds(
    Name, texts, texts, st.sampled_from(["", "van", "de la"]), st.sampled_from(["", "Jr.", "III"]), texts
)
names = st.lists(people.filter(lambda name: bool(name.last)), max_size=3).map(tuple)
keywords = st.lists(st.text("abcdéSAE &_{}", max_size=8).map(tidy).filter(bool), max_size=3, unique=True).map(tuple)
KINDS = ("article", "inproceedings", "incollection", "book", "phdthesis", "techreport", "misc", "manual", "unpublished")
papers = st.builds(
    Paper,
    title=titles,
    authors=names,
    year=st.sampled_from(["", "1936", "2022"]),
    venue=texts,
    arxiv=st.sampled_from(["", "2209.10652", "math.GT/0309136"]),
    doi=st.sampled_from(["", "10.1000/a_b(c)", "10.5555/3295222"]),
    url=st.sampled_from(["", "https://a.org/b_c?d=%20#e", "https://a.org/x.pdf"]),
    abstract=texts,
    bibtype=st.sampled_from(KINDS),
    citekey=st.sampled_from(["elhage2022toy", "DBLP:conf/nips/Va17"]),
    editors=names,
    volume=texts,
    number=texts,
    pages=texts.map(page_range).map(page_range),
    publisher=texts,
    keywords=keywords,
    note=texts,
)


def normal(paper: Paper) -> Paper:
    """The paper as the reader gives it: what is missing is filled from elsewhere, as `Paper` says."""
    if paper.url.endswith(".pdf"):
        paper = replace(paper, pdf=paper.url)
    if paper.arxiv and not (paper.venue or paper.publisher):
        paper = replace(paper, venue="arXiv")
    return replace(paper, authors=paper.authors or paper.editors, venue=paper.venue or paper.publisher)


def as_typed(paper: Paper, dialect: Dialect) -> Paper:
    """The paper with the type that it has in a file: biblatex has no article without a journal."""
    preprint = paper.bibtype == "article" and paper.arxiv and paper.venue in ("arXiv", paper.publisher)
    unpublished = not paper.publisher or paper.venue == paper.publisher
    return replace(paper, bibtype="online") if dialect is Dialect.BIBLATEX and preprint and unpublished else paper


@given(papers, st.sampled_from(Dialect), st.booleans())
def test_what_is_written_reads_back_as_the_same_paper(paper: Paper, dialect: Dialect, ascii_only: bool) -> None:
    paper = normal(paper)
    read, problems = parse(entry(paper, dialect, ascii_only=ascii_only))
    assert (read, problems) == ((as_typed(paper, dialect),), ())


def test_every_real_entry_is_written_and_reads_back_as_the_same_paper(data: Path) -> None:
    written = 0
    for file in sorted(file for folder in data.glob("04-bib-*") for file in folder.rglob("*.bib")):
        papers, _ = parse(decode(file.read_bytes()))
        again, _ = parse(bib_text(papers, Dialect.BIBLATEX))
        for paper, read in zip(papers, again, strict=True):
            # What is not written, and a key that BibTeX would refuse.
            paper = as_typed(paper, Dialect.BIBLATEX)
            assert read == replace(paper, version="", pdf=read.pdf, citekey=read.citekey), f"{file}: {paper.citekey}"
            written += 1
    assert written > 5000
