"""Zotero's CSV export, and its local API."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.paper import Paper
from carrel.core.person import Name
from carrel.errors import SourceInvalid, SourceUnreachable
from carrel.metadata import zotero, zotero_csv, zotero_items
from carrel.metadata.http import Client
from tests.zotero import Zotero, entry

CSV = """\
"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date","Pages",\
"Issue","Volume","Publisher","Extra","Notes","File Attachments","Manual Tags","Automatic Tags","Editor","Blurb"
"AB12","conferencePaper","2017","Vaswani, Ashish; van der Berg, Jan; Google Brain","Attention, ""all"" you <i>need</i>"\
,"NeurIPS","10.5555/3295222","http://arxiv.org/abs/1706.03762v5","First.

Second &amp; last.","2017-12-04","5998-6008","7","30","Curran","Citation Key: vaswani2017attention  arXiv: \
1706.03762 [cs]","<p>read the <b>appendix</b></p>; <p>again</p>",\
"/home/ann/Zotero/storage/X/index.html; /home/ann/Zotero/storage/Y/A b.pdf",\
"transformers; attention","Computer Science - CL","Guyon, I.","not Zotero's"
"""
PAPER = Paper(
    title='Attention, "all" you need',
    authors=(Name("Vaswani", "Ashish"), Name("Berg", "Jan", "van der"), Name(literal="Google Brain")),
    year="2017",
    venue="NeurIPS",
    arxiv="1706.03762",
    doi="10.5555/3295222",
    url="http://arxiv.org/abs/1706.03762v5",
    pdf="/home/ann/Zotero/storage/Y/A b.pdf",
    abstract="First. Second & last.",
    bibtype="inproceedings",
    citekey="vaswani2017attention",
    editors=(Name("Guyon", "I."),),
    volume="30",
    number="7",
    pages="5998–6008",
    publisher="Curran",
    keywords=("transformers", "attention"),
    note="read the appendix ; again",
)


def test_every_column_finds_its_place_and_automatic_tags_are_not_the_owners() -> None:
    assert zotero_csv.parse(CSV) == ((PAPER,), ())


@pytest.mark.parametrize("change", ["\ufeff{}", "sep=,\r\n{}", "\r\n{}"])
def test_what_programs_put_before_the_heading_is_no_obstacle(change: str) -> None:
    assert zotero_csv.parse(change.format(CSV)) == ((PAPER,), ())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_columns_in_another_order_with_another_delimiter_and_one_of_them_twice(delimiter: str) -> None:
    rows = [
        ["Title", "Author", "Item Type", "Title"],
        ["", '"Elhage, Nelson"', "thesis", "Toy models"],
        ["One", "", ""],
    ]
    papers, problems = zotero_csv.parse("\r\n".join(delimiter.join(row) for row in rows))
    assert [(paper.title, paper.bibtype, len(paper.authors)) for paper in papers] == [
        ("Toy models", "phdthesis", 1),
        ("One", "misc", 0),
    ]
    assert problems == ()


def test_a_table_that_is_not_zoteros_is_refused_by_what_it_lacks() -> None:
    assert zotero_csv.parse("Name,Year\nA,2022\n", "table.csv") == (
        (),
        zotero_csv.parse("Name,Year\n", "table.csv")[1],
    )
    (problem,) = zotero_csv.parse("Name,Year\nA,2022\n", "table.csv")[1]
    assert str(problem) == (
        "table.csv:1: no Zotero export: there is no column Item Type and no column Title [no-zotero-csv]"
    )


def test_a_row_without_a_title_is_named_by_the_line_where_it_begins() -> None:
    text = 'Item Type,Title,Abstract Note\nbook,One,"two\nlines"\nbook,,x\n'
    assert [str(problem) for problem in zotero_csv.parse(text, "a.csv")[1]] == [
        "a.csv:4: the row has no title [no-title]"
    ]


def test_a_field_of_any_size_is_read_and_a_monstrous_one_stops_with_a_line() -> None:
    text = 'Item Type,Title,Abstract Note\nbook,One,"{}"\nbook,Two,"{}"\n'
    papers, problems = zotero_csv.parse(text.format("a" * 500_000, "b" * (zotero_csv.MAX_FIELD + 1)))
    assert [paper.title for paper in papers] == ["One"]
    assert [problem.code for problem in problems] == ["bad-csv"]


def test_an_item_of_the_api_tells_its_places_of_publication_apart() -> None:
    venues = {
        "journalArticle": {"publicationTitle": "Nature"},
        "bookSection": {"bookTitle": "Nature", "publisher": "Springer"},
        "blogPost": {"blogTitle": "Nature"},
        "thesis": {"university": "Nature"},
        "report": {"institution": "Nature"},
        "conferencePaper": {"proceedingsTitle": "Nature", "conferenceName": "N 2022"},
    }
    for kind, fields in venues.items():
        assert zotero_items.paper({"itemType": kind, "title": "One", **fields}).venue == "Nature", kind


@given(st.text(alphabet=st.sampled_from('",;\n\r\tItem TypeTitle\x00\ud800é'), max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    zotero_csv.parse(text)
    zotero_csv.parse(f"Item Type,Title,Author,Extra\n{text}")


def test_a_library_of_thousands_is_read_in_seconds(data: Path) -> None:
    text = (data / "02-notes-tai-safety-bib/files/data/raw/ai-alignment-papers.csv").read_bytes().decode()
    start = time.process_time()
    papers, problems = zotero_csv.parse(text)
    assert time.process_time() - start < 4
    assert (len(papers), problems) == (1791, ())


# --- the local API ---


@pytest.fixture
def running() -> Iterator[Zotero]:
    server = Zotero()
    yield server
    server.close()


@pytest.fixture
def client() -> Client:
    return Client(retries=0)


TOY = entry(
    "ITEM0001",
    version=5,
    itemType="preprint",
    title="Toy models of <i>superposition</i>",
    creators=[
        {"creatorType": "author", "lastName": "Elhage", "firstName": "Nelson"},
        {"creatorType": "author", "name": "X"},
    ],
    repository="arXiv",
    archiveID="arXiv:2209.10652",
    date="2022-09-14",
    tags=[{"tag": "toy"}, {"tag": "cs.LG", "type": 1}],
    citationKey="elhage2022toy",
    extra="tex.foo: bar",
)
PDF = entry(
    "PDF00001",
    itemType="attachment",
    parentItem="ITEM0001",
    contentType="application/pdf",
    linkMode="imported_url",
    links={"enclosure": {"href": "file:///home/ann/Zotero/storage/PDF00001/Toy%20models.pdf", "length": 9}},
)
GONE = entry("PDF00000", itemType="attachment", parentItem="ITEM0001", contentType="application/pdf",
             links={"enclosure": {"href": "file:///home/ann/Zotero/storage/PDF00000/gone.pdf"}})  # fmt: skip


def test_a_library_is_read_over_all_its_pages_without_notes_and_attachments(running: Zotero, client: Client) -> None:
    more = [entry(f"MORE{n:04}", itemType="book", title=f"Book {n}") for n in range(250)]
    running.found["/items/top"] = [TOY, entry("N", itemType="note", note="<p>x</p>"), *more]
    running.found["/items"] = [GONE, PDF, *running.found["/items/top"]]
    items = zotero.items(client, running.url)
    assert [item.key for item in items] == ["ITEM0001", *(f"MORE{n:04}" for n in range(250))]
    assert (items[0].version, items[0].paper) == (
        5,
        Paper(
            title="Toy models of superposition",
            authors=(Name("Elhage", "Nelson"), Name(literal="X")),
            year="2022",
            venue="arXiv",
            arxiv="2209.10652",
            pdf="/home/ann/Zotero/storage/PDF00001/Toy models.pdf",
            bibtype="misc",
            citekey="elhage2022toy",
            keywords=("toy",),
        ),
    )
    assert all("v=3" in path for path in running.asked)


def test_a_collection_is_found_by_name_or_key_and_a_wrong_name_lists_those_there_are(
    running: Zotero, client: Client
) -> None:
    running.found["/collections"] = [
        entry("COLL0002", name="Oversight", parentCollection="COLL0001"),
        entry("COLL0001", name="Alignment", parentCollection=False),
    ]
    running.found["/collections/COLL0001/items/top"] = [TOY]
    running.found["/collections/COLL0001/items"] = [TOY]
    assert zotero.collections(client, running.url) == (
        zotero.Collection("COLL0001", "Alignment", ""),
        zotero.Collection("COLL0002", "Oversight", "COLL0001"),
    )
    for name in ("alignment", "COLL0001"):
        assert [item.key for item in zotero.items(client, running.url, collection=name)] == ["ITEM0001"]
    with pytest.raises(SourceInvalid, match="no collection 'Algnment'") as raised:
        zotero.items(client, running.url, collection="Algnment")
    assert raised.value.hint == "there are: Alignment, Oversight"


def test_only_what_changed_since_a_version_is_asked_for(running: Zotero, client: Client) -> None:
    running.found["/items/top"] = running.found["/items"] = [TOY, entry("OLD", itemType="book", title="Old")]
    assert [item.key for item in zotero.items(client, running.url, since=4)] == ["ITEM0001"]


def test_what_was_marked_in_a_pdf_comes_in_reading_order_with_stable_ids(running: Zotero, client: Client) -> None:
    mark = {"itemType": "annotation", "parentItem": "PDF00001", "annotationType": "highlight"}
    running.found["/items/ITEM0001/children"] = [PDF, entry("NOTE0001", itemType="note", note="x")]
    running.found["/items/PDF00001/children"] = [
        entry("ANNO0002", **mark, annotationText="second", annotationSortIndex="00001|0", annotationPageLabel="2"),
        entry("ANNO0001", **mark, annotationText="in\n a line", annotationComment="Why?\nReally.",
              annotationColor="#ffd400", annotationPageLabel="iv", annotationSortIndex="00000|9",
              dateAdded="2026-04-10T12:00:00Z"),
        entry("ANNO0003", **mark, annotationText="", annotationComment="", annotationSortIndex="00002|0"),
    ]  # fmt: skip
    found = zotero.highlights(client, "ITEM0001", running.url)
    assert [(mark.page, mark.text, mark.comment, mark.colour, mark.date) for mark in found] == [
        ("iv", "in a line", "Why?\nReally.", "#ffd400", "2026-04-10"),
        ("2", "second", "", "", ""),
    ]
    assert found == zotero.highlights(client, "ITEM0001", running.url)
    assert len({mark.id for mark in found}) == 2


def test_a_zotero_that_lets_nobody_in_says_where_the_switch_is(running: Zotero, client: Client) -> None:
    running.enabled = False
    with pytest.raises(SourceUnreachable, match="lets no other program read") as raised:
        zotero.items(client, running.url)
    assert "Settings → Advanced → Allow other applications" in raised.value.hint


def test_a_zotero_that_does_not_run_is_named(client: Client) -> None:
    server = Zotero()
    server.close()
    with pytest.raises(SourceUnreachable, match="Zotero does not answer") as raised:
        zotero.items(client, server.url)
    assert raised.value.hint.startswith("start Zotero")


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"a": 1}', b"[1, null]", b"[" * 100_000, b'[{"key": 7, "data": {"itemType": []}}]']
)
def test_an_answer_that_is_none_is_a_line_or_nothing(
    running: Zotero, client: Client, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "answer", lambda path: (200, "application/json", body, {}))
    with contextlib.suppress(SourceInvalid):
        assert all(not item.key for item in zotero.items(client, running.url))


def test_an_item_that_is_gone_is_a_clear_line(running: Zotero, client: Client) -> None:
    with pytest.raises(SourceInvalid, match="nothing at /api/users/0/items/XXXX0000/children"):
        zotero.highlights(client, "XXXX0000", running.url)
