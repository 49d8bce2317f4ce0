"""Crossref's records, from small ones that show one thing each to what a server may send instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.crossref import fetch, notices, read, search
from carrel.metadata.http import Client

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Reply, Source

DOI = "10.1000/toy.1"


def work(**fields: Any) -> dict[str, Any]:
    """A record with these fields besides what every one has; `_` stands for a hyphen."""
    return {"DOI": DOI, "title": ["Toy Models"], **{key.replace("_", "-"): value for key, value in fields.items()}}


def answer(record: object) -> bytes:
    return json.dumps({"status": "ok", "message": record}).encode()


def dates(*parts: int | None) -> dict[str, Any]:
    return {"date-parts": [list(parts)]}


def test_a_whole_record_becomes_a_paper() -> None:
    record = work(
        type="journal-article",
        title=["Toy Models of <i>Superposition</i>"],
        subtitle=["What features are"],
        author=[
            {"given": "Nelson", "family": "Elhage", "sequence": "first"},
            {"given": "Laurens", "family": "van der Maaten"},
            {"given": "Martin Luther", "family": "King", "suffix": "Jr."},
            {"name": "The Carrel Collaboration", "sequence": "additional"},
        ],
        editor=[{"given": "Chris", "family": "Olah"}],
        container_title=["Journal of Toys &amp; Models"],
        volume="3",
        issue="1-2",
        page="10-20",
        publisher="Toy Press",
        published_print=dates(2023, 4),
        published_online=dates(2022, 12, 30),
        issued=dates(2022, 12, 30),
        abstract="<jats:title>Abstract</jats:title><jats:p>We show H<jats:sub>2</jats:sub>O.</jats:p>",
        link=[
            {"URL": "https://api.example.org/x", "content-type": "application/pdf"},
            {"URL": "http://example.org/toy.pdf", "content-type": "application/pdf"},
            {"URL": "https://example.org/toy.pdf", "content-type": "application/pdf"},
            {"URL": "https://example.org/toy.xml", "content-type": "text/xml"},
        ],
        relation={"has-preprint": [{"id": "10.48550/arXiv.2209.10652", "id-type": "doi"}]},
    )
    assert read(record) == Paper(
        title="Toy Models of Superposition: What features are",
        authors=(
            Name("Elhage", "Nelson"),
            Name("Maaten", "Laurens", "van der"),
            Name("King", "Martin Luther", suffix="Jr."),
            Name(literal="The Carrel Collaboration"),
        ),
        year="2023",
        venue="Journal of Toys & Models",
        arxiv="2209.10652",
        doi=DOI,
        url=f"https://doi.org/{DOI}",
        pdf="https://example.org/toy.pdf",
        abstract="We show H₂O.",
        bibtype="article",
        editors=(Name("Olah", "Chris"),),
        volume="3",
        number="1-2",
        pages="10–20",
        publisher="Toy Press",
    )


@pytest.mark.parametrize(
    ("title", "subtitle", "shown"),
    [
        ("Toy Models", "", "Toy Models"),
        ("Toy Models", "A study", "Toy Models: A study"),
        ("Why toys?", "A study", "Why toys? A study"),
        ("Toy Models: A Study", "A study", "Toy Models: A Study"),
        ("Scaling $\\ell_1$ to O(n<sup>2</sup>)", "", "Scaling $\\ell_1$ to O(n²)"),
    ],
)
def test_the_subtitle_belongs_to_the_title_unless_it_is_in_it(title: str, subtitle: str, shown: str) -> None:
    assert read(work(title=[title], subtitle=[subtitle] if subtitle else [])).title == shown
    assert read(work(title=title, subtitle=subtitle)).title == shown, "as content negotiation writes it"


@pytest.mark.parametrize(
    ("fields", "year"),
    [
        ({"published_print": dates(1963, 3), "published_online": dates(2006), "issued": dates(1963, 3)}, "1963"),
        ({"published_online": dates(2011, 5, 4), "issued": dates(2011, 5, 4)}, "2011"),
        ({"posted": dates(2025), "issued": dates(2025)}, "2025"),
        ({"issued": dates(None), "created": dates(2009, 1, 21)}, ""),  # when a DOI was registered is no year
        ({"issued": {"date-parts": "2020"}}, ""),
        ({"issued": dates(20200)}, ""),
    ],
)
def test_the_year_is_that_of_the_printed_issue_else_of_the_first_appearance(fields: dict[str, Any], year: str) -> None:
    assert read(work(**fields)).year == year


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ({"given": "Sumaryadi", "family": "-"}, Name("Sumaryadi")),
        ({"family": "Aristotle"}, Name("Aristotle")),
        ({"given": "Laurens van der", "family": "Maaten"}, Name("Maaten", "Laurens", "van der")),
        ({"given": "J.", "family": "De Kort"}, Name("De Kort", "J.")),
        ({"given": "Irwin R.", "family": "Donis-Gonz&aacute;lez"}, Name("Donis-González", "Irwin R.")),
        ({"given": "Anna", "family": "Ivanova", "name": "Ivanova Anna"}, Name("Ivanova", "Anna")),
        ({"given": "小云", "family": "王"}, Name("王", "小云")),
    ],
)
def test_people_are_deposited_in_many_ways(person: dict[str, str], name: Name) -> None:
    assert read(work(author=[person])).authors == (name,)


def test_nothing_comes_in_that_no_file_or_terminal_can_take() -> None:
    half = json.loads('"Toy \\ud800Models\\u0000\\u001b[31m"')
    paper = read(work(title=[half], volume=half, author=[{"family": half}], publisher="a\x85b"))
    assert str(paper).encode().decode() == str(paper)
    assert (paper.title, paper.volume, paper.publisher) == ("Toy Models [31m", "Toy Models [31m", "a b")


def test_what_is_nobody_is_left_out_and_an_edited_book_has_its_editors() -> None:
    record = work(type="edited-book", author=[{"given": "-"}, {}, None, "x"], editor=[{"family": "Olah"}])
    assert read(record).authors == (Name("Olah"),)
    assert read(record).bibtype == "book"


@pytest.mark.parametrize(
    ("fields", "bibtype", "venue"),
    [
        ({"type": "journal-article", "container_title": ["Toys"]}, "article", "Toys"),
        ({"type": "proceedings-article", "container_title": ["LNCS", "Proc. Toys"]}, "inproceedings", "Proc. Toys"),
        ({"type": "proceedings-article", "event": {"name": "Toys 2020"}}, "inproceedings", "Toys 2020"),
        ({"type": "book-chapter", "container_title": ["Series", "The Book"]}, "incollection", "The Book"),
        ({"type": "monograph", "container_title": ["Series"]}, "book", "Series"),
        ({"type": "posted-content", "institution": [{"name": "bioRxiv"}], "group_title": "Toys"}, "misc", "bioRxiv"),
        ({"type": "posted-content", "group_title": "SSRN"}, "misc", "SSRN"),
        ({"type": "dissertation", "institution": [{"name": "MIT"}]}, "phdthesis", "MIT"),
        ({"type": "report", "institution": {"name": "RAND"}}, "techreport", "RAND"),
        ({"type": "peer-review"}, "misc", ""),
        ({}, "misc", ""),
    ],
)
def test_each_type_has_its_place_of_publication(fields: dict[str, Any], bibtype: str, venue: str) -> None:
    paper = read(work(**fields))
    assert (paper.bibtype, paper.venue) == (bibtype, venue)


def test_a_retraction_is_told_and_a_small_correction_is_not() -> None:
    updates = [
        {"type": "correction", "DOI": "10.1000/2", "updated": dates(2021)},
        {"type": "retraction", "DOI": "10.1000/3", "updated": dates(2022, 1)},
        {"type": "expression_of_concern", "DOI": "10.1000/4"},
    ]
    assert notices(work(**{"updated-by": updates})) == [
        "retraction 10.1000/3 (2022)",
        "expression of concern 10.1000/4",
    ]
    assert notices(work(**{"update-to": updates[1:2]})) == ["this is itself the retraction of 10.1000/3 (2022)"]
    assert notices(work()) == []


def test_a_work_is_fetched_by_its_doi_and_its_retraction_remarked(source: Source, reply: type[Reply]) -> None:
    record = work(**{"updated-by": [{"type": "retraction", "DOI": "10.1000/3"}]})
    source.answers(reply(200, answer({**record, "DOI": "10.1000/(TOY)<1>"})))
    remarks: list[str] = []
    paper = fetch(Client(), "10.1000/(toy)<1>", f"{source.url}/", remarks.append)
    assert (paper.title, paper.doi) == ("Toy Models", "10.1000/(TOY)<1>")
    assert remarks == ["10.1000/(toy)<1>: retraction 10.1000/3"]
    assert [path for path, _ in source.requests] == ["/works/10.1000%2F%28toy%29%3C1%3E"]


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (404, b"Resource not found.", "Crossref has no work"),
        (400, b"", "answered 400"),
        (200, b"<!DOCTYPE html><html>maintenance</html>", "an HTML page where JSON was due"),
        (200, answer(work())[:40], "half of it, where JSON was due"),
        (200, b"", "nothing where JSON was due"),
        (200, b"[" * 100_000, "where JSON was due"),
        (200, b"[]", "where JSON was due"),
        (200, b'{"message": null}', "has no DOI"),
        (200, answer(work(title=[])), "has no title"),
        (200, answer(work(DOI="10.1000/other")), "another work than"),
        (200, b" " * (6 * 1024 * 1024), "more than"),
    ],
)
def test_what_is_no_record_is_one_clear_line(
    source: Source, reply: type[Reply], status: int, body: bytes, complaint: str
) -> None:
    source.answers(reply(status, body))
    with pytest.raises(SourceInvalid, match=complaint) as failure:
        fetch(Client(sleep=lambda seconds: None), DOI, source.url)
    assert "\n" not in failure.value.message


def test_the_page_of_a_hotels_network_is_not_kept(source: Source, reply: type[Reply], tmp_path: Path) -> None:
    source.answers(reply(200, b"<html>Welcome! Sign in for free WiFi</html>"), reply(200, answer(work())))
    with pytest.raises(SourceInvalid, match="an HTML page where JSON was due"):
        fetch(Client(cache=tmp_path), DOI, source.url)
    assert fetch(Client(cache=tmp_path), DOI, source.url).title == "Toy Models"
    assert fetch(Client(cache=tmp_path, offline=True), DOI, source.url).title == "Toy Models"


def test_a_busy_crossref_is_asked_again_when_it_says(source: Source, reply: type[Reply]) -> None:
    waits: list[float] = []
    source.answers(reply(429, headers={"Retry-After": "2"}), reply(500), reply(200, answer(work())))
    assert fetch(Client(sleep=waits.append), DOI, source.url).title == "Toy Models"
    assert waits == [2.0, 2.0]
    source.answers(reply(hang=True))
    with pytest.raises(SourceUnreachable, match="timed out"):
        fetch(Client(timeout=0.05, retries=0), DOI, source.url)


def listing(*works: dict[str, Any]) -> bytes:
    return answer({"items": list(works), "total-results": len(works)})


def by(*families: str, **fields: Any) -> dict[str, Any]:
    return work(author=[{"given": "A.", "family": family} for family in families], type="journal-article", **fields)


LONG = "Toy models of superposition in networks"


@pytest.mark.parametrize(
    ("title", "author", "works", "found"),
    [
        ("toy MODELS", "Elhage", [by("Elhage")], True),
        ("Toy Models", "Elhage", [by("Hume", "Elhage")], True),
        ("Toy Models", "Olah", [by("Elhage")], False),
        ("Toy Model", "Elhage", [by("Elhage")], False),
        ("Toy Models", "", [by("Elhage")], False),  # two words are not enough
        (LONG, "", [by("Elhage", title=[LONG])], True),
        (LONG, "", [by("Elhage", title=[LONG]), by("Elhage", title=[LONG], DOI="10.1000/2")], False),
        (LONG, "", [by("Elhage", title=[LONG]), by("Hume", title=[LONG], DOI="10.1000/2")], False),
        (LONG, "", [work(title=[LONG])], False),  # nobody wrote it
        (LONG, "", [by("Elhage", title=["Toy models"], subtitle=["of superposition in networks"])], True),
        ("Toy Models", "Elhage", [{**by("Elhage"), "type": "posted-content"}, by("Elhage", DOI="10.1000/2")], True),
        ("Toy Models", "Elhage", [{"title": None}, {}, by("Elhage")], True),
        ("Toy Models", "Elhage", [], False),
    ],
)
def test_a_title_names_a_work_only_beyond_doubt(
    source: Source, reply: type[Reply], title: str, author: str, works: list[dict[str, Any]], found: bool
) -> None:
    source.answers(reply(200, listing(*works)))
    paper = search(Client(), title, author, source.url)
    assert (paper is not None) is found
    if paper is not None:
        assert paper.bibtype == "article"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["date-parts", "family", "given", "name", "id", "URL", "type", "DOI"]), inner)
    ),
    max_leaves=10,
)
FIELDS = ("title", "subtitle", "author", "editor", "issued", "type", "container-title", "institution", "link")


@given(st.dictionaries(st.sampled_from((*FIELDS, "relation", "page", "abstract", "volume", "updated-by")), JSON))
def test_no_record_breaks_the_reader(record: dict[str, Any]) -> None:
    paper = read({"DOI": DOI, **record, "title": "Toy Models"})
    assert paper.title
    notices(record)
