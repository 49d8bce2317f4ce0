"""Which identifier is a PDF's own: every way in which one is printed, and every way in which another's is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.metadata.pdf import identify
from carrel.metadata.pdf_clues import clean_doi
from carrel.metadata.pdf_identifiers import Line, own_arxiv, own_doi
from tests.pdfs import Print, lines, make_pdf

OWN = "10.1234/own.2024.17"
OTHER = "10.9876/other.99"
BODY = [f"Line {number} of a text that says nothing of where it was published." for number in range(30)]


def _page(*prints: Sequence[Print]) -> list[Print]:
    """A first page that has these lines besides its title and text."""
    return [Print("A study of things and other things", y=690, size=20), *lines(*BODY, y=640), *chain(*prints)]


def _line(one: Print) -> Line:
    """A line of print as it is read from a PDF."""
    length = 0.5 * one.size * len(one.text)
    low, high = one.y - 0.2 * one.size, one.y + 0.8 * one.size
    box = (one.x, one.y, one.x + one.size, one.y + length) if one.turned else (one.x, low, one.x + length, high)
    return Line(one.text, one.size, box, one.turned)


def _paper(*prints: Sequence[Print], properties: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The identifiers of a paper whose first page has these lines."""
    pages = [[_line(one) for one in page] for page in (_page(*prints), lines(*BODY))]
    return own_doi(pages, properties), own_arxiv(pages, properties)


def _pdf(tmp_path: Path, *prints: Sequence[Print], info: Mapping[str, str] = {}, xmp: str = "") -> tuple[str, str]:
    """The same of a PDF of that paper."""
    place = tmp_path / "paper.pdf"
    place.write_bytes(make_pdf([_page(*prints), lines(*BODY)], info=info, xmp=xmp))
    facts = identify(place)
    return facts.doi, facts.arxiv


@pytest.mark.parametrize(
    "prints",
    [
        lines(f"https://doi.org/{OWN}", y=770),
        lines(f"doi:{OWN}", y=30, size=7),
        lines(f"DOI: {OWN}.", y=30),
        lines(f"Journal of Things (2024) 12:1-19 https://doi.org/{OWN}", y=770, size=8),
        lines(f"J Things 2024;12:1-19. doi:{OWN}", y=40, size=8),
        lines(f"Digital Object Identifier {OWN}", y=60, size=8),
        lines(f"To cite this article: A. Author (2024), A study of things. J. Things 12, 1-19, {OWN}", y=120, size=8),
        lines("ACM Reference Format:", "Ann Author. 2024. A study of things. In Proc. THINGS. ACM, New York,",
              f"NY, USA, 13 pages. https://doi.org/{OWN}", y=150, size=8),
        lines("Citation: Author, A.; Other, B. A study", f"of things. Things 2024, 12, 1. https://doi.org/{OWN}", y=99),
        lines("978-1-4503-0000-0/24/05. Copyright held by the authors.", f"https://doi.org/{OWN}", y=90, size=8),
        lines(f"bioRxiv preprint doi: https://doi.org/{OWN}; this version posted May 1, 2024.", y=775, size=8),
        [Print(f"DOI {OWN}", 20, 300, 8, turned=True)],
        lines(f"www.pnas.org/cgi/doi/{OWN}", y=40, size=7),
        lines("Source: J. Things, Vol. 3, pp. 1-9", f"Stable URL: https://www.jstor.org/stable/{OWN}", y=500),
        lines("To cite this version:", f"Ann Author. A study. J. Things, 2024, 12, pp.1-9. <{OWN}>.", y=400),
        lines("Citation: Author, A.;", *["Other, B. A study of things"] * 8, f"https://doi.org/{OWN}", y=280, size=7),
    ],
)  # fmt: skip
def test_a_doi_is_the_papers_own_where_publishers_print_it(prints: list[Print]) -> None:
    assert _paper(prints) == (OWN, "")


