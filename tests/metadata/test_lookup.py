"""From a reference to a paper, with all sources played by one server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnreachable, UsageError
from carrel.metadata import arxiv, semanticscholar
from carrel.metadata.http import Client
from carrel.metadata.lookup import Addresses, Lookup
from carrel.metadata.reference import Kind, Reference, recognise
from tests.sources import Recorded, Reply, arxiv_answers

DOI = "10.1000/toy.1"


class Desk:
    """A lookup at the recorded sources; `remarks` is what it said, `asked` whom it asked."""

    def __init__(self, sources: Recorded) -> None:
        self.sources = sources
        self.remarks: list[str] = []
        self._waits: list[float] = []
        at = Addresses(
            *(f"{sources.url}/{name}" for name in ("arxiv", "crossref", "openalex", "semanticscholar", "doi"))
        )
        self.lookup = Lookup(Client(timeout=10, retries=0, sleep=self._waits.append), at, self.remarks.append)

    def find(self, text: str) -> Paper:
        return self.lookup.find(recognise(text))

    @property
    def asked(self) -> list[str]:
        return [path.split("/")[1] for path, _ in self.sources.requests]


@pytest.fixture
def desk(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for source in (arxiv, semanticscholar):
        monkeypatch.setattr(source, "SECONDS_BETWEEN_CALLS", 0.0)
    running = Recorded(data)
    yield Desk(running)
    running.close()


def feed(doi: str = "", authors: tuple[str, ...] = ("Nelson Elhage",), title: str = "Toy Models") -> Reply:
    """arXiv's answer about 2209.10652v3."""
    names = "".join(f"<author><name>{name}</name></author>" for name in authors)
    named = f"<arxiv:doi>{doi}</arxiv:doi>" if doi else ""
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><entry>'
    entry = (
        "<id>http://arxiv.org/abs/2209.10652v3</id><published>2022-09-21T17:49:21Z</published>"
        f"<title>{title}</title><summary>We show.</summary>{names}{named}"
    )
    return Reply(200, f"{head}{entry}</entry></feed>".encode())


def work(**fields: Any) -> Reply:
    """Crossref's answer about the toy paper."""
    record = {
        "DOI": DOI,
        "type": "journal-article",
        "title": ["Toy models"],
        "author": [{"given": "N.", "family": "Elhage"}],
        "container-title": ["Journal of Toys"],
        "issued": {"date-parts": [[2024]]},
        "volume": "3",
        "publisher": "Toy Press",
        **fields,
    }
    return Reply(200, json.dumps({"message": record}).encode())


BOTH = Paper(
    title="Toy models",
    authors=(Name("Elhage", "Nelson"),),
    year="2024",
    venue="Journal of Toys",
    arxiv="2209.10652",
    doi=DOI,
    url=f"https://doi.org/{DOI}",
    pdf="https://arxiv.org/pdf/2209.10652",
    abstract="We show.",
    bibtype="article",
    volume="3",
    publisher="Toy Press",
    version="3",
)


def test_a_preprint_that_names_its_doi_is_completed_by_its_publisher(desk: Desk) -> None:
    desk.sources.also = {"^/arxiv/": feed(DOI), "^/crossref/works/": work()}
    assert desk.find("2209.10652") == BOTH
    assert desk.asked == ["arxiv", "crossref"]
    assert desk.remarks == []


def test_a_published_paper_that_names_its_preprint_is_completed_by_arxiv(desk: Desk) -> None:
    preprint = {"has-preprint": [{"id": "10.48550/arXiv.2209.10652", "id-type": "doi"}]}
    desk.sources.also = {"^/arxiv/": feed(), "^/crossref/works/": work(relation=preprint)}
    assert desk.find(DOI) == BOTH
    assert desk.asked == ["crossref", "arxiv"]


def test_the_doi_that_arxiv_gives_leads_to_arxiv(desk: Desk) -> None:
    desk.sources.also = {"^/arxiv/": feed()}
    paper = desk.find("https://doi.org/10.48550/arXiv.2209.10652")
    assert (paper.arxiv, paper.doi, paper.venue, paper.year) == ("2209.10652", "", "arXiv", "2022")
    assert desk.asked == ["arxiv"]


