"""Semantic Scholar's records and listings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.http import Client
from carrel.metadata.semanticscholar import cited_by, fetch, names, read, references, search
from tests.sources import exchanges

if TYPE_CHECKING:
    from .conftest import Reply, Source

TOY: dict[str, Any] = {
    "paperId": "0" * 39 + "a",
    "externalIds": {"ArXiv": "2209.10652", "DOI": "10.1000/toy.1", "CorpusId": 1},
    "url": "https://www.semanticscholar.org/paper/x",
    "title": "Toy Models of Superposition",
    "abstract": "We show $x_1$.",
    "authors": [{"name": "Nelson Elhage"}, {"name": "Gemini Team"}, {"name": None}],
    "year": 2023,
    "venue": "J. Toys",
    "publicationVenue": {"name": "Journal of Toys"},
    "journal": {"name": "J. Toys", "volume": "3", "pages": "\n 10-20 "},
    "publicationTypes": ["JournalArticle", "Conference"],
    "openAccessPdf": {"url": "https://doi.org/10.1000/toy.1"},
}


def test_a_whole_record_becomes_a_paper() -> None:
    assert read(TOY) == Paper(
        title="Toy Models of Superposition",
        authors=(Name("Elhage", "Nelson"), Name(literal="Gemini Team")),
        year="2023",
        venue="Journal of Toys",
        arxiv="2209.10652",
        doi="10.1000/toy.1",
        url="https://doi.org/10.1000/toy.1",
        pdf="https://arxiv.org/pdf/2209.10652",
        abstract="We show $x_1$.",
        bibtype="inproceedings",
        volume="3",
        pages="10–20",
    )


def test_a_preprint_is_arxivs() -> None:
    record = {
        "title": "Toy",
        "venue": "arXiv.org",
        "externalIds": {"DOI": "10.48550/arXiv.2209.10652"},
        "journal": {"name": "ArXiv", "volume": "abs/2209.10652"},
        "publicationTypes": ["JournalArticle"],
    }
    paper = read(record)
    assert (paper.arxiv, paper.doi, paper.venue, paper.bibtype, paper.volume) == ("2209.10652", "", "arXiv", "misc", "")
    assert paper.url == "https://arxiv.org/abs/2209.10652"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner)))
def test_no_record_breaks_the_reader(value: object) -> None:
    for key in TOY:
        assert read({**TOY, key: value, "title": "Toy"}).title


def test_a_paper_is_fetched_by_any_of_its_names(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, json.dumps(TOY).encode()))
    client = Client(sleep=lambda seconds: None)
    for name in ("0" * 39 + "a", "CorpusId:1", "ARXIV:2209.10652", "DOI:10.1000/toy.1"):
        assert fetch(client, name, source.url) == read(TOY)
    paths = [path.partition("?")[0] for path, _ in source.requests]
    assert paths[1:] == [
        "/graph/v1/paper/CorpusId:1",
        "/graph/v1/paper/ARXIV:2209.10652",
        "/graph/v1/paper/DOI:10.1000%2Ftoy.1",
    ]


def test_the_recorded_answer_for_an_unknown_paper_says_so(data: Path, source: Source, reply: type[Reply]) -> None:
    recorded = next(one for one in exchanges(data) if one.cassette == "test_not_found" and "/paper/0" in one.url)
    source.answers(reply(recorded.status, recorded.body))
    with pytest.raises(SourceInvalid, match="Semantic Scholar has no paper CorpusId:7"):
        fetch(Client(), "CorpusId:7", source.url)


def test_too_many_requests_is_an_ordinary_answer(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(429, b'{"message": "Too Many Requests"}'))
    with pytest.raises(SourceUnreachable, match="is busy: it answered 429 after 4 tries"):
        fetch(Client(sleep=lambda seconds: None), "CorpusId:7", source.url)


def test_recorded_references_are_read_page_after_page(data: Path, source: Source, reply: type[Reply]) -> None:
    pages = [one.body for one in exchanges(data) if one.cassette == "test_get_paper_references"]
    source.answers(*(reply(200, page) for page in pages))
    found = references(Client(sleep=lambda seconds: None), "DOI:10.2139/ssrn.2250500", 1000, source.url)
    listed = [one["citedPaper"]["title"] for page in pages for one in json.loads(page)["data"]]
    assert len(listed) == 67
    assert len(found) == len([title for title in listed if title])
    assert (
        found[0].title == "Group lending or individual lending? Evidence from a randomised field experiment in Mongolia"
    )
    assert [("offset=50" in path) for path, _ in source.requests] == [False, True]


@pytest.mark.parametrize("following", [100, 0, -5, None, "100", 50])
def test_a_listing_that_never_ends_is_left(source: Source, reply: type[Reply], following: object) -> None:
    page = {"next": following, "data": [{"citingPaper": TOY}, {"citingPaper": None}, {}, None]}
    source.answers(reply(200, json.dumps(page).encode()))
    assert cited_by(Client(sleep=lambda seconds: None), "CorpusId:1", 3, source.url)[0] == read(TOY)
    assert len(source.requests) <= 3


def test_a_title_is_matched_exactly_or_not_at_all(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, json.dumps({"data": [TOY]}).encode()))
    client = Client(sleep=lambda seconds: None)
    assert search(client, "toy models of superposition", "Elhage", source.url) == read(TOY)
    assert search(client, "Toy models", "Elhage", source.url) is None
    assert search(client, "toy models of superposition", "Olah", source.url) is None
    source.answers(reply(404, b'{"error":"Title match not found"}'))
    assert search(client, "another", "", source.url) is None


def test_a_paper_has_the_names_that_semantic_scholar_may_know() -> None:
    assert names(Paper("", doi="10.1000/1", arxiv="2209.10652v2")) == ["ARXIV:2209.10652", "DOI:10.1000/1"]
    assert names(Paper("")) == []
