"""PubMed's .nbib, and CITATION.cff."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.metadata import cff, nbib

RECORD = """\

PMID- 34265844
OWN - NLM
IS  - 1476-4687 (Electronic)
VI  - 596
IP  - 7873
DP  - 2021 Aug
TI  - Highly accurate protein structure prediction
      with AlphaFold.
PG  - 583-589
LID - 10.1038/s41586-021-03819-2 [doi]
LID - S0028 [pii]
AB  - Proteins are essential to life.
FAU - Jumper, John
AU  - Jumper J
FAU - King, Martin L Jr
AU  - King ML Jr
CN  - AlphaFold Team
PT  - Journal Article
TA  - Nature
JT  - Nature
OT  - deep learning
MH  - *Protein Folding
"""


def test_every_field_of_a_record_finds_its_place() -> None:
    papers, problems = nbib.parse(RECORD)
    assert papers == (
        Paper(
            title="Highly accurate protein structure prediction with AlphaFold",
            authors=(Name("Jumper", "John"), Name("King", "Martin L", suffix="Jr"), Name(literal="AlphaFold Team")),
            year="2021",
            venue="Nature",
            doi="10.1038/s41586-021-03819-2",
            url="https://pubmed.ncbi.nlm.nih.gov/34265844/",
            abstract="Proteins are essential to life.",
            bibtype="article",
            volume="596",
            number="7873",
            pages="583–589",
            keywords=("deep learning",),
        ),
    )
    assert problems == ()


def test_records_follow_each_other_and_one_without_a_title_is_named() -> None:
    papers, problems = nbib.parse(f"{RECORD}{RECORD}\nPMID- 7\nAU  - Long V\n", "a.nbib")
    assert [paper.year for paper in papers] == ["2021", "2021", ""]
    assert papers[2].authors == (Name("Long", "V"),)
    assert [str(problem) for problem in problems] == ["a.nbib:48: the record has no title [no-title]"]


def test_a_record_of_pubmed_central_begins_with_its_own_number() -> None:
    papers, problems = nbib.parse("PMC - PMC1\nPMID- 1\nTI  - One.\n\nPMC - PMC2\nPMID- 2\nTI  - Two.\n")
    assert ([paper.title for paper in papers], problems) == (["One", "Two"], ())


def test_a_translated_title_loses_the_brackets_that_pubmed_puts_around_it() -> None:
    assert nbib.parse("PMID- 1\nTI  - [On the origin of cells].\n")[0][0].title == "On the origin of cells"


CFF = """\
# YAML 1.2
---
cff-version: 1.2.0
message: Cite the paper.
title: TransformerLens
date-released: 2022-08-30
version: 2.0
authors:
  - family-names: Nanda
    given-names: Neel
  - name: The TransformerLens community
repository-code: https://github.com/TransformerLensOrg/TransformerLens
identifiers:
  - type: other
    value: "arXiv:2209.10652"
  - type: doi
    value: 10.5281/zenodo.1234
"""


def test_software_is_cited_by_its_own_fields() -> None:
    assert cff.parse(CFF)[0] == (
        Paper(
            title="TransformerLens",
            authors=(Name("Nanda", "Neel"), Name(literal="The TransformerLens community")),
            year="2022",
            venue="arXiv",
            arxiv="2209.10652",
            doi="10.5281/zenodo.1234",
            url="https://github.com/TransformerLensOrg/TransformerLens",
            bibtype="software",
        ),
    )


def test_the_paper_that_software_prefers_to_be_cited_by_is_taken() -> None:
    preferred = "preferred-citation:\n  type: conference-paper\n  title: Toy models\n  conference:\n    name: ICLR\n"
    (paper,), problems = cff.parse(CFF + preferred)
    assert (paper.title, paper.venue, paper.bibtype, problems) == ("Toy models", "ICLR", "inproceedings", ())


def test_what_is_no_yaml_is_a_line_not_a_crash() -> None:
    assert [str(problem) for problem in cff.parse("cff-version: 1.2.0\ntitle: [\n", "CITATION.cff")[1]][-1] == (
        "CITATION.cff:1: the file has no title [no-title]"
    )


@given(st.text(alphabet=st.sampled_from("PMIDTAU- \n\r:[]{}&*!|>\"'\tab\x00\ud800é-"), max_size=300))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    nbib.parse(text)
    nbib.parse(f"PMID- 1\n{text}")
    cff.parse(f"cff-version: 1.2.0\n{text}")
