"""`carrel paper quotes`: from the PDF that a note means into its Quotes, once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.pdfs import highlight, lines, make_pdf
from tests.support import Carrel

Write = Callable[[str, str], Path]
MARKED = make_pdf(
    [lines("Features are sparse."), lines("They are linear.")],
    marks={0: [highlight(72, 695, 300, 712, "/Contents (Are they?)")], 1: [highlight(72, 695, 300, 712)]},
)


@pytest.fixture
def note(write: Write) -> Path:
    """A paper's note, and its PDF where Carrel keeps it."""
    place = write("papers/elhage2022toy.md", "---\ntitle: Toy models\nkind: paper\n---\n\n## Quotes\n\n## Abstract\n")
    (place.parent / "files").mkdir()
    (place.parent / "files/elhage2022toy.pdf").write_bytes(MARKED)
    return place


def test_quotes_are_added_once_with_pages(carrel: Carrel, note: Path) -> None:
    before = note.read_text()
    dry = carrel("paper", "quotes", "elhage2022toy", "--dry-run")
    assert dry.out == 'p. 1: "Features are sparse."\np. 2: "They are linear."\n'
    assert dry.err == "2 quotes would be added to papers/elhage2022toy.md\n"
    assert note.read_text() == before
    assert carrel("paper", "quotes", "@elhage2022toy").err == "2 quotes added to papers/elhage2022toy.md\n"
    text = note.read_text()
    assert '\n> "Features are sparse." (p. 1) ^q-' in text
    assert "\n\nAre they?\n\n" in text
    again = carrel("paper", "quotes", "elhage2022toy")
    assert again.err == "0 quotes added to papers/elhage2022toy.md; 2 there already\n"
    assert note.read_text() == text


def test_a_deleted_quote_does_not_come_back_and_one_can_be_linked_to(carrel: Carrel, note: Path, write: Write) -> None:
    carrel("paper", "quotes", "elhage2022toy")
    text = note.read_text()
    quote = next(line for line in text.split("\n") if "linear" in line)
    write("notes/why.md", f"See [[elhage2022toy#{quote.rpartition(' ')[2]}]].\n")
    assert carrel("check").code == 0
    note.write_text(text.replace(f"{quote}\n\n", ""))
    assert carrel("paper", "quotes", "elhage2022toy").err.startswith("0 quotes added")
    assert quote not in note.read_text()


def test_the_pdf_is_the_one_given_or_the_one_the_note_names(
    carrel: Carrel, note: Path, write: Write, tmp_path: Path
) -> None:
    (note.parent / "files/elhage2022toy.pdf").rename(tmp_path / "marked.pdf")
    missing = carrel("paper", "quotes", "elhage2022toy")
    assert (missing.code, missing.err.partition("\n")[0]) == (1, "carrel: papers/elhage2022toy.md: its PDF is not here")
    assert carrel("paper", "quotes", "elhage2022toy", str(tmp_path / "marked.pdf"), "--dry-run").out.count("\n") == 2
    for named in (str(tmp_path / "marked.pdf"), "papers/files/x.pdf", "files/x.pdf", "x.pdf"):
        (note.parent / "files/x.pdf").write_bytes(MARKED)
        write("papers/gao.md", f"---\nkind: paper\npdf: {named}\n---\n")
        assert carrel("paper", "quotes", "gao", "--dry-run").out.count("\n") == 2, named


@pytest.mark.parametrize("named", ['"a\\0.pdf"', f"{'a' * 300}.pdf", "files/link.pdf"])
def test_what_cannot_be_the_name_of_a_pdf_leaves_the_one_beside_the_note(
    carrel: Carrel, note: Path, named: str
) -> None:
    (note.parent / "files/link.txt").write_bytes(MARKED)
    (note.parent / "files/link.pdf").symlink_to("link.txt")
    with_fields(note, f"pdf: {named}")
    assert carrel("paper", "quotes", "elhage2022toy").err == "2 quotes added to papers/elhage2022toy.md\n"
    assert carrel("search", "in:pdf", "linear").out.startswith("papers/files/elhage2022toy.pdf:2")


def test_what_cannot_be_done_is_said_in_a_line(carrel: Carrel, note: Path, kb: KnowledgeBase) -> None:
    before = note.read_bytes()
    (note.parent / "files/elhage2022toy.pdf").write_bytes(b"<html>")
    said = carrel("paper", "quotes", "elhage2022toy")
    assert (said.code, said.err) == (1, f"carrel: {note.parent}/files/elhage2022toy.pdf: is no PDF\n")
    assert carrel("paper", "quotes", "elhage2022toy", "x.pdf", "--zotero").code == 2
    note.write_text("---\nkind: paper\n---\n## Quotes\n\n<!-- never closed\n")
    (note.parent / "files/elhage2022toy.pdf").write_bytes(MARKED)
    said = carrel("paper", "quotes", "elhage2022toy")
    assert (said.code, "never closed; nothing was written" in said.err) == (1, True)
    note.write_bytes(before)


