"""A web page says what it is in its head; every way of saying it counts, the most exact one first."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid
from carrel.metadata import webpage

URL = "https://example.org/post"


def test_highwires_tags_make_a_paper() -> None:
    page = b"""<!doctype html><html><head><meta charset="utf-8"><title>Journal of Toys - On toys | Publisher</title>
    <meta name="citation_title" content="On toys &amp; models"><meta name="citation_author" content="Elhage, Nelson">
    <meta name="citation_author" content="M\xc3\xbcller, Anna"><meta name="citation_date" content="2023/05/01">
    <meta name="citation_journal_title" content="Journal of Toys"><meta name="citation_volume" content="4">
    <meta name="citation_firstpage" content="11"><meta name="citation_lastpage" content="19">
    <meta name="citation_doi" content="10.1000/toys.1"><meta name="citation_pdf_url" content="https://example.org/a.pdf">
    <meta property="og:title" content="On toys - share me"></head>"""
    assert webpage.parse(page, URL) == Paper(
        "On toys & models",
        (Name("Elhage", "Nelson"), Name("Müller", "Anna")),
        "2023",
        venue="Journal of Toys",
        doi="10.1000/toys.1",
        url=URL,
        pdf="https://example.org/a.pdf",
        bibtype="article",
        volume="4",
        pages="11–19",
    )


def test_a_post_with_json_ld_has_its_author_and_date() -> None:
    page = b"""<title>Toys - A Forum</title><meta property="og:title" content="Toys"><meta property="og:site_name"
    content="A Forum"><script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
    {"@type": "Person"}, {"@type": ["BlogPosting"], "headline": "Toys, explained",
    "datePublished": "2022-09-14T10:00:00Z", "author": [{"@type": "Person", "name": "Nelson Elhage"}]}]}</script>"""
    paper = webpage.parse(page, URL)
    assert (paper.title, str(paper.authors[0]), paper.year) == ("Toys, explained", "Nelson Elhage", "2022")
    assert (paper.venue, paper.bibtype) == ("A Forum", "online")


def test_a_bare_page_has_its_title_and_address() -> None:
    assert webpage.parse(b"<title>\n  Toys </title>", URL) == Paper("Toys", url=URL, bibtype="online")


def test_a_page_without_a_title_is_refused_with_a_way_out() -> None:
    with pytest.raises(SourceInvalid) as caught:
        webpage.parse(b"<p>nothing</p>", URL)
    assert "--url" in caught.value.hint


@pytest.mark.parametrize("head", [b"<meta charset=latin-1>", b"<meta charset=no-such-thing>", b""])
def test_any_encoding_gives_text(head: bytes) -> None:
    assert webpage.parse(head + b"<title>M\xfcller</title>", URL).title.startswith("M")


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                "<!--",
                "<meta name=",
                "citation_title",
                " content=",
                '"',
                ">",
                "<title>",
                "</",
                "[",
                "<script type=application/ld+json>",
                "{",
                "&#",
                "\x00",
                "<![CDATA[",
                "<![",
                "x[",
                "]>",
            ]
        ),
        max_size=60,
    )
)
def test_no_page_is_more_than_a_clear_refusal(pieces: list[str]) -> None:
    with suppress(SourceInvalid):
        webpage.parse("".join(pieces).encode(), URL)
