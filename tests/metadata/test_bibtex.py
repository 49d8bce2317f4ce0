"""BibTeX as people and programs write it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.note import Problem
from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.metadata.bib_entries import MAX_VALUE
from carrel.metadata.bibtex import parse
from carrel.metadata.decoding import decode


def only(text: str) -> Paper:
    """The one paper of a file without problems."""
    papers, problems = parse(text)
    assert problems == ()
    (paper,) = papers
    return paper


def authors(field: str) -> list[str]:
    return [str(name) for name in only(f"@misc{{a, title={{T}}, author = {{{field}}}}}").authors]


def test_an_entry_becomes_a_paper() -> None:
    assert only(r"""
        @InProceedings{Vaswani2017,
          author    = {Vaswani, Ashish and Shazeer, Noam and Kaiser, {\L}ukasz},
          title     = {Attention is {All} You Need},
          booktitle = {Advances in Neural Information Processing Systems 30},
          publisher = {Curran},
          year      = 2017,
          doi       = {https://doi.org/10.5555/3295222\_1},
          url       = {https://papers.nips.cc/paper/7181.pdf},
          abstract  = {We use $QK^T$
                       and 100\% attention.},
        }""") == Paper(
        title="Attention is All You Need",
        authors=(Name("Vaswani", "Ashish"), Name("Shazeer", "Noam"), Name("Kaiser", "Łukasz")),
        year="2017",
        venue="Advances in Neural Information Processing Systems 30",
        publisher="Curran",
        doi="10.5555/3295222_1",
        url="https://papers.nips.cc/paper/7181.pdf",
        pdf="https://papers.nips.cc/paper/7181.pdf",
        abstract="We use $QK^T$ and 100% attention.",
        bibtype="inproceedings",
        citekey="Vaswani2017",
    )


def test_all_entries_of_a_file_come_in_their_order() -> None:
    papers, problems = parse("@misc{b, title={B}}\n@comment{x}\n% note\n@misc{a, title={A}} @misc{c, title={C}}\n")
    assert [paper.citekey for paper in papers] == ["b", "a", "c"]
    assert problems == ()


BROKEN = """\
@article{first, title = {One}, year = 2001}

@article{second, title = {Two
}

@article{third, title = {Three}, year = 2003}

@article{fourth title = {Four}}
@article{fifth, title = "Five", note = {x}, Note = {y}, note = {z}}
@article{first, title = {Six}}
@book{seventh, year = 2007}
"""


def test_a_broken_entry_spoils_no_other_and_is_told_with_its_line() -> None:
    papers, problems = parse(BROKEN, "refs.bib")
    assert [paper.title for paper in papers] == ["One", "Three", "Five", "Six", ""]
    assert [(problem.path, problem.line, problem.code) for problem in problems] == [
        ("refs.bib", 3, "bad-entry"),
        ("refs.bib", 8, "bad-entry"),
        ("refs.bib", 9, "duplicate-field"),
        ("refs.bib", 10, "duplicate-key"),
        ("refs.bib", 11, "no-title"),
    ]


def test_of_entries_that_are_alike_each_is_told_with_its_own_line() -> None:
    _, problems = parse("@misc{a, title={A}}\n@misc{b\n@misc{b\n\n@misc{a, title={A}}\n@misc{a, title={A}}")
    assert [(problem.line, problem.code) for problem in problems] == [
        (2, "bad-entry"),
        (3, "bad-entry"),
        (5, "duplicate-key"),
        (6, "duplicate-key"),
    ]


def test_of_thousands_of_broken_entries_the_first_thousand_are_told_and_whole_ones_are_still_read() -> None:
    papers, problems = parse("@a{\n" * 2_500 + "@misc{b, title={B}}\n")
    assert [paper.title for paper in papers] == ["B"]
    assert len(problems) == 1_001
    assert (problems[-1].line, problems[-1].code, problems[-1].message) == (
        2_500,
        "bad-entry",
        "1,500 more entries cannot be read, the last of them here: is this a BibTeX file?",
    )


def test_lines_are_counted_right_after_lines_that_end_with_a_backslash() -> None:
    papers, problems = parse(
        "% a comment \\\\\n@misc{a, title = {A \\\\\n B}}\n\n@misc{b, title {x}}\n@misc{c, title={C}}"
    )
    assert [paper.title for paper in papers] == ["A B", "C"]
    assert [problem.line for problem in problems] == [5]


def test_the_library_behind_prints_nothing_of_its_own() -> None:
    code = f"from carrel.metadata.bibtex import parse; parse({BROKEN!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_an_entry_commented_out_is_not_there() -> None:
    assert only("% @misc{a, title={Old}}\n%@misc{a,\n%  title={Older}\n%}\n@misc{a, title={New}}").title == "New"


def test_strings_are_filled_in_and_joined() -> None:
    paper = only("""
        @string{nips = "Advances in Neural " # systems}
        @STRING(systems = {Information Processing Systems})
        @string{NIPS = "NeurIPS"}
        @inproceedings{a, title = {A} # " and " # {B}, booktitle = nIPs # { } # 30, month = jan, year = "2017"}
    """)
    assert (paper.title, paper.venue, paper.year) == ("A and B", "NeurIPS 30", "2017")


def test_strings_that_double_each_other_do_not_fill_the_memory() -> None:
    bomb = "@string{a0 = {ha}}" + "".join(f"@string{{a{n + 1} = a{n} # a{n}}}" for n in range(64))
    assert len(only(f"{bomb} @misc{{a, title = a64 # a64}}").title) <= MAX_VALUE


def test_delimiters_of_every_kind_hold_a_value() -> None:
    assert only('@misc(a, title = "A {"}quoted{"} word", year = 2001)').title == 'A "quoted" word'
    assert only("@misc{a, title = {{Double}}, year = {2001}}").title == "Double"
    assert only("@misc{a, title = bare, year = 2001}").title == "bare"
    assert only("\ufeff@misc{a,\r\n  title = {Old\r\n  Mac}}\r\n").title == "Old Mac"


def test_two_commas_in_a_row_and_a_bracket_of_the_wrong_kind_are_mended() -> None:
    papers, problems = parse("""
        @techreport{a, title = {One},  , number = {2PTE3},, year = 2001}
        @book{b,
          title = "Two", year = 2002
        )
        @book(c, title = "Three", year = 2003}
        @misc{d, title = {Four}}
    """)
    assert [(paper.title, paper.year, paper.number) for paper in papers] == [
        ("One", "2001", "2PTE3"),
        ("Two", "2002", ""),
        ("Three", "2003", ""),
        ("Four", "", ""),
    ]
    assert problems == ()


def test_an_entry_that_is_cut_off_is_told_and_not_half_read() -> None:
    papers, problems = parse("@misc{a, title = {Whole}}\n@article{b, title = {Cut}, journal = {Ne")
    assert [paper.title for paper in papers] == ["Whole"]
    assert [(problem.line, problem.code) for problem in problems] == [(2, "bad-entry")]


def test_what_says_where_and_by_whom_a_paper_was_published_is_read() -> None:
    paper = only(r"""
        @incollection{a, title = {T}, author = {A, B}, editor = {Ed, Edna and Itor, Ivo}, booktitle = {Book},
          volume = 3, issue = {4--5}, pages = {117--128,130-- 131}, publisher = {Springer \& Co.}}
    """)
    assert [name.family for name in paper.editors] == ["Ed", "Itor"]
    assert (paper.venue, paper.volume, paper.number, paper.pages, paper.publisher) == (
        "Book", "3", "4–5", "117–128, 130–131", "Springer & Co.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "pages"),
    [
        ("pages = {1-10}", "1–10"),
        ("pages = {1--10}", "1–10"),
        ("pages = {1---10}", "1–10"),
        ("pages = {1 – 10}", "1–10"),
        ("pages = {4:1--4:10}", "4:1–4:10"),
        ("pages = {S3-S9}", "S3–S9"),
        ("pages = {e1000}", "e1000"),
        ("pages = {43+}", "43+"),
        ("eid = {041001}", "041001"),
        ("articleno = {12}", "12"),
    ],
)
def test_pages_have_one_sort_of_dash(field: str, pages: str) -> None:
    assert only(f"@misc{{a, title = {{T}}, {field}}}").pages == pages


def test_the_version_of_a_preprint_is_kept_beside_its_id() -> None:
    paper = only("@misc{a, title={T}, eprint={2209.10652v3}, archiveprefix={arXiv}}")
    assert (paper.arxiv, paper.version) == ("2209.10652", "3")


def test_a_volume_that_is_an_arxiv_id_is_no_volume() -> None:
    paper = only("@article{a, title={T}, journal={CoRR}, volume={abs/2209.10652}, number={arXiv:2209.10652}}")
    assert (paper.venue, paper.volume, paper.number) == ("arXiv", "", "")


def test_the_organization_of_a_page_is_its_site() -> None:
    paper = only("@online{a, title={T}, organization={Alignment Forum}, url={https://a.org}}")
    assert (paper.venue, paper.publisher) == ("Alignment Forum", "")
    assert only("@manual{a, title={T}, organization={GNU}}").publisher == "GNU"


def test_what_the_owner_of_a_library_wrote_is_kept_and_a_publishers_note_is_not() -> None:
    paper = only(r"""
        @misc{a, title = {T}, keywords = {SAEs; interpretability, {toy models},, SAEs}, note = {Oral presentation},
          annote = {Read \emph{again}.}}
    """)
    assert (paper.keywords, paper.note) == (("SAEs", "interpretability", "toy models"), "Read again.")


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("file = {Full Text:files/1/Elhage 2022.pdf:application/pdf;Page:a.html:text/html}", "files/1/Elhage 2022.pdf"),
        ("file = {Page:a.html:text/html;Full Text:b.pdf:application/pdf}", "b.pdf"),
        ("file = {:Hornborg2012.pdf:PDF}", "Hornborg2012.pdf"),
        (r"file = {:C\:/Users/ada/a\;b.pdf:PDF}", "C:/Users/ada/a;b.pdf"),
        (r"file = {:C$\backslash$:/Users/ada/a.pdf:pdf}", "C:/Users/ada/a.pdf"),
        (r"file = {/home/ada/toy\_models.pdf}", "/home/ada/toy_models.pdf"),
        ("file = {file://localhost/Users/ada/Ahmad%20et%20al.pdf}", "/Users/ada/Ahmad et al.pdf"),
        ("file = {a.epub}, url = {https://a.org/a.pdf}", "https://a.org/a.pdf"),
        ("pdf = {http://proceedings.mlr.press/v1/a.pdf}, url = {https://a.org}", "http://proceedings.mlr.press/v1/a.pdf"),
        ("file = {::::;;;}", ""),
    ],
)  # fmt: skip
def test_the_first_pdf_is_found_as_reference_managers_write_it(field: str, place: str) -> None:
    assert only(f"@misc{{a, title = {{T}}, {field}}}").pdf == place


def test_a_film_is_its_directors() -> None:
    assert [name.family for name in only("@movie{a, title={T}, director={Marka, Seb}}").authors] == ["Marka"]


def test_nobody_inherits_from_an_entry_that_is_not_named() -> None:
    papers, _ = parse("""
        @inbook{part, crossref = {whole}, title = {Part}} @book{whole, title = {Whole}}
        @article{last, title = {Last}, journal = {Disasters}, year = 2019, volume = 43}
    """)
    assert (papers[0].venue, papers[0].year, papers[0].volume) == ("Whole", "", "")


def test_a_chapter_inherits_from_its_book() -> None:
    papers, _ = parse("""
        @incollection{part, crossref = {Whole}, title = {The Part}, author = {Part, Paula}, year = 1999}
        @book{whole, title = {The Whole}, editor = {Whole, Will}, publisher = {Press}, date = {2001}, doi = {10.1000/1}}
    """)
    part = papers[0]
    assert (part.title, part.venue, part.year, part.doi) == ("The Part", "The Whole", "1999", "")
    assert [name.family for name in part.authors] == ["Part"]
    assert [name.family for name in papers[1].authors] == ["Whole"]


def test_inheritance_goes_through_generations_and_circles_end() -> None:
    papers, _ = parse("""
        @article{a, title = {A}, crossref = {b}} @article{b, title = {B}, crossref = {c}}
        @article{c, title = {C}, crossref = {a}, year = 1990, journal = {J}}
    """)
    assert [(paper.title, paper.year, paper.venue) for paper in papers] == [
        ("A", "1990", "J"),
        ("B", "1990", "J"),
        ("C", "1990", "J"),
    ]


def test_xdata_gives_its_fields_and_is_no_paper() -> None:
    paper = only("@xdata{p, publisher = {Press}} @book{b, title = {B}, xdata = {p, q}}")
    assert (paper.citekey, paper.venue) == ("b", "Press")


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Nelson Elhage and Tristan Hume", ["Nelson Elhage", "Tristan Hume"]),
        ("van der Maaten, Laurens AND Hinton, Geoffrey", ["Laurens van der Maaten", "Geoffrey Hinton"]),
        ("{OpenAI} and {Barnes and Noble}", ["OpenAI", "{Barnes and Noble}"]),
        ("{American Heart Association} and Smith, J.", ["{American Heart Association}", "J. Smith"]),
        (r"{\'E}lie Cartan and Erd{\H o}s, Paul", ["Élie Cartan", "Paul Erdős"]),
        ("{Alan} {de la} Mare", ["Alan de la Mare"]),
        ("{Schouhamer Immink}, Kees", ["Schouhamer Immink, Kees"]),
        ("King, Jr., Martin Luther", ["Martin Luther King Jr."]),
        ("family=Duchamp, given=Philippe, prefix=de", ["Philippe de Duchamp"]),
        ("given={Jan, the second}, family=Smith", ["Smith, Jan the second"]),
        ("Smith,J. and others", ["J. Smith", "others"]),
        ('Sm{\\"\\i}th,\n    Anna\n    and\n    Bob', ["Anna Smïth", "Bob"]),
        ("王小云 and Beyonc{\\'e}", ["王小云", "Beyoncé"]),
        ("Smith, J. and ,", ["J. Smith"]),
        (r"A. B. and \'{E}lie Cartan and {\v{Z}}i{\v{z}}ek, S.", ["A. B.", "Élie Cartan", "S. Žižek"]),
        ("And, A. and Anderson, B. and Rand, Ayn", ["A. And", "B. Anderson", "Ayn Rand"]),
        ("{Simon and {Schuster} and} and {and} and X Y", ["{Simon and Schuster and}", "and", "X Y"]),
        (r"{The Erd{\H o}s {\& R}enyi Society, Inc.}", ["{The Erdős & Renyi Society, Inc.}"]),
        ("", []),
    ],
)
def test_authors_are_split_into_people_and_their_parts(field: str, names: list[str]) -> None:
    assert authors(field) == names


def test_a_book_without_authors_is_its_editors() -> None:
    assert [name.family for name in only("@book{a, title={T}, editor={Ed, Edna}}").authors] == ["Ed"]


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {2209.10652}, archiveprefix = {arXiv}",
        "eprint = {2209.10652v1}, eprinttype = {arxiv}, eprintclass = {cs.LG}",
        "eprint = {arXiv:2209.10652}",
        "arxiv = {2209.10652}",
        "journal = {arXiv preprint arXiv:2209.10652}",
        "journal = {CoRR}, volume = {abs/2209.10652}",
        "howpublished = {arXiv:2209.10652 [cs]}",
        "url = {http://arxiv.org/abs/2209.10652}",
        "doi = {10.48550/arXiv.2209.10652}",
        "note = {arXiv: 2209.10652}",
    ],
)
def test_the_arxiv_id_is_found_wherever_exporters_put_it(fields: str) -> None:
    paper = only(f"@misc{{a, title = {{T}}, {fields}}}")
    assert (paper.arxiv, paper.venue) == ("2209.10652", "arXiv")


def test_a_published_paper_keeps_its_venue_beside_its_arxiv_id() -> None:
    paper = only("@article{a, title={T}, journal={JMLR}, eprint={2209.10652}, archiveprefix={arXiv}}")
    assert (paper.venue, paper.arxiv) == ("JMLR", "2209.10652")


def test_an_eprint_of_another_archive_is_not_arxivs() -> None:
    assert only("@article{a, title={T}, eprint={1234.5678}, eprinttype={jstor}}").arxiv == ""


@pytest.mark.parametrize(
    ("fields", "venue"),
    [
        ("journaltitle = {Full}, journal = {Short}", "Full"),
        ("booktitle = {Proc.}, publisher = {ACM}", "Proc."),
        ("publisher = {MIT Press}", "MIT Press"),
        ('school = {ETH Z{\\"u}rich}', "ETH Zürich"),
        ("institution = {RAND}", "RAND"),
        ("howpublished = {\\url{https://a.org/b_c}}", ""),
    ],
)
def test_the_venue_is_where_it_appeared_or_who_published_it(fields: str, venue: str) -> None:
    assert only(f"@misc{{a, title = {{T}}, {fields}}}").venue == venue


def test_an_address_in_howpublished_is_the_url() -> None:
    assert only(r"@misc{a, title={T}, howpublished={\url{https://a.org/b\_c}}}").url == "https://a.org/b_c"


@pytest.mark.parametrize(
    ("fields", "year"),
    [
        ("year = 2017", "2017"),
        ("date = {2017-06-12}", "2017"),
        ("date = {2017/2018}, year = {1999}", "2017"),
        ("year = {{\\noopsort{a}}1973}", "1973"),
        ("year = {in press}", ""),
        ("month = jun", ""),
    ],
)
def test_the_year_is_read_from_date_or_year(fields: str, year: str) -> None:
    assert only(f"@misc{{a, title = {{T}}, {fields}}}").year == year


def test_a_subtitle_belongs_to_the_title() -> None:
    assert (
        only("@book{a, title={Rationality}, subtitle={From AI to Zombies}}").title == "Rationality: From AI to Zombies"
    )


@pytest.mark.parametrize(
    "text", ["", "   \n", "no entries here", "@", "@article", "@article{", "{{{{", "<html></html>"]
)
def test_a_text_without_entries_holds_no_papers(text: str) -> None:
    assert parse(text)[0] == ()


PIECES = (
    """@misc @string @comment @preamble { } ( ) " = , # % \\ a {a, title author crossref and van $ ~ 1999 é given= @"""
)
bib = st.lists(st.sampled_from([*PIECES.split(), "\n", "\r", " ", "\ufeff"]), max_size=40).map("".join)


@given(bib)
def test_no_text_breaks_the_reader(text: str) -> None:
    papers, problems = parse(text)
    assert all(isinstance(paper, Paper) for paper in papers)
    lines = re.split("\r\n|\r|\n", text)
    assert all(isinstance(problem, Problem) and 1 <= problem.line <= len(lines) for problem in problems)


@given(bib)
def test_nothing_before_an_entry_on_its_own_line_hides_it(text: str) -> None:
    papers, _ = parse(text + "\n@misc{sought, title = {Sought}}\n")
    assert papers[-1].title == "Sought"


def test_bytes_are_decoded_as_their_writer_meant() -> None:
    text = "@misc{a, author = {Müller}}"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert decode(text.encode(encoding)) == text
    assert decode("% Encoding: ISO8859_2\nŁódź".encode("iso8859_2")) == "% Encoding: ISO8859_2\nŁódź"
    assert decode(b"% Encoding: Klingon\n\xfc") == "% Encoding: Klingon\nü"
    assert decode(b"") == ""


@given(st.binary())
def test_any_bytes_are_some_text(body: bytes) -> None:
    assert isinstance(decode(body), str)


def test_every_real_file_is_read_without_a_crash(data: Path) -> None:
    """211 files of other projects' tests, many broken on purpose. Three of their entries are beyond repair."""
    files = [file for folder in data.glob("04-bib-*") for file in folder.rglob("*.bib")]
    papers, lost = 0, []
    for file in files:
        found, problems = parse(decode(file.read_bytes()), file.name)
        papers += len(found)
        lost += [problem for problem in problems if problem.code == "bad-entry"]
    assert len(files) == 211
    assert papers > 5000
    assert len(lost) <= 3


HOSTILE = {
    "open braces": "@misc{{a, title={{{0}",
    "balanced braces": "@misc{{a, title={{{0}{1}}}}}",
    "a line of 5 MB": "@misc{{a, title={{{2}}}}}",
    "entries in entries": "{3}",
    "entries on one line": "{10}{3}",
    "a hundred thousand names": "@misc{{a, title={{T}}, author={{{4}C}}}}",
    "a name in braces within braces": "@misc{{a, title={{T}}, author={{{0}{1}}}}}",
    "commas": "@misc{{a, title={{T}}{5}",
    "fields": "@misc{{a, {6}title={{T}}}}",
    "strings": "@string{{a = {{ha}}}}{7}@misc{{b, title = a}}",
    "files": "@misc{{a, title={{T}}, file={{{8}}}}}",
    "entities": "@misc{{a, title={{{9}}}}}",
}
PIECES_OF_HOSTILITY = (
    "{" * 200_000, "}" * 200_000, "word " * 1_000_000, "@a{" * 20_000, "A B and " * 25_000, "," * 200_000,
    "f={x}," * 20_000, "@string{a = a # a}" * 5_000, ":a\\:;" * 40_000, "&amp;<i &#" * 20_000, " " * 2_000_000,
)  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_read_in_linear_time(kind: str) -> None:
    text = HOSTILE[kind].format(*PIECES_OF_HOSTILITY)
    begin = time.process_time()
    parse(text)
    assert time.process_time() - begin < 5