@pytest.mark.parametrize(
    ("reply", "remark"),
    [
        (
            Reply(500),
            f"{DOI}: its published record was not to be had: 127.0.0.1 is busy: it answered 500 after one try",
        ),
        (Reply(404), f"{DOI}: its published record was not to be had: there is no DOI {DOI}"),
        (Reply(200, b"<html>"), f"{DOI}: its published record was not to be had: there is no DOI {DOI}"),
    ],
)
def test_a_publisher_that_fails_does_not_fail_the_preprint(desk: Desk, reply: Reply, remark: str) -> None:
    desk.sources.also = {"^/arxiv/": feed(DOI), "^/crossref/works/": reply}
    paper = desk.find("2209.10652")
    assert (paper.title, paper.doi, paper.venue, paper.year) == ("Toy Models", DOI, "arXiv", "2022")
    assert desk.remarks == [remark]


def test_a_doi_that_belongs_to_another_paper_is_not_believed(desk: Desk) -> None:
    other = work(title=["Errata for the whole volume"], author=[{"family": "Olah"}])
    desk.sources.also = {"^/arxiv/": feed(DOI), "^/crossref/works/": other}
    paper = desk.find("2209.10652")
    assert (paper.title, paper.doi, paper.year) == ("Toy Models", "", "2022")
    assert desk.remarks == [f"{DOI}, which arXiv:2209.10652 names, is another paper: Errata for the whole volume"]


def test_a_doi_that_crossref_did_not_give_is_asked_of_doi_org(desk: Desk) -> None:
    record = {
        "type": "dataset",
        "id": "https://doi.org/10.5281/zenodo.7",
        "DOI": "10.5281/zenodo.7",
        "title": "Toy data",
        "author": [{"given": "Nelson", "family": "Elhage"}],
        "issued": {"date-parts": [[2021, 5]]},
        "publisher": "Zenodo",
    }
    desk.sources.also = {"^/doi/": Reply(200, json.dumps(record).encode())}
    paper = desk.find("10.5281/zenodo.7")
    assert (paper.title, paper.year, paper.doi, paper.citekey) == ("Toy data", "2021", "10.5281/zenodo.7", "")
    assert paper.authors == (Name("Elhage", "Nelson"),)
    assert desk.asked == ["crossref", "doi"]
    assert desk.sources.requests[1][1]["Accept"] == "application/vnd.citationstyles.csl+json"


@pytest.mark.parametrize(
    ("silent", "asked"),
    [
        ("^(?!/openalex)", ["crossref", "doi", "openalex"]),
        ("^(?!/semanticscholar)", ["crossref", "doi", "openalex", "semanticscholar"]),
    ],
)
def test_the_indexes_answer_for_a_doi_that_nobody_else_knows(desk: Desk, silent: str, asked: list[str]) -> None:
    desk.sources.also = {silent: Reply(404)}
    paper = desk.find("10.1016/j.xgen.2025.100814")
    assert paper.title == "High-throughput screening of human genetic variants by pooled prime editing"
    assert desk.asked == asked


def test_a_doi_that_no_source_knows_is_an_error(desk: Desk) -> None:
    with pytest.raises(SourceInvalid, match=r"no source knows the DOI 10\.1000/nowhere"):
        desk.find("10.1000/nowhere")
    assert desk.asked == ["crossref", "doi", "openalex", "semanticscholar"]


NOT_JSON = "answer cannot be read: something else where JSON was due"


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        (
            {"": Reply(200, b"null")},
            (
                f"Crossref's {NOT_JSON}; doi.org's answer cannot be read: this is no reference; "
                f"OpenAlex's {NOT_JSON}; Semantic Scholar's {NOT_JSON}"
            ),
        ),
        ({"^/openalex/": Reply(200, b'{"title": {"a": []}, "doi": 7}')}, "OpenAlex's record has no title"),
        ({"^/crossref/": Reply(200, b'{"message": null}')}, "Crossref's record of this work has no DOI"),
        (
            {"^/crossref/": work(DOI="10.1000/toy.2"), "^/semanticscholar/": Reply(200, b"<html>")},
            (
                f"Crossref answered with another work than {DOI}: 10.1000/toy.2; "
                "Semantic Scholar's answer cannot be read: an HTML page where JSON was due"
            ),
        ),
    ],
)
def test_a_source_that_answers_nonsense_is_named_and_does_not_stand_for_absence(
    desk: Desk, replies: dict[str, Reply], said: str
) -> None:
    desk.sources.also = replies
    with pytest.raises(SourceInvalid) as refused:
        desk.find(DOI)
    assert refused.value.message == f"the DOI {DOI} was not to be had: {said}"
    assert refused.value.hint == "try again later"
    assert desk.asked == ["crossref", "doi", "openalex", "semanticscholar"]


