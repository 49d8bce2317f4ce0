"""`carrel paper update`: a preprint gets a new version and a journal; what was edited by hand stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from carrel.store.knowledge_base import KnowledgeBase
from tests.sources import Recorded, Reply
from tests.support import Carrel

FEED = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>
<id>http://arxiv.org/abs/2209.10652{version}</id><title>{title}</title><summary>We use toys.</summary>
<published>2022-09-21T17:59:03Z</published><author><name>Nelson Elhage</name></author>
<author><name>Tristan Hume</name></author>{doi}</entry></feed>"""
DOI = '<doi xmlns="http://arxiv.org/schemas/atom">10.1000/toys.7</doi>'
RECORD = {
    "DOI": "10.1000/toys.7",
    "type": "journal-article",
    "title": ["Toy Models of Superposition"],
    "author": [{"family": "Elhage", "given": "Nelson"}, {"family": "Hume", "given": "Tristan"}],
    "container-title": ["Journal of Toys"],
    "issued": {"date-parts": [[2023, 5, 1]]},
    "volume": "4",
    "page": "11-19",
    "publisher": "Toy Press",
}


@pytest.fixture
def preprint(sources: Recorded, carrel: Carrel, kb: KnowledgeBase) -> Path:
    """A paper that was added when it was on arXiv alone; meanwhile it was revised, and published in a journal."""
    sources.also["id_list=2209.10652"] = Reply(200, FEED.format(version="v1", title="Toy Models", doi="").encode())
    assert carrel("paper", "add", "2209.10652").out == "papers/elhage2022toy.md\n"
    revised = FEED.format(version="v2", title="Toy Models of Superposition", doi=DOI)
    sources.also["id_list=2209.10652"] = Reply(200, revised.encode())
    sources.also["/works/10.1000/toys.7"] = Reply(200, json.dumps({"status": "ok", "message": RECORD}).encode())
    return kb.root / "papers" / "elhage2022toy.md"


def test_a_new_version_and_the_journal_are_shown_and_taken_over(carrel: Carrel, preprint: Path) -> None:
    said = carrel("paper", "update", "elhage2022toy")
    assert said.out == (
        "papers/elhage2022toy.md\n"
        "  title: Toy Models -> Toy Models of Superposition\n"
        "  year: 2022 -> 2023\n"
        "  venue: arXiv -> Journal of Toys\n"
        "  volume: (nothing) -> 4\n"
        "  pages: (nothing) -> 11–19\n"
        "  publisher: (nothing) -> Toy Press\n"
        "  version: 1 -> 2\n"
        "  doi: (nothing) -> 10.1000/toys.7\n"
        "  url: https://arxiv.org/abs/2209.10652 -> https://doi.org/10.1000/toys.7\n"
        "  bibtype: misc -> article\n"
    )
    assert said.err == "1 paper looked at, 1 changed, 0 failures\n"
    text = preprint.read_text()
    assert "title: Toy Models of Superposition\n" in text
    assert 'arxiv: "2209.10652"\n' in text
    before = preprint.stat()
    assert carrel("paper", "update").out == ""
    assert preprint.stat() == before


def test_what_was_edited_stays_and_is_shown_once(carrel: Carrel, preprint: Path) -> None:
    preprint.write_text(
        preprint.read_text().replace("title: Toy Models", "title: Toys  # as we call it") + "My view.\n"
    )
    said = carrel("paper", "update", "elhage2022toy")
    assert "  title: Toys -> Toy Models of Superposition  (kept: you edited it)\n" in said.out
    assert "title: Toys  # as we call it\n" in preprint.read_text()
    assert preprint.read_text().endswith("My view.\n")
    assert carrel("paper", "update", "elhage2022toy").out == ""


def test_a_dry_run_shows_and_writes_nothing(carrel: Carrel, preprint: Path) -> None:
    before = preprint.read_bytes()
    said = carrel("paper", "update", "--dry-run", "--jsonl")
    assert json.loads(said.out.splitlines()[1]) == {
        "path": "papers/elhage2022toy.md",
        "field": "year",
        "before": 2022,
        "after": 2023,
        "edited": False,
    }
    assert said.err == "1 paper looked at, 1 would change, 0 failures\n"
    assert preprint.read_bytes() == before


def test_one_source_that_fails_does_not_stop_the_others(
    carrel: Carrel, preprint: Path, sources: Recorded, write: Callable[[str, str], Path]
) -> None:
    write("papers/gone.md", '---\ntitle: Gone\nkind: paper\narxiv: "2101.00001"\n---\n')
    said = carrel("paper", "update")
    assert said.code == 1
    assert "carrel: papers/gone.md: arXiv has no paper 2101.00001" in said.err
    assert "version: 1 -> 2" in said.out