@pytest.mark.parametrize(
    "prints",
    [
        lines(f"Data are available at https://doi.org/{OTHER}", y=100),
        lines(f"The code is archived at https://doi.org/{OTHER}", y=770),
        lines("Supplementary material for this article is at", f"https://doi.org/{OTHER}", y=100),
        lines("Correction to: another study of things", f"https://doi.org/{OTHER}", y=770),
        lines(f"[1] B. Other. Other things. J. Things, 2019. https://doi.org/{OTHER}", y=90),
        lines(f"1 Other B. Other things. J Things 2019;3:1. doi:{OTHER}", y=60, size=7),
        lines("Other, B. (2019). Other things. Journal of Things, 3(1), 1-9.", f"https://doi.org/{OTHER}", y=90),
        lines(f"as was found before (Other et al., 2019, doi:{OTHER}), and then", y=110),
        lines("This research was funded by the Foundation of Things", "https://doi.org/10.13039/501100000780", y=80),
        lines("References", "Other B, Other things, 2019", f"https://doi.org/{OTHER}", y=160),
        lines("https://doi.org/10.1145/nnnnnnn.nnnnnnn", y=90),
    ],
)
def test_the_doi_of_another_work_is_not_taken(prints: list[Print]) -> None:
    own = lines(f"https://doi.org/{OWN}", y=775, size=8)
    assert _paper(prints) == ("", "")
    if prints[0].y != 770:
        assert _paper(own, prints) == (OWN, "")


def test_of_two_dois_that_are_as_likely_neither_is_taken() -> None:
    both = [*lines(f"https://doi.org/{OWN}", y=775, size=8), *lines(f"https://doi.org/{OTHER}", y=40, size=8)]
    assert _paper(both) == ("", "")
    assert _paper(both, properties=[("doi", OWN)]) == (OWN, "")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://doi.org/10.1234/", "own.2024.17"),
        ("https://doi.org/10.1234/own.", "2024.17"),
        ("https://doi.org/", "10.1234/own.2024.17"),
        ("doi:10.1234", "/own.2024.17"),
    ],
)
def test_a_doi_that_a_lines_end_divides_is_put_together(first: str, second: str) -> None:
    cite = [
        "To cite this article: A. Author, A study of things and of",
        f"other things, J. Things 12 (2024) 1-19, {first}",
    ]
    assert _paper(lines(*cite, f"{second}.", y=120)) == (OWN, "")
    plos = [
        "Citation: Author A (2018) A study of things.",
        "PLoS ONE 13(6): e0197919. https://doi.org/10.1371/journal.",
    ]
    assert _paper(lines(*plos, "pone.0197919", "Editor: Ed Itor", y=300)) == ("10.1371/journal.pone.0197919", "")


def test_a_doi_divided_at_its_hyphen_keeps_it(tmp_path: Path) -> None:
    cite = lines("Cite this as: Author A, Things (2024), https://doi.org/10.1007/s10664-020-", "09875-y", y=120)
    assert _pdf(tmp_path, cite) == ("10.1007/s10664-020-09875-y", "")


def test_what_follows_a_doi_on_the_next_line_is_not_of_it() -> None:
    prints = lines(f"doi:{OWN}.", "2024 The Authors. Published by Things", y=50, size=8)
    assert _paper(prints) == (OWN, "")
    assert _paper(lines(f"doi:{OWN}", "Received 1 May 2024", y=50, size=8)) == (OWN, "")


def test_a_paper_is_told_from_its_proceedings_and_from_its_parts() -> None:
    proceedings = lines("https://doi.org/10.1145/3597503.3639130", "https://doi.org/10.1145/3597503", y=90, size=8)
    assert _paper(proceedings)[0] == "10.1145/3597503.3639130"
    parts = lines(
        "https://doi.org/10.1371/journal.pone.0012345", "https://doi.org/10.1371/journal.pone.0012345.s001", y=90
    )
    assert _paper(parts)[0] == "10.1371/journal.pone.0012345"


