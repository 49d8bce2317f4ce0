"""What people paste to name a paper."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.metadata.reference import Kind, Reference, recognise


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2209.10652", Kind.ARXIV, "2209.10652"),
        ("arXiv:2209.10652v2", Kind.ARXIV, "2209.10652v2"),
        ("hep-th/9901001", Kind.ARXIV, "hep-th/9901001"),
        ("https://arxiv.org/abs/2209.10652?context=cs", Kind.ARXIV, "2209.10652"),
        ("arxiv.org/pdf/2209.10652.pdf", Kind.ARXIV, "2209.10652"),
        ("https://www.alphaxiv.org/abs/2209.10652", Kind.ARXIV, "2209.10652"),
        ("https://huggingface.co/papers/2209.10652", Kind.ARXIV, "2209.10652"),
        ("https://ar5iv.labs.arxiv.org/html/2209.10652", Kind.ARXIV, "2209.10652"),
        ("10.48550/arXiv.2209.10652", Kind.ARXIV, "2209.10652"),
        ("https://doi.org/10.48550/ARXIV.2209.10652v1", Kind.ARXIV, "2209.10652v1"),
        ("10.48550/arXiv.hep-th/9901001", Kind.ARXIV, "hep-th/9901001"),
        ("10.1038/nature14539", Kind.DOI, "10.1038/nature14539"),
        ("doi:10.1038/nature14539", Kind.DOI, "10.1038/nature14539"),
        ("DOI: 10.1038/nature14539.", Kind.DOI, "10.1038/nature14539"),
        ("<https://doi.org/10.1038/nature14539>", Kind.DOI, "10.1038/nature14539"),
        ("http://dx.doi.org/10.1016/0160-4120(81)90073-8", Kind.DOI, "10.1016/0160-4120(81)90073-8"),
        ("doi.org/10.1023%2Fa%3A1007154515475", Kind.DOI, "10.1023/a:1007154515475"),
        ("10.1016/s1532-0464(03)00128-x)", Kind.DOI, "10.1016/s1532-0464(03)00128-x"),
        (
            "https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O",
            Kind.DOI,
            "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
        ),
        ("https://dl.acm.org/doi/pdf/10.1145/3442188.3445922", Kind.DOI, "10.1145/3442188.3445922"),
        ("https://dl.acm.org/doi/10.1145/3442188.3445922#sec-ref", Kind.DOI, "10.1145/3442188.3445922"),
        ("https://link.springer.com/article/10.1007/s00142-022-00530-w", Kind.DOI, "10.1007/s00142-022-00530-w"),
        ("https://link.springer.com/content/pdf/10.1007/BFb0110966.pdf", Kind.DOI, "10.1007/BFb0110966"),
        ("https://link.springer.com/chapter/10.1007%2F978-3-031-33148-0_45", Kind.DOI, "10.1007/978-3-031-33148-0_45"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1111/tbj.12248", Kind.DOI, "10.1111/tbj.12248"),
        ("https://onlinelibrary.wiley.com/doi/10.1111/tbj.12248/full", Kind.DOI, "10.1111/tbj.12248"),
        ("https://www.science.org/doi/10.1126/science.169.3946.635", Kind.DOI, "10.1126/science.169.3946.635"),
        ("https://www.pnas.org/doi/full/10.1073/pnas.1205508109?af=R", Kind.DOI, "10.1073/pnas.1205508109"),
        (
            "https://www.biorxiv.org/content/10.1101/2020.01.30.927871v2.full.pdf+html",
            Kind.DOI,
            "10.1101/2020.01.30.927871",
        ),
        ("https://www.biorxiv.org/content/10.1101/2020.01.30.927871v2", Kind.DOI, "10.1101/2020.01.30.927871"),
        (
            "https://journals.plos.org/plosone/article/file?id=10.1371/journal.pone.0033693&type=printable",
            Kind.DOI,
            "10.1371/journal.pone.0033693",
        ),
        ("https://iopscience.iop.org/article/10.1088/1742-6596/12/1/012/meta", Kind.DOI, "10.1088/1742-6596/12/1/012"),
        ("https://academic.oup.com/bib/article-abstract/doi/10.1093/bib/bbab1/123456", Kind.DOI, "10.1093/bib/bbab1"),
        (
            "https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.116.061102",
            Kind.DOI,
            "10.1103/PhysRevLett.116.061102",
        ),
        ("W2741809807", Kind.OPENALEX, "W2741809807"),
        ("https://openalex.org/W2741809807", Kind.OPENALEX, "W2741809807"),
        ("https://api.openalex.org/works/w2741809807", Kind.OPENALEX, "W2741809807"),
        ("PMID: 19872477", Kind.OPENALEX, "pmid:19872477"),
        ("https://pubmed.ncbi.nlm.nih.gov/19872477/", Kind.OPENALEX, "pmid:19872477"),
        ("PMC2323736", Kind.OPENALEX, "pmcid:2323736"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2323736/pdf/x.pdf", Kind.OPENALEX, "pmcid:2323736"),
        ("204e3073870fae3d05bcbc2f6a8e263d9b72e776", Kind.SEMANTICSCHOLAR, "204e3073870fae3d05bcbc2f6a8e263d9b72e776"),
        (
            "https://www.semanticscholar.org/paper/Attention-is-All/204e3073870fae3d05bcbc2f6a8e263d9b72e776?x=1",
            Kind.SEMANTICSCHOLAR,
            "204e3073870fae3d05bcbc2f6a8e263d9b72e776",
        ),
        ("CorpusId:13756489", Kind.SEMANTICSCHOLAR, "CorpusId:13756489"),
        ("https://api.semanticscholar.org/CorpusID:13756489", Kind.SEMANTICSCHOLAR, "CorpusId:13756489"),
        ("https://aclanthology.org/N18-1202.pdf", Kind.SEMANTICSCHOLAR, "ACL:N18-1202"),
        ("https://aclanthology.org/2020.acl-main.463/", Kind.SEMANTICSCHOLAR, "ACL:2020.acl-main.463"),
        (
            "https://www.nature.com/articles/s41586-020-2649-2",
            Kind.ADDRESS,
            "https://www.nature.com/articles/s41586-020-2649-2",
        ),
        ("https://openreview.net/pdf?id=Hkxzx0NtDB", Kind.ADDRESS, "https://openreview.net/pdf?id=Hkxzx0NtDB"),
        ("https://example.org/2209.10652.pdf", Kind.ADDRESS, "https://example.org/2209.10652.pdf"),
        ("www.example.org/toy.pdf", Kind.ADDRESS, "https://www.example.org/toy.pdf"),
        ("toy.pdf", Kind.FILE, "toy.pdf"),
        ("2209.10652v1.pdf", Kind.FILE, "2209.10652v1.pdf"),
        ("~/My papers/toy models.PDF", Kind.FILE, "~/My papers/toy models.PDF"),
        ("../library.bib", Kind.FILE, "../library.bib"),
        ("/home/ada/export", Kind.FILE, "/home/ada/export"),
        ("file:///home/ada/toy%20models.pdf", Kind.FILE, "/home/ada/toy models.pdf"),
        ("-", Kind.FILE, "-"),
        ("Toy Models  of\nSuperposition", Kind.TITLE, "Toy Models of Superposition"),
        ("GPT-4 Technical Report", Kind.TITLE, "GPT-4 Technical Report"),
        ("Comment on arXiv:1706.03762", Kind.TITLE, "Comment on arXiv:1706.03762"),
        ("Reply to 10.1038/nature14539", Kind.TITLE, "Reply to 10.1038/nature14539"),
        ("1984", Kind.TITLE, "1984"),
        ("3.14159", Kind.TITLE, "3.14159"),
        ("2026-11-20", Kind.TITLE, "2026-11-20"),
        ("20.11.2026", Kind.TITLE, "20.11.2026"),
        ("2026.11", Kind.TITLE, "2026.11"),
        ("2021.03.15", Kind.TITLE, "2021.03.15"),
        ("20/11/2026", Kind.TITLE, "20/11/2026"),
        ("10.11.2026", Kind.TITLE, "10.11.2026"),
        ("1202.10", Kind.TITLE, "1202.10"),
        ("19872477", Kind.TITLE, "19872477"),
        ("978-3-031-33148-0", Kind.TITLE, "978-3-031-33148-0"),
        ("1234567890" * 4, Kind.TITLE, "1234567890" * 4),
        ("W3", Kind.TITLE, "W3"),
        ("http://[", Kind.TITLE, "http://["),
        ("", Kind.TITLE, ""),
    ],
)
def test_a_reference_is_known_by_its_form(text: str, kind: Kind, value: str) -> None:
    assert recognise(text) == Reference(kind, value)


@given(st.text() | st.text(alphabet=st.sampled_from("10./:abdoiPMCDW -v%?#[](){}<>ht")))
def test_every_text_names_something(text: str) -> None:
    assert isinstance(recognise(text), Reference)


@given(st.from_regex(r"\A\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\Z") | st.from_regex(r"\A\d{1,9}\Z", fullmatch=True))
def test_no_date_and_no_number_is_an_identifier(text: str) -> None:
    assert recognise(text).kind is Kind.TITLE


@pytest.mark.parametrize("piece", ["10.1000/", "/full", "https://", "a.", "arxiv.org/", "%", "v1", " ", "PMC1", "x/"])
def test_hostile_texts_cost_no_time(piece: str) -> None:
    begun = time.process_time()
    for start in ("", "https://example.org/10.1000/", "10.1000/"):
        recognise(start + piece * (4000 // len(piece)))
    assert time.process_time() - begun < 0.5
