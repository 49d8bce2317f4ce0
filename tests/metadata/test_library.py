"""Which format a file of references has, whatever it is called, and what is said of those that cannot be read."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.errors import SourceInvalid
from carrel.metadata import library
from carrel.metadata.decoding import decode

SAMPLES = {
    "bibtex": "% Encoding: UTF-8\n@misc{a, title={Toy models}}",
    "ris": "1.\nTY  - JOUR\nTI  - Toy models\nER  - ",
    "nbib": "\nPMID- 1\nTI  - Toy models.\n",
    "isi": "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI Toy models\nER\nEF",
    "refer": "%0 Journal Article\n%T Toy models\n",
    "csl": '[\n  {"id": "a", "title": "Toy models"}]',
    "zotero": '"Key","Item Type","Title"\n"AB","book","Toy models"\n',
    "cff": "cff-version: 1.2.0\ntitle: Toy models\n",
}


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("name", ["download", "library.txt", "library.bib", "library.json"])
def test_the_content_tells_the_format_whatever_the_name_says(kind: str, name: str) -> None:
    papers, _ = library.read(SAMPLES[kind].encode(), name)
    assert library.format_of(SAMPLES[kind], name) == kind
    assert [paper.title for paper in papers] == ["Toy models"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_the_format_is_told_with_any_line_end(kind: str, end: str) -> None:
    assert library.format_of(SAMPLES[kind].replace("\n", end), "x") == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_every_format_is_read_in_every_usual_encoding(kind: str, encoding: str) -> None:
    text = SAMPLES[kind].replace("Toy models", "Über Spielzeugmodelle")
    papers, _ = library.read(text.encode(encoding), "x")
    assert [paper.title for paper in papers] == ["Über Spielzeugmodelle"]


def test_an_old_entry_in_a_new_library_spoils_no_other() -> None:
    assert decode("Čapek\n".encode() + b"M\xfcller\n" + "王\n".encode()) == "Čapek\nMüller\n王\n"


def test_an_abstract_that_quotes_another_format_changes_nothing() -> None:
    quoting = "@misc{a, title={Formats}, abstract={RIS begins so:\nTY  - JOUR\n}}"
    assert library.format_of(quoting, "library.bib") == "bibtex"
    assert library.format_of("TY  - JOUR\nAB  - as in\n@misc{a, title=b}\nER  - ", "export.ris") == "ris"


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "x.txt is empty", ""),
        (b"Dear Sir or Madam", "x.txt is no file of references that Carrel knows", "Carrel reads"),
        (b'<?xml version="1.0"?>\n<rdf:RDF xmlns:z="z">', "x.txt is RDF", "in Zotero"),
        (b"<xml><records><record>", "x.txt is EndNote's XML", "in EndNote"),
        (b"<?xml?><PubmedArticleSet><PubmedArticle>", "x.txt is PubMed's XML", "Citation manager"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "x.txt is an HTML page", "Carrel reads"),
        (b"%PDF-1.7\n%\xe2\xe3", "x.txt is a PDF", ".pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "x.txt is no text", "Carrel reads"),
        (b"[]", "x.txt holds no references", ""),
    ],
)
def test_what_is_no_readable_library_is_refused_with_the_way_out(content: bytes, message: str, hint: str) -> None:
    with pytest.raises(SourceInvalid) as raised:
        library.read(content, "x.txt")
    assert raised.value.message == message
    assert hint in raised.value.hint


def test_an_html_page_saved_as_a_library_is_not_taken_for_one() -> None:
    with pytest.raises(SourceInvalid, match=r"library\.bib is an HTML page"):
        library.read(b"<html><head><title>Sign in</title></head></html>", "library.bib")


def test_a_table_of_something_else_is_refused_by_what_it_lacks() -> None:
    papers, problems = library.read(b"Name,Grade\nAnn,A\n", "grades.csv")
    assert papers == ()
    assert [problem.message for problem in problems] == [
        "no Zotero export: there is no column Item Type and no column Title"
    ]


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "MAX_BYTES", 1024 * 1024)
    with pytest.raises(SourceInvalid, match="more than 1 MB"):
        library.read(b"@" * (1024 * 1024 + 1), "x.bib")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_give_papers_problems_or_one_clear_line(data: bytes) -> None:
    for name in ("x", *(f"x{suffix}" for suffix in library.SUFFIXES)):
        with contextlib.suppress(SourceInvalid):
            papers, problems = library.read(data, name)
            assert papers or problems


@pytest.mark.parametrize("letter", [b"\n", b" ", b"@", b"%", b"{", b"[", b"<", b"\0", b"TY  - \n", b"\xff", b'"'])
def test_half_a_megabyte_of_anything_takes_bounded_time(letter: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(SourceInvalid):
        library.read(letter * (500_000 // len(letter)), "x.txt")
    assert time.process_time() - start < 6