@pytest.mark.parametrize(
    ("stamp", "found"),
    [
        ("arXiv:1503.07589v1 [hep-ex] 26 Mar 2015", "1503.07589v1"),
        ("arXiv:hep-th/9901001v3 5 Feb 1999", "hep-th/9901001v3"),
        ("arXiv:math.GT/0309136v1 8 Sep 2003", "math.GT/0309136v1"),
        ("arXiv:2209.10652", "2209.10652"),
    ],
)
def test_the_stamp_in_the_margin_is_the_arxiv_id(stamp: str, found: str) -> None:
    cited = lines("[7] B. Other. Other things. arXiv preprint arXiv:1909.00001, 2019.", y=90)
    assert _paper([Print(stamp, 20, 250, 20, turned=True)], cited) == ("", found)


def test_an_arxiv_id_that_is_only_cited_is_not_taken() -> None:
    assert _paper(lines("B. Other. Other things. arXiv:1909.00001, 2019.", y=90)) == ("", "")
    assert _paper(lines("as in arXiv:1909.00001v2 and others", y=300)) == ("", "")


def test_a_preprint_with_a_published_doi_has_both(tmp_path: Path) -> None:
    stamp = [Print("arXiv:1503.07589v2 [hep-ex] 26 Mar 2015", 20, 250, 20, turned=True)]
    published = lines(f"Published in J. Things 12 (2024), doi:{OWN}", y=60, size=8)
    assert _pdf(tmp_path, stamp, published) == _paper(stamp, published) == (OWN, "1503.07589v2")


def test_the_doi_that_arxiv_gives_out_is_an_arxiv_id(tmp_path: Path) -> None:
    doi = "10.48550/arXiv.2209.10652"
    assert _pdf(tmp_path, lines(f"https://doi.org/{doi}", y=770)) == (doi, "2209.10652")


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">{}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


@pytest.mark.parametrize(
    "said",
    [
        f'<rdf:Description rdf:about=""><prism:doi>{OWN}</prism:doi></rdf:Description>',
        f'<rdf:Description rdf:about="" prism:doi="{OWN}"/>',
        f'<rdf:Description rdf:about=""><dc:identifier>doi:{OWN}</dc:identifier></rdf:Description>',
        f"<rdf:Description><dc:identifier><rdf:Bag><rdf:li>{OWN}</rdf:li></rdf:Bag></dc:identifier></rdf:Description>",
    ],
)
def test_metadata_names_the_doi_that_is_not_printed(tmp_path: Path, said: str) -> None:
    assert _pdf(tmp_path, xmp=XMP.format(said)) == (OWN, "")


def test_a_doi_in_an_abstract_is_not_the_papers() -> None:
    for said in ("Things. Code is available at https://doi.org/10.1234/x", "Things. " * 50 + f"doi:{OTHER}"):
        assert _paper(properties=[("description", said)]) == ("", "")


def test_a_title_in_several_languages_is_of_one_work(tmp_path: Path) -> None:
    titles = (
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Things</rdf:li><rdf:li>Choses</rdf:li></rdf:Alt></dc:title>'
    )
    said = f"<rdf:Description>{titles}<dc:identifier>{OWN}</dc:identifier></rdf:Description>"
    assert _pdf(tmp_path, xmp=XMP.format(said)) == (OWN, "")


def test_metadata_of_several_works_names_none(tmp_path: Path) -> None:
    one = "<rdf:Description><dc:title>{}</dc:title><dc:identifier>{}</dc:identifier></rdf:Description>"
    said = one.format("Things", OWN) + one.format("Others", "no doi")
    assert _pdf(tmp_path, xmp=XMP.format(said)) == ("", "")


def test_a_page_and_metadata_that_disagree_give_none() -> None:
    assert _paper(lines(f"https://doi.org/{OTHER}", y=775), properties=[("doi", OWN)]) == ("", "")