def test_a_network_that_is_down_is_told_after_two_sources(desk: Desk) -> None:
    desk.sources.also = {"": Reply(503)}
    with pytest.raises(SourceUnreachable, match="is busy: it answered 503"):
        desk.find(DOI)
    assert desk.asked == ["crossref", "doi"]
    with pytest.raises(SourceUnreachable):
        desk.find("2209.10652")


def test_a_busy_crossref_is_stood_in_for(desk: Desk) -> None:
    desk.sources.also = {"^/crossref/": Reply(503)}
    assert desk.find("10.1126/science.169.3946.635").title.startswith("The Structure of Ordinary Water")
    assert desk.asked == ["crossref", "doi"]


def test_a_retraction_is_remarked(desk: Desk) -> None:
    retracted = work(**{"updated-by": [{"type": "retraction", "DOI": "10.1000/3"}]})
    desk.sources.also = {"^/crossref/works/": retracted}
    desk.find(DOI)
    assert desk.remarks == [f"{DOI}: retraction 10.1000/3"]


def test_an_id_of_an_index_leads_to_the_publishers_record(desk: Desk) -> None:
    """OpenAlex says 2025-03 and has no volume; Semantic Scholar says 2024, bioRxiv."""
    of_openalex = desk.find("W4408732759")
    of_semanticscholar = desk.find("7e5d4466c8b85f93775fe183e1a318a3e65ac8e4")
    for paper in (of_openalex, of_semanticscholar):
        assert (paper.year, paper.venue, paper.volume, paper.number) == ("2025", "Cell Genomics", "5", "4")
        assert paper.doi == "10.1016/j.xgen.2025.100814"
    assert desk.asked == ["openalex", "crossref", "semanticscholar", "crossref"]


def test_an_index_stands_alone_where_its_ids_lead_nowhere(desk: Desk) -> None:
    desk.sources.also = {"^/crossref/|^/doi/": Reply(404)}
    paper = desk.find("W4408732759")
    assert (paper.venue, paper.year) == ("Cell Genomics", "2025")


def test_what_is_no_identifier_is_not_looked_up(desk: Desk) -> None:
    for text in ("toy.pdf", "https://example.org/toy", "Toy Models"):
        with pytest.raises(UsageError, match="is no identifier"):
            desk.find(text)
    assert desk.asked == []


NATIVE = "Effect of native oxide layers on copper thin-film tensile properties: A reactive molecular dynamics study"


def test_a_title_is_looked_up_when_it_is_beyond_doubt(desk: Desk) -> None:
    for author in ("", "Skarlinski", "Quesnel"):
        paper = desk.lookup.titled(NATIVE.upper(), author)
        assert paper is not None
        assert (paper.doi, paper.year, paper.pages) == ("10.1063/1.4938384", "2015", "235306")
    assert desk.lookup.titled(NATIVE, "Einstein") is None
    assert desk.lookup.titled("A title that nobody ever gave to a paper") is None


def test_a_title_that_crossref_does_not_have_is_asked_of_the_indexes(desk: Desk) -> None:
    desk.sources.also = {"^/crossref/works\\?": Reply(200, b'{"message": {"items": []}}')}
    paper = desk.lookup.titled(NATIVE)
    assert paper is not None
    assert paper.pages == "235306", "from Crossref, by the DOI that OpenAlex has"
    assert desk.asked == ["crossref", "openalex", "crossref"]


def test_a_title_that_nobody_can_be_asked_about_is_an_error(desk: Desk) -> None:
    desk.sources.also = {"": Reply(500)}
    with pytest.raises(SourceUnreachable):
        desk.lookup.titled(NATIVE)


def test_a_paper_is_renewed_by_what_names_it(desk: Desk) -> None:
    desk.sources.also = {"^/arxiv/": feed(), "^/crossref/works/": work()}
    preprint = Paper("Toy", arxiv="2209.10652")
    assert desk.lookup.renewed(preprint).version == "3"
    assert desk.asked == ["arxiv", "semanticscholar"]
    assert desk.lookup.renewed(Paper("Toy", arxiv="2209.10652v1", doi=DOI)) == BOTH
    assert desk.lookup.renewed(Paper("Toy", doi=f"https://doi.org/{DOI}")).venue == "Journal of Toys"
    assert desk.lookup.renewed(Paper("Toy", doi="10.48550/arXiv.2209.10652")).arxiv == "2209.10652"
    with pytest.raises(UsageError, match="has neither an arXiv id nor a DOI"):
        desk.lookup.renewed(Paper("Toy", doi="none"))


