"""OpenAlex's records and listings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid
from carrel.metadata.http import Client
from carrel.metadata.openalex import cited_by, fetch, names, read, references, search
from tests.sources import Reply, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOY: dict[str, Any] = {
    "id": "https://openalex.org/W4296122000",
    "doi": "https://doi.org/10.1000/toy.1",
    "title": "Toy <i>Models</i> of Superposition.",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/1"},
    "publication_year": 2023,
    "type": "article",
    "authorships": [
        {"author": {"display_name": "N. Elhage"}, "raw_author_name": "Nelson Elhage"},
        {"author": {"display_name": "Laurens van der Maaten"}, "raw_author_name": None},
        {"author": {"display_name": "-"}},
    ],
    "primary_location": {
        "landing_page_url": "https://doi.org/10.1000/toy.1",
        "source": {"display_name": "Journal of Toys", "type": "journal", "host_organization_name": "Toy Press"},
    },
    "best_oa_location": {"pdf_url": "https://example.org/toy.pdf"},
    "locations": [{"landing_page_url": "https://arxiv.org/abs/2209.10652v1"}],
    "biblio": {"volume": "3", "issue": "1", "first_page": "10", "last_page": "20"},
    "abstract_inverted_index": {"We": [0], "show": [1, 3], "and": [2], "toys.": [4]},
    "is_retracted": True,
}


def test_a_whole_record_becomes_a_paper() -> None:
    assert read(TOY) == Paper(
        title="Toy Models of Superposition",
        authors=(Name("Elhage", "Nelson"), Name("Maaten", "Laurens", "van der")),
        year="2023",
        venue="Journal of Toys",
        arxiv="2209.10652",
        doi="10.1000/toy.1",
        url="https://doi.org/10.1000/toy.1",
        pdf="https://example.org/toy.pdf",
        abstract="We show and show toys.",
        bibtype="article",
        volume="3",
        number="1",
        pages="10–20",
        publisher="Toy Press",
    )


def test_a_preprint_is_arxivs_and_the_doi_that_arxiv_gives_is_its_id() -> None:
    paper = read(
        {
            "title": "Toy Models",
            "doi": "https://doi.org/10.48550/arxiv.2209.10652",
            "type": "preprint",
            "primary_location": {"source": {"display_name": "arXiv (Cornell University)"}},
        }
    )
    assert (paper.arxiv, paper.doi, paper.venue, paper.bibtype) == ("2209.10652", "", "arXiv", "misc")


def test_an_abstract_that_asks_for_much_memory_is_not_laid_out() -> None:
    index = {"far": [10**12, -1, True, "x"], "near": [0], "none": None}
    assert read({"title": "Toy", "abstract_inverted_index": index}).abstract in ("near", "near far")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner)))
def test_no_record_breaks_the_reader(value: object) -> None:
    for key in TOY:
        assert read({**TOY, key: value, "display_name": "Toy"}).title


def test_a_work_is_fetched_by_any_of_its_names(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, json.dumps(TOY).encode()))
    remarks: list[str] = []
    for name in ("W4296122000", "pmid:1", "doi:10.1000/toy.1"):
        assert fetch(Client(), name, source.url, remarks.append).title == "Toy Models of Superposition"
    assert [path for path, _ in source.requests] == [
        "/works/W4296122000",
        "/works/pmid:1",
        "/works/doi:10.1000%2Ftoy.1",
    ]
    assert remarks[0] == "W4296122000: OpenAlex knows it as retracted"


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (404, b"<!doctype html><title>404</title>", "OpenAlex has no work W1"),
        (200, b"<html>", "an HTML page where JSON was due"),
        (200, b'{"title": null}', "has no title"),
        (200, b'{"title": "To', "half of it, where JSON was due"),
    ],
)
def test_what_is_no_record_is_one_clear_line(
    source: Source, reply: type[Reply], status: int, body: bytes, complaint: str
) -> None:
    source.answers(reply(status, body))
    with pytest.raises(SourceInvalid, match=complaint):
        fetch(Client(), "W1", source.url)


class Index(Source):
    """A small OpenAlex: work W0 cites W1 … W120 and is cited by W1000 … W1249."""

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """What OpenAlex answers."""
        parts = urlsplit(unquote(path))
        if parts.path.startswith("/works/"):
            cited = [f"https://openalex.org/W{number}" for number in range(1, 121)]
            work = {
                "id": "https://openalex.org/W10",
                "title": "Toy",
                "referenced_works": [*cited, "javascript:x", None],
            }
            return Reply(200, json.dumps(work).encode())
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        kind, _, value = query["filter"].partition(":")
        numbers = range(1000, 1250) if kind == "cites" else [int(one[1:]) for one in value.split("|")]
        size, page = int(query["per-page"]), int(query["page"])
        titled = [{"id": f"W{number}", "title": f"Work {number}" if number != 3 else None} for number in numbers]
        return Reply(200, json.dumps({"results": titled[size * (page - 1) : size * page]}).encode())


@pytest.fixture
def index() -> Iterator[Index]:
    running = Index()
    yield running
    running.close()


def test_references_are_asked_for_in_batches(index: Index) -> None:
    found = references(Client(), "doi:10.1000/toy.1", 120, index.url)
    assert [paper.title for paper in found] == [f"Work {number}" for number in range(1, 121) if number != 3]
    assert len(index.requests) == 4
    assert len(references(Client(), "doi:10.1000/toy.1", 10, index.url)) == 9


def test_citations_are_asked_for_page_by_page(index: Index) -> None:
    found = cited_by(Client(), "doi:10.1000/toy.1", 1000, index.url)
    assert [paper.title for paper in found] == [f"Work {number}" for number in range(1000, 1250)]
    assert len(index.requests) == 4
    assert len(cited_by(Client(), "W10", 120, index.url)) == 120


def test_a_title_is_searched_without_what_means_something_in_a_filter(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, json.dumps({"results": [TOY]}).encode()))
    paper = search(Client(), "Toy Models: of | Superposition", "Elhage", source.url)
    assert paper is not None
    assert paper.doi == "10.1000/toy.1"
    assert "filter=title.search%3AToy+Models+of+Superposition&" in source.requests[0][0]
    assert search(Client(), "Toy Models of Superposition", "Olah", source.url) is None


def test_a_paper_has_the_names_that_openalex_may_know() -> None:
    assert names(Paper("", doi="10.1000/1", arxiv="2209.10652v2")) == ["doi:10.1000/1", "doi:10.48550/arxiv.2209.10652"]
    assert names(Paper("")) == []