def test_metadata_that_is_a_bomb_or_no_xml_is_left_alone(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x><doi>&b;</doi></x>'
    for xmp in (bomb, "<x", "\x00\x01", "<x>" * 5000):
        assert _pdf(tmp_path, lines(f"https://doi.org/{OWN}", y=775), xmp=xmp) == (OWN, "")


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("10.1038/s41586-020-2649-2.", "10.1038/s41586-020-2649-2"),
        ("10.1016/S0140-6736(20)30183-5).", "10.1016/S0140-6736(20)30183-5"),
        ("10.1111/j.1467-9868.2005.00503.x/full", "10.1111/j.1467-9868.2005.00503.x"),
        ("10.1000/182?utm=x#top", "10.1000/182"),
        ("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
         "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"),
        ("10.1145/1122445.1122456", ""),
        ("10.1109/ACCESS.2017.DOI", ""),
        ("10.13039/501100000780", ""),
        ("10.1234/", ""),
    ],
)  # fmt: skip
def test_a_doi_is_cut_from_what_stands_around_it(printed: str, doi: str) -> None:
    assert clean_doi(printed) == doi


def test_thousands_of_dois_on_a_page_take_no_time() -> None:
    page = [Line(f"10.1234/{'a' * (number % 50)}.{number} " * 3) for number in range(3000)]
    assert own_doi([page, page], []) == ""
    assert own_arxiv([[Line("arXiv:" * 10_000)]], []) == ""
    assert own_doi([[Line("Aa, A. " * 3000 + "doi:10.1/x " * 300)]], []) == ""


@given(
    st.lists(
        st.lists(st.sampled_from(["doi:", "10.1234/", "x.5", "https://doi.org/", " ", "(", ")", "-", "\u00ad",
                                  "cite this", "[1]", "References", "arXiv:", "1503.07589", "v1", "10.48550/arXiv.",
                                  "/", "Aa, B. 2019", "data available at"]), max_size=6).map("".join),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_is_printed_what_is_found_is_printed_and_whole(texts: list[str]) -> None:
    page = [_line(one) for one in lines(*texts)]
    doi = own_doi([page], [])
    assert doi == clean_doi(doi)
    assert doi.replace("-", "") in "".join(texts).replace("-", "").replace("\u00ad", "").replace(" ", "")
    assert own_arxiv([page], []) in ("", "1503.07589", "1503.07589v1")


def test_real_papers_are_identified(data: Path) -> None:
    expected = {
        "06-pdf-jabref-ccby/files/Bogner2019.pdf": ("10.7717/peerj-cs.213", ""),
        "06-pdf-jabref-ccby/files/Keim2024.pdf": ("10.1145/3597503.3639130", ""),
        "06-pdf-jabref-ccby/files/Ralph2020.pdf": ("10.1007/s10664-020-09875-y", ""),
        "06-pdf-refextract-ccby/files/1503.07589v1.pdf": ("", "1503.07589v1"),
        "06-pdf-refextract-ccby/files/wepml008.pdf": ("10.18429/JACoW-IPAC2018-WEPML008", ""),
        # Prints "The definitive version was published in …, doi: …".
        "06-pdf-jabref-synthetic/files/pdfs/multiple-meta-data.pdf": ("10.1039/authorarchive", ""),
        # Two entries of a bibliography, and three works in one file's metadata.
        "06-pdf-jabref-synthetic/files/pdfs/test-doi.pdf": ("", ""),
        "06-pdf-jabref-synthetic/files/org/jabref/logic/xmp/JabRef_multipleMetaEntries.pdf": ("", ""),
    }
    found = {}
    for place in sorted(data.glob("06-pdf-*/**/*.pdf")):
        if place.name in ("encrypted.pdf", "libreoffice-writer-password.pdf"):
            continue
        facts = identify(place)
        name = place.relative_to(data).as_posix()
        if facts.doi or facts.arxiv or name in expected:
            found[name] = (facts.doi, facts.arxiv)
    assert found == expected