def test_a_paper_without_an_identifier_cannot_be_looked_up(carrel: Carrel) -> None:
    assert carrel("paper", "add", "Toys", "--year", "2022").code == 0
    said = carrel("paper", "update", "2022toys")
    assert said.code == 2
    assert said.err.startswith("carrel: papers/2022toys.md has neither an arXiv id nor a DOI\n")
    assert carrel("paper", "update").err == "0 papers looked at, 0 changed, 0 failures\n"


def test_a_library_is_taken_over_field_by_field(carrel: Carrel, kb: KnowledgeBase) -> None:
    library = kb.root / "library.bib"
    entry = "@article{{toy, title={{Toys}}, author={{Elhage, Nelson}}, year=2022, journal={{{}}}, doi={{10.1000/1}}}}"
    library.write_text(entry.format("Toy Journal"))
    assert carrel("paper", "add", "library.bib").code == 0
    note = kb.root / "papers" / "toy.md"
    library.write_text(entry.format("Journal of Toys") + "@misc{other, title={Other}}")
    assert carrel("paper", "update", "--from", "library.bib").out == (
        "papers/toy.md\n  venue: Toy Journal -> Journal of Toys\n"
    )
    assert "venue: Journal of Toys\n" in note.read_text()
    before = note.stat()
    assert carrel("paper", "update", "--from", "library.bib").out == ""
    assert note.stat() == before
    assert not (kb.root / "papers" / "other.md").exists()


def test_what_was_looked_up_once_is_there_offline(carrel: Carrel, sources: Recorded, kb: KnowledgeBase) -> None:
    sources.also["id_list=2209.10652"] = Reply(200, FEED.format(version="v1", title="Toy Models", doi="").encode())
    assert carrel("paper", "add", "2209.10652").code == 0
    (kb.root / "papers" / "elhage2022toy.md").unlink()
    asked = len(sources.requests)
    assert carrel("paper", "add", "2209.10652", "--offline").out == "papers/elhage2022toy.md\n"
    assert len(sources.requests) == asked
    said = carrel("paper", "add", "1706.03762", "--offline")
    assert said.code == 1
    assert "offline" in said.err


def test_a_publication_that_the_library_knew_is_not_demoted_to_a_preprint(
    carrel: Carrel, sources: Recorded, kb: KnowledgeBase
) -> None:
    entry = b"@inproceedings{toy, title={Toy Models}, author={Elhage, Nelson}, year=2023, booktitle={ICLR}, "
    assert carrel("paper", "add", "-", stdin=entry + b"eprint={2209.10652}}").code == 0
    sources.also["id_list=2209.10652"] = Reply(200, FEED.format(version="v2", title="Toys", doi="").encode())
    said = carrel("paper", "update", "toy")
    assert "venue" not in said.out
    assert "year" not in said.out
    assert "  version: (nothing) -> 2\n" in said.out
    assert "venue: ICLR\n" in (kb.root / "papers" / "toy.md").read_text()


def test_of_two_records_of_one_paper_in_a_library_the_first_one_counts(carrel: Carrel, kb: KnowledgeBase) -> None:
    library = kb.root / "library.bib"
    library.write_text(
        "@article{a, title={Toys}, author={Elhage, Nelson}, year=2022, journal={One}, doi={10.1000/1}}\n"
        "@article{b, title={Toy models}, author={Elhage, N.}, year=2023, journal={Two}, doi={10.1000/1}}\n"
    )
    assert carrel("paper", "add", "library.bib").code == 0
    before = (kb.root / "papers" / "a.md").stat()
    assert carrel("paper", "update", "--from", "library.bib").out == ""
    assert (kb.root / "papers" / "a.md").stat() == before


def test_all_papers_are_asked_of_arxiv_in_one_call(
    carrel: Carrel, sources: Recorded, write: Callable[[str, str], Path]
) -> None:
    for number in (1, 2, 3):
        write(f"papers/p{number}.md", f'---\ntitle: Toys {number}\nkind: paper\narxiv: "2209.1065{number}"\n---\n')
    one = FEED.format(version="v1", title="Toys", doi="").partition("<entry>")[2].removesuffix("</feed>")
    entries = "".join(f"<entry>{one}".replace("2209.10652", f"2209.1065{number}") for number in (1, 2, 3))
    sources.also["id_list"] = Reply(200, f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode())
    said = carrel("paper", "update", "--dry-run")
    assert said.err.startswith("3 papers looked at, 3 would change, 0 failures")
    assert len([path for path, _ in sources.requests if path.startswith("/arxiv/")]) == 1