def test_many_papers_are_renewed_with_one_call_to_arxiv(desk: Desk, data: Path) -> None:
    ids = ["1605.08386v1", "1707.08567", "astro-ph/0601001"]
    bodies = [arxiv_answers(data)[one.partition("v")[0]].decode() for one in ids]
    entries = "".join(body[body.index("<entry>") : body.index("</feed>")] for body in bodies)
    head = bodies[0][: bodies[0].index("<entry>")]
    desk.sources.also = {"id_list=1605.08386,1707.08567,astro-ph/": Reply(200, f"{head}{entries}</feed>".encode())}
    papers = [Paper("", arxiv=one) for one in ids]
    desk.lookup.prepare([*papers, Paper("", doi=DOI), Paper("", arxiv="nonsense,x")])
    assert [desk.lookup.renewed(paper).arxiv for paper in papers] == ["1605.08386", "1707.08567", "astro-ph/0601001"]
    assert desk.asked.count("arxiv") == 1


def test_a_preparation_that_fails_changes_nothing(desk: Desk) -> None:
    desk.sources.also = {",": Reply(500), "^/arxiv/": feed()}
    papers = [Paper("", arxiv="2209.10652"), Paper("", arxiv="2209.10653")]
    desk.lookup.prepare(papers)
    assert desk.lookup.renewed(papers[0]).arxiv == "2209.10652"


def indexed(**fields: Any) -> Reply:
    """Semantic Scholar's answer about the toy paper."""
    record = {"title": "Toy Models", "authors": [{"name": "N. Elhage"}], "externalIds": {"ArXiv": "2209.10652"}}
    return Reply(200, json.dumps({**record, **fields}).encode())


@pytest.mark.parametrize(
    ("known", "venue", "bibtype", "doi"),
    [
        ({"venue": "NeurIPS", "publicationTypes": ["Conference"]}, "NeurIPS", "inproceedings", ""),
        ({"venue": "arXiv.org"}, "arXiv", "misc", ""),
        ({"venue": "NeurIPS", "title": "Other Models"}, "arXiv", "misc", ""),
        ({"venue": "NeurIPS", "authors": [{"name": "C. Olah"}]}, "arXiv", "misc", ""),
        ({"externalIds": {"ArXiv": "2209.10652", "DOI": DOI}}, "Journal of Toys", "article", DOI),
    ],
)
def test_where_a_preprint_was_published_meanwhile_is_known_to_an_index(
    desk: Desk, known: dict[str, Any], venue: str, bibtype: str, doi: str
) -> None:
    desk.sources.also = {"^/arxiv/": feed(), "^/crossref/works/": work(), "^/semanticscholar/": indexed(**known)}
    paper = desk.lookup.renewed(Paper("Toy", arxiv="2209.10652"))
    assert (paper.venue, paper.bibtype, paper.doi) == (venue, bibtype, doi)
    assert (paper.arxiv, paper.version, paper.authors) == ("2209.10652", "3", (Name("Elhage", "Nelson"),))


def test_an_index_that_does_not_answer_is_asked_once(desk: Desk) -> None:
    desk.sources.also = {"^/arxiv/": feed(), "^/semanticscholar/": Reply(429)}
    for _ in range(3):
        assert desk.lookup.renewed(Paper("Toy", arxiv="2209.10652")).venue == "arXiv"
    assert desk.asked.count("semanticscholar") == 1
    assert desk.remarks == [
        "whether preprints were published meanwhile is not known: 127.0.0.1 is busy: it answered 429 after one try"
    ]


def test_recorded_papers_of_arxiv_are_found_by_their_ids(desk: Desk) -> None:
    paper = desk.find("https://arxiv.org/abs/astro-ph/0601001")
    assert (paper.arxiv, paper.year, paper.version) == ("astro-ph/0601001", "2006", "1")
    with pytest.raises(SourceInvalid, match=r"arXiv has no paper 1501\.00001"):
        desk.find("1501.00001")


def test_every_kind_of_reference_is_either_looked_up_or_refused(desk: Desk) -> None:
    for kind in Kind:
        with pytest.raises((SourceInvalid, UsageError)):
            desk.lookup.find(Reference(kind, "10.1000/nowhere"))
