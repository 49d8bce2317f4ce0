"""arXiv's references and its recorded answers."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata.arxiv import fetch, find, match, parse_feed
from carrel.metadata.http import Client

if TYPE_CHECKING:
    from .conftest import Reply, Source


def feed(*entries: str) -> bytes:
    """An answer of the API with these entries."""
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">'
    return (head + "".join(f"<entry>{entry}</entry>" for entry in entries) + "</feed>").encode()


ENTRY = """
<id>http://arxiv.org/abs/2209.10652v1</id><published>2022-09-21T17:49:21Z</published>
<title>Toy  Models of
  Superposition</title><summary> Neurons $x_i$ &amp; Schr\\"odinger. </summary>
<author><name>Nelson Elhage</name></author><author><name>Laurens van der Maaten</name></author>
"""
TOY = Paper(
    title="Toy Models of Superposition",
    authors=(Name("Elhage", "Nelson"), Name("Maaten", "Laurens", "van der")),
    year="2022",
    venue="arXiv",
    arxiv="2209.10652",
    url="https://arxiv.org/abs/2209.10652",
    pdf="https://arxiv.org/pdf/2209.10652",
    abstract="Neurons $x_i$ & Schrödinger.",
    bibtype="misc",
    version="1",
)


@pytest.fixture
def answers(data: Path) -> dict[str, bytes]:
    """The recorded answers by the ids or words that were asked for."""
    found = {}
    for file in sorted((data / "05-api-arxiv" / "files").glob("*.json")):
        recorded = json.loads(file.read_text())
        # The recorder took the bytes for Latin-1; so they come back.
        found[file.name.partition("_s")[0] + re.findall(r"_s(\d+)_", file.name)[-1]] = recorded["body"].encode(
            "latin-1"
        )
    return found


@pytest.mark.parametrize(
    ("reference", "arxiv_id"),
    [
        ("2209.10652", "2209.10652"),
        ("2209.10652v3", "2209.10652v3"),
        ("0704.0001", "0704.0001"),
        ("arXiv:2209.10652", "2209.10652"),
        ("ARXIV: 2209.10652v1", "2209.10652v1"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("arXiv:math.GT/0309136v2", "math.GT/0309136v2"),
        ("https://arxiv.org/abs/2209.10652", "2209.10652"),
        ("http://www.arxiv.org/abs/hep-th/9901001v1", "hep-th/9901001v1"),
        ("https://arxiv.org/pdf/2209.10652v1.pdf", "2209.10652v1"),
        ("https://export.arxiv.org/abs/2209.10652", "2209.10652"),
        ("https://arxiv.org/html/2209.10652v1#S3", "2209.10652v1"),
        ("arxiv.org/abs/2209.10652?context=cs.LG", "2209.10652"),
        ("https://arxiv.org/abs/hep-th%2F9901001", "hep-th/9901001"),
        ("  2209.10652 ", "2209.10652"),
        ("10.1038/nature14539", None),
        ("https://example.org/abs/2209.10652", None),
        ("https://arxiv.org/list/cs.LG/recent", None),
        ("papers/2209.10652.pdf", None),
        ("1012.1065", "1012.1065"),
        ("2209.1065", None),  # five digits since 2015
        ("1412.10652", None),  # and four before
        ("2213.10652", None),  # there is no thirteenth month
        ("0703.0001", None),  # the form began in April 2007
        ("2026.1120", None),
        ("hep-th/9913001", None),
        ("figures/9901001", None),
        ("2209.10652.pdf", None),  # a file, as a browser saves it
        ("arXiv:2209.10652v1 [cs.LG] 21 Sep 2022", "2209.10652v1"),
        ("https://www.alphaxiv.org/overview/2209.10652v1", "2209.10652v1"),
        ("https://huggingface.co/papers/2209.10652", "2209.10652"),
        ("https://ar5iv.labs.arxiv.org/html/2209.10652", "2209.10652"),
        ("https://ar5iv.org/abs/hep-th/9901001", "hep-th/9901001"),
        ("https://evilarxiv.org/abs/2209.10652", None),
        ("https://arxiv.org.example.com/abs/2209.10652", None),
        ("2209.106", None),
        ("2209.106523", None),
        ("2209.10652v0", None),
        ("Toy Models of Superposition", None),
        ("notes/2209", None),
        ("", None),
    ],
)
def test_a_reference_to_arxiv_is_known_by_its_form(reference: str, arxiv_id: str | None) -> None:
    assert match(reference) == arxiv_id


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    match(text)
    find(text)


def test_an_id_in_running_text_counts_only_where_it_is_announced() -> None:
    assert find("arXiv preprint arXiv:1706.03762") == "1706.03762"
    assert find("https://arxiv.org/abs/1706.03762v5, 2017") == "1706.03762"
    assert find("10.48550/arXiv.1706.03762") == "1706.03762"
    assert find("vol. 1706.03762") == ""
    assert find("arXiv:1706.037621234") == ""


def test_an_entry_becomes_a_paper() -> None:
    assert parse_feed(feed(ENTRY)) == (TOY,)


def test_a_published_paper_has_its_journal_and_doi() -> None:
    more = "<arxiv:doi>10.1000/182</arxiv:doi><arxiv:journal_ref>J. Toys 3 (2023) 1-9</arxiv:journal_ref>"
    (paper,) = parse_feed(feed(ENTRY + more))
    assert (paper.doi, paper.venue, paper.bibtype, paper.year) == (
        "10.1000/182",
        "J. Toys 3 (2023) 1-9",
        "article",
        "2022",
    )


HOT = "Frequency of Hot Jupiters and Very Hot Jupiters"
EXPECTED = {
    "id_1605.083860": ("1605.08386", "2016", "Heat-bath random walks with Markov bases", ["Stanley", "Windisch"], ""),
    "id_2104.12255v10": ("2104.12255", "2021", "0", ["Nguyen"], ""),
    "id_quant-ph_0201082v10": (
        "quant-ph/0201082",
        "2002",
        "Quantum Computers and Quantum Computer Languages: Quantum Assembly Language and Quantum C Language",
        ["Blaha"],
        "",
    ),
    "id_astro-ph_06010010": (
        "astro-ph/0601001",
        "2006",
        f"{HOT} from the OGLE-III Transit Surveys Toward the Galactic Bulge and Carina",
        ["Gould", "Dorsher", "Gaudi", "Udalski"],
        "ActaAstron.56:1-50,2006",
    ),
}


def test_recorded_papers_are_right_in_title_authors_year_and_ids(answers: dict[str, bytes]) -> None:
    for name, (arxiv_id, year, title, last_names, venue) in EXPECTED.items():
        (paper,) = parse_feed(answers[name])
        assert (paper.arxiv, paper.year, paper.title) == (arxiv_id, year, title)
        assert [author.last for author in paper.authors] == last_names
        assert paper.venue == (venue or "arXiv")


def test_every_recorded_entry_is_read_whole(answers: dict[str, bytes]) -> None:
    """The other reading is a search for tags: it knows nothing of XML, and must see the same."""

    def tags(text: str, tag: str) -> list[str]:
        return [" ".join(unescape(found).split()) for found in re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)]

    checked = 0
    for name, body in answers.items():
        if name.startswith("id_abc"):
            continue
        entries = re.findall(r"<entry>(.*?)</entry>", body.decode(), re.DOTALL)
        papers = parse_feed(body)
        assert len(papers) == len(entries)
        for paper, entry in zip(papers, entries, strict=True):
            assert paper.title == tags(entry, "title")[0]
            assert [author.display for author in paper.authors] == tags(entry, "name")
            assert paper.year == tags(entry, "published")[0][:4]
            assert tags(entry, "id")[0].endswith(f"abs/{paper.arxiv}v{paper.version}")
            assert paper.doi == (tags(entry, "arxiv:doi") or [""])[0]
            checked += 1
    assert checked == 36


def test_a_feed_without_entries_holds_no_papers(answers: dict[str, bytes]) -> None:
    assert parse_feed(answers["id_0000.00000"]) == ()


def test_arxivs_own_error_entry_is_told_in_its_words(answers: dict[str, bytes]) -> None:
    with pytest.raises(SourceInvalid, match="arXiv says: incorrect id format for abc"):
        parse_feed(answers["id_abc0"])


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&b;</title></entry></feed>'
)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "nothing where an Atom feed was due"),
        (b"<!DOCTYPE html><html><body>Rate exceeded.</body></html>", "an HTML page where"),
        (b"<html><body>Gateway</body></html>", "an HTML page where"),
        (b"Rate exceeded.", "something else, or half of it, where"),
        (b'{"error": 1}', "something else"),
        (feed(ENTRY)[:200], "half of it"),
        (BOMB, "something else"),
        (b'<?xml version="1.0" encoding="klingon"?><feed/>', "something else"),
        (b"<rss/>", "something else"),
        (feed("<title>No id</title>"), "an entry without id or title"),
    ],
)
def test_what_is_no_feed_is_one_clear_line(body: bytes, complaint: str) -> None:
    with pytest.raises(SourceInvalid, match=complaint) as failure:
        parse_feed(body)
    assert "\n" not in failure.value.message


@given(st.binary())
def test_no_answer_breaks_the_reader(body: bytes) -> None:
    with pytest.raises(SourceInvalid):
        parse_feed(body)


def test_a_paper_is_fetched_by_its_id_from_the_configured_address(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, feed(ENTRY)))
    assert fetch(Client(), "2209.10652v1", source.url) == TOY
    assert [path for path, _ in source.requests] == ["/api/query?id_list=2209.10652v1"]


def test_two_fetches_keep_three_seconds_apart(source: Source, reply: type[Reply]) -> None:
    waits: list[float] = []
    source.answers(reply(200, feed(ENTRY)))
    client = Client(sleep=waits.append)
    fetch(client, "2209.10652", source.url)
    fetch(client, "2209.10652", f"{source.url}/")
    assert len(waits) == 1
    assert 2.5 < waits[0] <= 3.0


def test_a_paper_that_arxiv_does_not_know_is_not_found(
    source: Source, reply: type[Reply], answers: dict[str, bytes]
) -> None:
    source.answers(reply(200, answers["id_0000.00000"]), reply(400, answers["id_abc0"]))
    client = Client(sleep=lambda seconds: None)
    with pytest.raises(SourceInvalid, match=r"arXiv has no paper 0000\.0000"):
        fetch(client, "0000.0000", source.url)
    with pytest.raises(SourceInvalid, match="arXiv says: incorrect id format for abc"):
        fetch(client, "abc", source.url)


def test_the_answer_to_another_question_is_not_taken(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(200, feed(ENTRY)))
    with pytest.raises(SourceInvalid, match=r"arXiv has no paper 2209\.99999"):
        fetch(Client(), "2209.99999", source.url)


def test_a_busy_arxiv_is_told_as_such(source: Source, reply: type[Reply]) -> None:
    source.answers(reply(503))
    with pytest.raises(SourceUnreachable, match="is busy: it answered 503 after one try"):
        fetch(Client(retries=0), "2209.10652", source.url)