def test_the_text_of_the_pdf_can_be_searched_from_then_on(carrel: Carrel, note: Path) -> None:
    assert carrel("search", "in:pdf", "linear").out == ""
    carrel("paper", "quotes", "elhage2022toy")
    assert carrel("search", "in:pdf", "linear").out.startswith(
        "papers/files/elhage2022toy.pdf:2  Toy models  pdf  p. 2"
    )


@pytest.fixture
def asked(settings: Callable[[str], None]) -> Iterator[list[str]]:
    """A Zotero that runs here, and the places that it was asked for."""
    places: list[str] = []
    answers = {
        "users/0/items/top": [
            {"key": "OTHER001", "data": {"itemType": "journalArticle", "title": "Other", "DOI": "10.1234/other"}},
            {"key": "ITEM0001", "data": {"itemType": "journalArticle", "title": "Toy Models", "DOI": "10.1234/TOY"}},
        ],
        "users/0/items/ITEM0001/children": [
            {"key": "FILE0001", "data": {"itemType": "attachment", "contentType": "application/pdf"}}
        ],
        "users/0/items/FILE0001/children": [
            {
                "key": "ANNO0001",
                "data": {
                    "itemType": "annotation",
                    "annotationType": "highlight",
                    "annotationText": "Features are sparse.",
                    "annotationPageLabel": "iv",
                    "annotationColor": "#ffd400",
                },
            }
        ],
    }

    class Zotero(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = self.path.partition("?")[0].removeprefix("/api/")
            places.append(place)
            body = json.dumps(answers.get(place, [])).encode()
            self.send_response(404 if "GONE0001" in place else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the default writes to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Zotero) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings(f'[zotero]\nurl = "http://127.0.0.1:{server.server_port}/api"\n')
        yield places
        server.shutdown()


def with_fields(note: Path, fields: str) -> None:
    note.write_text(note.read_text().replace("kind: paper", f"kind: paper\n{fields}", 1))


def test_what_was_marked_in_zotero_is_added_too(carrel: Carrel, note: Path, asked: list[str]) -> None:
    with_fields(note, "doi: 10.1234/toy")
    assert carrel("paper", "quotes", "elhage2022toy", "--zotero").err == "1 quote added to papers/elhage2022toy.md\n"
    assert carrel("paper", "quotes", "elhage2022toy", "--zotero").err.startswith("0 quotes added")
    note.write_text(note.read_text().replace("10.1234/toy", "10.1234/none"))
    missing = carrel("paper", "quotes", "elhage2022toy", "--zotero")
    assert '\n> "Features are sparse." (p. iv) ^q-' in note.read_text()
    assert (missing.code, missing.err.partition("\n")[0]) == (1, "carrel: Zotero has no 'Toy models'")


def test_the_item_that_the_note_names_is_asked_for_and_no_other(carrel: Carrel, note: Path, asked: list[str]) -> None:
    with_fields(note, "zotero: ITEM0001")
    assert carrel("paper", "quotes", "elhage2022toy", "--zotero").err.startswith("1 quote added")
    assert asked == ["users/0/items/ITEM0001/children", "users/0/items/FILE0001/children"]


@pytest.mark.parametrize("key", ["GONE0001", "../../x?", "[ITEM0001]"])
def test_an_item_that_is_gone_or_is_no_item_is_looked_for(
    carrel: Carrel, note: Path, asked: list[str], key: str
) -> None:
    with_fields(note, f"zotero: {key}\ndoi: 10.1234/toy")
    assert carrel("paper", "quotes", "elhage2022toy", "--zotero").err.startswith("1 quote added")
    assert not any(".." in place for place in asked)


def test_a_zotero_that_does_not_run_is_told_soon(carrel: Carrel, note: Path, settings: Callable[[str], None]) -> None:
    settings('[zotero]\nurl = "http://127.0.0.1:9"\n')
    began = time.monotonic()
    said = carrel("paper", "quotes", "elhage2022toy", "--zotero")
    assert (said.code, said.err.startswith("carrel: Zotero does not answer")) == (1, True)
    assert time.monotonic() - began < 6  # asked again it would be seven seconds and more
