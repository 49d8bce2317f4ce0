"""RIS and its relatives with tags at the beginning of the line: Web of Science's and EndNote's."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.metadata import isi, refer, ris

ZOTERO = """\
TY  - CONF
TI  - Attention is all you <i>need</i>
AU  - Vaswani, Ashish
AU  - Gomez, Aidan N.
AU  - King, Martin Luther, Jr.
AU  - Google Brain
ED  - Guyon, I.
T2  - Advances in Neural Information Processing Systems
VL  - 30
PB  - Curran Associates, Inc.
SP  - 5998
EP  - 6008
PY  - 2017/12/04/
UR  - https://arxiv.org/abs/1706.03762v5
L1  - /home/ann/Zotero/storage/AB12/Vaswani.pdf
KW  - transformers
KW  - attention
N1  - <p>read the appendix</p>
AB  - We propose <b>the Transformer</b>, p &lt; 0.05.
ER  -
"""


def only(text: str) -> Paper:
    (paper,), problems = ris.parse(text, "a.ris")
    assert problems == ()
    return paper


def test_every_field_of_a_record_finds_its_place() -> None:
    assert only(ZOTERO) == Paper(
        title="Attention is all you need",
        authors=(
            Name("Vaswani", "Ashish"),
            Name("Gomez", "Aidan N."),
            Name("King", "Martin Luther", suffix="Jr."),
            Name(literal="Google Brain"),
        ),
        year="2017",
        venue="Advances in Neural Information Processing Systems",
        arxiv="1706.03762",
        url="https://arxiv.org/abs/1706.03762v5",
        pdf="/home/ann/Zotero/storage/AB12/Vaswani.pdf",
        abstract="We propose the Transformer, p < 0.05.",
        bibtype="inproceedings",
        editors=(Name("Guyon", "I."),),
        volume="30",
        pages="5998–6008",
        publisher="Curran Associates, Inc.",
        keywords=("transformers", "attention"),
        note="read the appendix",
    )


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n", "\r\r\n"])
def test_any_line_end_is_one(end: str) -> None:
    assert only("\ufeff" + ZOTERO.replace("\n", end)) == only(ZOTERO)


def test_a_mark_of_the_encoding_before_the_first_tag_is_no_obstacle() -> None:
    assert only("\ufeffTY  - JOUR\nTI  - Toy models\nER  - ").title == "Toy models"


def test_a_record_without_an_end_ends_where_the_next_begins_and_is_named() -> None:
    papers, problems = ris.parse("TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\n", "a.ris")
    assert [paper.title for paper in papers] == ["One", "Two"]
    assert [str(problem) for problem in problems] == [
        "a.ris:3: a record begins where the one before has not ended (ER) [no-end]"
    ]


def test_a_record_without_a_type_is_read_and_named() -> None:
    papers, problems = ris.parse("T1  - One\nA1  - Marx, Karl\nER  - \n", "a.ris")
    assert (papers[0].title, papers[0].bibtype) == ("One", "misc")
    assert [problem.code for problem in problems] == ["no-type"]


def test_what_stands_between_records_belongs_to_none() -> None:
    junk = "Record #1 of 2\nProvider: a database\n1.\n"
    papers, problems = ris.parse(f"{junk}TY  - BOOK\nTI  - One\nER  - \n{junk}TY  - BOOK\nTI  - Two\nER  - \n")
    assert [(paper.title, paper.publisher) for paper in papers] == [("One", ""), ("Two", "")]
    assert problems == ()


def test_lines_of_prose_that_look_like_tags_stay_prose_where_the_file_puts_two_blanks() -> None:
    text = "TY  - JOUR\nTI  - One\nAB  - first line,\nER then more\nIL - 6 rose.\n\nT2 - weighted\nPY  - 2001\nER  - \n"
    assert only(text).abstract == "first line, ER then more IL - 6 rose. T2 - weighted"
    assert only(text).year == "2001"


def test_one_blank_before_the_dash_is_read_where_the_file_writes_it_so() -> None:
    assert only("TY - JOUR\nTI - One\nAU -Marx, Karl\nER -\n").authors == (Name("Marx", "Karl"),)


def test_names_without_commas_are_people_only_where_no_name_has_one() -> None:
    natural = only("TY  - JOUR\nTI  - One\nAU  - A. Vaswani\nAU  - Noam Shazeer\nAU  - Long VJ\nER  - ")
    assert [name.last for name in natural.authors] == ["Vaswani", "Shazeer", "Long"]
    inverted = only("TY  - JOUR\nTI  - One\nAU  - Olah, Chris\nAU  - Redwood Research\nAU  - Fanning E.\nER  - ")
    assert [str(name) for name in inverted.authors] == ["Chris Olah", "{Redwood Research}", "E. Fanning"]
    eastern = only("TY  - JOUR\nTI  - One\nAU  - 熊 玮\nAU  - et al.\nER  - ")
    assert [(name.family, name.given) for name in eastern.authors] == [("熊", "玮"), ("others", "")]


def test_people_that_are_written_under_two_tags_are_counted_once() -> None:
    paper = only("TY  - JOUR\nTI  - One\nA1  - Olah, Chris\nAU  - Olah, Chris\nAU  - Elhage, Nelson\nER  - ")
    assert [name.family for name in paper.authors] == ["Olah", "Elhage"]


def test_an_arxiv_id_counts_only_where_the_record_gives_it_as_its_own() -> None:
    record = "TY  - JOUR\nTI  - One\n{}\nER  - "
    assert only(record.format("JO  - arXiv:2209.10652 [cs]")).arxiv == "2209.10652"
    assert only(record.format("JO  - arXiv:2209.10652 [cs]")).venue == "arXiv"
    assert only(record.format("M1  - arXiv preprint arXiv:2209.10652v3")).arxiv == "2209.10652"
    assert only(record.format("DO  - 10.48550/arXiv.2209.10652")).arxiv == "2209.10652"
    assert only(record.format("N1  - extends arXiv:2209.10652")).arxiv == ""


@pytest.mark.parametrize(
    ("field", "doi"),
    [
        ("DO  - http://dx.doi.org/10.1177/2325967120950040", "10.1177/2325967120950040"),
        ("M3  - doi: 10.1063/1.1954747", "10.1063/1.1954747"),
        ("UR  - https://doi.org/10.1063/1.1954747", "10.1063/1.1954747"),
        ("N1  - a reply to 10.1063/1.1954747", ""),
    ],
)
def test_a_doi_is_found_where_programs_put_it(field: str, doi: str) -> None:
    assert only(f"TY  - JOUR\nTI  - One\n{field}\nER  - ").doi == doi


def test_numbers_of_databases_are_no_citation_keys() -> None:
    keys = ["2006713348", "LeCun2015", "WOS:000178", "Rayyan one"]
    assert [only(f"TY  - JOUR\nTI  - One\nID  - {key}\nER  - ").citekey for key in keys] == ["", "LeCun2015", "", ""]


def test_a_part_of_a_book_that_is_called_a_book_is_told_by_its_pages() -> None:
    part = only("TY  - BOOK\nTI  - The coast\nT2  - WADDENLAND\nSP  - 305\nEP  - 313\nER  - ")
    assert (part.venue, part.bibtype, part.pages) == ("WADDENLAND", "incollection", "305–313")


def test_a_book_appears_nowhere_but_at_its_publisher() -> None:
    book = only("TY  - BOOK\nTI  - Capital\nT2  - Marx Engels Werke\nPB  - Dietz\nPY  - 1867\nER  - ")
    assert (book.venue, book.publisher, book.bibtype) == ("Dietz", "Dietz", "book")


def test_controls_and_halves_of_characters_never_come_through() -> None:
    paper = only("TY  - JOUR\nTI  - One\x00\x1b[31m \ud800two\nER  - ")
    assert paper.title == "One[31m two"


def test_web_of_science_lists_people_on_lines_and_full_names_apart() -> None:
    text = (
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Parkes-Loach, PS\n   Law, CJ\n"
        "AF Parkes-Loach, Pamela S.\n   Law, Christopher J.\nTI Interactions stabilizing\n   the core\n"
        "SO BIOCHEMISTRY\nDT Article\nBP 7000\nEP 7008\nPY 2004\nVL 43\nIS 22\nDI 10.1021/bi049798f\nER\n\nEF"
    )
    (paper,), problems = isi.parse(text)
    assert [str(name) for name in paper.authors] == ["Pamela S. Parkes-Loach", "Christopher J. Law"]
    assert (paper.title, paper.pages, paper.number) == ("Interactions stabilizing the core", "7000–7008", "22")
    assert (paper.doi, paper.year, paper.bibtype, problems) == ("10.1021/bi049798f", "2004", "article", ())


def test_endnote_parts_records_by_types_and_refer_by_blank_lines() -> None:
    endnote = "%0 Thesis\n%A Marx, Karl\n%T Differenz\n%X first\n\nsecond\n%I Jena\n%D 1841\n\n%0 Blog\n%T Two\n"
    papers, _ = refer.parse(endnote)
    assert [(paper.title, paper.bibtype, paper.abstract) for paper in papers] == [
        ("Differenz", "phdthesis", "first second"),
        ("Two", "online", ""),
    ]
    papers, _ = refer.parse("%A Brian W. Kernighan\n%T Unix\n%J BSTJ\n%D 1978\n\n%A Rob Pike\n%T Plan 9\n%I USENIX\n")
    assert [(paper.authors[0].family, paper.title, paper.bibtype) for paper in papers] == [
        ("Kernighan", "Unix", "article"),
        ("Pike", "Plan 9", "book"),
    ]


@given(st.text(alphabet=st.sampled_from("TYAUERSP10%- \n\r\tab,;<>&{}\\$\ud800\x00é"), max_size=300))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    for read in (ris.parse, isi.parse, refer.parse):
        for paper in read(text)[0]:
            paper.title.encode()


@pytest.mark.parametrize(
    "hostile",
    [
        "TY  - JOUR\nAB  - " + "<i " * 300_000,
        "TY  - JOUR\nAB  - " + "<sup>" * 10_000,
        "TY  - JOUR\nAU  - " + "," * 500_000,
        "TY  - JOUR\nAU  - " + "A " * 300_000,
        "TY  - JOUR\nSP  - " + "-" * 500_000 + "\nEP  - " + " - " * 200_000,
        "TY  - JOUR\nDO  - " + "(" * 500_000,
        "TY  - JOUR\nTI  - " + "{\\'" * 100_000,
        "TY  - JOUR\n" + "AU  - A, B\n" * 60_000,
        "TY  - JOUR\n" + "".join(f"AU  - A{n}, B\nA1  - B{n}, B\n" for n in range(60_000)),
        "TY  - JOUR\n" + "x\n" * 500_000,
        "TY  - " * 100_000,
    ],
    ids=lambda text: text[11:24],
)
def test_hostile_files_take_bounded_time(hostile: str) -> None:
    start = time.process_time()
    ris.parse(hostile)
    assert time.process_time() - start < 5
