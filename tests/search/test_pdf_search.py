"""The text of PDFs is found, by page and below the notes; and nothing but search knows of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carrel.core.note import Visibility
from carrel.core.pdf import Page, PdfText
from carrel.errors import NoteVanished, SourceInvalid
from carrel.metadata import pdf
from carrel.publish.staging.stage import stage
from carrel.search.index import Changes, SearchIndex, refresh
from carrel.search.query import parse_query
from carrel.search.search import Results, search
from carrel.store.knowledge_base import KnowledgeBase
from carrel.store.pdfs import Holdings, Pdfs
from tests.pdfs import lines, make_pdf
from tests.search.conftest import TODAY
from tests.support import Carrel

Find = Callable[..., list[tuple[str, int, str]]]
Write = Callable[[str, str], Path]


def _put(kb: KnowledgeBase, path: str, *pages: str, labels: str = "") -> Path:
    """A PDF with one line on each page."""
    place = kb.root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(make_pdf([lines(page) for page in pages], labels=labels))
    return place


@pytest.fixture
def library(kb: KnowledgeBase, write: Write) -> KnowledgeBase:
    """Two papers with PDFs, a PDF without a note, and a note that says little of walruses."""
    write("papers/elhage2022toy.md", "---\ntitle: Toy models\nkind: paper\n---\nSuperposition, as they call it.\n")
    write("papers/gao2023.md", "---\ntitle: Scaling laws\nkind: paper\npdf: papers/files/scaling.pdf\n---\nRewards.\n")
    write("notes/zoo.md", "---\ntitle: The zoo\n---\n" + "Much else is there. " * 50 + "A walrus.\n")
    walruses = [f"Walrus walrus walrus page {number}." for number in range(5)]
    _put(kb, "papers/files/elhage2022toy.pdf", "Preface.", *walruses, labels="0 << /S /r >> 1 << /S /D /St 41 >>")
    _put(kb, "papers/files/scaling.pdf", "Overoptimization of a proxy.", "A walrus reward.")
    _put(kb, "papers/files/sub/alone.PDF", "The quokka stands alone.")
    Pdfs(kb).take_in(pdf.pages)
    return kb


@pytest.fixture
def find(library: KnowledgeBase, index: SearchIndex) -> Find:
    """Ask for hits: path, line and anchor of each."""

    def call(text: str, limit: int | None = None) -> list[tuple[str, int, str]]:
        return [(hit.path, hit.line, hit.anchor) for hit in _results(library, index, text, limit).hits]

    return call


def _results(kb: KnowledgeBase, index: SearchIndex, text: str, limit: int | None = None) -> Results:
    refresh(Holdings(kb), index)
    return search(Holdings(kb), index, parse_query(text, TODAY), limit)


TOY = "papers/files/elhage2022toy.pdf"


def test_a_hit_is_a_page_with_the_papers_title(library: KnowledgeBase, index: SearchIndex) -> None:
    (hit,) = _results(library, index, "overoptimization").hits
    assert (hit.path, hit.line, hit.anchor, hit.kind) == ("papers/files/scaling.pdf", 1, "p. 1", "pdf")
    assert (hit.title, hit.snippet) == ("Scaling laws", "Overoptimization of a proxy.")
    assert dict(hit.fields) == {"citekey": "gao2023"}
    (alone,) = _results(library, index, "quokka").hits
    assert (alone.path, alone.title, dict(alone.fields)) == ("papers/files/sub/alone.PDF", "alone", {})


def test_the_anchor_is_what_is_printed_on_the_page_and_the_line_its_place(find: Find) -> None:
    assert find("preface") == [(TOY, 1, "p. i")]
    assert find("walrus in:pdf citekey:elhage2022toy")[0] == (TOY, 2, "p. 41")


def test_pages_come_after_all_notes_and_at_most_three_of_a_pdf(
    find: Find, index: SearchIndex, library: KnowledgeBase
) -> None:
    found = find("walrus")
    assert [path for path, _, _ in found] == ["notes/zoo.md", TOY, TOY, TOY, "papers/files/scaling.pdf"]
    results = _results(library, index, "walrus", 2)
    assert (len(results.hits), results.total) == (2, 5)
    assert find("walrus", 2) == found[:2]


def test_in_pdf_finds_all_pages_and_nothing_else_and_without_it_none(find: Find) -> None:
    assert [line for path, line, _ in find("walrus in:pdf") if path == TOY] == [2, 3, 4, 5, 6]
    assert {path for path, _, _ in find("in:pdf walrus")} == {TOY, "papers/files/scaling.pdf"}
    assert [path for path, _, _ in find("walrus -in:pdf")] == ["notes/zoo.md"]
    assert find("(walrus in:pdf) OR superposition")[0] == ("papers/elhage2022toy.md", 5, "")
    assert find("walrus kind:paper") == []
    assert {path for path, _, _ in find("kind:pdf walrus")} == {TOY, "papers/files/scaling.pdf"}


def test_a_key_called_in_is_still_a_key_of_notes(find: Find, write: Write) -> None:
    write("notes/odd.md", "---\nin: pdf\n---\nA walrus in a note.\n")
    write("notes/venice.md", "---\nin: venice\n---\nA walrus abroad.\n")
    assert [path for path, _, _ in find("walrus in:venice")] == ["notes/venice.md"]
    assert "notes/odd.md" in [path for path, _, _ in find("walrus -in:pdf")]


def test_titles_and_phrases_of_papers_are_found_in_their_notes_first(find: Find) -> None:
    assert [path for path, _, _ in find("toy models")] == ["papers/elhage2022toy.md"]
    assert [path for path, _, _ in find('"walrus reward"')] == ["papers/files/scaling.pdf"]


def test_what_is_not_extracted_is_not_found_and_costs_a_search_nothing(
    library: KnowledgeBase, index: SearchIndex
) -> None:
    place = _put(library, "papers/files/new.pdf", "A numbat, new here.")
    assert _results(library, index, "numbat").hits == ()
    assert Pdfs(library).take_in(pdf.pages) == (1, 0)
    assert [hit.path for hit in _results(library, index, "numbat").hits] == ["papers/files/new.pdf"]
    place.write_bytes(make_pdf([lines("A bandicoot instead.")]))
    assert _results(library, index, "numbat bandicoot").hits == ()
    Pdfs(library).take_in(pdf.pages)
    assert [hit.snippet for hit in _results(library, index, "bandicoot").hits] == ["A bandicoot instead."]
    place.unlink()
    assert _results(library, index, "bandicoot").hits == ()


def test_a_content_is_extracted_once_wherever_it_lies_and_failures_are_said_once(library: KnowledgeBase) -> None:
    asked: list[str] = []

    def extract(place: Path) -> tuple[Page, ...]:
        asked.append(place.name)
        if place.name.startswith("bad"):
            raise SourceInvalid(f"{place.name}: is damaged")
        return (Page("1", "x"),)

    folder = library.root / "papers/files"
    (folder / "copy.pdf").write_bytes((folder / "scaling.pdf").read_bytes())
    os.utime(folder / "elhage2022toy.pdf", (1, 1))
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    said: list[str] = []
    assert Pdfs(library).take_in(extract, say=said.append) == (3, 0)
    assert (asked, said) == (["bad.pdf"], ["bad.pdf: is damaged"])
    assert Pdfs(library).take_in(extract, say=said.append) == (0, 0)
    assert said == ["bad.pdf: is damaged"]


def test_a_pdf_that_cannot_be_opened_is_said_once(library: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(place: Path, limit: int = -1) -> bytes:
        raise NoteVanished(str(place), "permission denied")

    _put(library, "papers/files/locked.pdf", "Nobody may read this.")
    said: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr("carrel.store.files.read", refuse)
        assert Pdfs(library).take_in(pdf.pages, say=said.append) == (1, 0)
        assert Pdfs(library).take_in(pdf.pages, say=said.append) == (0, 0)
    assert said == [f"{library.root}/papers/files/locked.pdf: permission denied"]
    assert "papers/files/locked.pdf" not in Holdings(library).stamps()


def test_what_is_taken_in_can_be_limited_by_path_and_by_time(library: KnowledgeBase) -> None:
    for name in ("a", "b", "c"):
        _put(library, f"papers/files/{name}.pdf", name)
    assert Pdfs(library).take_in(pdf.pages, only=["papers/files/b.pdf"]) == (1, 0)
    assert Pdfs(library).take_in(pdf.pages, seconds=0) == (1, 1)
    assert Pdfs(library).take_in(pdf.pages) == (1, 0)


def test_the_cache_is_ours_alone_and_may_be_damaged_or_deleted(library: KnowledgeBase, index: SearchIndex) -> None:
    folder = library.cache_dir / "pdf"
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert {place.stat().st_mode & 0o777 for place in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 4
    for damage in (b"", b"[]", b'{"format": 1, "pdfs": {"a": 3}}', b"\xff", b'{"format": 2}'):
        (folder / "known.json").write_bytes(damage)
        assert _results(library, index, "quokka").hits == ()
        assert Pdfs(library).take_in(pdf.pages) == (3, 0)
        assert len(_results(library, index, "quokka").hits) == 1
    for place in folder.iterdir():
        if place.name != "known.json":
            place.write_bytes(b"{")
    assert _results(library, index, "quokka").hits == ()  # the index remembers a page that cannot be shown
    assert Pdfs(library).take_in(pdf.pages, again=True) == (3, 0)
    assert len(_results(library, index, "quokka").hits) == 1
    for place in folder.glob("[0-9a-f]*.json"):
        place.unlink()
    assert Pdfs(library).take_in(pdf.pages) == (3, 0)
    (library.root / "papers/files/elhage2022toy.pdf").unlink()
    for place in folder.iterdir():
        os.utime(place, (1, 1))
    Pdfs(library).take_in(pdf.pages)
    assert len(list(folder.iterdir())) == 3


def test_nothing_is_read_again_when_nothing_changed(library: KnowledgeBase, index: SearchIndex) -> None:
    assert refresh(Holdings(library), index, clock=lambda: 1 << 62).updated == 6
    assert refresh(Holdings(library), index) == Changes()


def test_the_site_and_lists_of_notes_know_no_pdfs(library: KnowledgeBase, carrel: Carrel, tmp_path: Path) -> None:
    assert not any(path.lower().endswith(".pdf") for path in library.stamps())
    assert not any(note.path.lower().endswith(".pdf") for note in library.notes())
    assert ".pdf" not in carrel("list").out.lower()
    assert carrel("list", "in:pdf").out == ""
    for place in (library.root / "papers").glob("*.md"):
        place.write_text(place.read_text().replace("---\n", "---\nvisibility: public\n", 1))
    stage(library, Visibility.PUBLIC, tmp_path / "stage")
    staged = [place for place in (tmp_path / "stage").rglob("*") if place.is_file()]
    assert "elhage2022toy.md" in [place.name for place in staged]
    for place in staged:
        assert place.suffix.lower() != ".pdf"
        assert b"walrus" not in place.read_bytes().lower()


def test_the_command_line_finds_pages_once_they_are_indexed(library: KnowledgeBase, carrel: Carrel) -> None:
    _put(library, "papers/files/new.pdf", "A numbat, new here.")
    (library.root / "papers/files/bad.pdf").write_bytes(b"no pdf at all")
    assert carrel("search", "numbat").out == ""
    said = carrel("index")
    assert said.err == f"{library.root}/papers/files/bad.pdf: is no PDF\n3 notes indexed, and 5 PDFs\n"
    assert carrel("search", "numbat").out == "papers/files/new.pdf:1  new  pdf  p. 1\n    A numbat, new here.\n"
    (row,) = json.loads(carrel("search", "--json", "overoptimization").out)
    assert (row["anchor"], row["kind"], row["title"]) == ("p. 1", "pdf", "Scaling laws")
    status = json.loads(carrel("index", "--status", "--json").out)
    assert (status["notes"], status["indexed"], status["pdfs"]) == (3, 3, 5)


def test_a_page_is_what_memory_and_disk_agree_on() -> None:
    from carrel.search.documents import documents

    pages = (Page("i", "One."), Page("ii", " \n"), Page("1", "Two."))
    found = list(documents(PdfText("papers/files/a.pdf", "A", "a", pages, "0")))
    assert [(one.line, one.anchor, one.title, one.passages) for one in found] == [
        (1, "p. i", "", ["One."]),
        (3, "p. 1", "", ["Two."]),
    ]


def test_a_watcher_takes_in_a_pdf_that_is_dropped_there(library: KnowledgeBase, index: SearchIndex) -> None:
    import threading
    from datetime import date

    from carrel.watch import Watcher
    from carrel.watch.rhythm import Rhythm

    def hits() -> Iterator[str]:
        results = search(Holdings(library), index, parse_query("numbat", TODAY), None)
        yield from (hit.path for hit in results.hits)

    said: list[str] = []
    rhythm = Rhythm(quiet=0.05, patience=0.5, rest=20, retry=0.1)
    with Watcher(library, index, say=said.append, today=lambda: date(2026, 11, 20), rhythm=rhythm) as watcher:
        thread = threading.Thread(target=watcher.run)
        thread.start()
        try:
            _put(library, "papers/files/dropped.pdf", "A numbat, dropped here.")
            for _ in range(200):
                if list(hits()) == ["papers/files/dropped.pdf"]:
                    break
                threading.Event().wait(0.05)
        finally:
            watcher.stop()
            thread.join()
    assert list(hits()) == ["papers/files/dropped.pdf"]
